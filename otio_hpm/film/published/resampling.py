"""Pictures at the sizes that published networks were trained on, resampled as their authors did.

Both ways below are sums of whole numbers, which float64 holds exactly, so results are the same on
every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.uint8]
"""(N, height, width, 3), full-range RGB."""
Weights = NDArray[np.float64]
"""(out, in): each row makes one pixel; whole numbers that stand for fractions of `2 ** bits`."""

_PILLOW_BITS = 22
"""Fraction bits of Pillow's weights: 32, less 8 of a pixel, less 2 that sums may need."""
_OPENCV_BITS = 11
_AT_ONCE = 8


def pillow_bicubic(length: int, size: int) -> Weights:
    """Pillow's BICUBIC with its antialiasing, along one axis. -> (size, length)"""
    return _pillow(length, size, _bicubic, 2.0)


def pillow_bilinear(length: int, size: int) -> Weights:
    """Pillow's BILINEAR with its antialiasing, along one axis. -> (size, length)"""
    return _pillow(length, size, _triangle, 1.0)


def resized_by_pillow(frames: Pixels, down: Weights, across: Weights) -> Pixels:
    """`frames` through Pillow's two passes: across, rounded to pixels, then down.

    Weights may be some rows of a resize, which crops. (N, height, width, 3) -> (N, rows,
    columns, 3)
    """

    def resized(part: Pixels) -> Pixels:
        return _rounded(_down(_rounded(_across(part, across), _PILLOW_BITS), down), _PILLOW_BITS)

    return _in_parts(frames, resized)


def normalised(frames: Pixels, mean: Sequence[float], deviation: Sequence[float]) -> Tensor:
    """Pixels as networks take them. (N, height, width, 3) -> (N, 3, height, width)"""
    scaled = frames.astype(np.float32) / 255
    values = (scaled - np.array(mean, np.float32)) / np.array(deviation, np.float32)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2)))


def resized_by_opencv(frames: Pixels, height: int, width: int) -> Pixels:
    """OpenCV's INTER_CUBIC: a kernel of four pixels that does not widen, rounded once at the end.

    (N, any height, any width, 3) -> (N, height, width, 3)
    """
    down, across = _opencv(frames.shape[1], height), _opencv(frames.shape[2], width)

    def resized(part: Pixels) -> Pixels:
        return _rounded(_down(_across(part, across), down), 2 * _OPENCV_BITS)

    return _in_parts(frames, resized)


def _across(frames: NDArray[Any], weights: Weights) -> Weights:
    """(N, height, width, 3), (out, width) -> (N, height, out, 3)"""
    return np.asarray(np.einsum("nhwc,ow->nhoc", frames, weights, optimize=True))


def _down(frames: NDArray[Any], weights: Weights) -> Weights:
    """(N, height, width, 3), (out, height) -> (N, out, width, 3)"""
    return np.asarray(np.einsum("nhwc,oh->nowc", frames, weights, optimize=True))


def _in_parts(frames: Pixels, resized: Callable[[Pixels], Pixels]) -> Pixels:
    """Some frames at a time, because sums take eight times the memory of pixels."""
    starts = range(0, len(frames), _AT_ONCE)
    return np.concatenate([resized(frames[start : start + _AT_ONCE]) for start in starts])


@cache
def _pillow(length: int, size: int, kernel: Callable[[Weights], Weights], reach: float) -> Weights:
    """Weights of Pillow's resampling: the kernel widens with the scale, and each row sums to 1."""
    scale = length / size
    widened = max(scale, 1.0)
    centre = (np.arange(size)[:, None] + 0.5) * scale
    pixel = np.arange(length)
    first = np.maximum((centre - reach * widened + 0.5).astype(int), 0)
    end = np.minimum((centre + reach * widened + 0.5).astype(int), length)
    weights = np.where(
        (pixel >= first) & (pixel < end), kernel((pixel - centre + 0.5) / widened), 0.0
    )
    weights = weights / weights.sum(axis=1, keepdims=True) * 2**_PILLOW_BITS
    return np.asarray(np.trunc(weights + np.where(weights < 0, -0.5, 0.5)))


@cache
def _opencv(length: int, size: int) -> Weights:
    """Weights of OpenCV's cubic resize: a = -3/4, the edge pixel repeated beyond the edge."""
    place = (np.arange(size) + 0.5) * (length / size) - 0.5
    first = np.floor(place).astype(int)
    weights = np.zeros((size, length))
    for tap in range(-1, 3):
        share = _cubic(place - (first + tap), -0.75)
        pixel = np.clip(first + tap, 0, length - 1)
        np.add.at(weights, (np.arange(size), pixel), np.rint(share * 2**_OPENCV_BITS))
    return weights


def _bicubic(distance: Weights) -> Weights:
    return _cubic(distance, -0.5)


def _cubic(distance: Weights, slope: float) -> Weights:
    """Keys' cubic convolution (1981) with the slope `a` at distance 1."""
    x = np.abs(distance)
    near = ((slope + 2) * x - (slope + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * slope
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _triangle(distance: Weights) -> Weights:
    return np.asarray(np.maximum(1 - np.abs(distance), 0.0))


def _rounded(sums: NDArray[np.float64], bits: int) -> Pixels:
    """Sums back to pixels, halves upwards, as a shift of whole numbers rounds."""
    return np.asarray(np.clip(np.floor(sums / 2**bits + 0.5), 0, 255), np.uint8)
