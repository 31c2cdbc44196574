"""Films are read from whatever names them, in the order in which they are named."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange
from small_films import write_film

from otio_hpm.dataset.inputs import read_films
from otio_hpm.errors import DatasetError, MarkError, TimelineError
from otio_hpm.settings import MediaSettings, Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "videos" / "film.mov", 3, 1, size=(16, 16))
    (folder / "films.csv").write_text("film,media\nOf the list,film.mov\n")
    timeline = schema.Timeline("Of the timeline", global_start_time=RationalTime(0, 24))
    span = TimeRange(RationalTime(0, 24), RationalTime(48, 24))
    clip = schema.Clip("x", schema.ExternalReference("videos/film.mov", span), span)
    clip.markers.append(schema.Marker("SCORE", TimeRange(RationalTime(0, 24), RationalTime(1, 24))))
    timeline.tracks.append(schema.Track("V1", children=[clip]))
    otio.adapters.write_to_file(timeline, str(folder / "reel.otio"))
    del clip.markers[:]
    otio.adapters.write_to_file(timeline, str(folder / "bare.otio"))
    return folder


def test_lists_timelines_and_folders_are_told_apart(folder: Path) -> None:
    settings = Settings(media=MediaSettings(media_dirs=(folder / "videos",)))
    found = read_films((folder / "reel.otio", folder / "films.csv", folder / "videos"), settings)
    assert [one.facts.film for one in found.segments] == ["Of the timeline", "Of the list", "film"]
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("none.csv", DatasetError, "none.csv is not there"),
        ("bare.otio", MarkError, "no marks"),
        ("videos/film.mov", TimelineError, "film.mov"),
    ],
)
def test_what_names_no_films_is_told(
    folder: Path, name: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        read_films((folder / name,), Settings())
