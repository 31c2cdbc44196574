"""What a timeline keeps of the FCPXML file that it came from, and giving it back.

The shape of `metadata["fcpxml"]` is told by the package `otio_hpm.interchange.fcpxml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.kept import KEY, MARKERS, STORY
from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.interchange.fcpxml.writing_model import Version, elements, lower
from otio_hpm.interchange.fcpxml.writing_resources import Resources
from otio_hpm.interchange.losses import Losses

_REQUIRED = {"filter-video", "filter-audio", "asset-clip", "ref-clip", "video", "audio", "title"}
"""Elements that are nothing without what their `ref` refers to."""
_MASKED = "filter-video-mask"
_MASKS = {"mask-shape", "mask-isolation"}
_MADE_ANEW = STORY | MARKERS | {"keyword", "rating", "timeMap"}
"""Elements that come from the timeline itself."""
_REFERENCES = ("ref", "format", "tracking", "dataLocator")


def facts(thing: Any) -> Mapping[str, Any]:
    """What is kept of an item, track, marker, transition or media reference."""
    return mapping(thing.metadata.get(KEY)) if thing is not None else {}


def mapping(found: Any) -> Mapping[str, Any]:
    """A mapping as it is, and anything else as an empty one."""
    return found if hasattr(found, "get") and hasattr(found, "items") else {}


def texts(found: Any) -> dict[str, str]:
    """Those entries of a mapping that are text."""
    return {key: value for key, value in mapping(found).items() if isinstance(value, str)}


def listed(found: Any) -> list[Any]:
    """The entries of a list, and none of anything else."""
    is_list = hasattr(found, "__iter__") and not isinstance(found, str)
    return list(found) if is_list and not hasattr(found, "items") else []


def origin_of(item: Any) -> Fraction:
    """The time at which the content of a nested item begins to count."""
    try:
        return parse_time(texts(facts(item)).get("origin") or "0s")
    except ValueError:
        return Fraction(0)


def own_of(item: Any) -> Fraction | None:
    """The own time that an item had at its in, where it changes its speed."""
    try:
        return parse_time(texts(facts(item)).get("own", ""))
    except ValueError:
        return None


def conform_kept(clip: Any) -> str:
    """Whether a file let the media of a clip be played in step with the sequence.

    "1" if it did, "0" if not, and nothing for a clip that came from elsewhere.
    """
    kept = facts(clip)
    for text in listed(kept.get("children")):
        if isinstance(text, str) and text.startswith("<conform-rate"):
            return "0" if 'scaleEnabled="0"' in text else "1"
    return "0" if kept.get("element") else ""


class Keeper:
    """Gives back XML that was kept, with ids that are unique in the new document."""

    def __init__(self, version: Version, resources: Resources, losses: Losses) -> None:
        self._version = version
        self._resources = resources
        self._losses = losses
        self._styles = 0

    def children(self, thing: Any) -> list[Any]:
        """The elements kept of an item or a transition that this version of the format knows."""
        kept = facts(thing)
        found = (one for one in _parsed(kept.get("children")) if one.tag not in _MADE_ANEW)
        known = mapping(kept.get("resources"))
        where = repr(thing.name)
        stay = [one for one in found if lower(one, self._version, self._losses, where)]
        own = {old: self._new_id(one) for one in stay for old, one in _ids(one)}
        return [one for one in stay if self._refer(one, own, known, where)]

    def element(self, text: Any, thing: Any) -> Any:
        """One element kept as XML; None if there is none that can stand."""
        for found in _parsed([text]):
            if lower(found, self._version, self._losses, repr(thing.name)):
                return found
        return None

    def resource(self, number: str, known: Mapping[str, Any]) -> str | None:
        """New id of a resource that was kept under another."""
        for found in _parsed([known.get(number)]):
            if found.tag not in ("effect", "format"):
                continue
            if not lower(found, self._version, self._losses, repr(found.get("name"))):
                continue
            if found.tag == "effect" and not found.get("uid"):
                continue
            del found.attrib["id"]
            return self._resources.other(etree.tostring(found, encoding="unicode"), found)
        return None

    def _new_id(self, element: Any) -> str:
        """Give a text style or a tracking shape an id of its own."""
        self._styles += 1
        element.set("id", f"ts{self._styles}")
        return f"ts{self._styles}"

    def _refer(
        self, element: Any, own: Mapping[str, str], known: Mapping[str, Any], where: str
    ) -> bool:
        """Turn references to old ids into those to new ones; whether the element can stay."""
        for name in _REFERENCES:
            old = element.get(name)
            if old is None and not (name == "ref" and element.tag in _REQUIRED):
                continue
            new = (own.get(old) or self.resource(old, known)) if old else None
            if new:
                element.set(name, new)
                continue
            self._losses.add(f"<{element.tag}> refers to something that is not there", where)
            if name == "ref" and element.tag in _REQUIRED:
                return False
            del element.attrib[name]
        for child in list(elements(element)):
            if not self._refer(child, own, known, where):
                element.remove(child)
        return element.tag != _MASKED or _is_masked(element, where, self._losses)


def _is_masked(element: Any, where: str, losses: Losses) -> bool:
    """Whether an effect behind a mask still has both."""
    found = {child.tag for child in elements(element)}
    if "filter-video" in found and found & _MASKS:
        return True
    losses.add(f"<{_MASKED}> is nothing without its effect and mask", where)
    return False


def _parsed(found: Any) -> Iterator[Any]:
    """Elements of a list of XML texts; what is none is passed over."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    for text in listed(found):
        if not isinstance(text, str):
            continue
        try:
            element = etree.fromstring(text.encode(), parser)
        except etree.XMLSyntaxError:
            continue
        element.tail = None
        yield element


def _ids(element: Any) -> list[tuple[str, Any]]:
    """Everything in an element that has an id."""
    return [(one.get("id"), one) for one in element.iter(etree.Element) if one.get("id")]
