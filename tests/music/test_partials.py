"""Partials read off spectra, and the semitones they may stand on."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.partials import hertz, lobe, partials, semitones
from otio_hpm.music.spectrogram import stft

CONFIG = ModelConfig()
BIN_HZ = CONFIG.sample_rate / CONFIG.n_fft


def magnitudes(*hz: float) -> torch.Tensor:
    """Of steady tones, (frames, bins), without the ends."""
    t = torch.arange(20 * CONFIG.hop, dtype=torch.float64) / CONFIG.sample_rate
    sound = sum(0.2 * torch.sin(2 * torch.pi * f * t) for f in hz)
    assert isinstance(sound, torch.Tensor)
    return stft(sound.float(), CONFIG).abs().T[3:-3]


@pytest.mark.parametrize("hz", [82.4, 110.0, 233.1, 1318.5])
def test_the_frequency_of_a_tone_alone_is_read_exactly(hz: float) -> None:
    owner, found = partials(magnitudes(hz), BIN_HZ)
    at = round(hz / BIN_HZ)
    assert (owner[:, at] == at).all()
    torch.testing.assert_close(found[:, at], torch.full((14,), hz), atol=0.4, rtol=0)


def test_every_bin_belongs_to_the_nearest_of_two_peaks() -> None:
    owner, _ = partials(magnitudes(20 * BIN_HZ, 23 * BIN_HZ), BIN_HZ)
    assert owner[:, 19:25].tolist() == [[20, 20, 20, 23, 23, 23]] * 14


def test_a_frame_without_a_peak_has_bins_that_keep_to_themselves() -> None:
    owner, _ = partials(torch.zeros(2, 9), BIN_HZ)
    assert owner.tolist() == [list(range(9))] * 2


def test_a_lobe_is_what_the_window_makes_of_a_tone() -> None:
    hz = 40.3 * BIN_HZ
    found = magnitudes(hz)[5, 39:43]
    at = torch.arange(39, 43) - 40.3
    torch.testing.assert_close(found / 0.1, lobe(at), atol=2e-3, rtol=0)
    assert lobe(torch.tensor([0.0, 1.0, 2.0, 2.5])).tolist() == [1.0, 0.5, 0.0, 0.0]


@given(st.floats(-50, 30), st.sampled_from([415.0, 440.0, 442.0]))
def test_semitones_and_hertz_are_each_other_s_way_back(semitone: float, tuning_hz: float) -> None:
    there = hertz(torch.tensor(semitone), tuning_hz)
    assert float(semitones(there, tuning_hz)) == pytest.approx(semitone, abs=1e-3)


def test_another_tuning_has_other_semitones() -> None:
    on = semitones(torch.tensor([208.0, 395.0, 415.0]), 415.0).round()
    wanted = torch.tensor([207.5, 391.70, 415.0])
    torch.testing.assert_close(hertz(on, 415.0), wanted, atol=0.01, rtol=0)
