"""An xmeml file parsed within bounds, with the line of every element and what ids refer to."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from otio_hpm.errors import TimelineError

MAX_BYTES = 256 << 20
MAX_DEPTH = 100
"""Of elements inside elements; a sequence that is nested in place takes five."""
MAX_ELEMENTS = 4_000_000


class Document:
    """The elements of one file. Raises TimelineError for a file that is not whole or not xmeml."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._lines: dict[Element, int] = {}
        self._defined: dict[tuple[str, str], Element] = {}
        self.root = _parsed(_bytes(path), path.name, self._lines)
        if self.root.tag != "xmeml":
            raise TimelineError(
                f"{path.name} is no Final Cut Pro 7 XML: its root element is <{self.root.tag}>",
                hint="export the sequence again as Final Cut Pro XML",
            )
        for element in self.root.iter():
            if len(element) and (key := element.get("id")):
                self._defined.setdefault((element.tag, key), element)

    def resolved(self, element: Element) -> Element:
        """The definition that an empty element refers to by its id, or the element itself."""
        if len(element):
            return element
        return self._defined.get((element.tag, element.get("id", "")), element)

    def child(self, element: Element, tag: str) -> Element | None:
        """An element's child of that name, resolved."""
        found = element.find(tag)
        return None if found is None else self.resolved(found)

    def where(self, element: Element) -> str:
        """An element in words: `line 12: clipitem 'shot_010'`."""
        name = (element.findtext("name") or element.get("id") or "").strip()
        named = f" {name[:80]!r}" if name else ""
        return f"line {self._lines[element]}: {element.tag}{named}"


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TimelineError(
                f"{path.name} has {size >> 20} MiB, and at most {MAX_BYTES >> 20} MiB are read",
                hint="export one sequence at a time",
            )
        return path.read_bytes()
    except OSError as error:
        raise TimelineError(f"{path} cannot be read: {error.strerror}") from error


def _parsed(data: bytes, name: str, lines: dict[Element, int]) -> Element:
    """The root element; every element's line goes to `lines`."""
    builder, parser, depth = TreeBuilder(), expat.ParserCreate(), 0
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH or len(lines) >= MAX_ELEMENTS:
            what = f"{MAX_DEPTH} levels deep" if depth > MAX_DEPTH else f"{MAX_ELEMENTS} elements"
            raise TimelineError(f"{name} has more than {what}: it is damaged")
        lines[builder.start(tag, attributes)] = parser.CurrentLineNumber

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise TimelineError(f"{name} declares XML entities, which no editing system writes")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = builder.data, refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise TimelineError(f"{name} is not whole XML: {error}", hint="export it again") from error
    return builder.close()
