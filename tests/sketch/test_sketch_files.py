"""Sketches in files: ours come back as they were, others' are read sensibly or refused."""

from __future__ import annotations

import dataclasses
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otio_hpm.errors import SketchError
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.sketch.compose import Wishes, compose_sketch
from otio_hpm.sketch.course import AffectCourse
from otio_hpm.sketch.files import read_sketch, sketch_json, sketch_midi
from otio_hpm.sketch.following import controls_of_sketch
from otio_hpm.sketch.model import DynamicsPoint, Sketch, SketchNote

RATE = 48_000
CONFIG = ModelConfig()


def composed(seconds: int, seed: int, samples: int | None = None) -> Sketch:
    rng = np.random.default_rng(seed)
    film = AffectCourse(
        arousal=np.repeat(rng.random(seconds), FILM_FPS),
        valence=np.repeat(rng.random(seconds), FILM_FPS),
        cuts_samples=(RATE // 2,),
    )
    length = samples or seconds * RATE
    hits = tuple(int(hit) for hit in rng.integers(0, length, 2))
    return compose_sketch(film, length, seed, Wishes(hits_samples=hits))


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def midi(folder: Path, *tracks: list[Any], ppq: int = 480, kind: int = 1) -> Path:
    """A MIDI file as a composer's program would write it."""
    file = mido.MidiFile(type=kind, ticks_per_beat=ppq)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    file.save(folder / "theirs.mid")
    return folder / "theirs.mid"


def on(key: int, time: int = 0, velocity: int = 80, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=key, velocity=velocity, time=time, channel=channel)


def off(key: int, time: int, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=key, time=time, channel=channel)


def told(sketch: Sketch) -> list[tuple[int, int, int]]:
    return [(note.start_samples, note.samples, note.key) for note in sketch.notes]


round_trips = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@round_trips
@given(st.integers(1, 40), st.integers(0, 10**6), st.integers(0, RATE - 1))
def test_json_comes_back_exactly(tmp_path: Path, seconds: int, seed: int, less: int) -> None:
    sketch = composed(seconds, seed, seconds * RATE - less)
    assert read_sketch(written(tmp_path, "a.json", sketch_json(sketch))) == sketch


@round_trips
@given(st.integers(1, 40), st.integers(0, 10**6), st.integers(0, RATE - 768))
def test_midi_comes_back_exactly_but_for_steps_of_level(
    tmp_path: Path, seconds: int, seed: int, less: int
) -> None:
    sketch = composed(seconds, seed, seconds * RATE - less)
    again = read_sketch(written(tmp_path, "a.mid", sketch_midi(sketch)))
    for name in ("samples", "key_name", "beat_samples", "notes", "hits_samples"):
        assert getattr(again, name) == getattr(sketch, name), name
    asked, kept = controls_of_sketch(sketch, CONFIG), controls_of_sketch(again, CONFIG)
    assert np.abs(asked.dynamics_db - kept.dynamics_db).max() < 1.0
    assert sketch_midi(again) == sketch_midi(sketch)


def test_json_is_for_people_too() -> None:
    document = json.loads(sketch_json(composed(10, 1)))
    assert document["duration"] == "10.000 s" and document["tempo"].endswith("beats a minute")
    assert document["notes"][0]["at"].endswith(" s") and document["notes"][0]["name"][-1].isdigit()


def test_midi_shows_a_composer_tempo_key_hits_and_expression(tmp_path: Path) -> None:
    sketch = composed(20, 3)
    file = mido.MidiFile(written(tmp_path, "a.mid", sketch_midi(sketch)))
    metas = {message.type: message for message in file.tracks[0]}
    assert metas["set_tempo"].tempo == sketch.beat_samples * 125 // 6
    assert metas["key_signature"].key.rstrip("m") == sketch.key_name.split()[0]
    assert sum(message.type == "marker" for message in file.tracks[0]) == 2
    assert file.tracks[1].name == "Melody"
    assert {m.control for m in file.tracks[1] if m.type == "control_change"} == {11}
    assert file.length == pytest.approx(20, abs=0.002)


def test_a_composers_own_tempo_changes_are_followed(tmp_path: Path) -> None:
    tempi = [
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("set_tempo", tempo=1_000_000, time=960),
    ]
    path = midi(tmp_path, tempi, [on(60), off(60, 960), on(62), off(62, 480)], ppq=480)
    sketch = read_sketch(path)
    assert told(sketch) == [(0, RATE, 60), (RATE, RATE, 62)]
    assert sketch.samples == 2 * RATE and sketch.beat_samples == RATE // 2


def test_of_several_tracks_the_highest_note_wins_and_drums_say_nothing(tmp_path: Path) -> None:
    pad = [on(48), off(48, 1920)]
    tune = [on(72), off(72, 960), on(76), off(76, 960)]
    drums = [on(90, channel=9), off(90, 1920, channel=9)]
    assert told(read_sketch(midi(tmp_path, pad, tune, drums))) == [
        (0, RATE, 72),
        (RATE, RATE, 76),
    ]


def test_legato_overlap_is_no_chord(tmp_path: Path) -> None:
    falling = [on(72), on(69, 960), off(72, 48), off(69, 912)]
    assert told(read_sketch(midi(tmp_path, falling))) == [(0, RATE, 72), (RATE, RATE, 69)]


def test_velocities_are_dynamics_where_no_controller_moves(tmp_path: Path) -> None:
    reset = mido.Message("control_change", control=11, value=127)
    path = midi(
        tmp_path, [reset, on(60, velocity=40), off(60, 960), on(62, velocity=120), off(62, 960)]
    )
    soft, loud = read_sketch(path).dynamics
    assert loud.level_db - soft.level_db == pytest.approx(40 * np.log10(3), abs=0.01)


def test_even_velocities_and_no_controller_leave_dynamics_free(tmp_path: Path) -> None:
    sketch = read_sketch(midi(tmp_path, [on(60), off(60, 960), on(62), off(62, 960)]))
    assert sketch.dynamics == ()
    assert not controls_of_sketch(sketch, CONFIG).dynamics_present.any()


def test_a_controller_holds_until_it_leaps(tmp_path: Path) -> None:
    def moved(value: int, time: int) -> mido.Message:
        return mido.Message("control_change", control=11, value=value, time=time)

    sketch = read_sketch(midi(tmp_path, [moved(40, 0), on(60), moved(100, 3840), off(60, 960)]))
    level = [point.level_db for point in sketch.dynamics]
    assert level[0] == level[1] < level[2]
    assert sketch.dynamics[1].at_samples > 3.9 * RATE


def test_a_changed_key_signature_counts_more_than_the_old_text(tmp_path: Path) -> None:
    texts = [
        mido.MetaMessage("text", text="key D dorian"),
        mido.MetaMessage("key_signature", key="Em"),
    ]
    assert read_sketch(midi(tmp_path, texts, [on(60), off(60, 480)])).key_name == "E minor"


def test_a_note_of_no_length_ends_no_other(tmp_path: Path) -> None:
    notes = [on(60), on(84, 480), off(84, 0), off(60, 480)]
    assert told(read_sketch(midi(tmp_path, notes))) == [(0, RATE, 60)]
    with pytest.raises(SketchError, match="no notes"):
        read_sketch(midi(tmp_path, [on(84), off(84, 0), on(60, 480)]))


def test_midi_keeps_levels_within_half_a_decibel(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    points = tuple(
        DynamicsPoint(at_samples=int(second * RATE), level_db=float(rng.uniform(-40, -8)))
        for second in range(60)
    )
    drawn = dataclasses.replace(composed(60, 1), dynamics=points)
    again = read_sketch(written(tmp_path, "a.mid", sketch_midi(drawn)))
    times = np.arange(0, 59 * RATE, 96)
    asked, kept = (
        np.interp(times, [p.at_samples for p in s.dynamics], [p.level_db for p in s.dynamics])
        for s in (drawn, again)
    )
    assert np.abs(asked - kept).max() < 0.5


GOOD = composed(3, 1)


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(sketch_json(GOOD)), **fields})


