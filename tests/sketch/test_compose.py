"""Composed sketches: inside the cue, on time, in one key, and as lively as the picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otio_hpm.model.config import FILM_FPS
from otio_hpm.sketch.compose import Wishes, compose_sketch
from otio_hpm.sketch.course import AffectCourse
from otio_hpm.sketch.harmony import MODES, NAMES
from otio_hpm.sketch.metre import anchors_of
from otio_hpm.sketch.model import (
    FRAME_SAMPLES,
    LOUDEST_DB,
    TICK_SAMPLES,
    DynamicsPoint,
    Sketch,
)

RATE = 48_000
CHROMATIC = {"major": {3, 8, 10}, "dorian": {1, 6, 8, 11}, "minor": {1, 6, 9, 11}}
"""Semitones above the tonic that only the chords of a mode bring in."""


def course(arousal: list[float], valence: float = 0.6, cuts: tuple[int, ...] = ()) -> AffectCourse:
    """Of so much arousal in each second."""
    felt = np.repeat(arousal, FILM_FPS)
    return AffectCourse(
        arousal=felt,
        valence=np.full(len(felt), valence),
        cuts_samples=cuts,
    )


@st.composite
def cues(draw: st.DrawFn) -> tuple[AffectCourse, int, int, tuple[int, ...]]:
    """A course, a length in samples, a seed and hits."""
    seconds = draw(st.integers(1, 90))
    samples = draw(st.integers(max(1, (seconds - 1) * RATE), seconds * RATE))
    value = st.floats(0.0, 1.0)
    film = AffectCourse(
        arousal=np.repeat(draw(st.lists(value, min_size=seconds, max_size=seconds)), FILM_FPS),
        valence=np.repeat(draw(st.lists(value, min_size=seconds, max_size=seconds)), FILM_FPS),
        cuts_samples=tuple(sorted(draw(st.lists(st.integers(0, samples), max_size=8)))),
    )
    hits = tuple(draw(st.lists(st.integers(-RATE, samples + RATE), max_size=5)))
    return film, samples, draw(st.integers(0, 2**64)), hits


def starts_s(sketch: Sketch) -> NDArray[np.float64]:
    return np.array([note.start_samples for note in sketch.notes]) / RATE


def level_at(sketch: Sketch, second: float) -> float:
    times = [point.at_samples / RATE for point in sketch.dynamics]
    return float(np.interp(second, times, [point.level_db for point in sketch.dynamics]))


@settings(max_examples=60, deadline=None)
@given(cues())
def test_any_cue_gets_a_melody_inside_it_one_note_at_a_time(
    cue: tuple[AffectCourse, int, int, tuple[int, ...]],
) -> None:
    film, samples, seed, hits = cue
    sketch = compose_sketch(film, samples, seed, Wishes(hits_samples=hits))
    assert sketch.samples == samples and sketch.notes
    assert sketch.notes[0].start_samples <= TICK_SAMPLES // 2
    assert sketch.notes[-1].end_samples <= samples
    for note, after in pairwise(sketch.notes):
        assert note.end_samples <= after.start_samples
    assert all(note.samples >= 1 and 36 <= note.key <= 96 for note in sketch.notes)
    times = [point.at_samples for point in sketch.dynamics]
    assert times == sorted(set(times)) and times[0] == 0 and times[-1] < samples
    assert all(-70 <= point.level_db <= LOUDEST_DB for point in sketch.dynamics)


@settings(max_examples=60, deadline=None)
@given(cues())
def test_every_hit_inside_the_cue_is_met_and_all_else_keeps_to_the_latent_grid(
    cue: tuple[AffectCourse, int, int, tuple[int, ...]],
) -> None:
    film, samples, seed, hits = cue
    sketch = compose_sketch(film, samples, seed, Wishes(hits_samples=hits))
    starts = [note.start_samples for note in sketch.notes]
    for hit in hits:
        if 0 <= hit < samples:
            nearest = min(abs(hit - start) for start in starts)
            # The last frames of a cue have no room for a note.
            assert nearest <= (FRAME_SAMPLES // 2 if hit < samples - 1536 else 1536)
    off_grid = {start for start in starts if start % TICK_SAMPLES}
    assert off_grid <= set(sketch.hits_samples)
    assert all(hit % FRAME_SAMPLES == 0 for hit in sketch.hits_samples)


@settings(max_examples=40, deadline=None)
@given(cues())
def test_a_cue_stays_in_its_key(cue: tuple[AffectCourse, int, int, tuple[int, ...]]) -> None:
    film, samples, seed, hits = cue
    sketch = compose_sketch(film, samples, seed, Wishes(hits_samples=hits))
    tonic, mode = sketch.key_name.split()
    used = {(note.key - NAMES.index(tonic)) % 12 for note in sketch.notes}
    assert used <= set(MODES[mode]) | CHROMATIC[mode]


def test_the_same_arguments_give_the_same_sketch_and_another_seed_another() -> None:
    film = course([0.4] * 20)
    assert compose_sketch(film, 20 * RATE, 5) == compose_sketch(film, 20 * RATE, 5)
    assert compose_sketch(film, 20 * RATE, 5) != compose_sketch(film, 20 * RATE, 6)


@pytest.mark.parametrize("seed", range(4))
def test_a_violent_scene_has_more_tones_and_more_level_than_a_calm_one(seed: int) -> None:
    sketch = compose_sketch(course([0.1] * 20 + [0.9] * 20), 40 * RATE, seed)
    starts = starts_s(sketch)
    calm, violent = (starts < 19).sum(), (starts > 21).sum()
    assert violent > 2.5 * calm > 0
    assert level_at(sketch, 30) - level_at(sketch, 10) > 18


@pytest.mark.parametrize("seed", range(4))
def test_density_rises_with_arousal_step_by_step(seed: int) -> None:
    counts = [
        len(compose_sketch(course([arousal] * 60), 60 * RATE, seed).notes)
        for arousal in (0.05, 0.3, 0.55, 0.8, 1.0)
    ]
    assert counts == sorted(counts) and counts[-1] > 4 * counts[0]


def test_pleasant_pictures_are_in_major_and_unpleasant_ones_in_minor() -> None:
    def modes(valence: float) -> list[str]:
        film = course([0.4] * 10, valence)
        return [compose_sketch(film, 10 * RATE, s).key_name.split()[1] for s in range(20)]

    assert modes(0.85).count("major") == 20
    assert modes(0.15).count("minor") == 20


@pytest.mark.parametrize("seed", range(6))
def test_at_a_hit_a_higher_tone_of_another_class_begins_after_a_dip(seed: int) -> None:
    hit = 9 * RATE + 1234
    sketch = compose_sketch(course([0.4] * 20), 20 * RATE, seed, Wishes(hits_samples=(hit,)))
    index = next(i for i, n in enumerate(sketch.notes) if abs(n.start_samples - hit) <= 384)
    before, struck = sketch.notes[index - 1], sketch.notes[index]
    assert struck.key > before.key and struck.key % 12 != before.key % 12
    assert before.end_samples < struck.start_samples
    at = struck.start_samples / RATE
    assert level_at(sketch, at + 0.1) - level_at(sketch, at - 0.1) > 8


def test_a_hit_falls_on_a_beat_counted_from_the_one_before() -> None:
    hits = (4 * RATE, 9 * RATE, 17 * RATE)
    sketch = compose_sketch(course([0.5] * 24), 24 * RATE, 3, Wishes(hits_samples=hits))
    off = []
    for first, second in pairwise(hits):
        beats = (second - first) / sketch.beat_samples
        off.append(abs(beats - round(beats)))
    assert max(off) < 0.2


@pytest.mark.parametrize(("leap", "anchors"), [(5, [78]), (2, []), (13, []), (7.5, [117])])
def test_music_begins_anew_at_a_leap_and_only_there(leap: float, anchors: list[int]) -> None:
    """Unless it is too near to an end of the cue; 64 ms are a tick."""
    felt = np.where(np.arange(150) < leap * FILM_FPS, 0.1, 0.9)
    film = AffectCourse(arousal=felt, valence=np.full(150, 0.5), cuts_samples=(round(leap * RATE),))
    assert anchors_of(film, (), 15 * RATE // TICK_SAMPLES) == anchors


def test_the_motif_of_a_cue_comes_back() -> None:
    sketch = compose_sketch(course([0.45] * 60), 60 * RATE, 2)
    lengths = np.diff([note.start_samples for note in sketch.notes])
    heads = [tuple(lengths[i : i + 3]) for i in range(len(lengths) - 2)]
    assert max(heads.count(head) for head in set(heads)) >= 5


def test_a_cue_closes_on_its_tonic() -> None:
    for seed in range(8):
        sketch = compose_sketch(course([0.5] * 15), 15 * RATE, seed)
        tonic = NAMES.index(sketch.key_name.split()[0])
        assert sketch.notes[-1].key % 12 == tonic


def test_long_stillness_rests() -> None:
    still = compose_sketch(course([0.5] * 10 + [0.02] * 60 + [0.5] * 10), 80 * RATE, 1)
    gaps = [after.start_samples - note.end_samples for note, after in pairwise(still.notes)]
    assert max(gaps) > 4 * RATE


def test_drawn_levels_replace_the_composed_ones_between_first_and_last_point() -> None:
    film = course([0.5] * 20)
    plain = compose_sketch(film, 20 * RATE, 1)
    drawn = (
        DynamicsPoint(at_samples=5 * RATE, level_db=-12.0),
        DynamicsPoint(at_samples=10 * RATE, level_db=6.0),
    )
    sketch = compose_sketch(film, 20 * RATE, 1, Wishes(levels=drawn))
    mean = np.mean([level_at(plain, second) for second in np.arange(0, 20, 0.1)])
    assert level_at(sketch, 5.1) == pytest.approx(mean - 12, abs=1)
    assert level_at(sketch, 7.5) == pytest.approx(mean - 3, abs=1)
    assert level_at(sketch, 15) == pytest.approx(level_at(plain, 15), abs=0.9)
    assert sketch.notes == plain.notes


@pytest.mark.parametrize("second", [0.0, 7.01, 19.99])
def test_a_single_drawn_level_is_met_and_the_rest_is_as_composed(second: float) -> None:
    film = course([0.5] * 20)
    plain = compose_sketch(film, 20 * RATE, 1)
    drawn = DynamicsPoint(at_samples=round(second * RATE), level_db=-12.0)
    sketch = compose_sketch(film, 20 * RATE, 1, Wishes(levels=(drawn,)))
    times = np.arange(0, 20, 0.1)
    mean = np.mean([level_at(plain, time) for time in times])
    assert level_at(sketch, second) == pytest.approx(mean - 12, abs=1)
    for time in times[np.abs(times - second) > 2.1]:
        assert level_at(sketch, time) == pytest.approx(level_at(plain, time), abs=0.9)


def test_a_cue_of_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        compose_sketch(course([0.5]), 0, 1)
