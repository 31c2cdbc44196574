"""Sketches: what is followed, what is saved of it, and how it is given back."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from marked_film import make_film, make_maestro, save
from numpy.typing import NDArray

import otio_hpm.scoring.job as job
from otio_hpm.errors import SketchError
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.request import CueRequest
from otio_hpm.music.controls import Controls
from otio_hpm.settings import ModelSettings, MusicSettings, Settings
from otio_hpm.sketch.files import read_sketch
from otio_hpm.sketch.following import controls_of_sketch
from otio_hpm.timing import frames_to_samples

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))
CONFIG = ModelConfig.load(model_folder("debug") / "config.json")
CUE_FRAMES = 2 * 48_000 // CONFIG.hop


def with_music(**changes: Any) -> Settings:
    return dataclasses.replace(DEBUG, music=MusicSettings(**changes))


class Listening:
    """A stand-in for the model that keeps what it is asked for, and plays noise."""

    def __init__(self) -> None:
        self.requests: list[CueRequest] = []

    def load(self, name: str, device: str) -> Listening:
        return self

    def generate(
        self, request: CueRequest, progress: Callable[[str, float], None]
    ) -> NDArray[np.float32]:
        self.requests.append(request)
        rng = np.random.default_rng(0)
        return np.asarray(0.1 * rng.standard_normal(request.samples), dtype=np.float32)


def asked(
    cut: Path, settings: Settings = DEBUG, name: str = "out"
) -> tuple[CueRequest, job.ScoreResult]:
    """What the model is asked for the first cue, and the result."""
    model = Listening()
    result = job.score(cut, cut.with_name(f"{name}.otio"), settings, load=model.load)
    return model.requests[0], result


def same(one: Controls | None, other: Controls | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name))
               for f in dataclasses.fields(Controls))  # fmt: skip


def add_markers(cut: Path, *markers: tuple[str, int], rate: float = 24) -> Path:
    """The cut with markers on the timeline, by record frame."""
    timeline = otio.adapters.read_from_file(str(cut))
    for text, frame in markers:
        times = (otio.opentime.RationalTime(value, rate) for value in (frame, 0))
        marked = otio.opentime.TimeRange(*times)
        timeline.tracks.markers.append(otio.schema.Marker(text, marked_range=marked))
    return save(timeline, cut)


# What is followed


def test_without_a_maestro_auto_follows_the_sketch_that_is_saved(tmp_path: Path) -> None:
    request, result = asked(make_film(tmp_path, ("SCORE",)))
    saved = read_sketch(result.cues[0].sketches[0])
    assert [path.name for path in result.cues[0].sketches] == [
        "R1_1m1_t01.sketch.json",
        "R1_1m1_t01.sketch.mid",
    ]
    assert saved.samples == 2 * 48_000 and saved.notes
    assert same(request.controls, controls_of_sketch(saved, CONFIG))
    assert request.controls is not None and request.controls.melody_present.any()
    assert request.controls_start_samples == 48_000


def test_midi_tells_the_same_melody(tmp_path: Path) -> None:
    request, result = asked(make_film(tmp_path, ("SCORE",)))
    told = controls_of_sketch(read_sketch(result.cues[0].sketches[1]), CONFIG)
    assert request.controls is not None
    assert np.array_equal(told.melody, request.controls.melody)
    assert np.abs(told.dynamics_db - request.controls.dynamics_db).max() < 0.5


def test_with_a_maestro_auto_is_both(tmp_path: Path) -> None:
    theme = str(make_maestro(tmp_path / "theme.wav"))
    cut = make_film(tmp_path, ("SCORE",))
    auto, result = asked(cut, with_music(maestro=theme), "auto")
    both, _ = asked(cut, with_music(maestro=theme, style="both"), "both")
    assert same(auto.controls, both.controls)
    assert result.cues[0].sketches == ()
    assert len(list(result.audio_folder.iterdir())) == 2
    prints = [job.plan(cut, tmp_path / "x.otio", with_music(maestro=theme, style=style)).cues[0]
              .fingerprint for style in ("auto", "both", "melody", "none")]  # fmt: skip
    assert prints[0] == prints[1] and len(set(prints)) == 3


@pytest.mark.parametrize("style", ["both", "melody", "dynamics", "none"])
def test_other_styles_compose_no_sketch(tmp_path: Path, style: str) -> None:
    cut = make_film(tmp_path, (f"SCORE style={style}",))
    request, result = asked(cut)
    assert request.controls is None
    assert result.cues[0].sketches == ()
    facts = json.loads(result.cues[0].sidecar.read_text("utf-8"))
    assert (facts["sketch"], facts["cue"]["follows"]) == (None, "nothing")


def test_no_strength_follows_nothing_and_some_is_passed_on(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    assert asked(cut, with_music(strength=Fraction(0)), "none")[0].controls is None
    assert asked(cut, with_music(strength=Fraction(1, 2)), "some")[0].strength == 0.5


def test_handles_do_not_change_the_sketch(tmp_path: Path) -> None:
    cut = make_film(tmp_path, (None, "SCORE", None))
    names = {"0": Fraction(0), "1": Fraction(1), "7f": Fraction(7, 24)}
    sketches = {
        read_sketch(asked(cut, with_music(handles_s=time), name)[1].cues[0].sketches[0])
        for name, time in names.items()
    }
    assert len(sketches) == 1


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_the_shortest_cues_are_scored(tmp_path: Path, frames: int) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    timeline = otio.adapters.read_from_file(str(cut))
    start = timeline.tracks[0][0].source_range.start_time
    extent = otio.opentime.TimeRange(start, otio.opentime.RationalTime(frames, 24))
    timeline.tracks[0][0].source_range = extent
    timeline.tracks[0][0].markers[0].marked_range = extent
    _, result = asked(save(timeline, cut))
    assert read_sketch(result.cues[0].sketches[0]).samples == frames * 2000


# Given back


def test_a_sketch_given_back_makes_the_same_music(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    first = job.score(cut, tmp_path / "out.otio", DEBUG).cues[0]
    given = str(first.sketches[0])
    again = job.score(cut, tmp_path / "again.otio", with_music(sketch=given)).cues[0]
    assert again.wav.read_bytes() == first.wav.read_bytes()
    for one, other in zip(first.sketches, again.sketches, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert json.loads(again.sidecar.read_text("utf-8"))["sketch"]["given"] == given


def test_a_changed_sketch_makes_a_new_take_and_none_overwrites_it(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE sketch=mine.json",))
    output = tmp_path / "out.otio"
    asked(make_film(tmp_path, ("SCORE",)))
    edited = tmp_path / "out_audio" / "R1_1m1_t01.sketch.json"
    document = json.loads(edited.read_text("utf-8"))
    document["notes"] = [{"start_samples": 0, "samples": 96_000, "key": 61}]
    edited.write_text(json.dumps(document), "utf-8")
    shutil.copy(edited, tmp_path / "mine.json")
    cut = make_film(tmp_path, ("SCORE sketch=mine.json",))
    model = Listening()
    result = job.score(cut, output, DEBUG, overwrite=True, load=model.load)
    assert (result.cues[0].take, result.cues[0].reused) == (2, False)
    controls = model.requests[0].controls
    assert controls is not None and set(controls.melody) == {1}
    assert json.loads(edited.read_text("utf-8")) == document
    assert job.score(cut, output, DEBUG, overwrite=True, load=model.load).cues[0].reused
    assert len(model.requests) == 1


def test_a_sketch_goes_before_a_maestro_unless_parts_of_that_are_asked_for(tmp_path: Path) -> None:
    theme = str(make_maestro(tmp_path / "theme.wav"))
    cut = make_film(tmp_path, ("SCORE",))
    sketch = asked(cut)[1].cues[0].sketches[0]
    expected = controls_of_sketch(read_sketch(sketch), CONFIG)

    def controls(name: str, **more: Any) -> Controls | None:
        return asked(cut, with_music(sketch=str(sketch), **more), name)[0].controls

    melody = expected.followed(melody=True, dynamics=False)
    assert same(controls("auto", maestro=theme), expected)
    assert same(controls("melody", style="melody"), melody)
    assert not same(controls("maestro", style="melody", maestro=theme), melody)
    assert controls("none", style="none") is None


@pytest.mark.parametrize(("seconds", "words"), [(1, "is free"), (3, "is cut")])
def test_a_sketch_of_another_length_begins_at_the_in_with_a_warning(
    tmp_path: Path, seconds: int, words: str
) -> None:
    document = {
        "format": "otio-hpm sketch", "version": 1, "sample_rate": 48_000, "beat_samples": 24_000,
        "samples": seconds * 48_000, "key": "C major", "hits": [],
        "notes": [{"start_samples": 0, "samples": seconds * 48_000, "key": 60}],
        "dynamics": [{"at_samples": 0, "level_db": -20.0}],
    }  # fmt: skip
    (tmp_path / "mine.json").write_text(json.dumps(document), "utf-8")
    cut = make_film(tmp_path, ("SCORE sketch=mine.json",))
    request, result = asked(cut)
    assert "1m1" in result.warnings[0] and words in result.warnings[0]
    assert result.warnings == job.spot(cut, DEBUG).warnings
    controls = request.controls
    assert controls is not None and len(controls.melody) == CUE_FRAMES
    followed = min(seconds, 2) * CUE_FRAMES // 2
    for present in (controls.melody_present, controls.dynamics_present):
        assert present[: followed - 1].all() and not present[followed + 1 :].any()


def test_a_sketch_that_is_none_is_refused_before_the_model_loads(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}", "utf-8")
    cut = make_film(tmp_path, ("SCORE sketch=mine.json",))
    with pytest.raises(SketchError, match=r"mine\.json"):
        job.plan(cut, tmp_path / "out.otio", DEBUG)
    assert "mine.json" in job.spot(cut, DEBUG).cues[0].problems[0]
    unused = make_film(tmp_path, ("SCORE sketch=mine.json style=none",))
    assert job.plan(unused, tmp_path / "out.otio", DEBUG).cues[0].sketch is None


def test_a_sketch_of_an_unfinished_take_that_was_changed_is_kept(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    first = asked(cut)[1].cues[0]
    content = [path.read_bytes() for path in first.sketches]
    first.wav.unlink()
    again = job.score(cut, tmp_path / "out.otio", DEBUG, overwrite=True).cues[0]
    assert (again.take, [path.read_bytes() for path in first.sketches]) == (1, content)
    again.wav.unlink()
    first.sketches[1].write_bytes(b"mine")
    last = job.score(cut, tmp_path / "out.otio", DEBUG, overwrite=True).cues[0]
    assert last.take == 2
    assert first.sketches[1].read_bytes() == b"mine"
    other = with_music(loudness_lufs=Fraction(-20))
    last.wav.unlink()
    assert job.plan(cut, tmp_path / "out.otio", other).cues[0].take == 3


# Hit points and levels


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001)]
)
def test_hit_points_fall_on_their_samples(
    tmp_path: Path, rate: Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    import otio_hpm.sketch.compose as compose

    wished: list[Any] = []
    original = compose.compose_sketch
    monkeypatch.setattr(
        compose, "compose_sketch", lambda *a: wished.append(a[3]) or original(*a)
    )  # fmt: skip
    shot = round(2 * rate)
    cut = make_film(tmp_path, (None, 'SCORE dynamics="7f:-3"'), rate=rate)
    add_markers(cut, ("HIT", shot + 13), ("LEVEL +6", shot + 29), rate=float(rate))
    sketch = read_sketch(asked(cut)[1].cues[0].sketches[0])
    (wishes,) = wished
    assert wishes.hits_samples == (frames_to_samples(13, rate),)
    points = [(point.at_samples, point.level_db) for point in wishes.levels]
    assert points == [(frames_to_samples(7, rate), -3), (frames_to_samples(29, rate), 6)]
    assert abs(sketch.hits_samples[0] - 13 * 48_000 / rate) <= CONFIG.hop / 2
    assert sketch.hits_samples[0] in {note.start_samples for note in sketch.notes}


def test_a_moved_hit_makes_a_new_take_of_its_cue_alone(tmp_path: Path) -> None:
    output = tmp_path / "out.otio"
    for frame, reused in ((20, [False, False]), (20, [True, True]), (21, [True, False])):
        cut = add_markers(make_film(tmp_path, ("SCORE", "SCORE")), ("HIT", 48 + frame))
        result = job.score(cut, output, DEBUG, overwrite=True, load=Listening().load)
        assert [cue.reused for cue in result.cues] == reused
    assert [cue.take for cue in result.cues] == [1, 2]
    facts = json.loads(result.cues[1].sidecar.read_text("utf-8"))
    assert facts["cue"]["hits"] == ["01:00:02:21"]
    assert facts["cue"]["hits_frames"] == [69]
    markers = otio.adapters.read_from_file(str(output)).tracks.markers
    assert [(marker.name, dict(marker.metadata)) for marker in markers] == [("HIT", {})]


def test_wishes_count_only_where_a_sketch_is_composed(tmp_path: Path) -> None:
    def printed(text: str, *markers: tuple[str, int]) -> tuple[str, tuple[str, ...]]:
        cut = add_markers(make_film(tmp_path, (text,)), *markers)
        plan = job.plan(cut, tmp_path / "out.otio", DEBUG)
        return plan.cues[0].fingerprint, plan.warnings

    free = printed("SCORE style=none", ("HIT", 5), ("LEVEL -3", 7))
    assert free[0] == printed("SCORE style=none")[0]
    said = "the film alone, so it takes no account of HIT marks or levels that are drawn"
    assert free[1][0].endswith(said)
    plain = printed("SCORE")
    wished = [printed("SCORE", marker) for marker in (("HIT", 5), ("LEVEL -3", 5), ("LEVEL 3", 5))]
    assert len({plain, *wished}) == 4
    assert plain[1] == ()


def test_hit_points_are_met_whatever_is_followed(tmp_path: Path) -> None:
    document = {
        "format": "otio-hpm sketch", "version": 1, "sample_rate": 48_000, "beat_samples": 24_000,
        "samples": 96_000, "key": "C major", "hits": [], "dynamics": [],
        "notes": [{"start_samples": 0, "samples": 96_000, "key": 60}],
    }  # fmt: skip
    (tmp_path / "mine.json").write_text(json.dumps(document), "utf-8")
    make_maestro(tmp_path / "theme.wav")
    marks = ("SCORE", "SCORE sketch=mine.json", "SCORE maestro=theme.wav style=melody")
    for name, mark in zip("abc", marks, strict=True):
        cut = add_markers(make_film(tmp_path, (mark,)), ("HIT", 30))
        request, result = asked(cut, name=name)
        assert request.controls is not None
        wanted = frames_to_samples(30, Fraction(24)) // CONFIG.hop
        assert np.abs(np.flatnonzero(request.controls.accents) - wanted).min() <= 1
        assert not any("HIT" in warning for warning in result.warnings)