@pytest.mark.parametrize("key", ["D dorian – slow", "E \ud800", "C Moll", "", "H minor"])
def test_a_composers_own_words_for_the_key_are_kept_and_can_be_saved(
    tmp_path: Path, key: str
) -> None:
    sketch = read_sketch(written(tmp_path, "a.json", changed(key=key)))
    assert sketch.key_name == key
    assert read_sketch(written(tmp_path, "b.json", sketch_json(sketch))) == sketch
    assert read_sketch(written(tmp_path, "b.mid", sketch_midi(sketch))).notes == sketch.notes


def test_json_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    content = sketch_json(GOOD).encode("utf-8-sig")
    assert read_sketch(written(tmp_path, "a.json", content)) == GOOD


BROKEN_JSON = {
    "nothing": "",
    "no object": "[1, 2]",
    "other": '{"format": "something else"}',
    "deep": "[" * 100_000,
    "later": changed(version=2),
    "rate": changed(sample_rate=44_100),
    "endless": changed(samples=10**30),
    "negative": changed(samples=-1),
    "truth": changed(samples=True),
    "key": changed(key="x" * 1000),
    "notes": changed(notes="C D E"),
    "entry": changed(notes=[1]),
    "early": changed(notes=[{"start_samples": -5, "samples": 10, "key": 60}]),
    "high": changed(notes=[{"start_samples": 0, "samples": 10, "key": 128}]),
    "half": changed(notes=[{"start_samples": 0.5, "samples": 10, "key": 60}]),
    "nan": changed(dynamics=[{"at_samples": 0, "level_db": float("nan")}]),
    "words": changed(dynamics=[{"at_samples": 0, "level_db": "x" * 1000}]),
    "infinite": changed(dynamics=[{"at_samples": 0, "level_db": float("inf")}]),
    "hit": changed(hits=[{"at_samples": 10**9}]),
    "many": changed(hits=[{}] * 200_001),
}


