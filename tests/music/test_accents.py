"""Accents of sound whose strokes are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.accents import accents_of, beginnings_of
from otio_hpm.music.controls import controls_of
from otio_hpm.music.spectrogram import analyse

CONFIG = ModelConfig()
FRAME_S = CONFIG.hop / CONFIG.sample_rate
TIME_S = np.arange(CONFIG.hop * 320) / CONFIG.sample_rate


def chord(gain: NDArray[np.floating]) -> NDArray[np.float32]:
    """A rough held chord under a course of gain."""
    noise = np.random.default_rng(0).normal(0, 0.02, len(TIME_S))
    tones = sum(np.sin(2 * np.pi * hz * TIME_S) for hz in (110, 220, 277.2, 329.6, 880))
    return ((0.05 * tones + noise) * gain).astype(np.float32)


def struck(*moments_s: float) -> NDArray[np.float32]:
    """The chord struck at these moments, dying away each time."""
    since = [np.where(moment <= TIME_S, TIME_S - moment, np.inf) for moment in moments_s]
    return chord(0.02 + np.exp(-3 * np.min(since, axis=0)))


def accents_s(sound: NDArray[np.float32]) -> list[float]:
    found = accents_of(analyse(torch.from_numpy(sound), CONFIG), CONFIG)
    return [float(frame) * FRAME_S for frame in np.flatnonzero(found)]


def test_strokes_are_found_on_their_frames() -> None:
    moments = (0.8, 1.6, 2.4, 3.9)
    assert accents_s(struck(*moments)) == pytest.approx(moments, abs=2 * FRAME_S)


def test_what_swells_or_is_held_has_no_accent() -> None:
    assert accents_s(chord(0.02 + TIME_S / TIME_S[-1])) == []
    assert accents_s(chord(np.ones(len(TIME_S)))) == []


def test_accents_of_a_reference_go_with_its_dynamics() -> None:
    controls = controls_of(struck(1.0, 2.0), CONFIG)
    assert controls.accents.sum() == 2
    assert controls.followed(melody=False, dynamics=True).accents.sum() == 2
    assert not controls.followed(melody=True, dynamics=False).accents.any()


def test_hit_points_are_accents_unless_one_is_there() -> None:
    controls = controls_of(struck(1.0), CONFIG)
    (there,) = np.flatnonzero(controls.accents)
    hits = (int(there + 1) * CONFIG.hop, 200 * CONFIG.hop + 5, 320 * CONFIG.hop, -1)
    assert np.flatnonzero(controls.with_hits(hits, CONFIG).accents).tolist() == [there, 200]


def test_hit_points_are_placed_by_the_clock_of_another_rate() -> None:
    config = ModelConfig(sample_rate=16_000, hop=160, linear_to_hz=500.0, top_hz=8000.0)
    controls = controls_of(np.ones(16_000, np.float32) * 0.1, config)
    assert np.flatnonzero(controls.with_hits((24_000,), config).accents).tolist() == [50]


def test_notes_begin_where_the_sound_is_too_soft_to_be_an_accent() -> None:
    """A chord that comes again under one that is held: no accents, but beginnings."""
    moments = np.array([0.8, 1.6, 2.4, 3.9])
    since = [np.where(moment <= TIME_S, TIME_S - moment, np.inf) for moment in moments]
    sound = chord(0.6 + 0.2 * np.exp(-3 * np.min(since, axis=0)))
    bands = analyse(torch.from_numpy(sound), CONFIG)
    found = np.flatnonzero(beginnings_of(bands, CONFIG)) * FRAME_S
    for moment in moments:
        assert np.abs(found - moment).min() <= 2 * FRAME_S
    assert len(found) <= len(moments) + 2
    assert not accents_of(bands, CONFIG).any()
