"""FCPXML through OpenTimelineIO's own tools."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from fcpxml_plain import clip, film, standing, time

NTSC = Fraction(30000, 1001)


def made(start: int = 107_892) -> otio.schema.Timeline:
    timeline = film([clip("a", 10, 48, NTSC), clip("b", 20, 30, NTSC)])
    timeline.global_start_time = time(start, NTSC)
    return timeline


def test_a_timeline_goes_out_and_comes_back(tmp_path: Path) -> None:
    path = str(tmp_path / "cut.fcpxml")
    otio.adapters.write_to_file(made(), path, adapter_name="hpm_fcpxml")
    found = standing(Path(path).read_bytes())
    assert (found["b"].record_s, found["b"].length_s) == (48 / NTSC, 30 / NTSC)
    back = otio.adapters.read_from_file(path, adapter_name="hpm_fcpxml")
    assert [item.name for item in back.tracks[0]] == ["a", "b"]
    assert back.global_start_time.value == 107_892


def test_text_in_the_version_that_is_asked_for() -> None:
    text = otio.adapters.write_to_string(made(), adapter_name="hpm_fcpxml", version="1.8")
    assert '<fcpxml version="1.8">' in text
    assert list(standing(text.encode())) == ["a", "b"]


def test_version_1_10_may_come_as_the_number_that_otioconvert_makes_of_it() -> None:
    text = otio.adapters.write_to_string(made(), adapter_name="hpm_fcpxml", version=1.10)
    assert '<fcpxml version="1.10">' in text


def test_what_cannot_be_written_is_an_error_of_opentimelineio(tmp_path: Path) -> None:
    path = str(tmp_path / "cut.fcpxml")
    with pytest.raises(otio.exceptions.OTIOError, match=r"3\.0"):
        otio.adapters.write_to_file(made(), path, adapter_name="hpm_fcpxml", version="3.0")
    with pytest.raises(otio.exceptions.OTIOError, match="one timeline"):
        many = otio.schema.SerializableCollection(children=[made()])
        otio.adapters.write_to_file(many, path, adapter_name="hpm_fcpxml")
    assert not Path(path).exists()


def test_a_bundle_is_written_over_a_bundle_but_over_no_other_folder(tmp_path: Path) -> None:
    bundle, other = tmp_path / "cut.fcpxmld", tmp_path / "other.fcpxmld"
    for _ in range(2):
        otio.adapters.write_to_file(made(), str(bundle), adapter_name="hpm_fcpxml")
    assert [path.name for path in bundle.iterdir()] == ["Info.fcpxml"]
    back = otio.adapters.read_from_file(str(bundle), adapter_name="hpm_fcpxml")
    assert [item.name for item in back.tracks[0]] == ["a", "b"]
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(otio.exceptions.OTIOError, match="is a folder"):
        otio.adapters.write_to_file(made(), str(other), adapter_name="hpm_fcpxml")
    assert (other / "mine.txt").read_text() == "mine"
