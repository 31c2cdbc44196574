"""Small xmeml files, made of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from otio_hpm.interchange.exchange import Imported
from otio_hpm.interchange.fcp7 import read_fcp7

RATE = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"
FILE = (
    f'<file id="f"><name>a.mov</name><pathurl>file://localhost/C%3a/a.mov</pathurl>{RATE}'
    f"<duration>500</duration><timecode>{RATE}<frame>86400</frame></timecode></file>"
)


def clip(start: Any, end: Any, first: Any, last: Any, more: str = FILE, name: str = "c") -> str:
    return (
        f"<clipitem><name>{name}</name><start>{start}</start><end>{end}</end>"
        f"<in>{first}</in><out>{last}</out>{more}</clipitem>"
    )


def sequence(video: str, more: str = "", audio: str = "", rate: str = RATE, name: str = "s") -> str:
    return (
        f'<sequence id="{name}"><name>{name}</name>{rate}<media><video>{video}</video>'
        f"<audio>{audio}</audio></media>{more}</sequence>"
    )


def track(*items: str, attributes: str = "") -> str:
    return f"<track {attributes}>{''.join(items)}</track>"


def read(folder: Path, content: str) -> Imported:
    path = folder / "in.xml"
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><xmeml version="4">{content}</xmeml>')
    return read_fcp7(path)


def items(found: Imported, index: int = 0) -> list[Any]:
    return list(found.sequences[0].timeline.tracks[index])
