"""Looks into one media file with FFmpeg: what it is, its clock, its size."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timing import parse_timecode, snap_rate

_NOT_MEDIA = frozenset({"concat", "hls", "dash", "imf", "tty", "sdp", "rtsp", "lavfi", "txt"})
"""FFmpeg's readers of playlists and text: they open other files, or draw letters."""
_STILLS = re.compile(r"(_pipe|^image2)$")


@contextmanager
def opened(path: Path, patience_s: float | None = None) -> Iterator[Any]:
    """The file as an `av` container; nothing but this local file is ever opened.

    Raises MediaError naming the file if it is missing, empty, not readable as media or, where that
    is bounded, not opened within `patience_s`; also for FFmpeg's errors while it is in use.
    """
    path = path.absolute()
    _check_file(path)
    options = {"protocol_whitelist": "file", "pattern_type": "none"}
    try:
        with av.open(
            str(path), options=options, metadata_errors="replace", timeout=patience_s
        ) as container:
            if _NOT_MEDIA & set(container.format.name.split(",")):
                raise MediaError(f"{path} is a {container.format.name} file, not media")
            yield container
    except (av.FFmpegError, UnicodeError, EOFError) as error:
        raise MediaError(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint="the file is damaged, cut short, or no media file; copy or export it again",
        ) from error


def probe_file(path: Path) -> MediaFile:
    """What is in a file; its first picture is decoded.

    Raises MediaError (missing, empty, truncated, unreadable, neither picture nor sound).
    """
    with opened(path) as container:
        sound = len(container.streams.audio) > 0
        stream = picture_stream(container)
        if stream is not None:
            return _picture(path, container, stream, sound)
        if sound:
            return MediaFile(
                path=path,
                kind="audio",
                start_s=sound_start(container),
                duration_s=_length(container),
                has_audio=True,
            )
    raise MediaError(f"{path} has neither picture nor sound")


def picture_stream(container: Any) -> Any:
    """The stream a player would show, or None; cover art is none."""
    cover = av.stream.Disposition.attached_pic
    pictures = [s for s in container.streams.video if not s.disposition & cover]
    return pictures[0] if pictures else None


def has_alpha(frame: Any) -> bool:
    """Whether a decoded frame says how opaque it is."""
    return frame.format.name == "pal8" or any(c.is_alpha for c in frame.format.components)


def _lets_through(frame: Any) -> bool:
    """Whether a still is anywhere less than opaque; many have alpha that is all white."""
    return has_alpha(frame) and int(frame.to_ndarray(format="rgba")[..., 3].min()) < 255


def _may_let_through(stream: Any, frame: Any) -> bool:
    """Whether a movie has alpha; VP8 and VP9 keep it beside the stream."""
    return has_alpha(frame) or stream.metadata.get("alpha_mode") == "1"


def _check_file(path: Path) -> None:
    if not os.path.exists(path):
        raise MediaError(f"{path} is not there", hint="--media-dir names folders to search")
    if not path.is_file():
        raise MediaError(f"{path} is not a file")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty", hint="copy or export the file again")


def _picture(path: Path, container: Any, stream: Any, sound: bool) -> MediaFile:
    frame = next(container.decode(stream), None)
    if frame is None:
        raise MediaError(f"no picture can be decoded from {path}", hint="is the file cut short?")
    still = bool(_STILLS.search(container.format.name)) or stream.frames == 1
    rate = None if still else picture_rate(stream)
    timecode = None if rate is None else start_timecode(container)
    return MediaFile(
        path=path,
        kind="still" if still else "movie",
        rate=rate,
        start_s=timecode_s(timecode, rate),
        start_timecode=timecode,
        duration_s=None if still else _duration(container, stream),
        width=frame.width,
        height=frame.height,
        rotation=-90 * round(frame.rotation / 90) % 360,
        has_audio=sound,
        has_alpha=_lets_through(frame) if still else _may_let_through(stream, frame),
    )


def picture_rate(stream: Any) -> Fraction | None:
    """Average frame rate of a stream of picture."""
    value = stream.average_rate or stream.guessed_rate
    return (snap_rate(value) or Fraction(value)) if value else None


def start_timecode(container: Any) -> str | None:
    """The start timecode of the picture, its timecode track or the whole file, as written."""
    holders = [picture_stream(container), *container.streams, container]
    return next((text for h in holders if h and (text := said(h.metadata, "timecode"))), None)


def said(metadata: Mapping[str, str], *keys: str) -> str | None:
    """The first value that is not empty under one of these keys, which formats spell in any case.

    Of a dotted key the last word counts: `com.apple.proapps.studio.reel`.
    """
    for key, value in metadata.items():
        word = re.sub(r"[^a-z]", "", key.rpartition(".")[2].lower())
        if word in keys and value.strip():
            return value.strip()
    return None


def timecode_s(timecode: str | None, rate: Fraction | None) -> Fraction | None:
    """Seconds of a timecode at a rate; None where either is not known."""
    if timecode is None or rate is None:
        return None
    try:
        return parse_timecode(timecode, rate) / rate
    except ValueError:
        return None


def sound_start(container: Any) -> Fraction | None:
    """Time since midnight of the first sample of a Broadcast WAV (bext's TimeReference)."""
    reference = said(container.metadata, "timereference") or ""
    rate = container.streams.audio[0].rate
    return Fraction(int(reference), rate) if reference.isdecimal() and rate else None


def _duration(container: Any, stream: Any) -> Fraction:
    """Length of the picture; the container's where the stream does not say."""
    if stream.duration is not None:
        return Fraction(stream.duration * stream.time_base)
    late = Fraction((stream.start_time or 0) * stream.time_base)
    return (_length(container) or _last_picture(container, stream)) - late


def _length(container: Any) -> Fraction | None:
    return None if container.duration is None else Fraction(container.duration, av.time_base)


def _last_picture(container: Any, stream: Any) -> Fraction:
    """End of the last packet, for files that were never closed."""
    ends = [p.pts + (p.duration or 0) for p in container.demux(stream) if p.pts is not None]
    return Fraction(max(ends, default=0) * stream.time_base)
