"""Maestro cues and sketches are found in the folders of the timeline and of media alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from small_timelines import (
    clip,
    cut_of,
    gap,
    marked_shots,
    marker,
    span,
    spot,
    track,
    with_files,
)

from otio_hpm.errors import MaestroError, MarkError, SketchError


def with_maestro(text, folder, *tracks):
    shots = track(clip("a", 0, 48, marker(text)))
    return cut_of(shots, *tracks, folder=folder)


def test_a_maestro_is_a_file_in_the_timelines_or_a_media_folder(tmp_path):
    film, music = tmp_path / "film", tmp_path / "music"
    with_files(film, "temp/slow cue.wav")
    with_files(music, "deep/ode.wav")
    (cue,) = spot(with_maestro("SCORE maestro='temp/slow cue.wav'", film)).cues
    assert cue.maestro.path.samefile(film / "temp/slow cue.wav")
    assert (cue.maestro.start_s, cue.maestro.duration_s) == (0, None)
    (cue,) = spot(with_maestro("SCORE maestro=ode.wav", film), media_dirs=(music,)).cues
    assert cue.maestro.path.samefile(music / "deep/ode.wav")


@pytest.mark.parametrize(
    "name", ["../secret.wav", "{}/secret.wav", "~/secret.wav", "C:/secret.wav"]
)
def test_a_marks_maestro_stays_inside_these_folders(name, tmp_path):
    with_files(tmp_path, "secret.wav", "film/x")
    with pytest.raises(MarkError, match="outside the timeline's folder"):
        spot(with_maestro(f"SCORE maestro={name.format(tmp_path)}", tmp_path / "film"))


@pytest.mark.parametrize("name", ["http://x.org/a.wav", "concat:a.wav", "pipe:0", "data:audio/x"])
def test_a_maestro_is_no_url(name, tmp_path):
    with pytest.raises(MarkError, match=r"marker 'SCORE maestro=.*not a local file"):
        spot(with_maestro(f"SCORE maestro={name}", tmp_path))
    with pytest.raises(MaestroError, match="not a local file"):
        spot(marked_shots("SCORE"), maestro=name)


def test_a_maestro_that_is_not_found_names_what_is_like_it(tmp_path):
    sound = track(clip("Brahms Dance", 0, 48), kind="Audio")
    with pytest.raises(MarkError, match="maestro 'Brahms Dence' is not found") as caught:
        spot(with_maestro("SCORE maestro='Brahms Dence'", tmp_path, sound))
    assert "Brahms Dance" in caught.value.hint


@pytest.mark.parametrize(
    ("available", "start_s"), [(span(24, 2400), Fraction(3)), (None, Fraction(4))]
)
def test_a_maestro_may_be_the_part_of_a_file_that_an_audio_clip_plays(
    available, start_s, tmp_path, monkeypatch
):
    from otio_hpm.timeline.media import MediaFile, MediaFinder

    found = MediaFile(path=tmp_path / "temp.wav", kind="audio", start_s=None, has_audio=True)
    monkeypatch.setattr(MediaFinder, "media_of", lambda self, clip: found)
    temp = clip("Temp Love", 96, 240)
    temp.media_reference.available_range = available
    sound = track(gap(5), temp, kind="Audio")
    (cue,) = spot(with_maestro("SCORE maestro='temp love'", tmp_path, sound)).cues
    assert cue.maestro.path == tmp_path / "temp.wav"
    assert (cue.maestro.start_s, cue.maestro.duration_s) == (start_s, 10)


def test_the_runs_maestro_is_any_local_file_and_gives_way_to_a_marks(tmp_path):
    with_files(tmp_path, "film/own.wav", "else/run.wav")
    run = str(tmp_path / "else/run.wav")
    cut = with_maestro("SCORE maestro=own.wav", tmp_path / "film")
    assert spot(cut, maestro=run).cues[0].maestro.path.name == "own.wav"
    assert spot(marked_shots("SCORE"), maestro=run).cues[0].maestro.path.name == "run.wav"
    with pytest.raises(MaestroError, match=r"'gone.wav' is not found"):
        spot(marked_shots("SCORE"), maestro="gone.wav")


@pytest.mark.parametrize("name", ["~nobody-of-this-name/mine.mid", "missing.mid"])
def test_a_sketch_or_maestro_of_the_run_that_is_not_there_is_refused(name):
    with pytest.raises(SketchError, match=r"mine\.mid|missing\.mid"):
        spot(marked_shots("SCORE"), sketch=name)
    with pytest.raises(MaestroError, match=r"mine\.mid|missing\.mid"):
        spot(marked_shots("SCORE"), maestro=name)


def test_a_sketch_is_found_as_a_maestro_is(tmp_path):
    film, music = tmp_path / "film", tmp_path / "music"
    with_files(film, "cut_audio/R1_1m1_t01.sketch.json")
    with_files(music, "deep/mine.mid")
    (cue,) = spot(with_maestro("SCORE sketch=cut_audio/R1_1m1_t01.sketch.json", film)).cues
    assert cue.sketch.samefile(film / "cut_audio/R1_1m1_t01.sketch.json")
    (cue,) = spot(with_maestro("SCORE sketch=mine.mid", film), media_dirs=(music,)).cues
    assert cue.sketch.samefile(music / "deep/mine.mid")
    run = str(music / "deep/mine.mid")
    assert spot(marked_shots("SCORE"), sketch=run).cues[0].sketch.samefile(run)
    with_files(film, "own.json")
    (cue,) = spot(with_maestro("SCORE sketch=own.json", film), sketch=run).cues
    assert cue.sketch.samefile(film / "own.json")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../secret.mid", "outside the timeline's folder"),
        ("http://x.org/a.mid", "not a local file"),
        ("gone.json", "'gone.json' is not found"),
    ],
)
def test_a_marks_sketch_stays_inside_these_folders(name, words, tmp_path):
    with_files(tmp_path, "secret.mid", "film/x")
    with pytest.raises(MarkError, match=rf"marker 'SCORE sketch=.*{words}"):
        spot(with_maestro(f"SCORE sketch={name}", tmp_path / "film"))
    with pytest.raises(SketchError, match=words):
        spot(with_maestro("SCORE", tmp_path / "film"), sketch=name)
