"""Fades of our clips, as OTIO transitions.

Against a gap, and at the head or tail of a track, a transition lies wholly inside its clip: the
fade in begins at the cue's in, the fade out ends at its out. Where two of our clips touch there is
one transition, from the start of the first's fade out to the end of the second's fade in: they
cross over their handles, as far as those reach. Beside another's clip there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.timeline.exact import rational, seconds
from otio_hpm.timeline.takes import KEY, facts_of, is_score_clip
from otio_hpm.timeline.told import number
from otio_hpm.timing import SAMPLE_RATE

_LONGEST_S = 86_400
"""No fade of ours is longer than a day, whatever is told of it."""


def fade_between(left: Any, right: Any, rate: Fraction) -> Any:
    """The transition between two neighbours on our track (None is beyond its ends), or None."""
    ours = [is_score_clip(item) for item in (left, right)]
    if not all(own or _is_open(item) for own, item in zip(ours, (left, right), strict=True)):
        return None
    fade_out = _samples(left, "out_s") if ours[0] else 0
    fade_in = _samples(right, "in_s") if ours[1] else 0
    if all(ours):
        fade_out, fade_in = min(fade_out, _head(right)), min(fade_in, _tail(left))
    if fade_out + fade_in == 0:
        return None
    return schema.Transition(
        transition_type=schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=_time(fade_out, rate),
        out_offset=_time(fade_in, rate),
        metadata={KEY: {"in_samples": fade_out, "out_samples": fade_in}},
    )


def is_as_written(transition: Any, rate: Fraction) -> bool:
    """Whether a transition is ours and nobody changed its length."""
    facts = facts_of(transition)
    written = [number(facts, f"{way}_samples", -1) for way in ("in", "out")]
    return -1 not in written and _alike(_offsets(transition), written, rate)


def fades_changed(track: Any, clip: Any, rate: Fraction) -> bool:
    """Whether the transitions beside our clip are not, or no longer, the ones that were written.

    Less than a frame is no change: hosts that count in frames round or drop the shortest fades.
    """
    return _changed(track, clip, -1, rate) or _changed(track, clip, 1, rate)


def _changed(track: Any, clip: Any, step: int, rate: Fraction) -> bool:
    """The same for what comes before (-1) or after it (1)."""
    index = track.index(clip) + step
    near = child_at(track, index)
    fade = near if isinstance(near, schema.Transition) else None
    if fade is not None and facts_of(fade):
        return not is_as_written(fade, rate)
    beyond = near if fade is None else child_at(track, index + step)
    if fade is None and not _is_open(beyond):
        return False  # another clip came to touch it, which is no edit of this one
    sides = (beyond, clip) if step < 0 else (clip, beyond)
    return not _alike(_offsets(fade), _offsets(fade_between(*sides, rate)), rate)


def restore_fade(track: Any, clip: Any, side: int, rate: Fraction, *, lost: bool) -> None:
    """Write our fade before (side 0) or after (1) a clip of ours as it was, in place of its like.

    Where there is none, it was too short for the format to keep, or the format keeps none (`lost`);
    else an editor took it away, and it stays so.
    """
    index = track.index(clip) + (1 if side else -1)
    near = child_at(track, index)
    fade = near if isinstance(near, schema.Transition) else None
    beyond = near if fade is None else child_at(track, index + (1 if side else -1))
    written = fade_between(*((clip, beyond) if side else (beyond, clip)), rate)
    if written is None or (fade is not None and facts_of(fade)):
        return
    if fade is not None:
        if _alike(_offsets(fade), _offsets(written), rate):
            track[index] = written
    elif lost or _alike((0, 0), _offsets(written), rate):
        track.insert(index if side else index + 1, written)


def child_at(track: Any, index: int) -> Any:
    """A track's child, or None beyond its ends."""
    return track[index] if 0 <= index < len(track) else None


def _is_open(item: Any) -> bool:
    """Whether nothing sounds there: a gap, or the end of the track."""
    return item is None or isinstance(item, schema.Gap)


def _offsets(transition: Any) -> tuple[int, int]:
    """How far a transition reaches to both sides, in samples; None reaches nowhere."""
    if transition is None:
        return 0, 0
    before, after = transition.in_offset, transition.out_offset
    return round(seconds(before) * SAMPLE_RATE), round(seconds(after) * SAMPLE_RATE)


def _alike(one: Sequence[float], other: Sequence[float], rate: Fraction) -> bool:
    """Whether two pairs of offsets are within a frame of each other."""
    return all(abs(a - b) < SAMPLE_RATE / rate for a, b in zip(one, other, strict=True))


def _samples(clip: Any, fade: str) -> int:
    """Length of a fade that is not in the audio already."""
    fades = facts_of(clip).get("fades")
    if not hasattr(fades, "get") or fades.get("baked"):
        return 0
    length_s = min(max(0, number(fades, fade)), _LONGEST_S)
    return round(length_s * SAMPLE_RATE)


def _head(clip: Any) -> int:
    """Samples of media before what a clip shows."""
    start = clip.trimmed_range().start_time, clip.available_range().start_time
    return max(0, round((seconds(start[0]) - seconds(start[1])) * SAMPLE_RATE))


def _tail(clip: Any) -> int:
    """Samples of media after what a clip shows."""
    spare = seconds(clip.available_range().duration) - seconds(clip.trimmed_range().duration)
    return max(0, round(spare * SAMPLE_RATE) - _head(clip))


def _time(samples: int, rate: Fraction) -> Any:
    """In frames where it is a whole number of them, so that track lengths stay so; or samples."""
    frames = samples * rate / SAMPLE_RATE
    if frames.denominator == 1:
        return rational(frames.numerator, rate)
    return opentime.RationalTime(samples, SAMPLE_RATE)
