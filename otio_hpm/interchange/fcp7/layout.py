"""A track in record frames, as it is written: clips and transitions, cut to what is seen."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import nearest, seconds


@dataclass(frozen=True, kw_only=True)
class Laid:
    """An item with its record frames."""

    item: Any
    start: int
    end: int
    hidden_s: Fraction
    """How much of its beginning is cut away by a range of its track or stack."""


@dataclass(frozen=True, kw_only=True)
class Fade:
    """A transition with its record frames."""

    transition: Any
    start: int
    cut: int
    end: int
    after_clip: bool
    """Whether a clip ends at the edit point."""
    before_clip: bool
    """Whether one begins there."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One track, in order."""

    track: Any
    clips: tuple[Laid, ...]
    """Clips and nested stacks or tracks."""
    gaps: tuple[Laid, ...]
    fades: tuple[Fade, ...]
    origin_s: Fraction
    """Record time of the track's own time 0, in seconds."""

    @property
    def end(self) -> int:
        """Record frame at which its last item ends."""
        return max((laid.end for laid in (*self.clips, *self.gaps)), default=0)


def laid_out(track: Any, outer: Any, rate: Fraction, losses: Losses) -> Layout:
    """Where a track has what; its own range and that of its stack, `outer`, are respected."""
    own = track.source_range
    first = -seconds(outer.start_time) if outer else Fraction(0)
    origin = first - (seconds(own.start_time) if own else 0)
    lasts = [first + seconds(own.duration)] if own else []
    lasts += [seconds(outer.duration)] if outer else []
    window = max(Fraction(0), first), min(lasts, default=None)
    clips: list[Laid] = []
    gaps: list[Laid] = []
    children = list(track)
    position, edits = origin, {}
    for index, child in enumerate(children):
        edits[index] = position
        if isinstance(child, schema.Transition):
            continue
        end = position + seconds(child.duration())
        laid = _laid(child, position, end, window, rate, losses)
        if laid:
            (gaps if isinstance(child, schema.Gap) else clips).append(laid)
        position = end
    fades = _fades(children, edits, clips, rate, losses)
    return Layout(
        track=track, clips=tuple(clips), gaps=tuple(gaps), fades=tuple(fades), origin_s=origin
    )


def _laid(
    item: Any,
    start_s: Fraction,
    end_s: Fraction,
    window: tuple[Fraction, Fraction | None],
    rate: Fraction,
    losses: Losses,
) -> Laid | None:
    """An item inside the window, or None; what is not on a frame goes to the nearest."""
    first = max(start_s, window[0])
    last = end_s if window[1] is None else min(end_s, window[1])
    start, end = nearest(first * rate), nearest(last * rate)
    if not isinstance(item, schema.Gap):
        if last > first and (start != first * rate or end != last * rate):
            losses.add("edits between frames are on the nearest", repr(item.name))
        if last > first and end <= start:
            losses.add("clips shorter than half a frame are left out", repr(item.name))
    hidden = first - start_s
    return Laid(item=item, start=start, end=end, hidden_s=hidden) if end > start else None


def _fades(
    children: list[Any],
    edits: dict[int, Fraction],
    clips: list[Laid],
    rate: Fraction,
    losses: Losses,
) -> list[Fade]:
    """The transitions that lie over an edge of a clip, in whole frames."""
    starts, ends = {laid.start for laid in clips}, {laid.end for laid in clips}
    found = []
    for index, child in enumerate(children):
        if not isinstance(child, schema.Transition):
            continue
        cut = nearest(edits[index] * rate)
        where = f"at record frame {cut}"
        before, after = seconds(child.in_offset) * rate, seconds(child.out_offset) * rate
        begin, end = cut - nearest(before), cut + nearest(after)
        start = max(0, begin)
        if end <= start or (cut not in starts and cut not in ends):
            kind = "beside no clip" if end > start else "shorter than half a frame"
            losses.add(f"fades {kind} are left out", where)
            continue
        if begin < start:
            losses.add("fades are cut where the timeline begins", where)
        if cut - begin != before or end - cut != after:
            losses.add("fades are rounded to whole frames", where)
        found.append(
            Fade(
                transition=child,
                start=start,
                cut=cut,
                end=end,
                after_clip=cut in ends,
                before_clip=cut in starts,
            )
        )
    return found
