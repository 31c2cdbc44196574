"""Every event and locator of real edit decision lists is where the list says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from edl_lists import asked, markers

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk
from otio_hpm.timing import parse_timecode

REAL = {
    "OpenTimelineIO-history/sample_cdl_edl.edl": (24, "01:00:00:00", 3258),
    "marker-edl/avid_loc_otio593.edl": (24, "01:00:00:00", 202),
    "marker-edl/resolve_marker_edl_markersextractor25.edl": (25, "00:00:02:03", 405),
    "otio-cmx3600-adapter/25fps.edl": (25, "00:00:00:00", 496),
    "otio-cmx3600-adapter/avid_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/cdl.edl": (24, "00:00:00:00", 62),
    "otio-cmx3600-adapter/dissolve_test.edl": (24, "01:00:00:00", 20),
    "otio-cmx3600-adapter/dissolve_test_2.edl": (24, "01:00:00:00", 20),
    "otio-cmx3600-adapter/dissolve_test_3.edl": (24, "01:00:00:00", 137),
    "otio-cmx3600-adapter/dissolve_test_4.edl": (24, "01:04:11:17", 477),
    "otio-cmx3600-adapter/gap_test.edl": (24, "00:00:00:00", 126),
    "otio-cmx3600-adapter/no_spaces_test.edl": (24, "00:59:53:11", 1049),
    "otio-cmx3600-adapter/nucoda_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/premiere_example.edl": (24, "00:59:53:11", 81),
    "otio-cmx3600-adapter/screening_example.edl": (24, "00:59:53:11", 1049),
    "otio-cmx3600-adapter/speed_effects_small.edl": (24, "01:00:00:00", 16636),
    "otio-cmx3600-adapter/transition_duration.edl": (24, "01:00:48:20", 408),
}


@pytest.mark.parametrize("name", REAL)
def test_every_event_of_real_lists_is_where_the_list_says(
    fixture: Callable[[str], Path], name: str
) -> None:
    rate, start, length = REAL[name]
    path = fixture(name)
    cut = read_cut(path, asked(rate))
    assert (cut.timecode(0), cut.duration_frames) == (start, length)
    found = {(record_in, record_out) for _, record_in, record_out in _spans(cut)}
    assert found == set(_listed(path, Fraction(rate)))


@pytest.mark.parametrize("name", REAL)
def test_the_counts_of_real_lists_are_those_of_their_text(
    fixture: Callable[[str], Path], name: str
) -> None:
    """Lines that are counted by their look alone; an event of no length is a transition's out."""
    path = fixture(name)
    text = path.read_text("utf-8")
    events = re.findall(r"^\d+ +\S+ +(\S+) +([CDW]\d*) .* (\S+) +(\S+) *$", text, re.MULTILINE)
    shown = [(channel, edit) for channel, edit, first, last in events if first != last]
    timeline = read_cut(path, asked(REAL[name][0])).timeline
    items = [timeline.tracks, *timeline.find_children()]
    found = [marker for item in items for marker in getattr(item, "markers", ())]
    assert len(timeline.tracks) == len({channel for channel, _ in shown})
    assert len(timeline.find_clips()) == len(shown)
    mixes = timeline.find_children(descended_from_type=otio.schema.Transition)
    assert len(mixes) == sum(edit != "C" for _, edit in shown)
    assert len(found) == len(re.findall(r"^\* ?LOC:", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["no_spaces_test", "screening_example"])
def test_locators_of_real_lists_are_where_the_list_says(
    fixture: Callable[[str], Path], name: str
) -> None:
    cut = read_cut(fixture(f"otio-cmx3600-adapter/{name}.edl"), asked())
    assert list(markers(cut)) == [
        ("01:00:01:14", "ANIM FIX NEEDED"),
        ("01:00:02:14", "ANIM FIX NEEDED"),
        ("01:00:15:13", ""),
    ]


def test_avid_locators(fixture: Callable[[str], Path]) -> None:
    cut = read_cut(fixture("marker-edl/avid_loc_otio593.edl"), asked())
    assert list(markers(cut)) == [
        ("01:00:02:01", "FIRST MARKER NAME"),
        ("01:00:04:10", "SECOND MARKER NAME"),
        ("01:00:05:19", "THIRD MARKER NAME"),
    ]


@pytest.mark.parametrize("name", REAL)
def test_without_a_rate_real_lists_are_refused_with_candidates(
    fixture: Callable[[str], Path], name: str
) -> None:
    with pytest.raises(TimelineError, match=r"candidates: .*25") as error:
        read_cut(fixture(name), asked(None))
    assert "--rate" in error.value.hint


def _spans(cut: Cut) -> Iterator[tuple[str, int, int]]:
    for place in walk(cut):
        if place.is_clip:
            start = cut.start_frames
            yield place.item.name, place.start_frames + start, place.end_frames + start


def _listed(path: Path, rate: Fraction) -> Iterator[tuple[int, int]]:
    """Record in and out of each event line, by its last two words."""
    for line in path.read_text("utf-8").splitlines():
        words = line.split()
        if line[:1].isdigit() and len(words) >= 8 and words[-1][2:3] == ":":
            first, last = (parse_timecode(word, rate) for word in words[-2:])
            if last > first:
                yield first, last
