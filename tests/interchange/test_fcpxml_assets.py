"""What FCPXML says of media files beside where they are: metadata, attributes, reels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from fcpxml_plain import clip, delivery, film, written
from test_fcpxml_fixtures import FILES

from otio_hpm.interchange.fcpxml.reading import read_fcpxml
from otio_hpm.interchange.fcpxml.writing import write_fcpxml
from otio_hpm.timeline.clip_source import first_reel

REEL = "com.apple.proapps.studio.reel"
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
