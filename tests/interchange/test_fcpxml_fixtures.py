"""Every real FCPXML file reads, with what its own XML says.

What is expected comes from the file by a walk of its elements here, and for some markers from the
timecodes that Final Cut Pro showed for them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from otio_hpm.interchange.exchange import Sequence
from otio_hpm.interchange.fcpxml.reading import read_fcpxml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("**/*.fcpxml*"))
SHORTENED = {"SyncClipRoles2.fcpxml", "Occlusion3.fcpxml"}
"""Their storylines were cut by hand; the duration of their sequences is of what they were."""
NESTED = {"ref-clip", "sync-clip", "mc-clip", "audition"}
ITEMS = {"asset-clip", "clip", "video", "audio", "title", "gap"} | NESTED
ZERO = Fraction(0)
MARKERS = ("marker", "chapter-marker")
Fixture = Callable[[str], Path]


def test_there_are_fixtures_where_there_is_a_folder() -> None:
    if not FOLDER.exists():
        pytest.skip("shared fixtures are not beside this checkout")
    assert len(FILES) > 30


@pytest.mark.parametrize("name", FILES)
def test_clock_and_length(name: str, fixture: Fixture) -> None:
    for project, sequence in pairs(fixture(name)):
        own = project.find("sequence")
        assert own is not None
        formats = {one.get("id"): one for one in root(fixture(name)).iter("format")}
        assert sequence.rate is not None
        assert sequence.rate[0] == 1 / exact(formats[own.get("format")].get("frameDuration"))
        assert seconds(sequence.timeline.global_start_time) == exact(own.get("tcStart"))
        assert sequence.drop_frame is not None
        assert sequence.drop_frame[0] == (own.get("tcFormat") == "DF")
        if len(spine_of(project)) and Path(name).name not in SHORTENED:
            assert length(sequence.timeline) == exact(own.get("duration"))


@pytest.mark.parametrize("name", FILES)
def test_counts(name: str, fixture: Fixture) -> None:
    for project, sequence in pairs(fixture(name)):
        elements = list(shown(project))
        found = list(everything(sequence.timeline.tracks))
        assert len(markers(found)) == sum(one.tag in MARKERS for one in elements)
        transitions = [
            one
            for one in found
            if isinstance(one, otio.schema.Transition)
            and one.parent().kind == otio.schema.TrackKind.Video
        ]
        expected = [
            one
            for one in elements
            if one.tag == "transition"
            and (one.find("filter-video") is not None or one.find("filter-audio") is None)
        ]
        assert len(transitions) == len(expected)
        gaps = [one for one in spine_of(project) if one.tag == "gap"]
        kept = [one for one in found if one.metadata.get("fcpxml", {}).get("element") == "gap"]
        assert len(kept) >= len(gaps)


@pytest.mark.parametrize("name", FILES)
def test_everything_is_where_the_file_has_it(name: str, fixture: Fixture) -> None:
    for project, sequence in pairs(fixture(name)):
        found = placements(sequence.timeline)
        for item, start_s in placed(project, root(fixture(name))):
            duration_s = exact(item.get("duration"))
            assert (item.get("name"), start_s, duration_s) in found


@pytest.mark.parametrize("name", FILES)
def test_sound_and_picture_of_one_element_are_linked(name: str, fixture: Fixture) -> None:
    for _, sequence in pairs(fixture(name)):
        linked: dict[str, list[Any]] = {}
        for track in sequence.timeline.tracks:
            for item in track:
                link = item.metadata.get("fcpxml", {}).get("link")
                if link:
                    linked.setdefault(link, []).append(item)
        for items in linked.values():
            assert len({item.name for item in items}) == 1
            assert len(items) > 1


SEEN = {
    "24.fcpxml": "00:00:16:14.00 Shot_01 00:01:53:12.76 Shot_04 00:02:18:07.02 Shot_06 "
    "00:03:16:22.58 Shot_08 00:03:44:15.00 Shot_10 00:04:03:09.69 INSIDE~2 00:04:06:10.37 Marker~9 "
    "00:04:08:08.48 Marker~14 00:04:17:15.49 Marker~23",
    "50.fcpxml": "00:00:16:29.02 Shot_01 00:01:53:33.53 Shot_04 00:02:18:22.73 Shot_06 "
    "00:03:17:07.30 Shot_08 00:03:44:43.62 Shot_10 00:04:08:43.00 Marker~15",
    "59.94.fcpxml": "00:00:16:34.00 Shot_01 00:01:53:38.23 Shot_04 00:02:18:27.38 Shot_06 "
    "00:03:44:48.09 Shot_10 00:04:05:33.40 Marker~8 00:04:18:08.00 Marker~23",
}
"""Timecode of markers as Final Cut Pro shows it, with 1/80 frames, published with these files."""


@pytest.mark.parametrize("name", SEEN)
def test_markers_stand_where_final_cut_pro_shows_them(name: str, fixture: Fixture) -> None:
    (sequence,) = read_fcpxml(fixture(f"OpenFCPXMLKit/{name}")).sequences
    assert sequence.rate is not None
    rate = sequence.rate[0]
    found = [(words, at * rate) for words, at in marker_times(sequence.timeline.tracks)]
    words = SEEN[name].split()
    for timecode, named in zip(words[::2], words[1::2], strict=True):
        whole, _, part = timecode.partition(".")
        hours, minutes, secs, frames = (int(one) for one in whole.split(":"))
        wanted = ((hours * 60 + minutes) * 60 + secs) * round(rate) + frames + int(part) / 80
        shown_at = [at for word, at in found if word == named.replace("~", " ")]
        assert min(abs(at - wanted) for at in shown_at) < 0.03, named


def root(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def pairs(path: Path) -> Iterator[tuple[ElementTree.Element, Sequence]]:
    """Each project of a file with what was read of it; clips are counted alone."""
    sequences = read_fcpxml(path).sequences
    projects = list(root(path).iter("project"))
    if projects:
        yield from zip(projects, sequences, strict=True)
        return
    tree = root(path)
    events = [tree, *tree.findall("event"), *tree.findall("library/event")]
    assert len(sequences) == sum(child.tag in ITEMS for one in events for child in one)


def exact(text: str | None) -> Fraction:
    return Fraction((text or "0s").removesuffix("s"))


def seconds(time: Any) -> Fraction:
    whole = round(time.rate)
    ntsc = Fraction(whole * 1000, 1001)
    rate = ntsc if abs(time.rate - float(ntsc)) < 1e-6 else Fraction(time.rate)
    return Fraction(time.value) / rate


def spine_of(project: ElementTree.Element) -> ElementTree.Element:
    found = project.find("sequence/spine")
    assert found is not None
    return found


def length(timeline: Any) -> Fraction:
    """Of the longest track."""
    return max(
        sum((seconds(one.source_range.duration) for one in track if not one.overlapping()), ZERO)
        for track in timeline.tracks
    )


def shown(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """What is inside an element, of an audition only the first choice."""
    choices = [child for child in element if child.tag in ITEMS]
    for child in element:
        if element.tag == "audition" and child in choices[1:]:
            continue
        yield child
        yield from shown(child)


def everything(item: Any) -> Iterator[Any]:
    """Everything on a timeline but what is inside compound and multicam clips."""
    yield item
    is_elsewhere = item.metadata.get("fcpxml", {}).get("element") in ("ref-clip", "mc-clip")
    if isinstance(item, otio.core.Composition) and not is_elsewhere:
        for child in item:
            yield from everything(child)


def markers(found: list[Any]) -> list[Any]:
    return [marker for item in found for marker in getattr(item, "markers", None) or ()]


def placements(timeline: Any) -> set[tuple[str, Fraction, Fraction]]:
    """Name, record position and duration of everything on the outer tracks."""
    result = set()
    for track in timeline.tracks:
        position = ZERO
        for item in track:
            if not item.overlapping():
                duration = seconds(item.source_range.duration)
                result.add((item.name, position, duration))
                position += duration
    return result


def placed(
    project: ElementTree.Element, tree: ElementTree.Element
) -> Iterator[tuple[ElementTree.Element, Fraction]]:
    """Items of the primary storyline and what is connected to them, with record positions."""
    own = project.find("sequence")
    assert own is not None
    assets = {one.get("id"): one for one in tree.iter("asset")}
    for child in spine_of(project):
        if child.tag not in ITEMS or child.tag == "audition":
            continue
        start_s = exact(child.get("offset")) - exact(own.get("tcStart"))
        yield child, start_s
        conform = child.find("conform-rate")
        if conform is not None and conform.get("scaleEnabled") != "0":
            continue
        asset = assets.get(child.get("ref") or "")
        own_start = child.get("start") or (asset.get("start") if asset is not None else None)
        for connected in child:
            if connected.tag in ITEMS and connected.get("lane") and connected.tag != "audition":
                yield connected, start_s + exact(connected.get("offset")) - exact(own_start)


def marker_times(
    item: Any, at_s: Fraction = ZERO, pace: Fraction = Fraction(1)
) -> Iterator[tuple[str, Fraction]]:
    """Markers with their record time, by OTIO's own ranges and speeds."""
    own = item.source_range
    start_s = seconds(own.start_time) if own else ZERO
    for effect in getattr(item, "effects", ()):
        pace /= Fraction(effect.time_scalar)
    for marker in getattr(item, "markers", None) or ():
        yield marker.name, at_s + (seconds(marker.marked_range.start_time) - start_s) * pace
    position = at_s - start_s * pace
    for child in item if isinstance(item, otio.core.Composition) else ():
        if child.overlapping():
            continue
        yield from marker_times(child, position, pace)
        if isinstance(item, otio.schema.Track):
            position += seconds(child.source_range.duration) * pace
