"""Exact frame rates, timecode, and the way between frames, seconds and samples.

A rate is a Fraction, a position is a whole number of frames or a Fraction of seconds; no float
is ever kept. Drop-frame timecode follows SMPTE ST 12-1.
"""

from __future__ import annotations

import re
from fractions import Fraction

SAMPLE_RATE = 48_000
"""Samples per second of everything that is written."""

_NTSC_BASES = (24, 30, 48, 60, 120)
_WHOLE_RATES = (24, 25, 30, 48, 50, 60, 100, 120)
FRAME_RATES: tuple[Fraction, ...] = tuple(
    sorted({*map(Fraction, _WHOLE_RATES), *(Fraction(n * 1000, 1001) for n in _NTSC_BASES)})
)
"""Every rate a timeline may have."""

_SNAP = Fraction(1, 100)
_STATED = re.compile(r"\s*[+-]?\d{1,40}(?:\.\d{0,40}|/\d{1,40})?\s*", re.ASCII)
_TIMECODE = re.compile(r"^(\d{1,3})[:;.](\d{2})[:;.](\d{2})([:;.,])(\d{2,3})$")
_CLOCK = re.compile(r"^(\d{1,3}):([0-5]\d):([0-5]\d)\.(\d{3,})$")
_FRAMES = re.compile(r"^(-?\d+)\s*f$")
_SECONDS = re.compile(r"^(-?(?:\d+(?:\.\d*)?|\.\d+))\s*s?$")


def stated(text: str) -> Fraction | None:
    """The number that text states, as `-0.5` or `24000/1001`, or None where it states none.

    For what strangers write: an exponent may stand for more digits than there is memory.

    >>> stated("24000/1001"), stated("1e999999999"), stated("1/0")
    (Fraction(24000, 1001), None, None)
    """
    if not _STATED.fullmatch(text):
        return None
    try:
        return Fraction(text)
    except ZeroDivisionError:
        return None


def snap_rate(value: float | Fraction | str) -> Fraction | None:
    """The frame rate meant by `value` (23.98 is 24000/1001), or None where it is none.

    >>> snap_rate(29.97), snap_rate("25"), snap_rate(24000)
    (Fraction(30000, 1001), Fraction(25, 1), None)
    """
    try:
        exact = stated(value) if isinstance(value, str) else Fraction(value)
    except (ValueError, OverflowError):
        return None
    if exact is None:
        return None
    nearest = min(FRAME_RATES, key=lambda rate: abs(rate - exact))
    return nearest if abs(nearest - exact) < _SNAP else None


def format_rate(rate: Fraction) -> str:
    """A rate as people write it: 23.976, 25."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def nominal(rate: Fraction) -> int:
    """Timecode's counting base of a rate: 30 for 30000/1001."""
    return round(rate)


def may_drop(rate: Fraction) -> bool:
    """Whether drop-frame timecode exists at this rate (multiples of 30000/1001)."""
    return rate.denominator == 1001 and nominal(rate) % 30 == 0


def format_timecode(frames: int, rate: Fraction, drop_frame: bool = False) -> str:
    """Timecode of a frame number; drop-frame is written with `;` before the frames."""
    base = nominal(rate)
    drops = drop_frame and may_drop(rate)
    sign, frames = ("-", -frames) if frames < 0 else ("", frames)
    seconds, frame = divmod(_with_dropped(frames, base) if drops else frames, base)
    separator = ";" if drops else ":"
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{sign}{clock}{separator}{frame:02d}"


def parse_timecode(text: str, rate: Fraction, drop_frame: bool | None = None) -> int:
    """Frame number of a timecode; `;` before the frames means drop-frame unless told otherwise.

    Raises ValueError for text that is no timecode, or one that drop-frame counting skips.
    """
    match = _TIMECODE.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a timecode")
    hours, minutes, seconds, frame = (int(match[i]) for i in (1, 2, 3, 5))
    base = nominal(rate)
    if minutes > 59 or seconds > 59 or frame >= base:
        raise ValueError(f"{text!r} is not a timecode at {format_rate(rate)} frames per second")
    count = ((hours * 60 + minutes) * 60 + seconds) * base + frame
    drops = match[4] == ";" if drop_frame is None else drop_frame
    if not (drops and may_drop(rate)):
        return count
    skipped = base // 15
    if frame < skipped and seconds == 0 and minutes % 10:
        raise ValueError(f"{text!r} does not exist in drop-frame timecode")
    total_minutes = hours * 60 + minutes
    return count - skipped * (total_minutes - total_minutes // 10)


def parse_duration(text: str, rate: Fraction | None = None) -> Fraction:
    """Seconds from `48f` (frames), `2`, `2.5`, `2.5s` (seconds), `HH:MM:SS.nnn` or a timecode.

    Frames and timecode need `rate`. Raises ValueError for anything else.
    """
    text = text.strip()
    if clock := _CLOCK.match(text):
        hours, minutes, seconds = (int(clock[i]) for i in (1, 2, 3))
        return Fraction(f"{(hours * 60 + minutes) * 60 + seconds}.{clock[4]}")
    if _TIMECODE.match(text):
        return parse_timecode(text, _needed(rate, text)) / _needed(rate, text)
    if frames := _FRAMES.match(text):
        return int(frames[1]) / _needed(rate, text)
    if number := _SECONDS.match(text):
        return Fraction(number[1])
    raise ValueError(f"{text!r} is not a duration")


def _needed(rate: Fraction | None, text: str) -> Fraction:
    if rate is None:
        raise ValueError(f"{text!r} counts frames, and no frame rate is known here")
    return rate


def frames_to_samples(frames: int, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Samples in `frames` at the exact rate, rounded once."""
    return round(frames * sample_rate / rate)


def _with_dropped(frames: int, base: int) -> int:
    """Frame number with the skipped timecode numbers counted in (SMPTE ST 12-1)."""
    skipped = base // 15
    per_minute = base * 60 - skipped
    per_ten = base * 600 - skipped * 9
    tens, rest = divmod(frames, per_ten)
    extra = skipped * max(0, (rest - skipped) // per_minute) if rest >= skipped else 0
    return frames + tens * skipped * 9 + extra
