"""What is kept of an element in metadata, and the element again.

Attributes have keys with `@`, children that occur more than once are lists, an element without
children is its text: the shape that the published adapter gives `metadata["fcp_xml"]`. The text of
an element that has attributes as well, which is lost there, has the key `#text`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from otio_hpm.interchange.fcp7.values import counting
from otio_hpm.interchange.xml_text import legal

KEY = "fcp_xml"
"""Key of everything kept in metadata."""

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_OF_TIME = ("frame", "string")


def as_dict(element: Element, without: Collection[str] = ()) -> dict[str, Any]:
    """An element's attributes and children, except those of the names in `without`.

    The count of a timecode is left out: it is a time, and stands in the timeline. How it counts is
    always kept as its displayformat.
    """
    found: dict[str, Any] = {f"@{key}": value for key, value in element.attrib.items()}
    left_out = (*without, *_OF_TIME) if element.tag == "timecode" else without
    children: dict[str, list[Any]] = {}
    for child in element:
        if child.tag not in left_out:
            children.setdefault(child.tag, []).append(_value(child))
    if element.tag == "timecode" and (drops := counting(element)) is not None:
        children["displayformat"] = ["DF" if drops else "NDF"]
    return found | {tag: all if len(all) > 1 else all[0] for tag, all in children.items()}


def _value(element: Element) -> Any:
    said = element.text if (element.text or "").strip() else None
    if len(element):
        return as_dict(element)
    return {**as_dict(element), "#text": said} if element.attrib else said


def kept_of(item: Any) -> Mapping[str, Any]:
    """What is kept of an OTIO object; empty where there is nothing."""
    found = item.metadata.get(KEY) if item is not None else None
    return found if isinstance(found, Mapping) else {}


def within(kept: Any, *keys: str) -> Any:
    """A value deep in what is kept, or None."""
    for key in keys:
        kept = kept.get(key) if isinstance(kept, Mapping) else None
    return kept


def several(value: Any) -> list[Any]:
    """What occurs once, several times or not at all, as a list."""
    if value is None:
        return []
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return list(value) if is_list else [value]


def fill(element: Element, kept: Any, without: Collection[str] = ()) -> Element:
    """Give an element the attributes and children that are kept; returns it.

    What cannot be a name in XML is left out; characters that XML does not allow are dropped. What
    is kept may be anything that stood in metadata: all but a mapping counts as nothing.
    """
    for key, value in kept.items() if isinstance(kept, Mapping) else ():
        if key == "#text":
            element.text = legal(str(value or ""))
        elif key.startswith("@") and _NAME.fullmatch(key[1:]) and key not in without:
            element.set(key[1:], legal(str(value)))
        elif _NAME.fullmatch(key) and key not in without:
            for one in several(value):
                _add(element, key, one)
            if value is None:
                SubElement(element, key)
    return element


def _add(parent: Element, tag: str, value: Any) -> None:
    child = SubElement(parent, tag)
    if isinstance(value, Mapping):
        fill(child, value)
    elif value is not None:
        child.text = legal(_text(value))


def _text(value: Any) -> str:
    return ("FALSE", "TRUE")[value] if isinstance(value, bool) else str(value)


def add(parent: Element, tag: str, value: object = None) -> Element:
    """A new child with a text."""
    child = SubElement(parent, tag)
    if value is not None:
        child.text = legal(_text(value))
    return child


def children(kept: Mapping[str, Any], tag: str) -> Iterator[Mapping[str, Any]]:
    """Every kept child of a name that has children itself."""
    yield from (one for one in several(kept.get(tag)) if isinstance(one, Mapping))
