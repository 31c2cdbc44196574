"""Melody and dynamics of sound whose melody and dynamics are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from otio_hpm.errors import MaestroError
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import PAPER_MELODY_WINDOW, controls_of, fitted, read_maestro
from otio_hpm.timeline.cue import MaestroReference

CONFIG = ModelConfig()
RATE = 48_000


def notes(keys: list[int], seconds: float = 0.5) -> NDArray[np.float32]:
    """MIDI keys one after the other, each with a few harmonics."""
    t = np.arange(round(seconds * RATE)) / RATE
    pieces = [
        sum(np.sin(2 * np.pi * 440 * 2 ** ((key - 69) / 12) * h * t) / h**2 for h in (1, 2, 3))
        for key in keys
    ]
    return (0.2 * np.concatenate(pieces)).astype(np.float32)


def test_melody_is_the_scale_that_was_played() -> None:
    keys = [60, 62, 64, 65, 67, 69, 71, 72]
    controls = controls_of(notes(keys), CONFIG)
    per_note = RATE * 0.5 / CONFIG.hop
    middles = [round((i + 0.5) * per_note) for i in range(len(keys))]
    assert [int(controls.melody[m]) for m in middles] == [key % 12 for key in keys]


def test_neighbouring_semitones_are_told_apart_only_by_the_long_window() -> None:
    keys = [61, 62, 63, 64] * 4
    per_note = RATE * 0.5 / CONFIG.hop
    middles = [round((i + 0.5) * per_note) for i in range(len(keys))]

    def right(window: int) -> int:
        controls = controls_of(notes(keys), CONFIG, window)
        return sum(
            int(controls.melody[m]) == key % 12 for m, key in zip(middles, keys, strict=True)
        )

    assert right(8192) == len(keys)
    assert right(PAPER_MELODY_WINDOW) < len(keys)


def test_dynamics_follow_the_level_in_db() -> None:
    loud = notes([69] * 8)
    level = 10 ** (np.linspace(-40, 0, len(loud)) / 20)
    dynamics = controls_of((loud * level).astype(np.float32), CONFIG).dynamics_db
    slope = np.polyfit(np.arange(len(dynamics)), dynamics, 1)[0] * len(dynamics)
    assert slope == pytest.approx(40, abs=2)


def test_silence_has_no_melody() -> None:
    sound = np.concatenate([notes([69] * 4), np.zeros(RATE, np.float32)])
    controls = controls_of(sound, CONFIG)
    assert (controls.melody[-40:] == -1).all()
    assert not controls.melody_present[-40:].any()
    assert (controls.melody[20:100] == 9).all()


def test_a_short_reference_repeats_without_a_click_and_a_long_one_is_cut() -> None:
    sound = notes([69], 1.7)
    repeated = fitted(sound, RATE * 6, RATE)
    assert len(repeated) == RATE * 6
    assert np.abs(np.diff(repeated)).max() < 2 * np.abs(np.diff(sound)).max()
    assert np.array_equal(fitted(sound, RATE, RATE), sound[:RATE])


def test_placed_controls_are_absent_outside_themselves() -> None:
    placed = controls_of(notes([69] * 2), CONFIG).placed(10, 200)
    assert len(placed.melody) == len(placed.dynamics_db) == 200
    assert not placed.dynamics_present[:10].any()
    assert placed.dynamics_present[10:70].all()
    assert not placed.dynamics_present[75:].any()


class TestReadMaestro:
    def test_a_part_of_a_file_is_resampled(self, tmp_path: Path) -> None:
        path = tmp_path / "cue.wav"
        soundfile.write(path, np.stack([notes([69] * 8)] * 2, axis=1), 44_100)
        sound = read_maestro(MaestroReference(path=path, start_s=1, duration_s=2))
        assert len(sound) == 2 * RATE

    @pytest.mark.parametrize("content", [b"", b"no audio at all", b"RIFF\x00\x00\x00\x00WAVE"])
    def test_what_is_not_audio_is_named(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "cue.wav"
        path.write_bytes(content)
        with pytest.raises(MaestroError, match=r"cue\.wav"):
            read_maestro(MaestroReference(path=path))

    def test_silence_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "still.wav"
        soundfile.write(path, np.zeros(RATE), RATE)
        with pytest.raises(MaestroError, match="silent"):
            read_maestro(MaestroReference(path=path))

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(MaestroError, match=r"gone\.wav"):
            read_maestro(MaestroReference(path=tmp_path / "gone.wav"))
