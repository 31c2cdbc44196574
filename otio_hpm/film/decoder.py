"""Decodes the frames of one file that are on screen at given times, scaled down and upright."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from otio_hpm.errors import MediaError
from otio_hpm.timeline.media import MediaFile
from otio_hpm.timeline.media_probe import has_alpha, opened, picture_stream
from otio_hpm.timeline.record_picture import HOLD_FRAMES

Image = NDArray[np.uint8]
"""(height, width, 4): red, green, blue already multiplied by opacity, and opacity."""

_THREADS = 2
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
_DECODED_THROUGH_S = Fraction(1, 2)
"""A jump forward of no more than this is decoded through without a look at the index."""
_BACK_OFFS_S = (0, 2, 10)
"""Where a file's index is wrong, seeking is tried this much earlier, then from the start."""


def images(
    media: MediaFile, times: Iterable[Fraction], size: tuple[int, int], *, backward: bool = False
) -> Iterator[Image]:
    """The picture on screen at each of the ascending file `times`.

    Forward that is the last frame that begins at or before a time, backward the last that begins
    before it. Times outside the media hold its first or last frame. `size` is (width, height).
    Raises MediaError naming the file if it does not decode, or ends before its header says.
    """
    if media.kind == "still":
        image = _still(media.path, media.rotation, size)
        yield from (image for _ in times)
    elif media.kind == "sequence":
        yield from _sequence(media, times, size, backward)
    else:
        yield from _movie(media, times, size, backward)


def _still(path: Path, rotation: int, size: tuple[int, int]) -> Image:
    with opened(path) as container:
        stream = picture_stream(container)
        _decoder(stream)
        frame = next(container.decode(stream), None)
        if frame is None:
            raise MediaError(f"no picture can be decoded from {path}", hint="is it cut short?")
        return _scaled(frame, rotation, size)


def _sequence(
    media: MediaFile, times: Iterable[Fraction], size: tuple[int, int], backward: bool
) -> Iterator[Image]:
    rate = media.rate or Fraction(1)
    slack = Fraction(-1 if backward else 1, 10_000)
    shown: Path | None = None
    image = black = np.full((size[1], size[0], 4), (0, 0, 0, 255), np.uint8)
    for time in times:
        index = min(max(math.floor(time * rate + slack), 0), len(media.files) - 1)
        path = media.files[index]
        if path != shown:
            image = _still(path, media.rotation, size) if path else black
        shown = path
        yield image


def _movie(
    media: MediaFile, times: Iterable[Fraction], size: tuple[int, int], backward: bool
) -> Iterator[Image]:
    with opened(media.path) as container:
        film = _Film(container, media, size)
        for time in times:
            yield film.image(film.moment(time, backward))


