"""Times as FCPXML can hold them: whole frames of the sequence, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.errors import OutputError
from otio_hpm.interchange.fcpxml.times import format_time
from otio_hpm.timeline.exact import nearest
from otio_hpm.timing import FRAME_RATES, nominal

_MOST_S = 10**9
_LARGEST_DENOMINATOR = 2**31 - 1
"""The format has 32 bits below the line."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The frames of a sequence."""

    rate: Fraction
    """Frames per second."""

    @property
    def frame_s(self) -> Fraction:
        """Length of a frame."""
        return 1 / self.rate

    def snapped(self, seconds: Fraction) -> Fraction:
        """The nearest frame boundary; halves go up."""
        return nearest(seconds * self.rate) * self.frame_s

    def text(self, seconds: Fraction) -> str:
        """A time attribute. Raises OutputError for one that no timeline has."""
        if abs(seconds) > _MOST_S:
            raise OutputError(
                f"a time of {float(seconds):.3g} seconds is more than FCPXML is written with",
                hint="The timeline has a damaged clip or marker; write it as .otio.",
            )
        return format_time(expressible(seconds), self.frame_s)


def expressible(seconds: Fraction) -> Fraction:
    """The nearest time that the format can hold, less than a nanosecond away."""
    return seconds.limit_denominator(_LARGEST_DENOMINATOR)


def counts_alike(one: Fraction | None, other: Fraction | None) -> bool:
    """Whether two rates count frames alike but run differently, as 24 and 24000/1001."""
    if one is None or other is None or one == other:
        return False
    return {one, other} <= set(FRAME_RATES) and nominal(one) == nominal(other)
