"""What option values look like: rates, durations, numbers, pairs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from otio_hpm.timing import parse_duration, snap_rate


class Rate(click.ParamType):
    """A frame rate in any spelling: 23.976, 23.98, 24000/1001."""

    name = "RATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        rate = snap_rate(value)
        if rate is None:
            self.fail(
                f"{value!r} is not a frame rate; try 24, 23.976, 25 or 30000/1001", param, ctx
            )
        return rate


class Duration(click.ParamType):
    """Seconds, frames (`12f`) or timecode; what needs a frame rate stays text until there is one."""

    name = "TIME"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction | str:
        try:
            return parse_duration(value)
        except ValueError:
            try:
                parse_duration(value, Fraction(24))
            except ValueError:
                self.fail(f"{value!r} is no length of time; try 2, 2.5s, 48f or 00:00:02:00")
            return str(value)


class Number(click.ParamType):
    """A decimal number or fraction, kept exact."""

    name = "NUMBER"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number", param, ctx)


class Pair(click.ParamType):
    """`OLD=NEW`."""

    name = "OLD=NEW"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        old, equals, new = str(value).partition("=")
        if not (old and equals):
            self.fail(f"{value!r} is not OLD=NEW", param, ctx)
        return old, new
