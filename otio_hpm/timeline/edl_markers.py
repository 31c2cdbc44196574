"""Locators of an edit decision list as OTIO markers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from otio_hpm.interchange.marker_colors import LOCATORS
from otio_hpm.timeline.edl_notes import Locator


def marker_of(locator: Locator, position: Fraction, length: Fraction, rate: Fraction) -> Any:
    """A marker at `position`, in frames of its owner's time; the colour as written is kept."""
    from opentimelineio import schema
    from opentimelineio.opentime import RationalTime, TimeRange

    start = RationalTime(float(position), float(rate))
    return schema.Marker(
        name=locator.text,
        color=otio_color(locator.color),
        marked_range=TimeRange(start, RationalTime(float(length), float(rate))),
        metadata={"cmx_3600": {"color": locator.color}},
    )


def otio_color(color: str) -> str:
    """OTIO's word for a locator's colour; red, Avid's own default, for one that it has not."""
    return LOCATORS.get(color.upper(), "RED")