@pytest.mark.parametrize("name", BROKEN_JSON)
def test_broken_json_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "broken.json", BROKEN_JSON[name])
    with pytest.raises(SketchError, match=r"broken\.json") as error:
        read_sketch(path)
    assert error.value.exit_code == 6 and error.value.hint
    assert len(error.value.message) < len(str(path)) + 150


BROKEN_MIDI = {
    "nothing": b"",
    "sound": b"RIFF" + bytes(100),
    "cut": sketch_midi(GOOD)[:60],
    "frames": b"MThd\0\0\0\x06\0\0\0\x01\xe7\x28MTrk\0\0\0\x04\0\xff\x2f\0",
    "no beat": b"MThd\0\0\0\x06\0\0\0\x01\0\0MTrk\0\0\0\x04\0\xff\x2f\0",
    "no notes": b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0",
    "endless": b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\x0f\xff\xff" + b"\xff" * 1_000_000,
    "tracks": b"MThd\0\0\0\x06\0\x01\xff\xff\0\x60",
}


@pytest.mark.parametrize("name", BROKEN_MIDI)
def test_what_is_no_midi_is_refused_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SketchError, match=r"broken\.mid"):
        read_sketch(written(tmp_path, "broken.mid", BROKEN_MIDI[name]))


def test_a_day_of_midi_is_refused(tmp_path: Path) -> None:
    path = midi(tmp_path, [on(60), off(60, 2**27)], ppq=1)
    with pytest.raises(SketchError, match="day"):
        read_sketch(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_midi_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(sketch_midi(GOOD))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = written(tmp_path_factory.getbasetemp(), "damaged.mid", bytes(content))
    try:
        sketch = read_sketch(path)
    except SketchError:
        return
    assert len(controls_of_sketch(sketch, CONFIG).melody) == -(-sketch.samples // CONFIG.hop)
    for note, after in pairwise(sketch.notes):
        assert note.end_samples <= after.start_samples <= sketch.samples


@pytest.mark.parametrize("name", ["missing.json", "missing.mid", "sketch.txt"])
def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SketchError, match=name):
        read_sketch(tmp_path / name)


def test_overlapping_notes_in_edited_json_become_one_line(tmp_path: Path) -> None:
    notes = [
        {"start_samples": 24_000, "samples": 24_000, "key": 67},
        {"start_samples": 0, "samples": 48_000, "key": 60},
    ]
    sketch = read_sketch(written(tmp_path, "a.json", changed(notes=notes)))
    assert told(sketch) == [(0, 24_000, 60), (24_000, 24_000, 67)]


def test_a_sketch_off_the_grid_survives_midi_within_a_tick(tmp_path: Path) -> None:
    sketch = Sketch(
        samples=100_001,
        key_name="",
        beat_samples=23_457,
        notes=(SketchNote(start_samples=12_345, samples=33_333, key=64),),
        dynamics=(DynamicsPoint(at_samples=77, level_db=-30.0),),
        hits_samples=(12_345,),
    )
    again = read_sketch(written(tmp_path, "a.mid", sketch_midi(sketch)))
    assert again.samples == sketch.samples and again.key_name == ""
    assert abs(again.notes[0].start_samples - 12_345) <= 48
    assert abs(again.notes[0].end_samples - 45_678) <= 48
    assert abs(again.beat_samples - 23_457) <= 1
