"""Low partials stand on semitones, as loud as they were, and steadily."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.griffin_lim import CONTEXT_FRAMES, FINER, griffin_lim
from otio_hpm.music.low_partials import settled
from otio_hpm.music.partials import partials
from otio_hpm.music.spectrogram import analyse, stft

CONFIG = ModelConfig(tuning_hz=440.0)
FRAMES = 80
BIN_HZ = CONFIG.sample_rate / CONFIG.n_fft
SECOND_FRAMES = CONFIG.sample_rate // CONFIG.hop


def tone(hz: float, frames: int = FRAMES, amplitude: float = 0.2) -> torch.Tensor:
    t = torch.arange(frames * CONFIG.hop, dtype=torch.float64) / CONFIG.sample_rate
    return (amplitude * torch.sin(2 * torch.pi * hz * t)).float()


def magnitudes(*sounds: torch.Tensor) -> torch.Tensor:
    """Of sounds that follow each other, (bins, frames), without the ends."""
    return stft(torch.cat(sounds), CONFIG).abs()[:, 3:-3]


def strongest_hz(magnitude: torch.Tensor) -> torch.Tensor:
    """Frequency of each frame's highest peak. (bins, frames) -> (frames,)"""
    return partials(magnitude.T, BIN_HZ)[1].gather(1, magnitude.argmax(0)[:, None])[:, 0]


@pytest.mark.parametrize(
    ("hz", "heard_hz"),
    [(67.0, 65.41), (112.0, 110.0), (150.0, 146.83), (225.0, 220.0), (358.0, 349.23)],
)
def test_a_low_tone_beside_its_semitone_is_put_on_it(hz: float, heard_hz: float) -> None:
    out = settled(magnitudes(tone(hz)), CONFIG)
    assert (1200 * (strongest_hz(out) / heard_hz).log2()).abs().max() < 8


@given(st.floats(70, 390))
@settings(max_examples=30, deadline=None)
def test_a_tone_keeps_its_power_wherever_it_is_put(hz: float) -> None:
    there = magnitudes(tone(hz))
    gained_db = 10 * (settled(there, CONFIG).square().sum(0) / there.square().sum(0)).log10()
    assert gained_db.abs().max() < 0.5


def test_nothing_is_moved_above_nor_below_what_hears_pitch_badly() -> None:
    above, below = magnitudes(tone(455.0)), magnitudes(tone(31.0))
    top = round(420 / BIN_HZ)
    torch.testing.assert_close(settled(above, CONFIG)[top:], above[top:], atol=0, rtol=0)
    bins = slice(0, 3)
    torch.testing.assert_close(settled(below, CONFIG)[bins], below[bins], atol=0, rtol=0)


def test_music_of_no_tuning_and_of_mel_bands_stays_as_it_is() -> None:
    there = magnitudes(tone(112.0))
    for config in (replace(CONFIG, tuning_hz=None), replace(CONFIG, spectrogram="mel")):
        assert settled(there, config) is there


def test_silence_stays_silent() -> None:
    silent = torch.zeros(CONFIG.n_fft // 2 + 1, 9)
    assert (settled(silent, CONFIG) == 0).all()


def test_a_wavering_bass_is_one_note_and_still_changes_when_it_does() -> None:
    """Each frame alone would hear it now here, now there."""
    random = np.random.default_rng(2)
    wavering = [
        magnitudes(tone(hz * 2 ** (random.normal() * 0.6 / 12), 7))
        for hz in (98.0, 130.81)
        for _ in range(60)
    ]
    told = torch.cat(wavering, 1)
    alone, together = (
        (12 * (strongest_hz(m) / 440).log2()).round() for m in (told, settled(told, CONFIG))
    )
    notes = torch.tensor([-26.0] * 60 + [-21.0] * 60)
    assert (alone == notes).float().mean() < 0.7
    assert (together == notes).float().mean() > 0.9


@pytest.mark.parametrize(("above_hz", "heard_hz"), [(440.0, 110.0), (466.16, 116.54)])
def test_what_sounds_above_tells_which_of_two_semitones_a_bass_is(
    above_hz: float, heard_hz: float
) -> None:
    between = 110.0 * 2 ** (1 / 24)
    out = settled(magnitudes(tone(between, amplitude=0.4) + tone(above_hz)), CONFIG)
    assert (1200 * (strongest_hz(out) / heard_hz).log2()).abs().max() < 8


def test_a_bass_is_the_same_note_on_both_sides_of_a_chunk_s_end() -> None:
    finer = replace(CONFIG, hop=CONFIG.hop // FINER)
    random = np.random.default_rng(4)
    notes = [tone(98.0 * 2 ** (random.normal() * 0.6 / 12), 7) for _ in range(60)]
    whole = stft(torch.cat(notes), finer).abs()
    piece = whole[:, 300 - CONTEXT_FRAMES : 400 + CONTEXT_FRAMES]
    there = settled(whole, finer)[:, 300:400]
    here = settled(piece, finer)[:, CONTEXT_FRAMES:-CONTEXT_FRAMES]
    torch.testing.assert_close(here, there, atol=1e-6, rtol=1e-4)


def test_a_blurred_bass_line_does_not_glide() -> None:
    """As a decoder makes it: how bins lean sways from frame to frame, by some Hz."""
    notes_hz = (82.41, 98.0, 110.0, 73.42)
    line = torch.cat([tone(hz, SECOND_FRAMES) for hz in notes_hz])
    wanted = analyse(line, CONFIG)
    sway = torch.from_numpy(np.random.default_rng(0).normal(size=(len(wanted), 12))).float()
    wanted[:, :12] += 0.15 * sway
    off = [
        np.mean(
            [
                off_cents(sound[at * CONFIG.sample_rate :][: CONFIG.sample_rate], hz)
                for at, hz in enumerate(notes_hz)
            ]
        )
        for sound in (
            griffin_lim(wanted, config, seed=1, steps=12).numpy()
            for config in (CONFIG, replace(CONFIG, tuning_hz=None))
        )
    ]
    assert off[0] < 15
    assert off[1] > 2 * off[0]


def off_cents(sound: np.ndarray, hz: float) -> float:
    """How far the phase of a note's tone strays from steady, in cents, over its middle."""
    t = np.arange(len(sound)) / CONFIG.sample_rate
    down = sound * np.exp(-2j * np.pi * hz * t)
    smooth = np.convolve(down, np.hanning(4800) / 2400, "same")[8000:-8000]
    strays_hz = np.abs(np.diff(np.unwrap(np.angle(smooth)))) * CONFIG.sample_rate / (2 * np.pi)
    return float(1200 * np.log2(1 + strays_hz.mean() / hz))
