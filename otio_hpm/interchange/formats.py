"""The formats of timeline files: by which suffix each is known, and what reads and writes it.

Readers and writers are named here and imported when they are used. `.otio` and `.edl` are read by
`otio_hpm.timeline`, because they need settings: an edit decision list does not state its rate.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import OutputError, TimelineError
from otio_hpm.interchange.exchange import Delivery, Imported, Written

Reader = Callable[[Path], Imported]
Writer = Callable[[Any, Delivery], Written]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format of timeline files."""

    name: str
    """One word."""
    suffixes: tuple[str, ...]
    """In lower case."""
    reader: str = ""
    """`module:function` in this package; empty where `otio_hpm.timeline` reads it."""
    writer: str = ""
    """`module:function` in this package; empty for an .otio, which is written for one host."""
    carries_fades: bool = True
    """Whether the fades of a clip survive being written and read."""

    def read(self, path: Path) -> Imported:
        """A file of this format. Raises TimelineError."""
        reader: Reader = _loaded(self.reader)
        return reader(path)

    def write(self, timeline: Any, delivery: Delivery) -> Written:
        """A timeline in this format. Raises OutputError for what it cannot be written with."""
        writer: Writer = _loaded(self.writer)
        return writer(timeline, delivery)


OTIO = Format(name="otio", suffixes=(".otio",))
OTIO_BUNDLE = Format(name="otio bundle", suffixes=(".otioz", ".otiod"))
EDL = Format(name="edl", suffixes=(".edl",), writer="edl_writing:write_edl", carries_fades=False)
FCPXML = Format(
    name="fcpxml",
    suffixes=(".fcpxml", ".fcpxmld"),
    reader="fcpxml.reading:read_fcpxml",
    writer="fcpxml.writing:write_fcpxml",
)
FCP7 = Format(
    name="fcp7",
    suffixes=(".xml",),
    reader="fcp7.reading:read_fcp7",
    writer="fcp7.writing:write_fcp7",
)
AAF = Format(
    name="aaf",
    suffixes=(".aaf",),
    reader="aaf.reading:read_aaf",
    writer="aaf.writing:write_aaf",
)
FORMATS = (OTIO, OTIO_BUNDLE, EDL, FCPXML, FCP7, AAF)

BUNDLES = {".fcpxmld": "Info.fcpxml", ".otiod": "content.otio"}
"""Suffixes of timelines that are folders, and the file in each that is the timeline."""

_BY_SUFFIX = {suffix: form for form in FORMATS for suffix in form.suffixes}
_BY_ROOT = {"xmeml": FCP7, "fcpxml": FCPXML}
"""Formats of an `.xml` file, by the name of its root element."""

_HEAD_BYTES = 1 << 16
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]*)")


def suffixes() -> tuple[str, ...]:
    """Suffixes of files that are read and written."""
    return tuple(_BY_SUFFIX)


def format_read(path: Path) -> Format:
    """The format of a file that is there. Raises TimelineError for one that is not read here."""
    form = _BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        raise TimelineError(
            f"{path.name} is in a format that is not read; read here: {', '.join(suffixes())}",
            hint="convert it to .otio, for example with otioconvert",
        )
    return _by_root(path) if path.suffix.lower() == ".xml" else form


def format_written(path: Path) -> Format:
    """The format that a file's suffix asks for. Raises OutputError for one not written here."""
    form = _BY_SUFFIX.get(path.suffix.lower())
    if form is None:
        raise OutputError(
            f"{path} is in a format that is not written",
            hint=f"Give the output one of the endings {', '.join(suffixes())}.",
        )
    return form


def _by_root(path: Path) -> Format:
    """The format of an XML file, by its root element."""
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD_BYTES)
    except OSError as error:
        raise TimelineError(f"{path} cannot be read: {error.strerror}") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    found = _ELEMENT.search(_COMMENT.sub("", data.decode(encoding, errors="replace")))
    if found is None or found[1] not in _BY_ROOT:
        what = f"its root element is <{found[1]}>" if found else "it holds no XML element"
        raise TimelineError(
            f"{path.name} is no timeline that is read: {what}",
            hint=f"Timelines in XML begin with {', '.join(f'<{root}>' for root in _BY_ROOT)}.",
        )
    return _BY_ROOT[found[1]]


def _loaded(named: str) -> Any:
    module, _, function = named.partition(":")
    return getattr(importlib.import_module(f"otio_hpm.interchange.{module}"), function)
