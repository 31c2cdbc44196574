"""Files of FCPXML as a whole: versions, formats, bundles, and what is not understood."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from fcpxml_files import RESOURCES, SYNC, pictures, read

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.reading import read_fcpxml


def test_what_is_not_understood_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '<wormhole/><asset-clip ref="zz" name="lost" duration="1s"><portal/></asset-clip>'
        '<video ref="a2" name="kept" offset="11s" start="1/0s" duration="1s"/>',
    )
    assert [item.name for item in pictures(found.sequences[0].timeline)[0]] == ["lost", "kept"]
    said = " ".join(found.warnings)
    for words in ("<wormhole>", "<portal>", "refers to no asset (ref='zz')", "damaged start"):
        assert words in said


@pytest.mark.parametrize("version", ["1.8", "1.14", "2.7", "1.5"])
def test_unknown_versions_are_read_with_a_warning(tmp_path: Path, version: str) -> None:
    path = tmp_path / "v.fcpxml"
    path.write_text(
        f'<fcpxml version="{version}"><resources>{RESOURCES}</resources><asset-clip ref="a2" '
        'name="alone" format="r1" start="5s" duration="2s" tcFormat="DF"/></fcpxml>'
    )
    found = read_fcpxml(path)
    assert bool(found.warnings) == (version in ("2.7", "1.5"))
    (sequence,) = found.sequences
    assert sequence.timeline.global_start_time.to_seconds() == 5
    assert sequence.rate is not None
    assert sequence.drop_frame is not None
    assert (sequence.rate[0], sequence.drop_frame[0]) == (Fraction(24), True)


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("FFVideoFormat1080p25", Fraction(25)),
        ("FFVideoFormat3840x2160p2398", Fraction(24000, 1001)),
        ("FFVideoFormatDV720x480i5994_16x9", Fraction(30000, 1001)),
        ("FFVideoFormat1080i50", Fraction(25)),
        ("FFVideoFormatRateUndefined", None),
    ],
)
def test_a_rate_by_the_name_of_its_format(tmp_path: Path, name: str, rate: Fraction | None) -> None:
    read(tmp_path, '<gap duration="1s"/>')
    path = tmp_path / "t.fcpxml"
    text = path.read_text().replace('format="r1" tcStart', 'format="r9" tcStart')
    path.write_text(text.replace("FFVideoFormat1080p25", name))
    (named,) = read_fcpxml(path).sequences
    assert (named.rate[0] if named.rate else None) == rate


def test_resolve_is_known_by_its_event(tmp_path: Path) -> None:
    assert read(tmp_path, '<gap duration="1s"/>').dialect == "finalcut"
    path = tmp_path / "t.fcpxml"
    path.write_text(path.read_text().replace('name="e"', 'name="Timeline 1 (Resolve)"'))
    assert read_fcpxml(path).dialect == "resolve"


def test_a_bundle(tmp_path: Path) -> None:
    read(tmp_path, '<video ref="a2" name="v" duration="1s"/>')
    bundle = tmp_path / "b.fcpxmld"
    bundle.mkdir()
    with pytest.raises(TimelineError, match=r"Info\.fcpxml cannot be read"):
        read_fcpxml(bundle)
    (tmp_path / "t.fcpxml").rename(bundle / "Info.fcpxml")
    clip = read_fcpxml(bundle).sequences[0].timeline.tracks[0][0]
    assert clip.media_reference.target_url == (bundle / "Media" / "m.mov").as_uri()


def test_the_plugin_reads_from_otioconvert(tmp_path: Path) -> None:
    read(tmp_path, SYNC)
    output = tmp_path / "t.otio"
    command = [sys.executable, "-m", "opentimelineio.console.otioconvert"]
    subprocess.run(
        [*command, "-i", tmp_path / "t.fcpxml", "-I", "hpm_fcpxml", "-o", output], check=True
    )
    assert otio.adapters.read_from_file(str(output)).tracks[0][0].name == "s"


def test_the_plugin_gives_otio_errors(tmp_path: Path) -> None:
    path = tmp_path / "x.fcpxml"
    path.write_text("<fcpxml/>")
    with pytest.raises(otio.exceptions.OTIOError, match="holds no timeline"):
        otio.adapters.read_from_file(str(path), adapter_name="hpm_fcpxml")


def test_early_versions_have_resources_inside_each_project(tmp_path: Path) -> None:
    def project(name: str, frame: str) -> str:
        return (
            f'<project name="{name}"><resources><format id="r1" frameDuration="{frame}"/>'
            f'<asset id="r2" name="{name}" src="file:///{name}.mov" duration="9s" hasVideo="1"/>'
            '</resources><sequence format="r1"><spine><clip name="c" duration="2s">'
            '<video ref="r2" duration="9s"/></clip></spine></sequence></project>'
        )

    path = tmp_path / "t.fcpxml"
    path.write_text(
        f'<fcpxml version="1.2">{project("a", "1/25s")}{project("b", "1/30s")}</fcpxml>'
    )
    found = read_fcpxml(path)
    assert found.warnings == ("FCPXML version 1.2 is read as if it were 1.8 to 1.14",)
    assert [one.rate and one.rate[0] for one in found.sequences] == [25, 30]
    urls = [one.timeline.tracks[0][0].media_reference.target_url for one in found.sequences]
    assert urls == ["file:///a.mov", "file:///b.mov"]
