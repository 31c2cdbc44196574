"""What Apple's document type definitions say of the elements that are written here.

Which children each may have, in which order, and from which version of the format on. Stated from
the definitions of the versions 1.8 to 1.13 as Apple publishes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from otio_hpm.interchange.losses import Losses

Version = tuple[int, int]

_TIMING = ("conform-rate", "timeMap")
PICTURE = (
    "object-tracker", "adjust-crop", "adjust-corners", "adjust-conform", "adjust-transform",
    "adjust-blend", "adjust-stabilization", "adjust-rollingShutter", "adjust-360-transform",
    "adjust-reorient", "adjust-orientation", "adjust-cinematic", "adjust-colorConform",
    "adjust-stereo-3D",
)  # fmt: skip
"""Adjustments of the picture."""
SOUND = ("adjust-volume", "adjust-panner")
"""Adjustments of the sound."""
_ANCHORED = (
    "audio video clip title caption mc-clip ref-clip sync-clip asset-clip audition spine gap"
    " live-drawing"
)
_MARKED = "marker chapter-marker rating keyword analysis-marker hidden-clip-marker"
_FILTERS = "filter-video filter-video-mask"
_CLIP = (*_TIMING, *PICTURE, *SOUND, _ANCHORED, _MARKED)

_CONTENT: dict[str, tuple[str, ...]] = {
    "asset-clip": ("note", *_CLIP, "audio-channel-source", _FILTERS, "filter-audio", "metadata"),
    "ref-clip": ("note", *_CLIP, "audio-role-source", _FILTERS, "filter-audio", "metadata"),
    "sync-clip": ("note", *_CLIP, "sync-source", _FILTERS, "filter-audio", "metadata"),
    "video": ("param", "note", *_TIMING, *PICTURE, _ANCHORED, _MARKED, _FILTERS, "reserved"),
    "title": (
        "param", "text", "text-style-def", "note", *PICTURE, _ANCHORED, _MARKED, _FILTERS,
        "metadata",
    ),
    "gap": ("note", _ANCHORED, _MARKED, "metadata"),
    "transition": ("filter-video", "filter-audio", _MARKED, "metadata", "reserved"),
    "sequence": ("note", "spine", "metadata"),
}  # fmt: skip
"""Children in their order; names that share a place may be mixed."""

_SINGLE = {"note", "metadata", "reserved", *_TIMING, *PICTURE, *SOUND}
_ELEMENT_SINCE: dict[str, Version] = {
    "object-tracker": (1, 10),
    "adjust-cinematic": (1, 10),
    "adjust-colorConform": (1, 11),
    "adjust-voiceIsolation": (1, 11),
    "live-drawing": (1, 11),
    "adjust-stereo-3D": (1, 13),
    "hidden-clip-marker": (1, 13),
}
_ATTRIBUTE_SINCE: dict[tuple[str, str], Version] = {
    ("adjust-transform", "tracking"): (1, 10),
    ("mask-shape", "tracking"): (1, 10),
    ("adjust-stabilization", "enabled"): (1, 10),
    ("adjust-rollingShutter", "enabled"): (1, 10),
    ("asset", "videoSources"): (1, 9),
    ("asset", "auxVideoFlags"): (1, 10),
    ("asset", "heroEyeOverride"): (1, 13),
    ("format", "heroEye"): (1, 13),
    ("keyframe", "auxValue"): (1, 11),
    ("param", "auxValue"): (1, 11),
    ("filter-video", "nameOverride"): (1, 12),
    ("filter-audio", "nameOverride"): (1, 12),
}
_ATTRIBUTES: dict[str, str] = {
    "format": "name frameDuration fieldOrder width height paspH paspV colorSpace projection"
    " stereoscopic heroEye",
    "asset": "name uid src start duration hasVideo format hasAudio videoSources audioSources"
    " audioChannels audioRate customLUTOverride colorSpaceOverride projectionOverride"
    " stereoscopicOverride auxVideoFlags heroEyeOverride",
    "media-rep": "kind sig src suggestedFilename",
    "effect": "name uid src",
    "hidden-clip-marker": "",
}
"""All but the id, of elements that are taken over from a file of any version."""
_COUNTINGS = ("DF", "NDF")
_VALUES: dict[tuple[str, str], tuple[str, ...]] = {
    ("asset-clip", "tcFormat"): _COUNTINGS,
    ("ref-clip", "useAudioSubroles"): ("0", "1"),
    ("sequence", "audioLayout"): ("mono", "stereo", "surround"),
    ("sequence", "audioRate"): ("32k", "44.1k", "48k", "88.2k", "96k", "176.4k", "192k"),
    ("media-rep", "kind"): ("original-media", "proxy-media"),
}
"""What attributes that are taken over from a file may say."""
_ELEMENT_UNTIL: dict[str, Version] = {"info-asc-cdl": (1, 9)}


def arrange(element: Any, losses: Losses) -> None:
    """Put the children of an element into their order; those that it may not have are lost."""
    content = _CONTENT[element.tag]
    place = {name: index for index, names in enumerate(content) for name in names.split()}
    single = _SINGLE | ({"filter-video", "filter-audio"} if element.tag == "transition" else set())
    kept: list[Any] = []
    for child in elements(element):
        doubled = child.tag in single and any(one.tag == child.tag for one in kept)
        if child.tag not in place or doubled:
            losses.add(f"<{child.tag}> is not possible on a <{element.tag}>", named(element))
        else:
            kept.append(child)
    element[:] = sorted(kept, key=lambda child: place[child.tag])


def lower(element: Any, version: Version, losses: Losses, where: str) -> bool:
    """Take out of an element what a version of the format does not know; whether it may stay."""
    since = _ELEMENT_SINCE.get(element.tag, (1, 8))
    until = _ELEMENT_UNTIL.get(element.tag, version)
    if not since <= version <= until:
        losses.add(f"Version {_dotted(version)} has no <{element.tag}>", where)
        return False
    for name, words in _unknown(element.tag, element.attrib, version):
        del element.attrib[name]
        losses.add(words, where)
    _lower_sampling(element, version)
    for child in list(elements(element)):
        if not lower(child, version, losses, where):
            element.remove(child)
    return True


def lowered(
    tag: str, attributes: Mapping[str, str], version: Version, losses: Losses
) -> dict[str, str]:
    """Attributes of a resource without those that a version of the format does not know."""
    unknown = dict(_unknown(tag, attributes, version))
    for words in unknown.values():
        losses.add(words, repr(attributes.get("name") or tag))
    return {name: value for name, value in attributes.items() if name not in unknown}


def _unknown(tag: str, attributes: Mapping[str, str], version: Version) -> list[tuple[str, str]]:
    """The attributes that an element may not have, and why, in words."""
    stated = {"id", *_ATTRIBUTES.get(tag, " ".join(attributes)).split()}
    found = []
    for name in attributes:
        if name not in stated:
            found.append((name, f"No version has an attribute {name} of <{tag}>"))
        elif _ATTRIBUTE_SINCE.get((tag, name), (1, 8)) > version:
            found.append((name, f"Version {_dotted(version)} has no attribute {name} of <{tag}>"))
    return found


def known(tag: str, attributes: Mapping[str, str], version: Version) -> dict[str, str]:
    """Those attributes of an element that a version of the format knows, with such a value."""
    stated = _ATTRIBUTES[tag].split() if tag in _ATTRIBUTES else attributes
    return {
        name: value
        for name, value in attributes.items()
        if name in stated
        and _ATTRIBUTE_SINCE.get((tag, name), (1, 8)) <= version
        and value in _VALUES.get((tag, name), (value,))
    }


def elements(parent: Any) -> Iterator[Any]:
    """Child elements, without comments and processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def named(element: Any) -> str:
    """An element in words."""
    return repr(element.get("name") or element.tag)


def _lower_sampling(element: Any, version: Version) -> None:
    """Machine-learned frame sampling came late; before it, optical flow is the nearest."""
    if version < (1, 12) and element.get("frameSampling") == "optical-flow-frc":
        element.set("frameSampling", "optical-flow")


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))
