"""A plain reading of written FCPXML: where everything stands, by ElementTree and exact sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
from fcpxml_rules import Element, problems, seconds

from otio_hpm.interchange.exchange import Delivery, Paths, Written
from otio_hpm.interchange.fcpxml.writing import write_fcpxml

STORY = ("asset-clip", "ref-clip", "video", "title", "gap")
FRAME = Fraction(1, 24)
"""One frame of a timeline of 24, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An element of the main story, and where it stands."""

    element: Element
    lane: int
    record_s: Fraction
    """From the sequence's first frame."""
    length_s: Fraction

    @property
    def name(self) -> str:
        return self.element.get("name") or ""

    @property
    def start_s(self) -> Fraction:
        """Its own time at its in."""
        return seconds(self.element.get("start"))

    def marks(self) -> list[tuple[str, str, Fraction]]:
        """Kind, name and record time of its markers."""
        return [
            (
                one.tag,
                one.get("value") or "",
                self.record_s + seconds(one.get("start")) - self.start_s,
            )
            for one in self.element
            if one.tag in ("marker", "chapter-marker")
        ]


def project(data: bytes) -> Any:
    """The document of a written file."""
    return ElementTree.fromstring(data)


def standing(data: bytes) -> dict[str, Standing]:
    """Everything of the project by name, gaps by number; checks the rules first."""
    assert problems(data) == []
    sequence = ElementTree.fromstring(data).find("library/event/project/sequence")
    assert sequence is not None
    spine = sequence.find("spine")
    assert spine is not None
    found = list(_of_spine(spine, seconds(sequence.get("tcStart")), Fraction(0), 0))
    gaps = 0
    named = {}
    for one in found:
        if one.element.tag == "gap":
            gaps += 1
        named[one.name if one.element.tag != "gap" else f"gap {gaps}"] = one
    return named


def written(timeline: Any, rate: Fraction = Fraction(24), start: int = 0, **more: Any) -> Written:
    """A timeline as it is written, which keeps the rules."""
    result = write_fcpxml(timeline, delivery(rate, start, **more))
    assert problems(result.data) == []
    return result


def delivery(
    rate: Fraction = Fraction(24),
    start: int = 0,
    *,
    drop_frame: bool = False,
    version: str = "",
    paths: Paths = "absolute",
    path: Path = Path("/films/cut.fcpxml"),
) -> Delivery:
    return Delivery(
        path=path,
        rate=rate,
        start_frames=start,
        drop_frame=drop_frame,
        paths=paths,
        version=version,
    )


def span(start: float, length: float, rate: Fraction = Fraction(24)) -> Any:
    return otio.opentime.TimeRange(time(start, rate), time(length, rate))


def time(value: float, rate: Fraction = Fraction(24)) -> Any:
    return otio.opentime.RationalTime(value, float(rate))


def clip(name: str, start: float, length: float, rate: Fraction = Fraction(24), **more: Any) -> Any:
    """A clip of `/media/<name>.mov`, which has 1000 frames from 0 unless told."""
    available = more.pop("available", span(0, 1000, rate))
    reference = otio.schema.ExternalReference(f"file:///media/{name}.mov", available)
    return otio.schema.Clip(
        name=name, media_reference=reference, source_range=span(start, length, rate), **more
    )


def gap(length: float, rate: Fraction = Fraction(24)) -> Any:
    return otio.schema.Gap(source_range=span(0, length, rate))


def dissolve(before: float, after: float, rate: Fraction = Fraction(24), **more: Any) -> Any:
    more.setdefault("transition_type", otio.schema.TransitionTypes.SMPTE_Dissolve)
    return otio.schema.Transition(
        in_offset=time(before, rate), out_offset=time(after, rate), **more
    )


def film(*tracks: Any, name: str = "Film") -> Any:
    """A timeline of tracks: a list is picture, a tuple sound."""
    timeline = otio.schema.Timeline(name)
    for content in tracks:
        if isinstance(content, otio.schema.Track):
            timeline.tracks.append(content)
            continue
        kind = "Audio" if isinstance(content, tuple) else "Video"
        timeline.tracks.append(otio.schema.Track(kind=kind, children=list(content)))
    return timeline


def _of_spine(spine: Element, own_s: Fraction, record_s: Fraction, lane: int) -> Iterator[Standing]:
    """Everything in a storyline whose own time `own_s` is at a record time."""
    for child in spine:
        if child.tag in STORY:
            at_s = record_s + seconds(child.get("offset")) - own_s
            yield from _of_element(child, at_s, lane)


def _of_element(element: Element, record_s: Fraction, lane: int) -> Iterator[Standing]:
    length_s = seconds(element.get("duration"))
    yield Standing(element=element, lane=lane, record_s=record_s, length_s=length_s)
    start_s = seconds(element.get("start"))
    for child in element:
        at_s = record_s + seconds(child.get("offset")) - start_s
        number = int(child.get("lane") or 0)
        if child.tag in STORY:
            yield from _of_element(child, at_s, number)
        elif child.tag == "spine":
            yield from _of_spine(child, Fraction(0), at_s, number)
