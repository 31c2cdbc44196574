"""An FCPXML file or bundle as a tree of elements, parsed so that no file can do harm."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from lxml import etree

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.interchange.formats import BUNDLES

KNOWN_VERSIONS = tuple(f"1.{minor}" for minor in range(8, 15))
"""Versions whose document type is published."""

BUNDLE_FILE = BUNDLES[".fcpxmld"]
MAX_BYTES = 128 << 20
MAX_DEPTH = 60
MAX_COPIES = 25_000
"""Items that compound and multicam clips may show again, times the clips they are inside of."""
_MAX_WARNINGS = 200


class Document:
    """One file while it is read: its elements, and what was not understood of them."""

    def __init__(self, root: Any, path: Path) -> None:
        self.root = root
        self.path = path
        """The XML file, inside the bundle where it is one; relative media paths start here."""
        self.version: str = root.get("version") or ""
        self._shared = _by_id(root.iter("resources"))
        self.resources = self._shared
        """By id; see `open`."""
        self.captions = 0
        """How many there were, kept with what they are connected to."""
        self.made: dict[Any, Any] = {}
        """What was made of a resource, to be copied when it is met again."""
        self._warnings: dict[str, None] = {}
        self._links = count(1)
        self._copies = 0
        self.items = 0
        """How many items were made so far."""

    def open(self, project: Any) -> None:
        """Let a project's own resources, which early versions have, go before all others."""
        self.resources = {**self._shared, **_by_id(project.iterchildren("resources"))}

    def warn(self, element: Any, words: str) -> None:
        """Note that something of an element was not understood."""
        self.note(f"line {element.sourceline}: {named(element)} {words}")

    def note(self, sentence: str) -> None:
        """Note that something was not understood."""
        if len(self._warnings) < _MAX_WARNINGS:
            self._warnings[sentence] = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence each, in the order they came up; not more than 200."""
        found = list(self._warnings)
        if len(found) == _MAX_WARNINGS:
            found.append("there is more that is not understood")
        if self.captions:
            found.append(f"captions are kept, but are no clips of the timeline: {self.captions}")
        return tuple(found)

    def link(self) -> str:
        """A name for the next element that becomes several items."""
        return str(next(self._links))

    def count_copies(self, number: int, depth: int) -> None:
        """Count items shown again inside so many compound clips.

        Raises TimelineError where compound clips inside each other multiply.
        """
        self.items += number
        self._copies += number * depth
        if self._copies > MAX_COPIES:
            raise TimelineError(
                f"{self.path.name}: its compound clips, inside each other, unfold into too much",
                hint="export fewer projects at a time",
            )

    def resource(self, element: Any, *tags: str, key: str = "ref") -> Any:
        """What an attribute of an element refers to, or None with a warning."""
        wanted = element.get(key)
        found = self.resources.get(wanted or "")
        if found is not None and found.tag in tags:
            return found
        if wanted is not None or key == "ref":
            self.warn(element, f"refers to no {' or '.join(tags)} ({key}={wanted!r})")
        return None

    def time(self, element: Any, key: str) -> Fraction | None:
        """A time attribute, or None where there is none; with a warning where it is damaged."""
        text = element.get(key)
        if text is None:
            return None
        try:
            return parse_time(text)
        except ValueError as error:
            self.warn(element, f"has a damaged {key}: {error}")
            return None


def read_document(path: Path) -> Document:
    """The parsed file at `path`, or in the bundle there.

    Raises TimelineError for a file that cannot be read, is too large, declares entities, is not
    well-formed, is nested too deeply, or is no FCPXML.
    """
    file = path / BUNDLE_FILE if path.is_dir() else path
    data = _bytes(file, path.name)
    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise TimelineError(f"{path.name} declares XML entities, which no FCPXML has")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TimelineError(
            f"{path.name} is not well-formed XML: {error}", hint="export the timeline again"
        ) from error
    if root.tag != "fcpxml":
        raise TimelineError(f"{path.name} is no FCPXML: its root element is <{root.tag}>")
    return Document(root, file)


def elements(parent: Any) -> list[Any]:
    """The child elements, without entities and the like."""
    return [child for child in parent if isinstance(child.tag, str)]


def lane_of(element: Any) -> int | None:
    """The lane an element is connected on; None where it is contained instead."""
    text = (element.get("lane") or "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None


def named(element: Any) -> str:
    """An element for the user: its tag, and its name where it has one."""
    name = element.get("name")
    return f"<{element.tag}> {name[:80]!r}" if name else f"<{element.tag}>"


def _by_id(parents: Iterable[Any]) -> dict[str, Any]:
    """The elements inside some others that have an id."""
    found = (element for parent in parents for element in elements(parent))
    return {str(element.get("id")): element for element in found if element.get("id")}


def _bytes(file: Path, name: str) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        hint = f"a bundle holds {BUNDLE_FILE}" if file.name == BUNDLE_FILE else ""
        raise TimelineError(f"{file} cannot be read: {error.strerror}", hint=hint) from error
    if len(data) > MAX_BYTES:
        raise TimelineError(
            f"{name} is larger than {MAX_BYTES >> 20} MiB", hint="export fewer projects at a time"
        )
    if not data.strip():
        raise TimelineError(f"{name} is empty", hint="export the timeline again")
    return data
