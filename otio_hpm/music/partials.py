"""Partials of spectra under a Hann window, and semitones."""

from __future__ import annotations

import torch
from torch import Tensor

_LEAST = 1e-12
_LOWEST_HZ = 20.0


def partials(magnitude: Tensor, bin_hz: float) -> tuple[Tensor, Tensor]:
    """Bin of the peak that each bin belongs to, and that peak's frequency in Hz.

    (frames, bins) -> (frames, bins) each. How far the neighbours of a peak differ, beside its own
    height, tells where under a Hann window the partial is, exactly if it is alone: from both at
    once, what Grandke (1983) reads from the higher one.
    """
    padded = torch.nn.functional.pad(magnitude, (1, 1))
    left, middle, right = padded[:, :-2], padded[:, 1:-1], padded[:, 2:]
    lean = (right - left) / middle.clamp_min(_LEAST)
    offset = (4 * lean / (3 + (9 + 4 * lean.square()).sqrt())).clamp(-0.5, 0.5)
    bins = torch.arange(magnitude.shape[1], device=magnitude.device)
    owner = _nearest((middle > left) & (middle >= right), bins)
    return owner, ((bins + offset) * bin_hz).gather(1, owner)


def lobe(bins: Tensor) -> Tensor:
    """Height of a partial's main lobe so many bins beside its middle, where it is 1; any shape.

    Of a Hann window (Harris 1978, section V.C). 0 beyond the main lobe, two bins to each side.
    """
    away = bins.abs()
    at_one = (away - 1).abs() < 1e-3
    height = torch.sinc(away) / torch.where(at_one, 1.0, 1 - away.square())
    return torch.where(at_one, 0.5, height).where(away < 2, 0.0)


def semitones(hz: Tensor, tuning_hz: float) -> Tensor:
    """Distance from A in semitones of an equal temperament; any shape."""
    return 12 * (hz.clamp_min(_LOWEST_HZ) / tuning_hz).log2()


def hertz(semitone: Tensor, tuning_hz: float) -> Tensor:
    """Frequency of what is so many semitones from A; any shape."""
    return tuning_hz * (semitone / 12).exp2()


def _nearest(peak: Tensor, bins: Tensor) -> Tensor:
    """Nearest peak of each bin; of a frame without any, the bin itself. (frames, bins)"""
    count = len(bins)
    below = torch.where(peak, bins, -2 * count).cummax(1).values
    above = torch.where(peak, bins, 3 * count).flip(1).cummin(1).values.flip(1)
    nearest = torch.where(bins - below <= above - bins, below, above)
    return torch.where(peak.any(1, keepdim=True), nearest, bins)
