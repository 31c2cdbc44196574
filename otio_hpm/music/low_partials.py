"""Magnitudes of low partials, put where their semitones are.

A search of phases follows magnitudes. Up to 400 Hz bins are wider than semitones, and a decoded
spectrogram tells a partial's frequency by how bins lean, which is off by a quarter of a semitone
and more: however phases begin, lines then glide. So each partial keeps its power and is given the
shape that one on its semitone has.

Which semitone, one frame tells from 250 Hz on. Below, frames within half a second that sound alike
tell it together; where that is not sure, the semitone is taken whose harmonics sound above.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.partials import hertz, lobe, partials, semitones
from otio_hpm.music.spectrogram import single_bins

_SETTLED_BELOW_HZ = 400.0
"""Higher up, music would be made of noise."""
_TOLD_ALONE_HZ = 250.0
_HARMONICS_BELOW_HZ = 1000.0
_LOWEST_BINS = 2
"""Below, a lobe reaches over 0 Hz into its own mirror."""
_ALIKE_WITHIN_S = 0.5
_UNLIKE = 0.02
"""How much less alike frames count e times less."""
_HARMONICS = (2, 3, 4, 5, 6, 8, 9, 10, 12)
"""The seventh and eleventh lie beside semitones."""
_MISREAD = 0.5
"""Semitones by which a reading is off: the standard deviation."""
_UNHEARD = 0.16
"""What a tone of whose harmonics none sounds is as likely as, beside one that has all that sounds.
A reading on a semitone stays there, whatever sounds: log(1.16 / 0.16) < 1 / (2 x 0.5^2)."""
_LEFT = 0.75
"""What stays of a bin at least, however the shape: attacks, vibrato and rooms are none, and without
them music is cleaner than any that is played."""
_LEAST_SOUNDING = 0.1
"""Share of all magnitudes that must sound above, so that it tells anything of what is below."""
_LEAST = 1e-12


def settled(magnitude: Tensor, config: ModelConfig) -> Tensor:
    """STFT magnitudes whose low partials stand on semitones. (bins, frames) -> same.

    As they are where a model has no tuning, or bands that are wider than one bin.
    """
    count, tuning_hz = single_bins(config), config.tuning_hz
    if tuning_hz is None or not count:
        return magnitude
    bin_hz = config.sample_rate / config.n_fft
    low = magnitude[:count].T
    owner, hz, semitone = _standing(low, bin_hz, tuning_hz, config.sample_rate / config.hop)
    beside = torch.arange(count, device=low.device) - hertz(semitone, tuning_hz) / bin_hz
    shape = lobe(beside) * ((hz > _LOWEST_BINS * bin_hz) & (hz < _SETTLED_BELOW_HZ))
    low = torch.where(shape > 0, _in_shape(low * (shape > 0), shape, owner), low)
    return torch.cat([low.T, magnitude[count:]])


def _in_shape(low: Tensor, shape: Tensor, owner: Tensor) -> Tensor:
    """Partials of the power that they have, each in its shape. (frames, bins) each -> same"""
    power = _of_partial(low.square(), owner)

    def with_power(values: Tensor) -> Tensor:
        return values * (power / _of_partial(values.square(), owner).clamp_min(_LEAST)).sqrt()

    return with_power(torch.maximum(with_power(shape), _LEFT * low))


def _of_partial(values: Tensor, owner: Tensor) -> Tensor:
    """Sum over all bins of the partial that each belongs to. (frames, bins) -> same"""
    return torch.zeros_like(values).scatter_add(1, owner, values).gather(1, owner)


def _standing(
    low: Tensor, bin_hz: float, tuning_hz: float, frames_per_s: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Peak that each bin belongs to, where that was read, and the semitone it stands on.

    (frames, bins) -> (frames, bins) each
    """
    owner, hz = partials(low, bin_hz)
    alone = semitones(hz, tuning_hz).round()
    # By what is to be told: under a chord that is held, basses that differ would be alike.
    alike = _alike(low[:, : round(_SETTLED_BELOW_HZ / bin_hz)], frames_per_s)
    together_owner, together_hz = partials(alike @ low, bin_hz)
    lowest = _lowest_told(tuning_hz)
    sounding = alike @ _sounding(low, owner, hz, alone - lowest)
    least = _LEAST_SOUNDING * (alike @ low).sum(1, keepdim=True)
    shares = sounding / torch.maximum(sounding.sum(1, keepdim=True), least).clamp_min(_LEAST)
    together = lowest + _likeliest(semitones(together_hz, tuning_hz) - lowest, shares)
    wide = together_hz < _TOLD_ALONE_HZ
    return (
        torch.where(wide, together_owner, owner),
        torch.where(wide, together_hz, hz),
        torch.where(wide, together, alone),
    )


def _lowest_told(tuning_hz: float) -> int:
    """The lowest semitone from A that one frame tells."""
    return math.floor(12 * math.log2(_TOLD_ALONE_HZ / tuning_hz))


def _alike(frames: Tensor, frames_per_s: float) -> Tensor:
    """How much each frame counts for each: a row sums to 1. (frames, bins) -> (frames, frames)

    A non-local mean (Buades, Coll and Morel 2005), so that no note runs into the next.
    """
    root = frames.sqrt()
    root = root / root.norm(dim=1, keepdim=True).clamp_min(1e-9)
    at = torch.arange(len(frames), device=frames.device)
    far = (at[:, None] - at).abs() > _ALIKE_WITHIN_S * frames_per_s
    likeness: Tensor = root @ root.T / _UNLIKE
    return likeness.masked_fill(far, -torch.inf).softmax(1)


def _sounding(low: Tensor, owner: Tensor, hz: Tensor, semitone: Tensor) -> Tensor:
    """Magnitude of the peaks that stand on each semitone from the lowest that one frame tells.

    (frames, bins) each -> (frames, semitones). Sums of a product, alike on every run on a GPU.
    """
    count = 2 + math.ceil(12 * math.log2(_HARMONICS_BELOW_HZ / _TOLD_ALONE_HZ))
    peak = owner == torch.arange(low.shape[1], device=low.device)
    told = peak & (hz > _TOLD_ALONE_HZ) & (hz < _HARMONICS_BELOW_HZ)
    on = torch.nn.functional.one_hot(semitone.long().clamp(0, count - 1), count)
    return ((low * told)[:, None] @ on.to(low.dtype))[:, 0]


def _likeliest(semitone: Tensor, shares: Tensor) -> Tensor:
    """Of the semitones around each, that which is near and whose harmonics sound.

    (frames, bins), and shares of what sounds from semitone 0 on, (frames, semitones) -> (frames,
    bins)
    """
    around = torch.tensor([[[-1.0]], [[0.0]], [[1.0]]], device=semitone.device)
    near, count = semitone.round() + around, shares.shape[1]
    heard = torch.zeros_like(near)
    for harmonic in _HARMONICS:
        there = near.long() + round(12 * math.log2(harmonic))
        share = shares.expand(3, -1, -1).gather(2, there.clamp(0, count - 1))
        heard += share * ((there >= 0) & (there < count))
    off = (near - semitone) / _MISREAD
    likely = (heard + _UNHEARD).log() - off.square() / 2
    return near.gather(0, likely.argmax(0, keepdim=True))[0]
