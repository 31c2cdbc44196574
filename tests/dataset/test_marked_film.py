"""Marked timelines of films: what is a segment, what is told of it, what is heard under it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange
from small_films import music, write_film

from otio_hpm.dataset.build import BuildOptions, build
from otio_hpm.dataset.marked_film import read_marked
from otio_hpm.dataset.reader import Dataset
from otio_hpm.dataset.segment import Segment
from otio_hpm.dataset.sound import heard
from otio_hpm.errors import MarkError
from otio_hpm.settings import Settings

FLASH = Fraction(13)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reel")
    write_film(folder / "film.mov", 30, 1, flashes=(FLASH,))
    write_film(folder / "stems" / "music.mov", 30, 2, size=(16, 16))
    return folder


def span(start: float, length: float) -> TimeRange:
    return TimeRange(RationalTime(start * 24, 24), RationalTime(length * 24, 24))


def clip(path: Path, start: float, length: float, **metadata: object) -> schema.Clip:
    reference = schema.ExternalReference(path.as_uri(), span(0, 30))
    return schema.Clip(path.stem, reference, span(start, length), metadata=metadata)


def marker(text: str, start: float, length: float) -> schema.Marker:
    return schema.Marker(name=text, marked_range=span(start, length))


def write(
    folder: Path, marks: list[schema.Marker], *sounds: schema.Track, **metadata: object
) -> Path:
    """A reel of two shots of the film, the first from its second 2 and 8 s long."""
    film = folder / "film.mov"
    track = schema.Track("V1", children=[clip(film, 2, 8), clip(film, 10, 20)])
    timeline = schema.Timeline("The Reel", metadata=metadata)
    timeline.tracks.extend([track, *sounds])
    timeline.tracks.markers.extend(marks)
    path = folder / "reel.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def sound_track(name: str, *clips: schema.Item) -> schema.Track:
    return schema.Track(name, kind=schema.TrackKind.Audio, children=list(clips))


def only(path: Path) -> Segment:
    (segment,) = read_marked(path, Settings()).segments
    return segment


def test_marks_tell_their_facts_and_others_the_rest(folder: Path) -> None:
    mark = marker('SCORE composer="C. M." title=Main genres="drama, war"', 3, 12)
    segment = only(write(folder, [mark], film="Film & Co", studio={"Genres": ["opera"]}))
    assert segment.facts.film == "Film & Co"
    assert (segment.facts.composer, segment.facts.title) == ("C. M.", "Main")
    assert segment.facts.genres == ("drama", "war")
    assert (segment.start_s, segment.duration_s) == (3, 12)
    segment = only(write(folder, [marker("SCORE", 3, 12)], studio={"Genres": ["opera", "war"]}))
    assert segment.facts.film == "The Reel"
    assert segment.facts.genres == ("opera", "war")


def test_a_mark_on_a_clip_means_the_clip_and_its_metadata(folder: Path) -> None:
    path = write(folder, [])
    timeline = otio.adapters.read_from_file(str(path))
    second = timeline.tracks[0][1]
    second.metadata["facts"] = {"composer": "From the clip"}
    second.markers.append(marker("SCORE", 15, 1))
    otio.adapters.write_to_file(timeline, str(path))
    segment = only(path)
    assert segment.facts.composer == "From the clip"
    assert (segment.start_s, segment.duration_s) == (8, 20)


def test_a_clip_over_a_cut_has_picture_and_sound_of_both_shots(
    folder: Path, tmp_path: Path
) -> None:
    """The flash at 13 s of the film is at 11 s of the reel: 8 s into a segment from 3 s on."""
    build([only(write(folder, [marker("SCORE", 3, 12)]))], tmp_path, BuildOptions())
    (found,) = Dataset.open(tmp_path)
    light = found.frames(count=None).mean(axis=(1, 2, 3))
    assert np.flatnonzero(light > 240)[0] == 80
    assert np.flatnonzero(np.abs(found.sound()) > 0.9)[0] == 8 * 48_000
    assert found.entry.start_s == 3


def test_all_audio_tracks_are_heard_but_the_same_sound_once(folder: Path) -> None:
    film, stem = folder / "film.mov", folder / "stems" / "music.mov"
    tracks = (
        sound_track("A1", clip(film, 2, 28)),
        sound_track("A2", clip(film, 2, 28)),
        sound_track("Music", schema.Gap(source_range=span(0, 5)), clip(stem, 1, 20)),
    )
    segment = only(write(folder, [marker("SCORE", 4, 10)], *tracks))
    assert len(segment.sound) == 2
    sound = heard(segment.sound, Fraction(0), 10 * 48_000)[0]
    expected = music(30, 1, (FLASH,), 0.2, 48_000)[6 * 48_000 : 16 * 48_000]
    expected[48_000:] += music(30, 2, (), 0.2, 48_000)[48_000 : 10 * 48_000]
    assert np.abs(sound - expected).max() < 1e-3


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("audio=music", 0), ("audio=stems/music.mov", 0), ("audio=stems/music.mov audio_in=4.5", 4.5)],
)
def test_the_score_may_be_a_track_or_a_file(folder: Path, setting: str, seconds: float) -> None:
    film, stem = folder / "film.mov", folder / "stems" / "music.mov"
    tracks = (sound_track("A1", clip(film, 2, 28)), sound_track("Music", clip(stem, 0, 28)))
    start = 0 if setting != "audio=music" else 2
    segment = only(write(folder, [marker(f"SCORE {setting}", start, 10)], *tracks))
    sound = heard(segment.sound, Fraction(0), 480_000)[1]
    first = int((seconds + start) * 48_000)
    expected = music(30, 2, (), 0.2, 48_000)[first : first + 480_000]
    assert np.abs(sound - expected).max() < 1e-3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SCORE conductor=me", "unknown key 'conductor'"),
        ("SCORE audio=none.wav", "audio 'none.wav' is not found"),
        ("SCORE audio=../../etc/passwd", "outside the timeline's folder|not found"),
        ("SCORE audio=https://a.b/c.wav", "not a local file"),
        ("SCORE audio=stems/music.mov audio_in=soon", "audio_in=soon is no time"),
        ("SCORE audio=reel.otio", "reel.otio"),
    ],
)
def test_marks_that_are_not_understood_are_named(folder: Path, text: str, words: str) -> None:
    path = write(folder, [marker(text, 3, 12)])
    with pytest.raises(MarkError, match=f"marker .*at 00:00:03:00.*(?:{words})"):
        read_marked(path, Settings())


def test_sound_that_does_not_play_at_its_own_speed_is_told(folder: Path) -> None:
    slow = clip(folder / "film.mov", 2, 28)
    slow.effects.append(schema.LinearTimeWarp(time_scalar=0.5))
    path = write(folder, [marker("SCORE", 3, 12)], sound_track("A1", slow))
    with pytest.raises(MarkError, match="does not play at its own speed"):
        read_marked(path, Settings())


def test_scoring_still_refuses_what_only_datasets_know(folder: Path) -> None:
    from otio_hpm.scoring.job import spot

    path = write(folder, [marker("SCORE composer=x", 3, 12)])
    with pytest.raises(MarkError, match="unknown key 'composer'"):
        spot(path)
