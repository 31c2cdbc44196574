"""The model's spectrogram: linear at low pitch, logarithmic above, with a soft floor; or a mel one.

Bands are single FFT bins up to `linear_to_hz`, so that neighbouring semitones of the tenor range
stay apart, then triangles spaced logarithmically up to `top_hz`. The mel spectrogram is AudioLDM's
own: Slaney's bands of magnitudes under a bare Hann window, reflected by (n_fft - hop) / 2 at both
ends, and the natural logarithm of what is above its floor.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from otio_hpm.model.config import ModelConfig

_FITTINGS = 2
"""Times that bins are brought to their bands, which share bins with their neighbours."""
_LEAST = 1e-7
"""Magnitude of a band that holds nothing, so that nothing is divided by it."""
_MOST_RATIO = 10.0
_HEARD = 1e-5
"""Magnitude below which nothing is heard beside music."""


@lru_cache(maxsize=4)
def filterbank(config: ModelConfig) -> Tensor:
    """Band weights, shape (bands, n_fft // 2 + 1). Rows sum to 1, those of mel to Slaney's norm."""
    if config.spectrogram == "mel":
        from librosa.filters import mel

        return torch.from_numpy(
            mel(sr=config.sample_rate, n_fft=config.n_fft, n_mels=config.bands, fmax=config.top_hz)
        )
    bin_hz = config.sample_rate / config.n_fft
    linear = int(config.linear_to_hz / bin_hz)
    centres = np.concatenate(
        [
            np.arange(1, linear + 1) * bin_hz,
            np.geomspace(linear * bin_hz, config.top_hz, config.bands - linear + 1)[1:],
        ]
    )
    edges = np.concatenate([[0.0], centres, [centres[-1] ** 2 / centres[-2]]])
    hz = np.arange(config.n_fft // 2 + 1) * bin_hz
    rising = (hz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - hz) / np.diff(edges)[1:, None]
    weights = np.clip(np.minimum(rising, falling), 0, None)
    return torch.from_numpy(weights / weights.sum(1, keepdims=True)).float()


def band_centres_hz(config: ModelConfig) -> Tensor:
    """Where the middle of each band's weight lies. (bands,)"""
    bank = filterbank(config)
    hz = torch.arange(bank.shape[1]) * config.sample_rate / config.n_fft
    return bank @ hz / bank.sum(1)


def single_bins(config: ModelConfig) -> int:
    """Bins from the lowest on that are bands of their own; none of a mel spectrogram's."""
    if config.spectrogram == "mel":
        return 0
    return int(config.linear_to_hz * config.n_fft / config.sample_rate) + 1


def shared_bins(config: ModelConfig) -> slice:
    """The bins above these, up to the top: several are in a band."""
    return slice(single_bins(config), int(config.top_hz * config.n_fft / config.sample_rate) + 1)


def log_shared(magnitude: Tensor, config: ModelConfig) -> Tensor:
    """Natural logarithms of what these bins hold, from 94 dB below a full-scale sine on.

    (..., bins, frames) -> (..., fewer bins, frames)
    """
    return (magnitude[..., shared_bins(config), :] + _HEARD).log()


def window(config: ModelConfig) -> Tensor:
    """Hann window scaled so that a full-scale sine has magnitude 0.5, of mel unscaled. (n_fft,)"""
    hann = torch.hann_window(config.n_fft)
    return hann if config.spectrogram == "mel" else hann / hann.sum()


def stft(audio: Tensor, config: ModelConfig) -> Tensor:
    """Complex spectrum; frame t is centred on sample t * hop + hop / 2.

    audio (..., frames * hop) -> (..., n_fft // 2 + 1, frames) complex.
    """
    pad = (config.n_fft - config.hop) // 2
    flat = audio.reshape(-1, audio.shape[-1])
    padded = torch.nn.functional.pad(flat[:, None], (pad, pad), mode="reflect")[:, 0]
    spectrum = torch.stft(
        padded, config.n_fft, config.hop, window=window(config).to(audio.device),
        center=False, return_complex=True,
    )  # fmt: skip
    return spectrum.reshape(*audio.shape[:-1], *spectrum.shape[-2:])


def istft(spectrum: Tensor, config: ModelConfig) -> Tensor:
    """Inverse of `stft`, least squares. (..., n_fft // 2 + 1, frames) -> (..., frames * hop)."""
    flat = spectrum.reshape(-1, *spectrum.shape[-2:])
    frames = flat.shape[-1]
    win = window(config).to(spectrum.device)
    pieces = torch.fft.irfft(flat, n=config.n_fft, dim=1) * win[:, None]
    sound = _overlap_add(pieces, config) / _window_energy(frames, config, spectrum.device)
    return sound.reshape(*spectrum.shape[:-2], -1)


@lru_cache(maxsize=4)
def _window_energy(frames: int, config: ModelConfig, device: torch.device) -> Tensor:
    """Overlapping squares of the windows, which `istft` divides by. (1, frames * hop)

    Griffin-Lim asks for the same ones at every step.
    """
    with torch.inference_mode(False):  # so that what is kept serves training too
        squares = (window(config).to(device) ** 2)[None, :, None].expand(1, -1, frames)
        return _overlap_add(squares, config).clamp_min(1e-12)


def _overlap_add(pieces: Tensor, config: ModelConfig) -> Tensor:
    """Pieces laid over each other, less what `stft` padded. (n, n_fft, frames) -> (n, samples)"""
    frames, hop = pieces.shape[-1], config.hop
    pad, blocks = (config.n_fft - hop) // 2, -(-config.n_fft // hop)
    laid = pieces.new_zeros(len(pieces), frames + blocks - 1, hop)
    # Block by block of a hop: many times as fast as `fold`, which adds sample by sample.
    for index in range(blocks):
        block = pieces[:, index * hop : (index + 1) * hop].transpose(1, 2)
        laid[:, index : index + frames, : block.shape[-1]] += block
    return laid.flatten(1)[:, pad : pad + frames * hop]


def to_bands(magnitude: Tensor, config: ModelConfig) -> Tensor:
    """Normalised log bands of STFT magnitudes. (..., bins, frames) -> (..., frames, bands)."""
    bands = filterbank(config).to(magnitude.device) @ magnitude
    return _normalised(bands, config).transpose(-1, -2)


def _normalised(bands: Tensor, config: ModelConfig) -> Tensor:
    """Logarithm of band magnitudes with their floor, normalised. Same shape."""
    floor = config.magnitude_floor
    log = torch.log(bands.clamp_min(floor) if config.spectrogram == "mel" else bands + floor)
    return (log - config.log_mean) / config.log_scale


def band_magnitudes(spectrogram: Tensor, config: ModelConfig) -> Tensor:
    """Linear band magnitudes of a normalised spectrogram, the floor taken off. Same shape."""
    log = spectrogram * config.log_scale + config.log_mean
    return (torch.exp(log) - config.magnitude_floor).clamp_min(0)


def amplified(spectrogram: Tensor, gain_db: Tensor, config: ModelConfig) -> Tensor:
    """Spectrogram of what is louder by a gain that broadcasts to it. (B, frames, bands) -> same"""
    gain = 10 ** (gain_db / 20)
    return _normalised(band_magnitudes(spectrogram, config) * gain, config)


def analyse(audio: Tensor, config: ModelConfig) -> Tensor:
    """Spectrogram of sound. (..., frames * hop) -> (..., frames, bands)."""
    return to_bands(stft(audio, config).abs(), config)


def silence_value(config: ModelConfig) -> float:
    """What `analyse` gives for digital silence."""
    return float((np.log(config.magnitude_floor) - config.log_mean) / config.log_scale)


@lru_cache(maxsize=4)
def band_spreading(config: ModelConfig) -> Tensor:
    """Way back from bands to bins, interpolating between band centres. (bins, bands).

    A transposed filter bank would smear single-bin bands over their neighbours, which detunes.
    """
    bank = filterbank(config)
    centres = bank.argmax(1).numpy()
    bins = np.arange(bank.shape[1])
    spread = np.stack(
        [np.interp(bins, centres, row) for row in np.eye(config.bands)], axis=1
    )  # beyond the last centre np.interp holds the last band; cut it at the top instead
    spread[bins > centres[-1] * 1.1] = 0
    spread[0] = 0
    if config.spectrogram == "mel":
        spread /= bank.sum(1).numpy()
    return torch.from_numpy(spread).float()


def to_bins(spectrogram: Tensor, config: ModelConfig, detail: Tensor | None = None) -> Tensor:
    """STFT magnitudes of a normalised spectrogram. (..., frames, bands) -> (..., bins, frames).

    `detail` (..., frames, bins) is the logarithm of how far each bin stands above what its bands
    alone tell of it; without it, magnitudes go straight from band to band.
    """
    magnitudes = band_magnitudes(spectrogram, config).transpose(-1, -2)
    bins = band_spreading(config).to(spectrogram.device) @ magnitudes
    if detail is None:
        return bins
    return _in_bands(bins * detail.transpose(-1, -2).exp(), magnitudes, config)


def _in_bands(bins: Tensor, magnitudes: Tensor, config: ModelConfig) -> Tensor:
    """Bins brought to the magnitudes of their bands. (..., bins, frames), (..., bands, frames)"""
    bank, spreading = (m.to(bins.device) for m in (filterbank(config), band_spreading(config)))
    for _ in range(_FITTINGS):
        ratio = magnitudes / (bank @ bins).clamp_min(_LEAST)
        bins = bins * (spreading @ ratio.clamp(1 / _MOST_RATIO, _MOST_RATIO))
    return bins
