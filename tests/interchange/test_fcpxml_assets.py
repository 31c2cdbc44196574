"""What FCPXML says of media files beside where they are: metadata, attributes, reels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from fcpxml_plain import FRAME, clip, delivery, film, project, span, written
from fcpxml_rules import problems, seconds
from test_fcpxml_fixtures import FILES

from otio_hpm.interchange.fcpxml.reading import read_fcpxml
from otio_hpm.interchange.fcpxml.writing import VERSIONS, write_fcpxml
from otio_hpm.timeline.clip_source import first_reel, reels

MADE = {"id", "src", "start", "duration", "format"}
"""Attributes of an asset that belong to the one document."""


def said(data: bytes) -> dict[str, list[str]]:
    """Attributes and metadata of each asset as XML, by its name."""
    assets = ElementTree.fromstring(data).iterfind("resources/asset")
    return {asset.get("name") or "": sorted(_said(asset)) for asset in assets}


def _said(asset: Any) -> Iterator[str]:
    yield from (f"{key}={value}" for key, value in asset.attrib.items() if key not in MADE)
    for md in asset.iterfind("metadata/md"):
        texts = [text.text for text in md.iterfind("array/string")]
        yield f"{sorted(md.attrib.items())} {texts}"


def read(data: bytes, folder: Path) -> Any:
    path = folder / "cut.fcpxml"
    path.write_bytes(data)
    return read_fcpxml(path).sequences[0].timeline


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_says_of_its_media_is_given_back(
    name: str, fixture: Callable[[str], Path]
) -> None:
    path = fixture(name)
    path = path / "Info.fcpxml" if path.is_dir() else path
    before = said(path.read_bytes())
    for sequence in read_fcpxml(path).sequences:
        after = said(write_fcpxml(sequence.timeline, delivery(version="1.13")).data)
        for asset, words in after.items():
            assert set(before[asset]) <= set(words)


def test_metadata_of_assets_are_given_back_as_they_are(tmp_path: Path) -> None:
    md = (
        '<metadata><md key="a.codecs"><array><string>H.264 &amp; AAC</string></array></md>'
        '<md key="b.iso" value="0" editable="1" type="integer"/></metadata>'
    )
    one = clip("a", 0, 24)
    one.media_reference.metadata["fcpxml"] = {
        "asset": {"colorSpaceOverride": "9-18-9", "heroEyeOverride": "left", "name": "a"},
        "metadata": md,
    }
    result = written(film([one]))
    assert said(result.data)["a"] == [
        "[('editable', '1'), ('key', 'b.iso'), ('type', 'integer'), ('value', '0')] []",
        "[('key', 'a.codecs')] ['H.264 & AAC']",
        "colorSpaceOverride=9-18-9",
        "hasVideo=1",
        "name=a",
        "videoSources=1",
    ]
    assert "Version 1.11 has no attribute heroEyeOverride of <asset>: 'a'" in result.losses
    assert said(written(read(result.data, tmp_path)).data) == said(result.data)


def test_each_clip_of_a_file_keeps_its_own_reel(tmp_path: Path) -> None:
    reels = ["A 1", "<B&2>", "A 1", ""]
    pictures, sounds = ([clip("m", 24 * n, 24) for n in range(4)] for _ in range(2))
    for one, reel in zip(pictures + sounds, reels + reels, strict=True):
        one.metadata["cmx_3600"] = {"reel": reel}
    sounds[1].source_range = pictures[0].source_range
    data = written(film(pictures, tuple(sounds))).data
    assert len(ElementTree.fromstring(data).findall("resources/asset")) == 1
    for _ in range(2):
        back = read(data, tmp_path)
        found = [first_reel(one) for one in back.find_clips()]
        assert found == [*reels[:3], "A 1", *reels[:3], "A 1"], "the last has that of its file"
        data = written(back).data


def test_a_still_of_several_reels_is_named() -> None:
    stills = [clip("m", 0, 24) for _ in range(2)]
    for one, reel in zip(stills, ("A1", "B2"), strict=True):
        one.media_reference = otio.schema.ExternalReference("file:///media/m.png")
        one.metadata["cmx_3600"] = {"reel": reel}
    assert "Stills of one file have one reel: 'm'" in written(film(stills)).losses


def test_every_media_file_is_one_asset_with_its_range() -> None:
    available = span(86_400, 500)
    pieces = [clip("m", 86_400 + n, 10, available=available) for n in (0, 20)]
    sound = clip("m", 86_405, 10, available=available)
    data = written(film(pieces, (sound,))).data
    (asset,) = project(data).findall("resources/asset")
    assert (seconds(asset.get("start")), seconds(asset.get("duration"))) == (3600, 500 * FRAME)
    assert (asset.get("hasVideo"), asset.get("hasAudio"), asset.get("name")) == ("1", "1", "m")
    assert asset.find("media-rep").get("src") == "file:///media/m.mov"
    shown = [(one.get("srcEnable"), one.get("lane")) for one in project(data).iter("asset-clip")]
    assert shown.count(("audio", "-1")) == 1


def test_picture_is_heard_only_where_its_sound_is_on_the_timeline() -> None:
    """A clip of a picture track is picture alone, and its file has sound if that is used."""
    data = written(film([clip("m", 0, 24), clip("n", 0, 24)], (clip("n", 0, 24),))).data
    found = [(one.get("name"), one.get("srcEnable")) for one in project(data).iter("asset-clip")]
    assert sorted(found, key=str) == [("m", None), ("n", "audio"), ("n", "video")]


def test_media_of_unknown_length_reach_over_what_is_used() -> None:
    pieces = [clip("m", 100, 10, available=None), clip("m", 50, 10, available=None)]
    (asset,) = project(written(film(pieces)).data).findall("resources/asset")
    assert seconds(asset.get("start")) == 50 * FRAME
    assert seconds(asset.get("duration")) == 60 * FRAME


@pytest.mark.parametrize("version", VERSIONS)
def test_reels_stand_in_the_metadata_of_assets(version: str, tmp_path: Path) -> None:
    pieces = [clip(name, 0, 24) for name in "aabc"]
    for piece, reel in zip(pieces, ("A 001", "A 001", "<B&2>", ""), strict=True):
        piece.media_reference = otio.schema.MissingReference()
        piece.metadata["cmx_3600"] = {"reel": reel}
    sound, other = clip("s", 0, 24), clip("a", 0, 24)
    other.media_reference = otio.schema.MissingReference()
    other.metadata["AAF"] = {"TapeName": "A 003"}
    data = written(film([*pieces, sound], (clip("s", 0, 24), other)), version=version).data
    assert not problems(data)
    key = "com.apple.proapps.studio.reel"
    found = {
        (
            asset.get("name"),
            *(md.get("value") for md in asset.findall(f"metadata/md[@key='{key}']")),
        )
        for asset in project(data).findall("resources/asset")
    }
    assert found == {("a", "A 001"), ("a", "A 003"), ("b", "<B&2>"), ("c",), ("s",)}
    path = tmp_path / "cut.fcpxml"
    path.write_bytes(data)
    back = read_fcpxml(path).sequences[0].timeline
    assert [reels(one) for one in back.find_clips()] == [
        ("A 001",), ("A 001",), ("<B&2>",), (), (), (), ("A 003",),
    ]  # fmt: skip


def test_picture_and_sound_of_one_file_are_one_asset_of_the_reel_that_either_names() -> None:
    picture, sound = clip("m", 0, 24), clip("m", 0, 24)
    sound.metadata["AAF"] = {"TapeName": "B7"}
    (asset,) = project(written(film([picture], (sound,))).data).findall("resources/asset")
    assert [md.get("value") for md in asset.findall("metadata/md")] == ["B7"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_names_files_as_it_does(version: str) -> None:
    data = written(film([clip("a", 0, 24)]), version=version).data
    assert project(data).get("version") == version
    asset = project(data).find("resources/asset")
    src = "file:///media/a.mov"
    if version == "1.8":
        assert (asset.get("src"), len(asset)) == (src, 0)
    else:
        assert (asset.get("src"), asset.find("media-rep").get("src")) == (None, src)


@pytest.mark.parametrize(
    ("found", "src"),
    [
        ("/films/audio/a b#1.wav", "file:///films/audio/a%20b%231.wav"),
        ("file:///films/audio/a%20b.wav", "file:///films/audio/a%20b.wav"),
        ("file://localhost/films/a.wav", "file:///films/a.wav"),
        ("C:\\films\\a b.wav", "file:///C:/films/a%20b.wav"),
        ("media/a b.wav", "./media/a%20b.wav"),
    ],
)
def test_media_are_named_by_url(found: str, src: str) -> None:
    one = clip("a", 0, 24)
    one.media_reference.target_url = found
    asset = project(written(film([one])).data).find("resources/asset/media-rep")
    assert asset.get("src") == src


def test_relative_paths_count_from_the_document() -> None:
    one = clip("a", 0, 24)
    one.media_reference.target_url = "file:///films/audio/R1%201m1.wav"
    data = written(film([one]), paths="relative", path=Path("/films/out/cut.fcpxml")).data
    assert project(data).find("resources/asset/media-rep").get("src") == "./../audio/R1%201m1.wav"


def test_a_clip_without_media_is_named_and_said() -> None:
    one = otio.schema.Clip(name="gone", source_range=span(0, 24))
    result = written(film([one]))
    assert any("'gone'" in loss and "relinked" in loss for loss in result.losses)
    assert project(result.data).find("resources/asset/media-rep").get("src") == "./gone"
