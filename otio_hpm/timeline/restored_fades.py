"""The fades of our clips as an edit decision list has them, turned into those that we write.

A dissolve begins where the first of its two clips ends, and a fade out is a dissolve to black.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.timeline.exact import frames, rational
from otio_hpm.timeline.fades import child_at
from otio_hpm.timeline.takes import facts_of, is_score_clip
from otio_hpm.timeline.told import number


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


def _missing(clip: Any, rate: Fraction) -> int:
    """How many frames a clip of ours is shorter than it was written."""
    facts = facts_of(clip)
    written = number(facts, "record_end_frames") - number(facts, "record_start_frames")
    return int(written - frames(clip.duration(), rate))


def _extend(clip: Any, later: int, longer: int, rate: Fraction) -> None:
    """Let a clip begin some frames later and be some frames longer."""
    shown = clip.source_range
    clip.source_range = opentime.TimeRange(
        shown.start_time + rational(later, rate), shown.duration + rational(longer, rate)
    )
