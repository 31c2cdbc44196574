from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.files import temporary_for
from otio_hpm.scoring.names import audio_folder, leftovers_among, stem, takes_among, wav_name


def test_a_take_is_named_by_reel_cue_and_number() -> None:
    assert wav_name(stem("R2", "2m5"), 3) == "R2_2m5_t03.wav"
    assert wav_name(stem("R1", "Hôtel"), 1) == "R1_Hotel_t01.wav"


def test_audio_lies_beside_the_output() -> None:
    assert audio_folder(Path("a/reel 2.v3.otio")) == Path("a/reel 2.v3_audio")


@given(st.text(min_size=1, max_size=300))
def test_names_are_ascii_short_and_stay_in_their_folder(number: str) -> None:
    name = wav_name(stem("R1", number), 1)
    assert name.isascii()
    assert len(name) < 80
    assert Path(name).name == name
    assert not name.startswith(".")


@pytest.mark.parametrize("number", ["音楽", "../../etc/passwd", "a" * 300, "x\0y", "%"])
def test_numbers_that_file_systems_refuse_become_names(number: str, tmp_path: Path) -> None:
    (tmp_path / wav_name(stem("R1", number), 1)).write_bytes(b"")


def test_different_long_numbers_keep_different_names() -> None:
    assert stem("R1", "a" * 60 + "1") != stem("R1", "a" * 60 + "2")


def test_takes_are_told_from_other_cues_and_leftovers() -> None:
    names = (
        "R1_1m1_t01.wav",
        "R1_1m1_t12.WAV",
        "R1_1m1_t02.json",
        ".R1_1m1_t03.wav.part",
        "R1_1m11_t04.wav",
        "R1_1m1_t05_t06.wav",
    )
    takes = takes_among(map(Path, names), "R1_1m1")
    assert [number for number, _ in takes] == [1, 12]


def test_leftovers_of_a_cue_are_told_from_all_else() -> None:
    wav, sidecar = Path("R1_1m1_t02.wav"), Path("R1_1m1_t02.json")
    ours = [temporary_for(wav), temporary_for(temporary_for(wav)), temporary_for(sidecar)]
    ours += [temporary_for(wav.with_suffix(s)) for s in (".sketch.json", ".sketch.mid")]
    others = [
        wav,
        wav.with_suffix(".sketch.mid"),
        sidecar,
        Path("R1_1m1.part"),
        temporary_for(Path("R1_1m11_t01.wav")),
    ]
    assert leftovers_among([*ours, *others], "R1_1m1") == ours
