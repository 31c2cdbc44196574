"""The frames a viewer would see under a cue."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.decoder import Image, images
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan

Frames = NDArray[np.uint8]

_PART = 100
"""Frames of a backward shot that are held at once."""


def read_frames(
    picture: Picture,
    start_frames: int,
    end_frames: int,
    rate: Fraction,
    *,
    fps: int = 10,
    size: tuple[int, int] = (64, 36),
    samples: range | None = None,
) -> Frames:
    """What is on screen from one record frame to another, `fps` times a second.

    Gives (N, height, width, 3) full-range RGB, N = ceil(duration * fps); sample k is record frame
    floor(k / fps * rate) after the first, exactly. `samples` are some of them, in order. Raises
    MediaError for media that do not decode.
    """
    whole = range(sample_count(start_frames, end_frames, rate, fps))
    shown = record_frames(start_frames, rate, fps, whole if samples is None else samples)
    count = len(shown)
    frames = np.zeros((count, size[1], size[0], 3), np.uint8)
    position = 0
    for span in picture.spans:
        first = position
        while position < count and shown[position] < span.end_frames:
            position += 1
        _paint(frames[first:position], shown[first:position], span, rate)
    return frames


def stream_frames(
    picture: Picture,
    start_frames: int,
    end_frames: int,
    rate: Fraction,
    *,
    fps: int = 10,
    size: tuple[int, int] = (64, 36),
) -> Iterator[Frames]:
    """What `read_frames` gives, one frame after the other: (height, width, 3).

    A shot that runs forward is opened once and never held, however long it lasts; backward ones are
    read in parts.
    """
    count = sample_count(start_frames, end_frames, rate, fps)
    for span in picture.spans:
        first, end = (
            min(max(math.ceil((frame - start_frames) * fps / rate), 0), count)
            for frame in (span.start_frames, span.end_frames)
        )
        if all(layer.speed >= 0 for layer in span.layers):
            yield from _forward(span, start_frames, range(first, end), rate, fps, size)
            continue
        for part in range(first, end, _PART):
            samples = range(part, min(part + _PART, end))
            where = (picture, start_frames, end_frames, rate)
            yield from read_frames(*where, fps=fps, size=size, samples=samples)


def _forward(
    span: PictureSpan, start_frames: int, samples: range, rate: Fraction, fps: int,
    size: tuple[int, int],
) -> Iterator[Frames]:  # fmt: skip
    """Some samples of a span, its layers decoded side by side."""

    def shown() -> Iterator[int]:
        return (start_frames + math.floor(k * rate / fps) for k in samples)

    def times(layer: Layer) -> Iterator[Fraction]:
        return (layer.at((frame - span.start_frames) / rate) for frame in shown())

    decoded = [images(layer.media, times(layer), size) for layer in span.layers]
    for frame in shown():
        seen = np.zeros((size[1], size[0], 3), np.uint8)
        for layer, found in zip(span.layers, decoded, strict=True):
            seen = _blended(seen, next(found), float(opacity(layer, span, frame)))
        yield seen


def sample_count(start_frames: int, end_frames: int, rate: Fraction, fps: int) -> int:
    """Samples from one record frame to another; the last may stand for less than its time."""
    return math.ceil((end_frames - start_frames) / rate * fps)


def record_frames(start_frames: int, rate: Fraction, fps: int, samples: range) -> list[int]:
    """The record frame that each sample shows."""
    return [start_frames + math.floor(k * rate / fps) for k in samples]


def opacity(layer: Layer, span: PictureSpan, frame: int) -> Fraction:
    """A layer's opacity at a record frame of its span, 0 to 1."""
    way = Fraction(frame - span.start_frames, span.end_frames - span.start_frames)
    share = layer.opacity_start + (layer.opacity_end - layer.opacity_start) * way
    return min(max(share, Fraction(0)), Fraction(1))


def check_decodable(picture: Picture, rate: Fraction) -> None:
    """Decodes the first and the last frame that each clip of a picture needs.

    Raises MediaError for media whose header promises more than there is.
    """
    for span in picture.spans:
        ends = sorted({span.start_frames, span.end_frames - 1})
        _paint(np.zeros((len(ends), 9, 16, 3), np.uint8), ends, span, rate)


def _paint(frames: Frames, shown: list[int], span: PictureSpan, rate: Fraction) -> None:
    """Lays a span's layers, bottom up, into `frames`, which are the record frames `shown`."""
    size = frames.shape[2], frames.shape[1]
    for layer in span.layers if shown else ():
        for index, image in _in_file_order(layer, shown, span, rate, size):
            frames[index] = _blended(
                frames[index], image, float(opacity(layer, span, shown[index]))
            )


def _blended(below: Frames, image: Image, share: float) -> Frames:
    """An image, premultiplied, over what is below it; what hides that needs no sums."""
    if share == 1 and image[..., 3].min() == 255:
        return image[..., :3]
    seen = image.astype(np.float32) * share
    return np.rint(seen[..., :3] + below * (1 - seen[..., 3:] / 255)).astype(np.uint8)


def _in_file_order(
    layer: Layer, shown: list[int], span: PictureSpan, rate: Fraction, size: tuple[int, int]
) -> Iterator[tuple[int, Image]]:
    """Index and image of each sample, in the order of the file, so that it is read once."""
    times = [layer.at((frame - span.start_frames) / rate) for frame in shown]
    order = range(len(times))[:: -1 if layer.speed < 0 else 1]
    found = images(layer.media, [times[i] for i in order], size, backward=layer.speed < 0)
    return zip(order, found, strict=True)
