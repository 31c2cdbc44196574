"""Timelines for Final Cut Pro 7 XML, and what is written of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import opentime, schema
from test_fcp7_round_trips import span

from otio_hpm.interchange.exchange import Delivery, Paths
from otio_hpm.interchange.fcp7 import write_fcp7

RATE = Fraction(24)


def delivery(rate: Fraction = RATE, paths: Paths = "absolute", **changes: Any) -> Delivery:
    given = {"path": Path("/films/cut/out.xml"), "start_frames": 86400, "drop_frame": False}
    return Delivery(rate=rate, paths=paths, **{**given, **changes})


def written(timeline: Any, *arguments: Any, **changes: Any) -> ET.Element:
    return ET.fromstring(write_fcp7(timeline, delivery(*arguments, **changes)).data)


def film(*tracks: tuple[str, list[Any]]) -> Any:
    timeline = schema.Timeline(name="film")
    for kind, children in tracks:
        timeline.tracks.append(schema.Track(name=kind[:1], kind=kind, children=children))
    return timeline


def shot(url: str = "/m/a.mov", start: int = 0, length: int = 48, first: int = 0) -> Any:
    reference = schema.ExternalReference(target_url=url, available_range=span(first, 1000, RATE))
    return schema.Clip(
        name="shot", media_reference=reference, source_range=span(first + start, length, RATE)
    )


def ours(number: int, start: int, length: int) -> Any:
    """A clip as scoring writes it."""
    name = f"R1_1m{number}_t01.wav"
    reference = schema.ExternalReference(
        target_url=f"file:///films/cut/audio/{name}",
        available_range=span(86400 + start - 24, length + 48, RATE),
    )
    return schema.Clip(
        name=name, media_reference=reference, source_range=span(86400 + start, length, RATE),
        metadata={"otio_hpm": {"cue": f"1m{number}"}},
    )  # fmt: skip


def fade(before: float, after: float) -> Any:
    return schema.Transition(
        transition_type="SMPTE_Dissolve",
        in_offset=opentime.RationalTime(before, 24),
        out_offset=opentime.RationalTime(after, 24),
    )


def score(*children: Any) -> Any:
    metadata = {"otio_hpm": {"role": "score", "lane": 0}}
    return schema.Track(name="HPM Score", kind="Audio", children=children, metadata=metadata)


def texts(element: ET.Element, *tags: str) -> list[str | None]:
    return [element.findtext(tag) for tag in tags]
