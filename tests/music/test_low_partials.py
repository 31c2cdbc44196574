"""Low partials stand on semitones, as loud as they were, and steadily."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from librosa import midi_to_hz

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.griffin_lim import CONTEXT_FRAMES, FINER, griffin_lim
from otio_hpm.music.low_partials import settled
from otio_hpm.music.partials import partials
from otio_hpm.music.spectrogram import analyse, stft

CONFIG = ModelConfig(tuning_hz=440.0)
FINE = replace(CONFIG, hop=CONFIG.hop // FINER)
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
    [(67.0, 65.41), (112.0, 110.0), (150.0, 146.83), (225.0, 220.0), (397.0, 392.0)],
)
def test_a_low_tone_beside_its_semitone_is_put_on_it(hz: float, heard_hz: float) -> None:
    out = settled(magnitudes(tone(hz)), CONFIG)
    assert (1200 * (strongest_hz(out) / heard_hz).log2()).abs().max() < 8


@given(st.floats(70, 390), st.floats(70, 390))
@settings(max_examples=30, deadline=None)
def test_tones_keep_their_power_wherever_they_are_put(one_hz: float, other_hz: float) -> None:
    there = magnitudes(tone(one_hz) + tone(other_hz))
    assert gained_db(there, settled(there, CONFIG)).mean().abs() < 0.5


def test_noise_and_drums_keep_their_power() -> None:
    hiss = torch.randn(FRAMES * CONFIG.hop, generator=torch.Generator().manual_seed(0))
    t = torch.arange(FRAMES * CONFIG.hop) / CONFIG.sample_rate
    drum = sum(tone(hz) * torch.exp(-t * 4) for hz in (87.0, 131.0, 174.0, 209.0))
    assert isinstance(drum, torch.Tensor)
    for sound in (0.1 * hiss, drum):
        there = magnitudes(sound)[: round(380 / BIN_HZ)]
        there = torch.nn.functional.pad(there, (0, 0, 0, CONFIG.n_fft // 2 + 1 - len(there)))
        assert gained_db(there, settled(there, CONFIG)).mean().abs() < 0.1


def test_what_is_no_partial_stays_beside_them() -> None:
    hiss = torch.randn(FRAMES * CONFIG.hop, generator=torch.Generator().manual_seed(1))
    there = magnitudes(tone(112.0) + tone(180.0) + 0.003 * hiss)
    assert (settled(there, CONFIG) > 0.6 * there).all()


def gained_db(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """What each frame gained. (bins, frames) each -> (frames,)"""
    return 10 * (after.square().sum(0) / before.square().sum(0)).log10()


def test_nothing_is_moved_above_nor_below_what_hears_pitch_badly() -> None:
    above, below = magnitudes(tone(408.0)), magnitudes(tone(31.0))
    at = slice(round(390 / BIN_HZ), round(460 / BIN_HZ))
    torch.testing.assert_close(settled(above, CONFIG)[at], above[at], atol=0, rtol=0)
    torch.testing.assert_close(settled(below, CONFIG)[:3], below[:3], atol=0, rtol=0)


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
        for hz in (98.0, 196.0)
        for _ in range(60)
    ]
    told = torch.cat(wavering, 1)
    alone, together = (
        (12 * (strongest_hz(m) / 440).log2()).round() for m in (told, settled(told, CONFIG))
    )
    notes = torch.tensor([-26.0] * 60 + [-14.0] * 60)
    assert (alone == notes).float().mean() < 0.7
    assert (together == notes).float().mean() > 0.9


@pytest.mark.parametrize(
    ("off", "above_hz", "heard_hz"), [(0.58, 440.0, 110.0), (0.42, 466.16, 116.54)]
)
def test_harmonics_tell_which_of_two_semitones_a_bass_is(
    off: float, above_hz: float, heard_hz: float
) -> None:
    bass = tone(110.0 * 2 ** (off / 12), amplitude=0.4)
    out = settled(magnitudes(bass + tone(above_hz)), CONFIG)
    assert (1200 * (strongest_hz(out) / heard_hz).log2()).abs().max() < 8


def test_what_is_hardly_heard_above_tells_nothing() -> None:
    bass = tone(110.0 * 2 ** (0.42 / 12), amplitude=0.4)
    out = settled(magnitudes(bass + tone(466.16, amplitude=0.001)), CONFIG)
    assert (1200 * (strongest_hz(out) / 110.0).log2()).abs().max() < 8


@pytest.mark.parametrize(
    ("bass", "above"),
    [(48, (64, 67, 71)), (36, (64, 67, 71)), (45, (61, 64, 68)), (50, (61, 65, 69))],
)
def test_a_bass_that_is_in_tune_stays_although_its_neighbour_sounds_above(
    bass: int, above: tuple[int, ...]
) -> None:
    chord = sum(tone(midi_to_hz(key)) for key in above)
    out = settled(magnitudes(tone(midi_to_hz(bass)) + chord), CONFIG)
    low = strongest_hz(out[: round(200 / BIN_HZ)])
    assert (1200 * (low / midi_to_hz(bass)).log2()).abs().max() < 10


@pytest.mark.parametrize("amplitude", [0.05, 0.1])
def test_a_bass_walks_under_a_chord_that_is_held(amplitude: float) -> None:
    keys = (48, 47, 45, 43, 45, 47, 48, 43)
    walk = torch.cat([played(key, amplitude, 16) for key in keys])
    chord = sum(played(key, 0.1, 16 * len(keys)) for key in (64, 67, 72))
    out = settled(stft(walk + chord, FINE).abs(), FINE)
    heard = (69 + 12 * (strongest_hz(out[: round(160 / BIN_HZ)]) / 440).log2()).round()
    notes = heard.reshape(len(keys), -1)[:, 6:-6]
    assert (notes == torch.tensor(keys)[:, None]).float().mean() > 0.97


def test_a_trill_keeps_every_one_of_its_tones() -> None:
    trill = torch.cat([tone(midi_to_hz(key), 2) for _ in range(14) for key in (63, 64)])
    out = settled(stft(trill, CONFIG).abs(), CONFIG)
    heard = (69 + 12 * (strongest_hz(out) / 440).log2()).round()
    assert (heard[2:-2] == torch.tensor([63, 63, 64, 64] * 14)[2:-2]).all()


def played(key: int, amplitude: float, frames: int) -> torch.Tensor:
    """A note with harmonics."""
    harmonics = [tone(midi_to_hz(key) * h, frames, amplitude / h) for h in range(1, 9)]
    return torch.stack(harmonics).sum(0)


def test_a_bass_is_the_same_note_on_both_sides_of_a_chunk_s_end() -> None:
    random = np.random.default_rng(4)
    notes = [tone(98.0 * 2 ** (random.normal() * 0.6 / 12), 7) for _ in range(60)]
    whole = stft(torch.cat(notes), FINE).abs()
    piece = whole[:, 300 - CONTEXT_FRAMES : 400 + CONTEXT_FRAMES]
    there = settled(whole, FINE)[:, 300:400]
    here = settled(piece, FINE)[:, CONTEXT_FRAMES:-CONTEXT_FRAMES]
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
