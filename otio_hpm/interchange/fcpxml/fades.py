"""Fades of sound: adjustments of its volume in a file, transitions with nothing in OTIO."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lxml import etree
from opentimelineio import schema

from otio_hpm.interchange.fcpxml.clock import time_of
from otio_hpm.interchange.fcpxml.document import Document
from otio_hpm.interchange.fcpxml.kept import KEY, attributes, xml
from otio_hpm.interchange.fcpxml.times import parse_time
from otio_hpm.timeline.exact import seconds

FADES = ("fadeIn", "fadeOut")
_VOLUME = "<adjust-volume"
_WHY = "another sound touches it, or it is longer than its clip"


@dataclass(frozen=True, kw_only=True)
class _Sound:
    """An item of sound, where it stands."""

    track: int
    index: int
    item: Any


class _Volume:
    """The adjustment of the volume that is kept of an item."""

    def __init__(self, holder: Any) -> None:
        self._kept = holder.metadata[KEY]
        self._texts = list(self._kept.get("children", ()))
        said = [text.startswith(_VOLUME) for text in self._texts]
        self._index = said.index(True)
        parser = etree.XMLParser(resolve_entities=False)
        self._element = etree.fromstring(self._texts[self._index], parser)

    def fades(self) -> dict[str, Any]:
        """The elements of its fades, by their tags."""
        found = {tag: self._element.find(f"param/{tag}") for tag in FADES}
        return {tag: fade for tag, fade in found.items() if fade is not None}

    def drop(self, fade: Any) -> None:
        """Take out one of its fades, and what is left without content."""
        param = fade.getparent()
        param.remove(fade)
        if not len(param) and param.get("value") is None:
            self._element.remove(param)
        is_idle = not len(self._element) and not self._element.attrib
        self._texts[self._index : self._index + 1] = [] if is_idle else [xml(self._element)]
        if self._texts:
            self._kept["children"] = self._texts
        else:
            del self._kept["children"]


def take_fades(document: Document, tracks: Sequence[Any], rate: Fraction | None) -> None:
    """Make transitions of the fades in the volume of sounds, in all tracks of one timeline.

    A fade lies inside its sound, and nothing sounds beside it. Where something does, OTIO has no
    word for it: it stays in the XML that is kept, with a warning.
    """
    rows = [list(track) for track in tracks]
    places = [
        _Sound(track=number, index=index, item=item)
        for number, row in enumerate(rows)
        for index, item in enumerate(row)
        if item.metadata.get(KEY)
    ]
    heard = defaultdict(list)
    for place in places:
        if tracks[place.track].kind == schema.TrackKind.Audio:
            heard[_link(place.item)].append(place)
    made: dict[int, list[tuple[int, Any]]] = defaultdict(list)
    for place in places:
        if _has_fades(place.item, "<audio-channel-source"):
            document.note(f"{place.item.name!r}: fades of its channels are kept, as XML only")
        sounds = heard[_link(place.item)]
        if not sounds or not _has_fades(place.item, _VOLUME):
            continue
        volume = _Volume(place.item)
        for tag, fade in volume.fades().items():
            length_s = _length_s(fade)
            if not all(_is_open(rows, sound, tag, length_s) for sound in sounds):
                document.note(f"{place.item.name!r}: its {tag} is kept, as XML only: {_WHY}")
                continue
            volume.drop(fade)
            for sound in sounds:
                index = sound.index + (tag == "fadeOut")
                made[sound.track].append((index, _transition(fade, length_s, rate)))
    for number, fades in made.items():
        _insert(tracks[number], fades)


def _link(item: Any) -> Any:
    """What the items of one element have in common."""
    return item.metadata[KEY].get("link") or id(item)


def _has_fades(item: Any, element: str) -> bool:
    children = item.metadata[KEY].get("children", ())
    return any(text.startswith(element) and "<fade" in text for text in children)


def _is_open(rows: Sequence[Sequence[Any]], sound: _Sound, tag: str, length_s: Fraction) -> bool:
    """Whether nothing sounds beside a sound, on the side of a fade that is no longer than it."""
    beside = sound.index + (1 if tag == "fadeOut" else -1)
    row = rows[sound.track]
    is_free = not 0 <= beside < len(row) or isinstance(row[beside], schema.Gap)
    return is_free and 0 < length_s <= seconds(sound.item.duration())


def _length_s(fade: Any) -> Fraction:
    """The length of a fade; 0 for one that is damaged."""
    try:
        return parse_time(fade.get("duration") or "0s")
    except ValueError:
        return Fraction(0)


def _transition(fade: Any, length_s: Fraction, rate: Fraction | None) -> Any:
    none, length = time_of(Fraction(0), rate), time_of(length_s, rate)
    is_out = fade.tag == "fadeOut"
    return schema.Transition(
        transition_type=schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=length if is_out else none,
        out_offset=none if is_out else length,
        metadata={KEY: {"element": fade.tag, "attributes": attributes(fade, ("duration",))}},
    )


def _insert(track: Any, fades: Iterable[tuple[int, Any]]) -> None:
    """Put transitions before the items of these indices."""
    for index, fade in sorted(fades, key=lambda one: one[0], reverse=True):
        track.insert(index, fade)
