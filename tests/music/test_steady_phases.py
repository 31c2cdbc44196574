"""Phases that a search begins from: tones stay where they are, and do not waver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from otio_hpm.evaluation.intonation import in_tune_share
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.griffin_lim import griffin_lim
from otio_hpm.music.spectrogram import analyse, istft, single_bins, stft
from otio_hpm.music.steady_phases import steady_phases

CONFIG = ModelConfig(tuning_hz=None)
TUNED = replace(CONFIG, tuning_hz=440.0)
FINE = replace(CONFIG, hop=CONFIG.hop // 2)
FRAMES = 200


def tone(hz: float, frames: int = FRAMES) -> torch.Tensor:
    t = torch.arange(frames * CONFIG.hop, dtype=torch.float64) / CONFIG.sample_rate
    return (0.2 * torch.sin(2 * torch.pi * hz * t)).float()


def strongest_hz(sound: torch.Tensor) -> float:
    """Frequency of the highest peak, to fractions of a bin."""
    level = np.log(np.abs(np.fft.rfft(sound.numpy() * np.hanning(len(sound)))) + 1e-12)
    at = int(level[1:-1].argmax()) + 1
    a, b, c = level[at - 1 : at + 2]
    return float((at + 0.5 * (a - c) / (a - 2 * b + c)) * CONFIG.sample_rate / len(sound))


@pytest.mark.parametrize("hz", [110.0, 233.08, 440.0, 450.0, 1318.5, 1900.0])
def test_a_tone_stays_at_its_pitch_without_any_search(hz: float) -> None:
    spectrum = stft(tone(hz), FINE)
    count = single_bins(FINE)
    begun = torch.zeros(spectrum.shape)
    first = spectrum[:count, 0].angle()
    begun[:count] = steady_phases(spectrum[:count].abs(), first, FINE)
    made = istft(torch.polar(spectrum.abs(), begun), FINE)
    assert abs(1200 * np.log2(strongest_hz(made) / hz)) < 1
    assert made.square().mean() == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize(
    ("hz", "heard_hz"), [(225.0, 220.0), (450.0, 440.0), (455.0, 466.16), (450.0 * 3, 450.0 * 3)]
)
def test_low_partials_stand_on_semitones_where_the_model_is_tuned(
    hz: float, heard_hz: float
) -> None:
    spectrum = stft(tone(hz), FINE)
    count = single_bins(FINE)
    begun = torch.zeros(spectrum.shape)
    first = spectrum[:count, 0].angle()
    begun[:count] = steady_phases(spectrum[:count].abs(), first, replace(FINE, tuning_hz=440.0))
    made = istft(torch.polar(spectrum.abs(), begun), FINE)
    assert abs(1200 * np.log2(strongest_hz(made) / heard_hz)) < 1


def test_phases_begin_as_they_are_told_and_no_partial_drives_the_others() -> None:
    sound = tone(300.0) + 0.3 * tone(900.0)
    # The first and last frames see a mirrored sound.
    spectrum = stft(sound, FINE)[: single_bins(FINE), 3:-3]
    phases = steady_phases(spectrum.abs(), spectrum[:, 0].angle(), FINE)
    for hz in (300.0, 900.0):
        at = round(hz * FINE.n_fft / FINE.sample_rate)
        off = (phases[at] - spectrum[at].angle() + torch.pi) % (2 * torch.pi) - torch.pi
        assert off.abs().max() < 0.01


def test_silence_and_a_single_frame_have_phases() -> None:
    silent = torch.zeros(single_bins(FINE), 7)
    assert torch.isfinite(steady_phases(silent, silent[:, 0], FINE)).all()
    assert steady_phases(silent[:, :1], silent[:, 0], FINE).shape == (len(silent), 1)


def test_chords_come_back_in_tune_after_a_short_search() -> None:
    chord = sum(tone(440 * 2 ** (semitone / 12), 400) for semitone in (-12, -5, -1, 4, 9))
    assert isinstance(chord, torch.Tensor)
    swell = 0.6 + 0.4 * torch.sin(torch.arange(len(chord)) / CONFIG.sample_rate * 9)
    wanted = analyse(chord * swell * 0.3, CONFIG)
    made = griffin_lim(wanted, CONFIG, seed=3, steps=8)
    assert in_tune_share(made.numpy(), CONFIG.sample_rate) > 0.97


def test_a_blurred_note_is_in_tune_after_the_search_where_the_model_is_tuned() -> None:
    """What a decoder does to a note: its bands lean to one side, so that it seems to be flat."""
    wanted = analyse(tone(220.0, 400), CONFIG)
    wanted[:, 8] += 1.0
    as_shown, tuned = (
        in_tune_share(griffin_lim(wanted, config, seed=3, steps=8).numpy(), CONFIG.sample_rate)
        for config in (CONFIG, TUNED)
    )
    assert as_shown < 0.1
    assert tuned > 0.9


def test_bands_of_a_mel_spectrogram_show_no_partials() -> None:
    assert single_bins(replace(CONFIG, spectrogram="mel")) == 0
    assert single_bins(CONFIG) == 86
