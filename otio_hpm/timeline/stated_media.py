"""How long the media of a timeline are, for the formats that have to say so."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.errors import MediaError
from otio_hpm.timeline.exact import nearest, rational, seconds
from otio_hpm.timeline.media import MediaFile, MediaFinder
from otio_hpm.timing import snap_rate

_SLACK = Fraction(1, 100)
"""Share of a frame by which a container may round its length down."""


def state_media(timeline: Any, rate: Fraction, finder: MediaFinder) -> None:
    """Give the references that do not state their range that of the file which is found for them.

    FCPXML, Final Cut Pro 7 XML and AAF have to tell the start and length of each file, and would
    otherwise have to guess. That counts also for clips without media that are found by what the
    clip says, as those of lists are. What is not found here, or not readable, stays as it is.
    """
    for clip in timeline.find_clips():
        for reference in clip.media_references().values():
            if not isinstance(reference, schema.ExternalReference | schema.MissingReference):
                continue
            if reference.available_range is None:
                reference.available_range = _stated(clip, reference, rate, finder)


def _stated(clip: Any, reference: Any, rate: Fraction, finder: MediaFinder) -> Any:
    """The range of the file that is found; None without one."""
    named = isinstance(reference, schema.ExternalReference)
    try:
        media = finder.media(reference) if named else finder.media_of(clip)
    except MediaError:
        return None
    return range_of(media, rate, clip) if media is not None else None


def range_of(media: MediaFile, rate: Fraction, clip: Any) -> Any:
    """All of a file, in frames of its own; None where that means nothing."""
    if media.duration_s is None:
        return None
    own = (snap_rate(media.rate) if media.rate else None) or rate
    frames = math.floor(media.duration_s * own + _SLACK)
    start = nearest(_start_s(media, clip) * own)
    return opentime.TimeRange(rational(start, own), rational(frames, own)) if frames > 0 else None


def _start_s(media: MediaFile, clip: Any) -> Fraction:
    """Source time at which a file begins, as the clip counts it."""
    if media.kind != "audio" or clip.source_range is None:
        return media.start_s or Fraction(0)
    return media.sound_start_s(seconds(clip.source_range.start_time))
