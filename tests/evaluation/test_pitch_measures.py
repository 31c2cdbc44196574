"""In tune, key and mode: what they say of sounds whose pitch is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sounds import RATE, chord, key_hz, noise, tone

from otio_hpm.evaluation.degradations import detuned
from otio_hpm.evaluation.intonation import BASS, MIDDLE, in_tune_share, right_notes_share
from otio_hpm.evaluation.peaks import Register, spectral_peaks
from otio_hpm.evaluation.tonality import chroma, key_clarity, majorness

SCALE = (60, 62, 64, 65, 67, 69, 71)
MAJOR = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)]
MINOR = [(60, 63, 67), (65, 68, 72), (67, 71, 74), (60, 63, 67)]


@pytest.mark.parametrize("key", [56, 57, 64, 73, 90])
def test_every_semitone_is_in_tune_and_every_quarter_tone_is_not(key: int) -> None:
    assert in_tune_share(tone(key_hz(key)), RATE) > 0.99
    assert in_tune_share(tone(key_hz(key + 0.5)), RATE) < 0.01


@pytest.mark.parametrize("hz", [207.65, 233.08, 440.0])
def test_the_edge_is_at_25_cents_although_bins_are_wider(hz: float) -> None:
    # A bin is 25 cents wide at 200 Hz: frequencies of bins alone would not tell these apart.
    assert in_tune_share(tone(hz * 2 ** (20 / 1200)), RATE) > 0.95
    assert in_tune_share(tone(hz * 2 ** (30 / 1200)), RATE) < 0.1


@pytest.mark.parametrize(("register", "key"), [(MIDDLE, 56), (BASS, 36)])
def test_two_notes_a_semitone_apart_are_two_peaks(register: Register, key: int) -> None:
    both_hz = np.array([key_hz(key), key_hz(key + 1)])
    found = spectral_peaks(tone(both_hz[0]) + tone(both_hz[1]), RATE, register)
    loud = found.hz[found.power > found.power.max() / 10]
    assert np.abs(loud[:, None] - both_hz).min(axis=1).max() < 0.5
    assert np.ptp(loud) == pytest.approx(np.ptp(both_hz), abs=0.5)


@pytest.mark.parametrize("key", [36, 41, 54])
def test_basses_are_heard_apart_from_what_sounds_above(key: int) -> None:
    off, on = tone(key_hz(key + 0.5)), tone(key_hz(key))
    assert in_tune_share(on + tone(key_hz(60.5)), RATE, BASS) > 0.99
    assert in_tune_share(off + tone(key_hz(60)), RATE, BASS) < 0.01
    assert in_tune_share(off + tone(key_hz(60)), RATE) > 0.9


@pytest.mark.parametrize(("register", "key"), [(MIDDLE, 62), (BASS, 40)])
def test_a_note_is_right_where_it_is_that_which_is_wanted_then(
    register: Register, key: int
) -> None:
    wanted = np.concatenate([tone(key_hz(key)), tone(key_hz(key + 5))])
    assert right_notes_share(detuned(wanted, 30), wanted, RATE, register) > 0.95
    assert right_notes_share(detuned(wanted, 100), wanted, RATE, register) < 0.05
    late = np.concatenate([tone(key_hz(key + 5)), tone(key_hz(key))])
    assert right_notes_share(late, wanted, RATE, register) < 0.2
    held = np.concatenate([tone(key_hz(key + 2))] * 2)
    assert right_notes_share(wanted + held, wanted, RATE, register) == pytest.approx(0.5, abs=0.1)


def test_nothing_is_right_of_silence() -> None:
    silent = np.zeros(2 * RATE, np.float32)
    assert math.isnan(right_notes_share(silent, tone(110), RATE, BASS))
    assert math.isnan(right_notes_share(tone(110), silent, RATE, BASS))


def test_noise_is_half_in_tune_and_silence_is_nothing() -> None:
    shares = [in_tune_share(noise(seed=seed), RATE) for seed in range(4)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.02)
    low = [in_tune_share(noise(seed=seed), RATE, BASS) for seed in range(12)]
    assert np.mean(low) == pytest.approx(0.5, abs=0.04)
    assert math.isnan(in_tune_share(np.zeros(RATE, np.float32), RATE))


def test_music_that_is_50_cents_off_is_out_of_tune() -> None:
    music = chord(MAJOR[0])
    assert in_tune_share(music, RATE) > 0.95
    assert in_tune_share(detuned(music, 50), RATE) < 0.05
    assert in_tune_share(detuned(music, 100), RATE) > 0.9


def test_a_key_is_clear_and_noise_has_none() -> None:
    cadence = np.concatenate([chord(keys, 1.0) for keys in MAJOR])
    clear = key_clarity(chroma(cadence, RATE).sum(axis=1))
    cluster = key_clarity(chroma(chord(range(60, 72)), RATE).sum(axis=1))
    assert clear > 0.8
    assert key_clarity(chroma(noise(), RATE).sum(axis=1)) < 0.5
    assert cluster < clear - 0.2
    assert math.isnan(key_clarity(np.zeros(12)))


def test_key_clarity_does_not_depend_on_the_key() -> None:
    in_c = key_clarity(chroma(chord(SCALE), RATE).sum(axis=1))
    in_e = key_clarity(chroma(chord([key + 4 for key in SCALE]), RATE).sum(axis=1))
    assert in_e == pytest.approx(in_c, abs=0.1)


def test_major_is_above_minor() -> None:
    major, minor = (
        majorness(chroma(np.concatenate([chord(k, 1.0) for k in c]), RATE).sum(axis=1))
        for c in (MAJOR, MINOR)
    )
    assert major > 0.05 > -0.05 > minor
