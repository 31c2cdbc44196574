"""Magnitudes of low partials, put where their semitones are.

A search of phases follows magnitudes. Up to 400 Hz bins are wider than semitones, and a decoded
spectrogram tells a partial's frequency by how bins lean, which is off by a quarter of a semitone
and more: however phases begin, lines then glide. So each partial keeps its height and is given
the shape that one on its semitone has.

Which semitone, one frame tells from 250 Hz on. Below, frames within half a second that sound alike
tell it together, and so does what sounds above: a low tone's own harmonics are there, and what it
is the bass of.
"""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.partials import hertz, lobe, partials, semitones
from otio_hpm.music.spectrogram import single_bins

SETTLED_BELOW_HZ = 400.0
"""Up to 800 Hz, decoded noise would be in tune by 0.65 (0.53 as it is, 0.55 so): music of none."""
_TOLD_ALONE_HZ = 250.0
_CHORD_BELOW_HZ = 1000.0
_LOWEST_HZ = 50.0
"""Below, a lobe reaches over 0 Hz into its own mirror."""
_ALIKE_WITHIN_S = 0.5
_UNLIKE = 0.02
"""How much less alike frames count e times less."""
_NOT_IN_CHORD = 0.02
"""Share of a pitch class that does not sound above at all."""
_LEAST_CHORD = 0.01
"""Share of all power that must sound above, so that it tells anything of what sounds below."""


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
    height = low.gather(1, owner) / lobe(hz / bin_hz - owner)
    bins = torch.arange(count, device=low.device)
    shape = lobe(bins - hertz(semitone, tuning_hz) / bin_hz)
    moved = (shape > 0) & (hz > _LOWEST_HZ) & (hz < SETTLED_BELOW_HZ)
    return torch.cat([torch.where(moved, height * shape, low).T, magnitude[count:]])


def _standing(
    low: Tensor, bin_hz: float, tuning_hz: float, frames_per_s: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Peak that each bin belongs to, where that was read, and the semitone it stands on.

    (frames, bins) -> (frames, bins) each
    """
    owner, hz = partials(low, bin_hz)
    alike = _alike(low[:, : round(_CHORD_BELOW_HZ / bin_hz)], frames_per_s)
    together_owner, together_hz = partials(alike @ low, bin_hz)
    shares = _chord_shares(low, owner, semitones(hz, tuning_hz).round(), hz, alike)
    together = _in_chord(semitones(together_hz, tuning_hz), shares)
    wide = together_hz < _TOLD_ALONE_HZ
    return (
        torch.where(wide, together_owner, owner),
        torch.where(wide, together_hz, hz),
        torch.where(wide, together, semitones(hz, tuning_hz).round()),
    )


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


def _chord_shares(
    low: Tensor, owner: Tensor, semitone: Tensor, hz: Tensor, alike: Tensor
) -> Tensor:
    """Share of each pitch class, from A on, in the power of peaks that tell it alone. (frames, 12)

    All are little where little sounds there.
    """
    bins, power = torch.arange(low.shape[1], device=low.device), low.square()
    told = (owner == bins) & (hz > _TOLD_ALONE_HZ) & (hz < _CHORD_BELOW_HZ)
    classes = low.new_zeros(len(low), 12).scatter_add(1, semitone.long() % 12, power * told)
    chord, whole = alike @ classes, alike @ power.sum(1, keepdim=True)
    return chord / torch.maximum(chord.sum(1, keepdim=True), _LEAST_CHORD * whole).clamp_min(1e-12)


def _in_chord(semitone: Tensor, shares: Tensor) -> Tensor:
    """Of the semitones around each, that which is near and sounds above. (frames, bins) -> same"""
    near = semitone.round() + torch.tensor([[[-1.0]], [[0.0]], [[1.0]]], device=semitone.device)
    sounding = shares.expand(3, -1, -1).gather(2, near.long() % 12)
    likely = (sounding + _NOT_IN_CHORD).log() - (near - semitone).square() / 2
    return near.gather(0, likely.argmax(0, keepdim=True))[0]
