"""OpenTimelineIO's own tools with timelines that programs may have made anyhow."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from opentimelineio.opentime import RationalTime, TimeRange

SUFFIXES = {"hpm_edl": "edl", "hpm_fcpxml": "fcpxml", "hpm_fcp_xml": "xml", "hpm_aaf": "aaf"}
KEYS = ("AAF", "fcpxml", "fcp_xml", "cmx_3600")


def made(rate: float = 24.0, start: float = 86_400.0) -> otio.schema.Timeline:
    clip = otio.schema.Clip(
        name="a",
        media_reference=otio.schema.ExternalReference("file:///m/a.mov"),
        source_range=TimeRange(RationalTime(0, rate), RationalTime(48, rate)),
    )
    timeline = otio.schema.Timeline(name="cut", global_start_time=RationalTime(start, rate))
    timeline.tracks.append(otio.schema.Track(name="V1", children=[clip]))
    return timeline


def write(timeline: Any, folder: Path, adapter: str) -> Path:
    path = folder / f"out.{SUFFIXES[adapter]}"
    otio.adapters.write_to_file(timeline, str(path), adapter_name=adapter)
    return path


@pytest.mark.parametrize("adapter", SUFFIXES)
@pytest.mark.parametrize("kept", ["text", [1], {"sequence": "x", "timecode": "y", "DropFrame": 7}])
def test_metadata_of_any_shape_are_no_hindrance(tmp_path: Path, adapter: str, kept: Any) -> None:
    timeline = made()
    for key in KEYS:
        timeline.metadata[key] = kept
    before = timeline.to_json_string()
    assert write(timeline, tmp_path, adapter).stat().st_size > 0
    assert timeline.to_json_string() == before


@pytest.mark.parametrize("adapter", SUFFIXES)
@pytest.mark.parametrize("start", [math.nan, -5.0, 1e300])
def test_a_start_that_is_no_timecode_is_refused(tmp_path: Path, adapter: str, start: float) -> None:
    with pytest.raises(otio.exceptions.OTIOError, match=r"not a number|no timecode"):
        write(made(start=start), tmp_path, adapter)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("drop_frame", [True, False])
@pytest.mark.parametrize("key", ["AAF", "fcpxml", "fcp_xml"])
def test_counting_that_is_kept_of_a_file_goes_into_others(
    tmp_path: Path, key: str, drop_frame: bool
) -> None:
    counting = "DF" if drop_frame else "NDF"
    timeline = made(rate=30_000 / 1001, start=107_999)  # a whole second in neither counting
    timeline.metadata[key] = {
        "AAF": {"DropFrame": drop_frame},
        "fcpxml": {"sequence": {"tcFormat": counting}},
        "fcp_xml": {"timecode": {"displayformat": counting}},
    }[key]
    text = write(timeline, tmp_path, "hpm_edl").read_text()
    assert f"FCM: {'DROP' if drop_frame else 'NON-DROP'} FRAME" in text
    assert f'tcFormat="{counting}"' in write(timeline, tmp_path, "hpm_fcpxml").read_text()


def test_what_is_not_carried_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    timeline = made()
    timeline.tracks[0].name = "Plates"
    with caplog.at_level(logging.WARNING):
        write(timeline, tmp_path, "hpm_edl")
    assert any("out.edl" in record.getMessage() for record in caplog.records)
