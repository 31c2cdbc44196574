"""Premiere Pro's .otio (25.6 and later), as Premiere itself exports it.

A track says how many channels it has; a clip which channels of its file it plays and, by its
`LinkID`, what it is linked to. Clips that share a LinkID are taken for parts of one: each of ours
has its own. Fades are transitions of whole frames. Media are named by URL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from otio_hpm.interchange.dialects.frames import round_fade
from otio_hpm.interchange.dialects.ours import is_our_fade

KEY = "PremierePro_OTIO"
_TRACK = {"AudioChannels": {"ChannelType": "Stereo", "NumberOfChannels": 2}}
_CLIP = {
    "AudioChannels": {
        "ChannelType": "Stereo",
        "SecondaryAssignments": [{"SecondaryChannelIndex": channel} for channel in (0, 1)],
    },
    "OriginalChannelGroupIndex": 0,
    "SourceClipIndex": 0,
}
_NEUTRAL = {"Balance": (0.5,), "Level": (0.177828,)}
"""Values of parameters that leave sound as it is; Premiere's level 1 is its most, +15 dB."""


def dress_track(track: Any) -> None:
    """Say that a track of ours is stereo."""
    track.metadata[KEY] = {**_TRACK, **said(track)}


def dress_clips(clips: Sequence[Any], timeline: Any) -> None:
    """Say which channels of its file each clip of ours plays, and give it a LinkID of its own."""
    last = max((_number(said(clip).get("LinkID")) for clip in timeline.find_clips()), default=0)
    for clip in clips:
        last += 1
        clip.metadata[KEY] = {**_CLIP, "LinkID": str(last), **said(clip)}


def dress_fades(track: Any, rate: Fraction) -> None:
    """Make our fades whole frames."""
    for child in track:
        if is_our_fade(child):
            round_fade(child, rate)


def is_neutral(effect: Any) -> bool:
    """Whether an effect is one of those that every clip has, and changes nothing."""
    found = said(effect).get("Parameters")
    listed = found if isinstance(found, Sequence) and not isinstance(found, str) else ()
    intrinsic = said(effect).get("IsIntrinsic") or said(effect).get("MatchName") == "PanProcessor"
    return bool(intrinsic) and all(_is_default(parameter) for parameter in listed)


def said(item: Any) -> Mapping[str, Any]:
    """What Premiere's metadata say of an item; empty where there are none."""
    found = item.metadata.get(KEY)
    return found if hasattr(found, "get") else {}


def _is_default(parameter: Any) -> bool:
    if not hasattr(parameter, "get") or parameter.get("Keyframes"):
        return False
    start = parameter.get("StartValue")
    value = start.get("Value") if hasattr(start, "get") else None
    if value is None or value is False:
        return True
    neutral = _NEUTRAL.get(str(parameter.get("DisplayName")), ())
    return isinstance(value, int | float) and any(abs(value - one) < 1e-5 for one in neutral)


def _number(link: Any) -> int:
    return int(link) if isinstance(link, str) and link.isdecimal() and len(link) < 16 else 0
