"""Fades of our clips in whole frames, as hosts count them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from otio_hpm.timeline.exact import nearest, rational, seconds


def fade_frames(offset: Any, rate: Fraction) -> int:
    """Frames nearest to the length of a fade, a RationalTime; one at least where there is any."""
    length = seconds(offset) * rate
    return max(1, nearest(length)) if length > 0 else 0


def round_fade(transition: Any, rate: Fraction) -> None:
    """Make the offsets of a transition whole frames of the timeline; not both become nothing."""
    offsets = [seconds(offset) * rate for offset in (transition.in_offset, transition.out_offset)]
    whole = [nearest(offset) for offset in offsets]
    if not any(whole) and any(offsets):
        whole[offsets.index(max(offsets))] = 1
    transition.in_offset, transition.out_offset = (rational(count, rate) for count in whole)
