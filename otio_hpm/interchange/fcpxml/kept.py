"""What is kept of elements in `metadata["fcpxml"]`; the keys are listed in the package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.document import Document, elements

KEY = "fcpxml"
REEL = "com.apple.proapps.studio.reel"
"""Final Cut Pro's own key for a reel in metadata."""

_MEDIA = frozenset({"asset-clip", "clip", "video", "audio", "title", "live-drawing"})
_NESTED = frozenset({"ref-clip", "sync-clip", "mc-clip", "audition", "spine"})
STORY = _MEDIA | _NESTED | {"gap"}
"""Elements that take time."""
MARKERS = frozenset({"marker", "chapter-marker"})

_TIMING = frozenset({"name", "offset", "start", "duration", "lane", "enabled"})
_EXPRESSED = STORY | MARKERS | {"note", "keyword", "timeMap", "mc-angle"}
_SINGLE = re.compile(r"(adjust-(?!EQ)|conform-rate|metadata|reserved)")
_KEPT = re.compile(
    r"(adjust|filter|object|smart|analysis|hidden|audio|sync|text|match|mc)-|"
    r"(text|param|data|metadata|caption|conform-rate|mute|reserved|stabilization|locator|array|rating)$"
)
_RESOURCE = re.compile(r'\bref="([^"]+)"')


def of_item(document: Document, element: Any, inner: Any = None) -> dict[str, Any]:
    """Of an element that takes time, but where and when it is; of one inside that is all of it."""
    kept: dict[str, Any] = {
        "element": element.tag,
        "attributes": attributes(element, _TIMING | {"ref"}),
        "note": note_of(element),
        "keywords": [dict(one.attrib) for one in element.iterchildren("keyword")],
        "children": children(document, element),
        "angles": [dict(one.attrib) for one in element.iterchildren("mc-source")],
    }
    if inner is not None:
        kept["children"] += inner_children(document, inner, element)
    kept["resources"] = resources(document, element, kept["children"])
    return {key: value for key, value in kept.items() if value}


def attributes(element: Any, without: Iterable[str] = ()) -> dict[str, str]:
    """The attributes but some."""
    left_out = frozenset(without)
    return {key: value for key, value in element.attrib.items() if key not in left_out}


def children(document: Document, element: Any) -> list[str]:
    """The child elements that OTIO has no place for, as XML; what is unknown with a warning."""
    kept = [child for child in elements(element) if _is_kept(child)]
    for child in kept:
        if child.tag == "caption":
            document.captions += 1
        elif not _KEPT.match(child.tag):
            document.warn(child, f"in <{element.tag}> is not understood; it is kept as it is")
    return [xml(child) for child in kept]


def inner_children(document: Document, inner: Any, outer: Any) -> list[str]:
    """Those of an element in a clip that is no more than it; the clip's own go before them."""
    said = {child.tag: xml(child) for child in elements(outer) if _SINGLE.match(child.tag)}
    found = []
    for child in filter(_is_kept, elements(inner)):
        if child.tag not in said:
            found.append(xml(child))
        elif said[child.tag] != xml(child):
            document.warn(child, f"in <{inner.tag}> gives way to that of its clip")
    return found


def name_unkept(document: Document, inner: Any) -> None:
    """Say what is not kept of one of several elements in a clip that is no more than they."""
    for child in filter(_is_kept, elements(inner)):
        document.warn(child, f"in <{inner.tag}> is left out; its clip plays it as the others")


def _is_kept(child: Any) -> bool:
    """Whether an element says something that OTIO has no place for."""
    if child.tag == "mc-source":  # its attributes are kept as those of an angle
        return bool(elements(child))
    return child.tag not in _EXPRESSED


def resources(document: Document, element: Any, texts: Iterable[str]) -> dict[str, str]:
    """The effects and formats that an element and some XML text refer to, as XML by id."""
    wanted = {element.get("ref"), element.get("format")}
    wanted.update(name for text in texts for name in _RESOURCE.findall(text))
    found = {name: document.resources.get(name) for name in sorted(filter(None, wanted))}
    return {
        name: xml(resource)
        for name, resource in found.items()
        if resource is not None and resource.tag in ("effect", "format")
    }


def reel_of(element: Any) -> str:
    """The reel in the metadata of an asset or a clip; empty where there is none."""
    said = (one.get("value") for one in element.iterfind("metadata/md") if one.get("key") == REEL)
    return next((value.strip() for value in said if value), "")


def note_of(element: Any) -> str:
    """The text of an element's note."""
    return (element.findtext("note") or "").strip()


def xml(element: Any) -> str:
    """An element as text, without what follows it."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))
