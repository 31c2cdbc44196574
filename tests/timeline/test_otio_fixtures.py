"""Every real .otio reads with what its own JSON says; what is no timeline is refused as such."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from otio_hpm.errors import TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.reading import read_cut

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob("**/*.otio"))
RATES = {"Timeline_23.98.otio": Fraction(24000, 1001)}
"""Of those whose times do not tell it: 24000 and 1 a second."""
COUNTED = ("Track", "Clip", "Gap", "Transition", "Marker", "Stack")
Find = Callable[[str], Path]


def test_there_are_fixtures_where_there_is_a_folder() -> None:
    if not FOLDER.exists():
        pytest.skip("shared fixtures are not beside this checkout")
    assert len(FILES) > 15


@pytest.mark.parametrize("name", FILES)
def test_counts_start_and_length_are_the_files_own(name: str, fixture: Find) -> None:
    path = fixture(name)
    stated = said(path)
    cut = read(path)
    assert counted(cut.timeline) == Counter(kind for kind, _ in written(stated["tracks"]))
    start = stated.get("global_start_time")
    assert cut.start_frames == (in_frames(start, cut.rate) if start else 0)
    length = max((length_of(track) for track in stated["tracks"]["children"]), default=Fraction(0))
    assert cut.duration_frames == round(length * cut.rate)


@pytest.mark.parametrize("name", FILES)
def test_the_rate_is_that_of_its_times(name: str, fixture: Find) -> None:
    path = fixture(name)
    cut = read(path)
    if path.name in RATES:
        with pytest.raises(TimelineError, match="frame rate of"):
            read_cut(path, Settings())
        return
    times = Counter(durations(said(path)["tracks"]))
    assert abs(float(cut.rate) - times.most_common(1)[0][0]) < 0.01


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("OpenTimelineIO-history/kdenlive_example_v221170.kdenlive", "kdenlive"),
        ("OpenTimelineIO-history/sample.ale", "ale"),
        ("otio-fcp-adapter/premiere_example_filter.json", "json"),
        ("otio-fcp-adapter/premiere_example_filter.xml", "root element is <filter>"),
    ],
)
def test_what_is_no_timeline_is_refused(name: str, reason: str, fixture: Find) -> None:
    with pytest.raises(TimelineError, match=reason) as error:
        read_cut(fixture(name), Settings())
    assert error.value.hint


def read(path: Path) -> Cut:
    rate = RATES.get(path.name)
    return read_cut(path, Settings().with_changes({"spotting": {"rate": rate}}))


def said(path: Path) -> Any:
    """The JSON of a file; OpenTimelineIO writes Inf where JSON has no number."""
    return json.loads(re.sub(r": -?Inf\b", ": 0", path.read_text("utf-8")))


def written(node: Any) -> Iterator[tuple[str, Any]]:
    """Schema and content of every object in a tree of JSON, but of its metadata."""
    if isinstance(node, list):
        for child in node:
            yield from written(child)
    elif isinstance(node, dict):
        if kind_of(node) in COUNTED:
            yield kind_of(node), node
        for key, child in node.items():
            if key not in ("metadata", "media_reference", "media_references", "effects"):
                yield from written(child)


def kind_of(node: dict[str, Any]) -> str:
    """Schema without its version; tracks were once called Sequence."""
    kind: str = node.get("OTIO_SCHEMA", "").partition(".")[0]
    return "Track" if kind == "Sequence" else kind


def counted(timeline: Any) -> Counter[str]:
    """The same of what was read."""
    stack = timeline.tracks
    found = [stack, *stack.find_children()]
    kinds = Counter(type(item).__name__ for item in found)
    kinds["Marker"] = sum(len(item.markers) for item in found if hasattr(item, "markers"))
    assert set(kinds) <= set(COUNTED)
    return +kinds


def seconds(time: dict[str, Any]) -> Fraction:
    whole = round(time["rate"])
    ntsc = Fraction(whole * 1000, 1001)
    rate = ntsc if abs(time["rate"] - float(ntsc)) < 0.005 else Fraction(time["rate"])
    return Fraction(time["value"]) / rate


def in_frames(time: dict[str, Any], rate: Fraction) -> int:
    return round(seconds(time) * rate)


def length_of(item: dict[str, Any]) -> Fraction:
    """Seconds that an item takes on its track."""
    if item.get("source_range"):
        return seconds(item["source_range"]["duration"])
    kind = kind_of(item)
    inside = item.get("children", [])
    if kind == "Track":
        lasting = (one for one in inside if kind_of(one) != "Transition")
        return sum(map(length_of, lasting), Fraction(0))
    if kind == "Stack":
        return max(map(length_of, inside), default=Fraction(0))
    references = item.get("media_references") or {"": item.get("media_reference")}
    known = (references[item.get("active_media_reference_key", "")] or {}).get("available_range")
    return seconds(known["duration"]) if known else Fraction(0)


def durations(node: Any) -> Iterator[float]:
    """Rates of the durations of clips and gaps."""
    for kind, item in written(node):
        if kind in ("Clip", "Gap") and item.get("source_range"):
            yield item["source_range"]["duration"]["rate"]
