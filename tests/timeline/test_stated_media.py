"""What is told of files whose range a timeline does not state."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from coded_media import write_movie

from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.stated_media import state_media


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_is_found_tells_its_range(tmp_path: Path, named: bool) -> None:
    """Also of a clip without media, as a list has it, that is found by its name."""
    write_movie(tmp_path / "roll.mp4", 48, Fraction(24))
    time = otio.opentime.RationalTime
    clip = otio.schema.Clip("roll.mp4", source_range=otio.opentime.TimeRange(time(24), time(12)))
    if named:
        clip.media_reference = otio.schema.ExternalReference("roll.mp4")
    assert stated(clip, tmp_path) == otio.opentime.TimeRange(time(0, 24), time(48, 24))


def test_what_is_not_found_tells_nothing(tmp_path: Path) -> None:
    assert stated(otio.schema.Clip("roll.mp4"), tmp_path) is None


def stated(clip: Any, folder: Path) -> Any:
    timeline = otio.schema.Timeline()
    timeline.tracks.append(otio.schema.Track(kind="Video", children=[clip]))
    finder = MediaFinder(folder, MediaSettings(media_dirs=(folder,)))
    state_media(timeline, Fraction(24), finder)
    return clip.media_reference.available_range
