"""The vocoder: what wide bands hold, and sound from it."""

from __future__ import annotations

import torch

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.vocoder import Vocoder, sound_of
from otio_hpm.music.griffin_lim import CHUNK_FRAMES, CONTEXT_FRAMES, FINER, griffin_lim
from otio_hpm.music.spectrogram import (
    analyse,
    filterbank,
    single_bins,
    stft,
    to_bands,
    to_bins,
)

CONFIG = ModelConfig()


def tone(frames: int, hz: float = 440.0) -> torch.Tensor:
    """A tone with partials up to 10 kHz. (frames * hop,)"""
    seconds = torch.arange(frames * CONFIG.hop) / CONFIG.sample_rate
    partials = range(1, int(10_000 / hz))
    return torch.stack(
        [0.1 / k * torch.sin(2 * torch.pi * k * hz * seconds) for k in partials]
    ).sum(0)


class Knowing(Vocoder):
    """Knows the detail of one sound."""

    def __init__(self, sound: torch.Tensor) -> None:
        super().__init__(CONFIG)
        magnitude = stft(sound, CONFIG).abs()
        told = to_bins(to_bands(magnitude, CONFIG), CONFIG)
        self.gain = (magnitude + 1e-6).log() - (told + 1e-6).log()
        self.gain[: single_bins(CONFIG)] = 0
        self.heard = 0

    def forward(self, spectrogram: torch.Tensor) -> torch.Tensor:
        """Of frames from the beginning on, chunk by chunk as they come."""
        first = max(0, self.heard - 2 * CONTEXT_FRAMES // FINER)
        self.heard = first + spectrogram.shape[1]
        return self.gain[:, first : self.heard].T[None]


def test_an_untrained_vocoder_is_griffin_lim() -> None:
    spectrogram = analyse(tone(100), CONFIG)
    plain = griffin_lim(spectrogram, CONFIG, 0, CONFIG.griffin_lim_steps)
    assert torch.equal(sound_of(spectrogram, CONFIG, None, 0), plain)
    vocoder = Vocoder(CONFIG).eval()
    assert not vocoder.detail(spectrogram).any()
    made = analyse(sound_of(spectrogram, CONFIG, vocoder, 0), CONFIG)
    # Bins are brought to their bands, so that it is a little nearer to them.
    assert (made - spectrogram).abs().mean() < 1.02 * (
        analyse(plain, CONFIG) - spectrogram
    ).abs().mean()


def test_detail_leaves_bands_as_they_are() -> None:
    generator = torch.Generator().manual_seed(0)
    spectrogram = analyse(0.1 * torch.randn(30 * CONFIG.hop, generator=generator), CONFIG)
    detail = torch.randn(30, 1025, generator=generator)
    detail[:, : single_bins(CONFIG)] = 0
    bands = to_bands(to_bins(spectrogram, CONFIG, detail), CONFIG)
    free = to_bands(to_bins(spectrogram, CONFIG) * detail.T.exp(), CONFIG)
    assert (bands - spectrogram).abs().mean() < 0.02 < (free - spectrogram).abs().mean()
    alone = slice(0, single_bins(CONFIG) - 2)
    assert torch.allclose(bands[:, alone], spectrogram[:, alone], atol=0.02)
    assert filterbank(CONFIG)[single_bins(CONFIG) + 5].count_nonzero() > 1


def test_partials_that_are_told_are_heard_where_they_are() -> None:
    """Across a chunk's end too, shortly after which another tone begins."""
    change = CHUNK_FRAMES // FINER + 8
    sound = torch.cat([tone(change), tone(100, 462)])
    spectrogram = analyse(sound, CONFIG)
    made, plain = (sound_of(spectrogram, CONFIG, v, 0) for v in (Knowing(sound), None))
    first, second = (round(hz * CONFIG.n_fft / CONFIG.sample_rate) for hz in (4400, 4620))

    def lead_db(heard: torch.Tensor) -> torch.Tensor:
        """How far a partial of the first tone stands above one of the second, frame by frame."""
        magnitude = stft(heard, CONFIG).abs()
        return 20 * (magnitude[first] / magnitude[second].clamp_min(1e-6)).log10()

    before, after = slice(20, change - 4), slice(change + 4, -20)
    lead, blurred = lead_db(made), lead_db(plain)
    assert lead[before].median() > 25 > 15 > blurred[before].median()
    assert lead[after].median() < -25 < -15 < blurred[after].median()
    assert lead[change - 24 : change - 4].min() > 10 > -10 > lead[change + 4 : change + 24].max()


def test_sound_is_made_where_the_spectrogram_is() -> None:
    """On a device without values, which refuses what is on another one as a GPU does."""
    vocoder = Vocoder(CONFIG).to("meta")
    sound = sound_of(torch.zeros(40, CONFIG.bands, device="meta"), CONFIG, vocoder, 0)
    assert sound.device.type == "meta" and len(sound) == 40 * CONFIG.hop
