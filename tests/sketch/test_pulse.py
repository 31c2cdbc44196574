"""The pulse of sketches: where lively music is struck."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.sketch.model import TICK_SAMPLES, DynamicsPoint, Sketch, SketchNote
from otio_hpm.sketch.pulse import pulse_of, pulse_step

LENGTH = 480_000


def _sketch(level_db: float, hits: tuple[int, ...] = ()) -> Sketch:
    notes = tuple(
        SketchNote(start_samples=at, samples=LENGTH // 4, key=60)
        for at in range(0, LENGTH, LENGTH // 4)
    )
    return Sketch(
        samples=LENGTH, key_name="C major", beat_samples=12 * TICK_SAMPLES, notes=notes,
        dynamics=(DynamicsPoint(at_samples=0, level_db=level_db),), hits_samples=hits,
    )  # fmt: skip


def test_the_louder_the_music_the_more_it_is_struck() -> None:
    counts = [len(pulse_of(_sketch(level))) for level in (-42.0, -32.0, -26.0, -15.0)]
    assert counts[0] == 0
    assert counts[1] < counts[2] < counts[3]


def test_strokes_are_counted_from_each_notes_begin() -> None:
    sketch = _sketch(-15.0)
    step = pulse_step(0.9, 12) * TICK_SAMPLES
    starts = [note.start_samples for note in sketch.notes]
    assert all((at - max(s for s in starts if s <= at)) % step == 0 for at in pulse_of(sketch))


def test_music_without_dynamics_has_none() -> None:
    assert pulse_of(dataclasses.replace(_sketch(-15.0), dynamics=())) == ()


@given(hit=st.integers(0, LENGTH - 1))
def test_a_hit_stands_alone(hit: int) -> None:
    pulse = pulse_of(_sketch(-15.0, hits=(hit,)))
    assert pulse
    assert not any(-14_400 < at - hit < 4_800 for at in pulse)


@given(arousal=st.floats(0, 1), beat=st.integers(6, 20))
def test_steps_never_run_together_and_are_at_most_a_beat(arousal: float, beat: int) -> None:
    assert 3 <= pulse_step(arousal, beat) <= beat
