"""The adapter `hpm_fcp_xml`, as OpenTimelineIO's own tools find it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import opentimelineio as otio
import pytest
from xmeml import clip, sequence, track


def test_it_reads_and_writes(tmp_path: Path) -> None:
    path, again = tmp_path / "in.xml", tmp_path / "out.xml"
    path.write_text(f'<xmeml version="4">{sequence(track(clip(5, 55, 10, 60)))}</xmeml>')
    timeline = otio.adapters.read_from_file(str(path), adapter_name="hpm_fcp_xml")
    otio.adapters.write_to_file(timeline, str(again), adapter_name="hpm_fcp_xml", version="5")
    root = ET.parse(again).getroot()
    [item] = root.iter("clipitem")
    assert root.get("version") == "5"
    assert [item.findtext(tag) for tag in ("start", "end", "in", "out")] == ["5", "55", "10", "60"]


def test_several_sequences_are_a_collection(tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_text(f"<xmeml>{sequence('', name='one')}{sequence('', name='two')}</xmeml>")
    found = otio.adapters.read_from_file(str(path), adapter_name="hpm_fcp_xml")
    assert [timeline.name for timeline in found] == ["one", "two"]


def test_errors_are_otio_s(tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_text("<xmeml>")
    with pytest.raises(otio.exceptions.OTIOError, match="not whole XML"):
        otio.adapters.read_from_file(str(path), adapter_name="hpm_fcp_xml")
