"""Rules that every FCPXML document keeps, stated from the document types that Apple publishes.

Content models, required and allowed attributes, their values, ids and what may refer to them, and
what Final Cut Pro asks of times: rationals of 64 over 32 bits, storylines without holes, edits on
frame boundaries. Nothing of the package is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree

Element = ElementTree.Element

_TIME = re.compile(r"(-?\d{1,19})(?:/(\d{1,10}))?s")

_TIMING = "conform-rate?, timeMap?"
_VIDEO = (
    "object-tracker?, adjust-crop?, adjust-corners?, adjust-conform?, adjust-transform?, "
    "adjust-blend?, adjust-stabilization?, adjust-rollingShutter?, adjust-360-transform?, "
    "adjust-reorient?, adjust-orientation?, adjust-cinematic?, adjust-colorConform?, "
    "adjust-stereo-3D?"
)
_SOUND = "adjust-volume?, adjust-panner?"
_ANCHOR = (
    "(audio|video|clip|title|caption|mc-clip|ref-clip|sync-clip|asset-clip|audition|spine"
    "|live-drawing)*"
)
_MARK = "(marker|chapter-marker|rating|keyword|analysis-marker|hidden-clip-marker)*"
_FILTER = "(filter-video|filter-video-mask)*"
_STORY = "(audio|video|clip|title|mc-clip|ref-clip|sync-clip|asset-clip|audition|gap|transition)*"
_CLIP = f"{_TIMING}, {_VIDEO}, {_SOUND}, {_ANCHOR}, {_MARK}"

CONTENT = {
    "fcpxml": "import-options?, resources?, library",
    "library": "(event|smart-collection)*",
    "event": "(clip|audition|mc-clip|ref-clip|sync-clip|asset-clip|project)*",
    "project": "sequence",
    "resources": "(asset|effect|format|media|locator)*",
    "media": "(multicam|sequence)?",
    "format": "",
    "effect": "",
    "asset": "media-rep+, metadata?",
    "media-rep": "bookmark?",
    "sequence": "note?, spine, metadata?",
    "spine": _STORY,
    "asset-clip": f"note?, {_CLIP}, audio-channel-source*, {_FILTER}, filter-audio*, metadata?",
    "ref-clip": f"note?, {_CLIP}, audio-role-source*, {_FILTER}, filter-audio*, metadata?",
    "video": f"param*, note?, {_TIMING}, {_VIDEO}, {_ANCHOR}, {_MARK}, {_FILTER}, reserved?",
    "title": (
        f"param*, text*, text-style-def*, note?, {_VIDEO}, {_ANCHOR}, {_MARK}, {_FILTER}, metadata?"
    ),
    "gap": f"note?, {_ANCHOR}, {_MARK}, metadata?",
    "transition": f"filter-video?, filter-audio?, {_MARK}, metadata?, reserved?",
    "timeMap": "timept*",
    "timept": "",
    "conform-rate": "",
    "marker": "",
    "chapter-marker": "",
    "keyword": "",
    "rating": "",
    "adjust-volume": "param*",
    "param": "fadeIn?, fadeOut?, keyframeAnimation?, param*",
    "fadeIn": "",
    "fadeOut": "",
    "text-style-def": "text-style",
    "filter-video": "data*, param*",
    "filter-audio": "data?, param*",
    "caption": "text*, text-style-def*, note?",
}
"""Children and their order, in the notation of document types."""

_PLACED = {"lane", "offset", "name", "start", "duration", "enabled"}
_CLIPPED = {"ref", "srcEnable", "audioStart", "audioDuration", "modDate"}
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "fcpxml": ({"version"}, set()),
    "format": (
        {"id"},
        {"name", "frameDuration", "fieldOrder", "width", "height", "paspH", "paspV", "colorSpace",
         "projection", "stereoscopic", "heroEye"},
    ),
    "effect": ({"id", "uid"}, {"name", "src"}),
    "media": ({"id"}, {"name", "uid", "projectRef", "modDate"}),
    "asset": (
        {"id"},
        {"name", "uid", "start", "duration", "hasVideo", "format", "hasAudio", "videoSources",
         "audioSources", "audioChannels", "audioRate", "customLUTOverride", "colorSpaceOverride",
         "projectionOverride", "stereoscopicOverride", "auxVideoFlags", "heroEyeOverride"},
    ),
    "media-rep": ({"src"}, {"kind", "sig", "suggestedFilename"}),
    "event": (set(), {"name", "uid"}),
    "project": (set(), {"name", "uid", "id", "modDate"}),
    "sequence": (
        {"format"},
        {"duration", "tcStart", "tcFormat", "audioLayout", "audioRate", "renderFormat", "keywords"},
    ),
    "spine": (set(), {"lane", "offset", "name", "format"}),
    "asset-clip": (
        {"ref"},
        _PLACED | _CLIPPED | {"format", "tcStart", "tcFormat", "audioRole", "videoRole"},
    ),
    "ref-clip": ({"ref", "duration"}, _PLACED | _CLIPPED | {"useAudioSubroles"}),
    "video": ({"ref", "duration"}, _PLACED | {"srcID", "role"}),
    "title": ({"ref", "duration"}, _PLACED | {"role"}),
    "gap": ({"duration"}, {"name", "offset", "start", "enabled"}),
    "transition": ({"duration"}, {"name", "offset"}),
    "timeMap": (set(), {"frameSampling", "preservesPitch"}),
    "timept": ({"time", "value"}, {"interp", "inTime", "outTime"}),
    "conform-rate": (set(), {"scaleEnabled", "srcFrameRate", "frameSampling"}),
    "marker": ({"start", "value"}, {"duration", "completed", "note"}),
    "chapter-marker": ({"start", "value"}, {"duration", "note", "posterOffset"}),
    "keyword": ({"value"}, {"start", "duration", "note"}),
    "rating": ({"value"}, {"name", "start", "duration", "note"}),
    "adjust-volume": (set(), {"amount"}),
    "fadeIn": ({"duration"}, {"type"}),
    "fadeOut": ({"duration"}, {"type"}),
    "filter-video": ({"ref"}, {"name", "enabled", "nameOverride"}),
    "filter-audio": ({"ref"}, {"name", "enabled", "presetID", "nameOverride"}),
    "audio-channel-source": (
        {"srcCh"}, {"outCh", "role", "start", "duration", "enabled", "active"},
    ),
}  # fmt: skip
"""Required attributes, and those beside them."""

VALUES = {
    "enabled": {"0", "1"},
    "tcFormat": {"DF", "NDF"},
    "audioLayout": {"mono", "stereo", "surround"},
    "srcEnable": {"all", "audio", "video"},
    "interp": {"smooth2", "linear", "smooth"},
    "scaleEnabled": {"0", "1"},
    "srcFrameRate": {
        "23.98", "24", "25", "29.97", "30", "60", "47.95", "48", "50", "59.94",
    },
    "kind": {"original-media", "proxy-media"},
}  # fmt: skip
_SEQUENCE_RATES = {"32k", "44.1k", "48k", "88.2k", "96k", "176.4k", "192k"}
_TIMES = {"start", "offset", "duration", "tcStart", "frameDuration", "time", "value@timept",
          "posterOffset", "audioStart", "audioDuration"}  # fmt: skip
_REFERS = {
    ("asset-clip", "ref"): {"asset"},
    ("ref-clip", "ref"): {"media"},
    ("video", "ref"): {"asset", "effect"},
    ("title", "ref"): {"effect"},
    ("filter-video", "ref"): {"effect"},
    ("filter-audio", "ref"): {"effect"},
    ("text-style", "ref"): {"text-style-def"},
}
_CONTAINERS = {"asset-clip", "ref-clip", "video", "title", "gap"}
_STORIES = {*_CONTAINERS, "spine", "clip", "audio", "sync-clip", "mc-clip", "audition"}


def problems(data: bytes) -> list[str]:
    """Every rule that a document breaks, in words; empty for a good one."""
    root = ElementTree.fromstring(data)
    found = [*_content(root), *_attributes(root), *_references(root)]
    if not found:
        frames = {one.get("id"): one.get("frameDuration") for one in root.iter("format")}
        for sequence in root.iter("sequence"):
            found += _sequence(sequence, frames)
    return found


def seconds(text: str | None) -> Fraction:
    """A time attribute."""
    match = _TIME.fullmatch(text or "0s")
    assert match, text
    return Fraction(int(match[1]), int(match[2] or 1))


def _content(root: Element) -> Iterator[str]:
    version = root.get("version", "")
    early = {"asset": "bookmark?, metadata?"} if version == "1.8" else {}
    for element in root.iter():
        model = early.get(element.tag, CONTENT.get(element.tag))
        tags = "".join(f"<{child.tag}>" for child in element)
        if model is not None and not re.fullmatch(_pattern(model), tags):
            yield f"{version}: <{element.tag}> holds {tags}"


def _pattern(model: str) -> str:
    """A content model as a regular expression over `<a><b>`."""
    parts = []
    for part in filter(None, model.split(", ")):
        names, many = re.fullmatch(r"\(?([^()]*?)\)?([?*+]?)", part).groups()  # type: ignore[union-attr]
        parts.append(f"(?:<(?:{names})>){many}")
    return "".join(parts)


def _attributes(root: Element) -> Iterator[str]:
    early = root.get("version") == "1.8"
    for element in root.iter():
        required, allowed = ATTRIBUTES.get(element.tag, (set(), set(element.attrib)))
        if element.tag == "asset" and early:
            required = required | {"src"}
        if missing := required - set(element.attrib):
            yield f"<{element.tag}> lacks {missing}"
        if unknown := set(element.attrib) - required - allowed:
            yield f"<{element.tag}> has {unknown}"
        for name, value in element.attrib.items():
            yield from _value(element, name, value)


def _value(element: Element, name: str, value: str) -> Iterator[str]:
    if name in VALUES and element.tag in ATTRIBUTES and value not in VALUES[name]:
        yield f"<{element.tag}> {name}={value!r}"
    if element.tag == "sequence" and name == "audioRate" and value not in _SEQUENCE_RATES:
        yield f"<sequence> audioRate={value!r}"
    if element.tag in ATTRIBUTES and (name in _TIMES or f"{name}@{element.tag}" in _TIMES):
        match = _TIME.fullmatch(value)
        if not match or abs(int(match[1])) >= 2**63 or not 0 < int(match[2] or 1) < 2**31:
            yield f"<{element.tag}> {name}={value!r} is no time"


def _references(root: Element) -> Iterator[str]:
    ids = [one for one in root.iter() if one.get("id") is not None]
    by_id = {one.get("id"): one for one in ids}
    if len(by_id) < len(ids):
        yield "an id is given twice"
    for element in root.iter():
        for name in ("ref", "format"):
            kinds = {"format"} if name == "format" else _REFERS.get((element.tag, name))
            number = element.get(name)
            if (
                number is not None
                and kinds
                and (number not in by_id or by_id[number].tag not in kinds)
            ):
                yield f"<{element.tag}> {name}={number!r} refers to no {kinds}"


def _sequence(sequence: Element, frames: dict[str | None, str | None]) -> Iterator[str]:
    frame_s = seconds(frames[sequence.get("format")])
    start_s = seconds(sequence.get("tcStart"))
    spine = sequence.find("spine")
    assert spine is not None
    end_s = yield from _storyline(spine, start_s, frame_s)
    if seconds(sequence.get("duration")) != end_s - start_s:
        yield "a sequence is not as long as its spine"
    if start_s % frame_s:
        yield "tcStart is between frames"
    for element in spine.iter():
        if element.tag in _CONTAINERS:
            yield from _anchored(element, frame_s)


def _storyline(spine: Element, start_s: Fraction, frame_s: Fraction) -> Iterator[str]:
    """Items without holes, on frames, and transitions over their cuts; where it ends."""
    position_s = start_s
    cuts = {start_s}
    crosses = []
    for child in spine:
        offset_s, length_s = seconds(child.get("offset")), seconds(child.get("duration"))
        if child.get("lane") is not None:
            yield f"<{child.tag}> in a storyline has a lane"
        if offset_s % frame_s or length_s % frame_s or length_s <= 0:
            yield f"<{child.tag}> {child.get('name')!r} in a storyline is not on frames"
        if child.tag == "transition":
            crosses.append((offset_s, offset_s + length_s))
            continue
        if offset_s != position_s:
            yield f"<{child.tag}> {child.get('name')!r} is not where the item before it ends"
        position_s = offset_s + length_s
        cuts.add(position_s)
    for first_s, last_s in crosses:
        if not any(first_s <= cut_s <= last_s for cut_s in cuts):
            yield "a transition lies over no cut"
        if first_s < start_s or last_s > position_s:
            yield "a transition reaches beyond its storyline"
    return position_s


def _anchored(parent: Element, frame_s: Fraction) -> Iterator[str]:
    """Connected items have a lane, and picture is connected on a frame of the sequence."""
    conform = parent.find("conform-rate")
    for child in parent:
        if child.tag not in _STORIES:
            continue
        if child.get("lane") in (None, "0"):
            yield f"<{child.tag}> is connected without a lane"
        if child.tag == "spine":
            yield from _storyline(child, Fraction(0), frame_s)
        after_s = seconds(child.get("offset")) - seconds(parent.get("start"))
        in_step = conform is not None and conform.get("scaleEnabled") != "0"
        if int(child.get("lane", "1")) > 0 and not in_step and after_s % frame_s:
            yield f"<{child.tag}> {child.get('name')!r} is connected between frames"
        if after_s < 0 or (after_s >= seconds(parent.get("duration")) and not in_step):
            yield f"<{child.tag}> {child.get('name')!r} is connected outside of its parent"
