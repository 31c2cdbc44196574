"""One window's stretch of picture, as the published encoders look at it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.reformatter import Interpolation

from otio_hpm.film.frames import opacity, read_frames, record_frames, sample_count
from otio_hpm.film.identity import layer_facts
from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH
from otio_hpm.film.published.resampling import Pixels
from otio_hpm.timeline.picture import Layer, Picture, PictureSpan

FPS = 10
"""Frames per second of CLIP and of the measured descriptors; views begin on this grid."""
FINE_FPS = 30
"""Frames per second of CTEN; a multiple of the other, so that a frame is decoded once for all."""

_SHORTER_EDGE = 240
"""Pixels of the frames that are decoded: the height at which CTEN's authors extracted theirs."""
_WIDEST = 4.0
"""A picture wider than this against its height is taken as so wide, to bound the memory."""


@dataclass(frozen=True, kw_only=True)
class View:
    """Some seconds of a picture, from a sample of its 10 fps grid on."""

    picture: Picture
    start_frames: int
    """Record frame at which the grid begins."""
    end_frames: int
    """Record frame at which the picture ends; beyond, its last frame stands."""
    rate: Fraction
    """Record frames per second."""
    first: int = 0
    """First sample, at 10 fps; one at least is before the end."""
    seconds: int = 10

    def frames(self, fps: int) -> Pixels:
        """The whole view. -> (seconds * fps, height, width, 3)"""
        read = read_frames(
            self.picture, self.start_frames, self.end_frames, self.rate,
            fps=fps, size=self._size(), samples=self._samples(fps),
        )  # fmt: skip
        missing = self.seconds * fps - len(read)
        return np.concatenate([read, np.repeat(read[-1:], missing, axis=0)]) if missing else read

    def facts(self) -> dict[str, Any]:
        """All that decides its frames, the same wherever in a timeline that picture stands."""
        shown = record_frames(self.start_frames, self.rate, FINE_FPS, self._samples(FINE_FPS))
        first, end = shown[0], shown[-1] + 1
        spans = [s for s in self.picture.spans if s.end_frames > first and s.start_frames < end]
        return {
            "rate": self.rate,
            "shown": [frame - first for frame in shown],
            "size": [*self._size(), self.seconds],
            "spans": [self._span_facts(span, first, end) for span in spans],
        }

    def _samples(self, fps: int) -> range:
        ratio = fps // FPS
        count = sample_count(self.start_frames, self.end_frames, self.rate, fps)
        return range(self.first * ratio, min((self.first + self.seconds * FPS) * ratio, count))

    def _size(self) -> tuple[int, int]:
        """(width, height), even, in the shape of the first picture that is seen; 16:9 of black."""
        layer = next((layer for span in self.picture.spans for layer in span.layers), None)
        width, height = _upright(layer) if layer else (16, 9)
        shape = min(max(width, height) / min(width, height), _WIDEST)
        edges = (2 * round(shape * _SHORTER_EDGE / 2), _SHORTER_EDGE)
        return edges if width >= height else edges[::-1]

    def _span_facts(self, span: PictureSpan, first: int, end: int) -> list[Any]:
        """A span's part in the view."""
        start, stop = max(span.start_frames, first), min(span.end_frames, end)
        layers = []
        for layer in span.layers:
            facts = layer_facts(layer)
            facts["media_start_s"] = layer.at((start - span.start_frames) / self.rate)
            facts["opacity_start"] = opacity(layer, span, start)
            facts["opacity_end"] = opacity(layer, span, stop)
            layers.append(facts)
        return [start - first, stop - first, layers]


def small(frames: Pixels) -> Pixels:
    """Frames at the size that descriptors are measured at. -> (N, 36, 64, 3)"""
    made = [
        av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        .reformat(FRAME_WIDTH, FRAME_HEIGHT, interpolation=Interpolation.AREA, threads=1)
        .to_ndarray()
        for frame in frames
    ]
    return np.stack(made)


def _upright(layer: Layer) -> tuple[int, int]:
    """Width and height of a layer's media as a player shows them."""
    media = layer.media
    width, height = max(media.width, 1), max(media.height, 1)
    return (width, height) if media.rotation % 180 == 0 else (height, width)
