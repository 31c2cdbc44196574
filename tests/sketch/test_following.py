"""Controls of a sketch: the model's own frames, pitch classes and levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of
from otio_hpm.sketch.following import controls_of_sketch
from otio_hpm.sketch.model import DynamicsPoint, Sketch, SketchNote

RATE = 48_000
CONFIG = ModelConfig()


def sketch(samples: int, *, dynamics: bool = True) -> Sketch:
    """A4 for a second from 1 s, then silence."""
    point = (DynamicsPoint(at_samples=0, level_db=-23.0),) if dynamics else ()
    return Sketch(
        samples=samples,
        key_name="",
        beat_samples=RATE // 2,
        notes=(SketchNote(start_samples=RATE, samples=RATE, key=69),),
        dynamics=point,
        hits_samples=(),
    )


@settings(deadline=None)
@given(st.integers(1, 200_000))
def test_there_is_one_value_for_each_begun_frame(samples: int) -> None:
    controls = controls_of_sketch(sketch(samples), CONFIG)
    assert len(controls.melody) == len(controls.dynamics_db) == -(-samples // CONFIG.hop)


def test_notes_are_pitch_classes_and_rests_are_left_free() -> None:
    controls = controls_of_sketch(sketch(3 * RATE), CONFIG)
    seconds = (np.arange(len(controls.melody)) + 0.5) * CONFIG.hop / RATE
    sounding = (seconds >= 1) & (seconds < 2)
    assert (controls.melody[sounding] == 9).all() and (controls.melody[~sounding] == -1).all()
    assert (controls.melody_present == sounding).all()


def test_a_sketch_says_the_same_as_sound_that_follows_it() -> None:
    time = np.arange(3 * RATE) / RATE
    amplitude = 10 ** (-23 / 20) * np.sqrt(2)
    tone = (amplitude * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    heard, asked = controls_of(tone, CONFIG), controls_of_sketch(sketch(3 * RATE), CONFIG)
    middle = slice(70, 120)
    assert (heard.melody[middle] == asked.melody[middle]).all()
    assert np.abs(heard.dynamics_db[middle] - asked.dynamics_db[middle]).max() < 0.5


def test_without_points_dynamics_are_left_free() -> None:
    assert not controls_of_sketch(sketch(RATE, dynamics=False), CONFIG).dynamics_present.any()
    assert controls_of_sketch(sketch(RATE), CONFIG).dynamics_present.all()


def test_a_sketch_needs_no_torch() -> None:
    for module in (Path(__file__).parents[2] / "otio_hpm" / "sketch").glob("*.py"):
        assert "import torch" not in module.read_text("utf-8")
