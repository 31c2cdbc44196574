"""The fades of our clips as other formats have them, turned into those that we write.

FCPXML has fades in an adjustment of a clip's volume. An edit decision list has events: a dissolve
begins where the first of its two clips ends, and a fade out is a dissolve to black.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.timeline.exact import frames, nearest, rational
from otio_hpm.timeline.fades import child_at
from otio_hpm.timeline.takes import facts_of, is_score_clip

_FADE = re.compile(
    r"<fade(?P<side>In|Out)\b[^>]*?\bduration=\"(?P<n>\d{1,15})(?:/(?P<d>[1-9]\d{0,9}))?s\"[^>]*?"
    r"(?:/>|>.*?</fade(?P=side)>)",
    re.S,
)
_EMPTY_VOLUME = re.compile(r"<adjust-volume>\s*(<param name=\"amount\">\s*</param>)?\s*</adjust")


def undissolve(track: Any, rate: Fraction) -> None:
    """Put the cuts of a track of an edit decision list back where our clips ended.

    Only as far as a dissolve is long: what lies beyond is an editor's.
    """
    for dissolve in [item for item in track if isinstance(item, schema.Transition)]:
        index = track.index(dissolve)
        left, right = child_at(track, index - 1), child_at(track, index + 1)
        if left is None or right is None or not is_score_clip(left):
            continue
        length = frames(dissolve.out_offset, rate)
        shift = _missing(left, rate)
        black = not is_score_clip(right) and (right.name or "") == "BL"
        if 0 < shift <= length and (black or is_score_clip(right)):
            _extend(left, 0, shift, rate)
            _extend(right, shift, -shift, rate)
            dissolve.in_offset = rational(shift, rate)
            dissolve.out_offset = rational(length - shift, rate)
            if black and frames(right.source_range.duration, rate) <= 0:
                del track[index + 1]


def take_volume_fades(track: Any, rate: Fraction) -> None:
    """Make transitions of the fades in the volume of our clips, as FCPXML has them."""
    for clip in [item for item in track if is_score_clip(item)]:
        kept = clip.metadata.get("fcpxml")
        children = [str(child) for child in kept.get("children", ())] if kept else []
        found = {m["side"]: _seconds(m) for text in children for m in _FADE.finditer(text)}
        if not found:
            continue
        left = [_FADE.sub("", text) for text in children]
        kept["children"] = [text for text in left if not _EMPTY_VOLUME.match(text)]
        for side, length_s in found.items():
            _insert(track, clip, side == "Out", length_s, rate)


def _insert(track: Any, clip: Any, out: bool, length_s: Fraction, rate: Fraction) -> None:
    """A fade inside a clip, where nothing sounds beside it."""
    index = track.index(clip)
    beside = child_at(track, index + (1 if out else -1))
    if length_s > 0 and (beside is None or isinstance(beside, schema.Gap)):
        none, length = rational(0, rate), rational(nearest(length_s * rate), rate)
        fade = schema.Transition(
            transition_type=schema.TransitionTypes.SMPTE_Dissolve,
            in_offset=length if out else none,
            out_offset=none if out else length,
        )
        track.insert(index + 1 if out else index, fade)


def _seconds(match: re.Match[str]) -> Fraction:
    return Fraction(int(match["n"]), int(match["d"] or 1))


def _missing(clip: Any, rate: Fraction) -> int:
    """How many frames a clip of ours is shorter than it was written."""
    facts = facts_of(clip)
    written = facts.get("record_end_frames", 0) - facts.get("record_start_frames", 0)
    return int(written - frames(clip.duration(), rate))


def _extend(clip: Any, later: int, longer: int, rate: Fraction) -> None:
    """Let a clip begin some frames later and be some frames longer."""
    shown = clip.source_range
    clip.source_range = opentime.TimeRange(
        shown.start_time + rational(later, rate), shown.duration + rational(longer, rate)
    )
