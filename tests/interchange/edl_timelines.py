"""Timelines for edit decision lists, and the lines that are written of them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.interchange.edl_writing import write_edl
from otio_hpm.interchange.exchange import Delivery


def span(start: float, length: float, rate: float = 24) -> Any:
    return TimeRange(RationalTime(start, rate), RationalTime(length, rate))


def clip(name: str = "a", start: float = 0, length: float = 48, url: str = "", **more: Any) -> Any:
    media = schema.ExternalReference(target_url=url) if url else schema.MissingReference()
    return schema.Clip(name=name, source_range=span(start, length), media_reference=media, **more)


def gap(length: float) -> Any:
    return schema.Gap(source_range=span(0, length))


def mix(before: float, after: float, kind: str = "SMPTE_Dissolve", **more: Any) -> Any:
    offsets = RationalTime(before, 24), RationalTime(after, 24)
    return schema.Transition("mix", kind, *offsets, **more)


def marker(name: str, start: float, length: float = 0, **more: Any) -> Any:
    return schema.Marker(name=name, marked_range=span(start, length), **more)


def timeline(*tracks: list[Any], kinds: str = "VAAAAAA", name: str = "film") -> Any:
    made = schema.Timeline(name=name)
    for kind, children in zip(kinds, tracks, strict=False):
        kind = {"V": "Video", "A": "Audio"}[kind]
        made.tracks.append(schema.Track(kind=kind, children=children))
    return made


def lines(made: Any, **changes: Any) -> tuple[list[str], str]:
    """The list's lines under its head, and what it says that it lost."""
    asked = {"rate": Fraction(24), "start_frames": 86_400, "drop_frame": False, **changes}
    written = write_edl(made, Delivery(path=Path("/film/out/list.edl"), **asked))
    text = written.data.decode().splitlines()
    assert text[2] == ""
    return text[3:], "\n".join(written.losses)


def events(text: list[str]) -> list[list[str]]:
    return [line.split() for line in text if line[:1].isdigit()]
