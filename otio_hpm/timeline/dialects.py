"""Which system wrote a timeline, and what it states about its clock in metadata of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from otio_hpm.timeline.record_timecode import Counting
from otio_hpm.timing import snap_rate

_KEYS = {
    "Resolve_OTIO": "resolve",
    "PremierePro_OTIO": "premiere",
    "kdenlive": "kdenlive",
    "AAF": "avid",
}


def dialect_of(timeline: Any) -> str:
    """resolve, premiere, kdenlive, avid or plain, by the outermost metadata that names one."""
    for level in _levels(timeline):
        found = _KEYS.keys() & set(level.metadata or ())  # slow to walk where empty
        if found:
            return _KEYS[min(found)]
    return "plain"


def stated_rate(timeline: Any) -> tuple[Fraction, str] | None:
    """The sequence's rate in Premiere's or Final Cut Pro 7's metadata, and where it stands."""
    for level in (timeline, timeline.tracks):
        premiere = snap_rate(_text(_mapping(level, "PremierePro_OTIO").get("VideoFrameRate")))
        if premiere:
            return premiere, "Premiere's sequence settings"
        fcp = _fcp_rate(_mapping(level, "fcp_xml").get("rate"))
        if fcp:
            return fcp, "the sequence's Final Cut Pro XML rate"
    return None


def stated_counting(timeline: Any) -> Counting | None:
    """Timecode counting in what is kept of XML of Final Cut Pro, an AAF or a list."""
    for shown, source in (
        (_within(timeline, "fcp_xml", "timecode", "displayformat"), "Final Cut Pro XML timecode"),
        (_within(timeline, "fcpxml", "sequence", "tcFormat"), "FCPXML tcFormat"),
        (_counting(timeline, "AAF", "DropFrame"), "AAF timecode"),
        (_counting(timeline, "cmx_3600", "drop_frame"), "edit decision list"),
    ):
        if shown in ("DF", "NDF"):
            return Counting(drop_frame=shown == "DF", source=f"the sequence's {source}")
    return None


def _levels(timeline: Any) -> Iterator[Any]:
    """The timeline, its stack, its tracks, what is on them, then the markers of all these."""
    yield timeline
    yield timeline.tracks
    yield from timeline.tracks
    children = [child for track in timeline.tracks if hasattr(track, "__iter__") for child in track]
    yield from children
    for owner in (timeline.tracks, *timeline.tracks, *children):
        yield from getattr(owner, "markers", ())


def _mapping(level: Any, key: str) -> Mapping[str, Any]:
    found = level.metadata.get(key)
    return found if isinstance(found, Mapping) else {}


def _within(level: Any, key: str, element: str, name: str) -> str:
    """A text of an element that is kept under a key, or ""."""
    kept = _mapping(level, key).get(element)
    return _text(kept.get(name)) if isinstance(kept, Mapping) else ""


def _counting(level: Any, key: str, name: str) -> str:
    """DF or NDF of a switch that is kept under a key, or ""."""
    drop_frame = _mapping(level, key).get(name)
    return ("NDF", "DF")[drop_frame] if isinstance(drop_frame, bool) else ""


def _fcp_rate(rate: Any) -> Fraction | None:
    """A `<rate>`: a whole timebase, and whether it runs 1000/1001 slow."""
    if not isinstance(rate, Mapping):
        return None
    base = snap_rate(_text(rate.get("timebase")))
    slow = str(rate.get("ntsc")).upper() == "TRUE"
    return snap_rate(base * Fraction(1000, 1001)) if base and slow else base


def _text(value: Any) -> str:
    return str(value) if isinstance(value, int | float | str) else ""