class _Film:
    """An open movie that runs forward from moment to moment. Moments are ticks of its stream."""

    def __init__(self, container: Any, media: MediaFile, size: tuple[int, int]) -> None:
        self.container = container
        self.media = media
        self.size = size
        self.stream = picture_stream(container)
        self.decoder = _decoder(self.stream)
        self.tick: Fraction = self.stream.time_base
        self.first = self.stream.start_time or 0
        self.current: Any = None
        self.coming: Any = None
        self.frames: Iterator[Any] = iter(())
        self.scaled: Image | None = None

    def moment(self, time: Fraction, backward: bool) -> Fraction:
        """The latest time stamp, in ticks, of a frame that may be on screen at a file time.

        A time stamp may be a tick off where a frame is no whole number of ticks (WebM's
        milliseconds).
        """
        frame = 1 / (self.media.rate or Fraction(25))
        rounded = (frame / self.tick).denominator != 1 and self.tick < frame / 8
        slack = self.tick if rounded else frame / 10_000
        end = self.media.duration_s
        if end is not None:
            time = min(time, end if backward else end - frame / 10_000)
        return self.first + (max(time, Fraction(0)) + (-slack if backward else slack)) / self.tick

    def image(self, moment: Fraction) -> Image:
        """The frame on screen at a moment, scaled."""
        before = self.current
        self._run_to(moment)
        self._check_end(moment)
        if self.scaled is None or self.current is not before:
            self.scaled = _scaled(self.current, self.media.rotation, self.size)
        return self.scaled

    def _run_to(self, moment: Fraction) -> None:
        if self.current is None or self._key_lies_ahead(moment):
            self._seek(moment)
        while self.coming is not None and self.coming.pts <= moment:
            self.current, self.coming = self.coming, next(self.frames, None)

    def _key_lies_ahead(self, moment: Fraction) -> bool:
        """Whether seeking saves decoding: a key frame lies between here and the moment."""
        if (moment - self.current.pts) * self.tick <= _DECODED_THROUGH_S:
            return False
        index = self.stream.index_entries
        number = index.search_timestamp(int(moment))
        return number >= 0 and bool(index[number].timestamp > self.current.pts)

    def _seek(self, moment: Fraction) -> None:
        """To a frame at or before a moment; the first of the file if there is none before."""
        for back_s in _BACK_OFFS_S:
            target = int(moment - back_s / self.tick)
            if target <= self.first:
                break
            self.container.seek(target, stream=self.stream)
            if self._start() and self.current.pts <= moment:
                return
        before_all = self.first - math.ceil(1 / self.tick)  # at the first itself MPEG-TS fails
        self.container.seek(before_all, stream=self.stream)
        if not self._start():
            raise MediaError(f"no picture can be decoded from {self.media.path}")

    def _start(self) -> bool:
        self.decoder.flush_buffers()
        packets = self.container.demux(self.stream)
        frames = (frame for packet in packets for frame in self.decoder.decode(packet))
        self.frames = (frame for frame in frames if frame.pts is not None)
        self.current, self.coming = next(self.frames, None), next(self.frames, None)
        return self.current is not None

    def _check_end(self, moment: Fraction) -> None:
        """A file may end a few frames before its header says, but no more."""
        if self.coming is not None:
            return
        frame = 1 / (self.media.rate or Fraction(25)) / self.tick
        late = moment - self.current.pts - max(frame, self.current.duration or 0)
        if late > HOLD_FRAMES * frame:
            ends = float((self.current.pts - self.first) * self.tick)
            raise MediaError(
                f"{self.media.path} ends at {ends:.3f} s although it says that it lasts "
                f"{float(self.media.duration_s or 0):.3f} s",
                hint="the file is cut short; copy or export it again",
            )


def _decoder(stream: Any) -> Any:
    """The stream's decoder, for pictures as a screen shows them.

    FFmpeg's own for VP8 and VP9 do not see alpha, and OpenEXR is linear light.
    """
    context = stream.codec_context
    if stream.metadata.get("alpha_mode") == "1" and context.name in _WITH_ALPHA:
        context = av.CodecContext.create(_WITH_ALPHA[context.name], "r")
    else:
        context.thread_type = "AUTO"
    context.thread_count = _THREADS
    if context.name == "exr":
        context.options = {"apply_trc": "iec61966_2_1"}
    return context


def _scaled(frame: Any, rotation: int, size: tuple[int, int]) -> Image:
    """A frame at `size`, upright, its colours multiplied by its opacity."""
    width, height = size if rotation % 180 == 0 else size[::-1]
    if has_alpha(frame):
        full = frame.to_ndarray(format="rgba")
        opacity = full[..., 3:].astype(np.uint16)
        full[..., :3] = (full[..., :3] * opacity + 127) // 255
        frame = av.VideoFrame.from_ndarray(full, format="rgba")
    # In several threads FFmpeg's scaler at times writes over the beginning of its neighbour's rows,
    # where a width is no multiple of four.
    small = frame.reformat(width, height, "rgba", interpolation=Interpolation.AREA, threads=1)
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), -rotation // 90))
