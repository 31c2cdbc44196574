"""Lists of films: what they may say, and what is told where they say something else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from small_films import write_film

from otio_hpm.dataset.segment import Segment
from otio_hpm.dataset.sheet import read_sheet
from otio_hpm.errors import DatasetError
from otio_hpm.settings import MediaSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "a film.mov", 3, 1, size=(32, 16))
    write_film(folder / "reel.mov", 3, 2, rate=25, timecode="10:00:00:00", size=(32, 16))
    write_film(folder / "mute.mov", 2, 3, sound=False, size=(32, 16))
    write_film(folder / "stems" / "music.mov", 4, 4, size=(32, 16))
    (folder / "notes.txt").write_text("no media")
    return folder


def read(folder: Path, text: str | bytes, *media_dirs: str) -> list[Segment]:
    path = folder / "films.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    dirs = tuple(folder / name for name in media_dirs)
    return read_sheet(path, MediaSettings(media_dirs=dirs))


def test_a_row_is_a_segment_with_its_facts(folder: Path) -> None:
    (found,) = read(
        folder,
        "Film,Composer,Score Title,Genres,Media,In,Out\n"
        '"Żółw, a Film",A. B.,Main Title,"Drama, war;drama",a film.mov,0.5,2.5\n',
    )
    assert found.facts.film == "Żółw, a Film"
    assert (found.facts.composer, found.facts.title) == ("A. B.", "Main Title")
    assert found.facts.genres == ("drama", "war")
    assert (found.start_s, found.duration_s) == (Fraction(1, 2), 2)
    assert found.source == "a film.mov"
    assert found.where == "films.csv, row 2"
    assert found.sound[0].path == folder / "a film.mov"
    assert found.sound[0].start_s == Fraction(1, 2)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("", "", (0, 3)),
        ("0:01", "0:02.5", (1, Fraction(3, 2))),
        ("0:00:01", "00:00:02", (1, 1)),
        ("25f", "", (1, 2)),
        ("00:00:01:05", "", (Fraction(6, 5), Fraction(9, 5))),
        ("10:00:01:05", "10:00:02:00", (Fraction(6, 5), Fraction(4, 5))),
        ("1s", "2.25", (1, Fraction(5, 4))),
    ],
)
def test_times_are_read_as_editors_write_them(
    folder: Path, start: str, end: str, expected: tuple[Fraction, Fraction]
) -> None:
    (found,) = read(folder, f"film;media;in;out\nx;reel.mov;{start};{end}\n")
    assert (found.start_s, found.duration_s) == expected


def test_spreadsheets_in_other_encodings_and_empty_rows(folder: Path) -> None:
    text = "film\tmedia\r\nÄ\ta film.mov\r\n\t\r\nB\treel.mov\r\n"
    assert [one.facts.film for one in read(folder, text.encode("utf-16"))] == ["Ä", "B"]
    assert [one.where for one in read(folder, f"\ufeff{text}")] == [
        "films.csv, row 2",
        "films.csv, row 4",
    ]


def test_the_score_may_be_in_a_file_of_its_own(folder: Path) -> None:
    text = (
        "film,media,in,out,audio,audio_in\n"
        "x,mute.mov,0.5,2,stems/music.mov,\n"
        "x,mute.mov,0.5,2,music.mov,3\n"
    )
    same, own = read(folder, text, "stems")
    assert same.sound[0].path.name == "music.mov"
    assert same.sound[0].start_s == Fraction(1, 2)
    assert own.sound[0].start_s == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column 'film'"),
        ("film,media\n", "lists no films"),
        ("film,composer\nx,y\n", "has no column 'media'"),
        ("film,media,mood\n", "row 1: the column 'mood' is not known"),
        ("film,media,movie\n", "row 1: the column 'movie' is there twice"),
        ("film,media\n,a film.mov\n", "row 2, column 'film': it is empty"),
        ("film,media\nx,\n", "row 2, column 'media': it is empty"),
        ("film,media\nx,none.mov\n", "row 2, column 'media': 'none.mov' is not there"),
        ("film,media\nx,notes.txt\n", "row 2, column 'media': .*notes.txt"),
        ("film,media\nx,https://a.b/c.mov\n", "row 2, column 'media': .* is not a local file"),
        ("film,media\nx,mute.mov\n", "row 2, column 'media': .*mute.mov has no sound"),
        ("film,media,audio\nx,a film.mov,mute.mov\n", "column 'audio': .*mute.mov has no sound"),
        ("film,media,in\nx,a film.mov,soon\n", "row 2, column 'in': 'soon' is no time"),
        ("film,media,in\nx,a film.mov,-1\n", "row 2, column 'in': '-1' is before the film begins"),
        ("film,media,in,out\nx,a film.mov,2,1\n", "column 'out': it is not after the in"),
        ("film,media,out\nx,a film.mov,9\n", "'out': '9' is 9.000 s, and .* ends at 3.000 s"),
        ("film,media,in\nx,a film.mov,01:00:00:00\n", "column 'in': .* is 3600.000 s, and a film"),
        ("film,media\nx,a film.mov\ny,reel.mov,z\n", "row 3, has 3 cells under 2 headings"),
        ('film,media\n"x,a film.mov\n', "row 2: unexpected end of data"),
        ("film,media\n" + "x" * 2000 + ",a film.mov\n", "column 'film': the text has 2000"),
        (b"film,media\n\xff\xff,a film.mov\n", "is not UTF-8"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place(
    folder: Path, text: str | bytes, words: str
) -> None:
    with pytest.raises(DatasetError, match=f"films.csv.*{words}"):
        read(folder, text)


@pytest.mark.parametrize(
    ("media", "hint"), [("a film.mov", "no start timecode"), ("reel.mov", "begins at 36000.000 s")]
)
def test_a_time_beyond_the_film_is_told_with_where_timecode_begins(
    folder: Path, media: str, hint: str
) -> None:
    with pytest.raises(DatasetError) as told:
        read(folder, f"film,media,out\nx,{media},11:00:00:00\n")
    assert hint in told.value.hint
