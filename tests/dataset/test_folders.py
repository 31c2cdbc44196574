"""Folders of music videos as EmoMV and HIMV are laid out."""

from __future__ import annotations

from pathlib import Path

import pytest
from coded_media import write_sound
from small_films import write_film

from otio_hpm.dataset.folders import read_folder, video_of
from otio_hpm.dataset.segment import cut
from otio_hpm.errors import DatasetError

TINY = (16, 16)


def film(path: Path, seconds: int, **options: object) -> None:
    write_film(path, seconds, len(path.stem), size=TINY, rate=5, **options)


def test_pairs_of_emomv_that_match_are_taken_by_video(tmp_path: Path) -> None:
    labels = tmp_path / "DS3_EmoMV_C" / "annotation" / "DS3_VAL_MATCH_MISMATCH_labels.csv"
    labels.parent.mkdir(parents=True)
    labels.write_text(
        "Dataset3/DS3_val_match/,yA9WhYnsD_4_06,1,Exciting,exciting,0,0\n"
        "Dataset3/DS3_val_match/,yA9WhYnsD_4_07,1,sad,sad,3,3\n"
        "Dataset3/DS3_val_match/,notDownload_01,1,sad,sad,3,3\n"
        "Dataset3/DS3_val_mismatch/,yA9WhYnsD_4_06_PAIR_zaSZE194D4I_03,0,exciting,sad,0,3\n"
    )
    film(tmp_path / "DS3_val_match" / "yA9WhYnsD_4_06.mp4", 30)
    film(tmp_path / "DS3_val_match" / "yA9WhYnsD_4_07.mov", 10, sound=False)
    film(tmp_path / "DS3_val_mismatch" / "yA9WhYnsD_4_07.mov", 10)
    (tmp_path / "sound").mkdir()
    write_sound(tmp_path / "sound" / "yA9WhYnsD_4_07.wav", 10)
    found = read_folder(tmp_path)
    first, second = found.segments
    assert (first.facts.film, first.facts.genres) == ("yA9WhYnsD_4", ("exciting",))
    assert (second.facts.film, second.facts.genres) == ("yA9WhYnsD_4", ("sad",))
    assert len(list(cut(first))) == 3
    assert second.sound[0].path == tmp_path / "sound" / "yA9WhYnsD_4_07.wav"
    assert second.where == "DS3_VAL_MATCH_MISMATCH_labels.csv, row 2"
    assert found.warnings == (f"1 of 3 pairs have no movie in {tmp_path}",)


def test_the_middle_of_videos_of_himv_is_taken(tmp_path: Path) -> None:
    film(tmp_path / "video" / "aaaaaaaaaaa.mov", 47)
    film(tmp_path / "video" / "bbbbbbbbbbb.mov", 13, sound=False)
    (tmp_path / "audio").mkdir()
    write_sound(tmp_path / "audio" / "bbbbbbbbbbb.wav", 13)
    film(tmp_path / "video" / "ccccccccccc.mov", 4)
    (tmp_path / "video" / "ddddddddddd.mp4").write_text("cut short")
    (tmp_path / "list.txt").write_text("https://example.org/aaaaaaaaaaa\n")
    found = read_folder(tmp_path)
    told = [(one.facts.film, float(one.start_s), float(one.duration_s)) for one in found.segments]
    assert told == [
        ("aaaaaaaaaaa", 13.5, 20.0),
        ("bbbbbbbbbbb", 1.5, 10.0),
        ("ccccccccccc", 0.0, 4.0),
    ]
    assert [len(list(cut(one))) for one in found.segments] == [2, 1, 0]
    assert found.segments[1].sound[0].path.name == "bbbbbbbbbbb.wav"
    assert found.segments[1].sound[0].start_s == 1.5
    assert len(found.warnings) == 1
    assert "ddddddddddd.mp4" in found.warnings[0]


@pytest.mark.parametrize(
    ("name", "video"),
    [
        ("exciting_TEST_MV(14)-18-of-21", "TEST_MV(14)"),
        ("sad_REVIEW_SAD (14)", "REVIEW_SAD (14)"),
        ("-L7QQFTDfcM", "-L7QQFTDfcM"),
        ("TmSRMWw8Y_0_03", "TmSRMWw8Y_0"),
        ("relax_124", "124"),
    ],
)
def test_a_video_is_known_by_the_names_of_its_clips(name: str, video: str) -> None:
    assert video_of(name) == video


def test_folders_without_music_videos_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no music videos"):
        read_folder(tmp_path)
    labels = tmp_path / "annotation" / "my_labels.csv"
    labels.parent.mkdir()
    labels.write_text("folder,name,emotion\n")
    with pytest.raises(DatasetError, match=r"my_labels\.csv, row 1, is not as EmoMV writes it"):
        read_folder(tmp_path)
