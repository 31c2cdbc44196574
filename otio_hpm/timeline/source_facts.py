"""What a media file says of its source: reel, timecode, length."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from otio_hpm.errors import MediaError
from otio_hpm.timeline.image_headers import ImageHeader, read_image_header
from otio_hpm.timeline.media_folders import is_file
from otio_hpm.timeline.media_probe import (
    opened,
    picture_rate,
    picture_stream,
    said,
    sound_start,
    start_timecode,
    timecode_s,
)
from otio_hpm.timeline.wave_tape import wave_tape
from otio_hpm.timing import FRAME_RATES

_PATIENCE_S = 10.0
"""How long one file may take to open."""
_MAX_IMAGE_RATE = 30
_REEL_KEYS = ("reel", "reelname", "tape", "tapename", "tapeid")


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What is known of a file's source; nothing of one that is no media."""

    reel: str = ""
    """Reel, tape or sound roll as written; empty where the file names none."""
    start_s: Fraction | None = None
    """Source time of its first frame or sample."""
    timecode: str | None = None
    """That as timecode, of an image, and of sound alone that does not tell its frame rate."""
    duration_s: Fraction | None = None
    rate: Fraction | None = None
    """Frame rate of its picture."""
    has_picture: bool = False
    has_sound: bool = False

    def start_at(self, rate: Fraction) -> Fraction | None:
        """Source time of its first sample in seconds, at the frame rate of who asks if need be."""
        if self.start_s is None and rate in FRAME_RATES:
            return timecode_s(self.timecode, rate)
        return self.start_s

    def of_sequence(self, count: int, rate: Fraction) -> SourceFacts:
        """Those of `count` images that begin with this one, at `rate` where it tells none.

        Above 30 frames a second the timecode of an image may count pairs, so there it is not known.
        """
        own = self.rate or rate
        timecode = self.timecode if own <= _MAX_IMAGE_RATE else None
        start_s = timecode_s(timecode, own)
        return dataclasses.replace(
            self, rate=own, timecode=timecode, start_s=start_s, duration_s=count / own
        )


def read_facts(path: Path) -> SourceFacts | None:
    """What a file says; nothing of what is no media, None of what could not be read in time.

    Whatever is wrong with the file is not raised.
    """
    try:
        if is_file(path) and (header := read_image_header(path)):
            return _of_image(header)
        with opened(path, _PATIENCE_S) as container:
            return _facts(container, path)
    except MediaError as error:
        return None if isinstance(error.__cause__, av.ExitError) else SourceFacts()
    except OSError:
        return None
    except (ValueError, ArithmeticError):  # numbers that no media have
        return SourceFacts()


def _of_image(header: ImageHeader) -> SourceFacts:
    reel = said(header.texts, *_REEL_KEYS) or ""
    return SourceFacts(reel=reel, timecode=header.timecode, rate=header.rate, has_picture=True)


def _facts(container: Any, path: Path) -> SourceFacts:
    """Those of an open file; no picture is decoded."""
    picture, has_sound = picture_stream(container), len(container.streams.audio) > 0
    rate = picture_rate(picture) if picture else None
    timecode = start_timecode(container)
    start_s = timecode_s(timecode, rate)
    if picture is None and has_sound and start_s is None:
        start_s = sound_start(container)
    return SourceFacts(
        reel=_reel(container) or wave_tape(path),
        start_s=start_s,
        timecode=timecode if start_s is None and picture is None else None,
        duration_s=_length(container, picture),
        rate=rate,
        has_picture=picture is not None,
        has_sound=has_sound,
    )


def _reel(container: Any) -> str:
    holders = (container, *container.streams)
    return next((reel for holder in holders if (reel := said(holder.metadata, *_REEL_KEYS))), "")


def _length(container: Any, picture: Any) -> Fraction | None:
    """Length of the picture or sound, as the file states it."""
    stream = picture or next(iter(container.streams.audio), None)
    if stream is not None and stream.duration is not None:
        return Fraction(stream.duration * stream.time_base)
    return None if container.duration is None else Fraction(container.duration, av.time_base)
