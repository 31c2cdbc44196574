"""Source time of a clip in seconds of its file."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timing import FRAME_RATES, nominal


def source_range(clip: Any) -> Any:
    """The clip's own range, or that of its media."""
    return clip.source_range or clip.media_reference.available_range


def file_seconds(time: Any, media_rate: Fraction | None) -> Fraction:
    """Source time in seconds of the file.

    Rates that count alike (24 and 24000/1001) mean frame numbers, as editing systems read them.
    """
    if time.rate <= 0:
        return Fraction(0)
    return seconds(time) * conformed(exact_rate(time.rate), media_rate)


def conformed(rate: Fraction, media_rate: Fraction | None) -> Fraction:
    """Speed at which media of a rate that counts like `rate` are played, frame for frame."""
    alike = media_rate in FRAME_RATES and rate in FRAME_RATES
    if media_rate is None or not alike or nominal(rate) != nominal(media_rate):
        return Fraction(1)
    return rate / media_rate
