"""What option values look like: rates, lengths of time, exact numbers, pairs."""

from __future__ import annotations

from fractions import Fraction

import click

from otio_hpm.timing import parse_duration, snap_rate

_ANY_RATE = Fraction(24)


def rate(value: str) -> Fraction:
    """A frame rate in any spelling: 23.976, 23.98, 24000/1001."""
    found = snap_rate(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no frame rate; try 24, 23.976, 25 or 30000/1001")
    return found


def time(value: str) -> Fraction | str:
    """Seconds, frames (`12f`) or timecode; what needs a frame rate stays text."""
    try:
        return parse_duration(value)
    except (ValueError, ZeroDivisionError):
        pass
    try:
        parse_duration(value, _ANY_RATE)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(
            f"{value!r} is no length of time; try 2, 2.5s, 48f or 00:00:02:00"
        ) from None
    return value


def number(value: str) -> Fraction:
    """A decimal number or fraction, kept exact."""
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{value!r} is no number") from None


def pair(value: str) -> tuple[str, str]:
    """`OLD=NEW`."""
    old, equals, new = value.partition("=")
    if not (old and equals):
        raise click.BadParameter(f"{value!r} is not OLD=NEW")
    return old, new
