"""Picture and sound that a file had as one element, and that are still together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.writing_kept import facts, listed, texts
from otio_hpm.interchange.fcpxml.writing_layout import Cross, Lane, Slot
from otio_hpm.interchange.fcpxml.writing_sound import Fades
from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.tree import speed_of

_COMPONENT = "<audio-channel-source"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A track that is written, and the lane it is on."""

    lane: Lane
    number: int
    """0 is the primary storyline, more is above it, less below."""
    sound: bool


class Links:
    """The sounds that are written with their picture."""

    def __init__(self, layers: Sequence[Layer], losses: Losses) -> None:
        self._sounds: dict[int, list[Any]] = {}
        self._fades: dict[int, Fades] = {}
        self._apart: dict[int, Slot] = {}
        self.absorbed: set[int] = set()
        """Identities of their items."""
        pictures = {_link(slot): (slot, layer) for slot, layer in _slots(layers, sound=False)}
        heard: dict[str, list[tuple[Slot, Layer]]] = defaultdict(list)
        for slot, layer in _slots(layers, sound=True):
            heard[_link(slot)].append((slot, layer))
        together = {
            link: (*pictures[link], sounds)
            for link, sounds in heard.items()
            if link in pictures and _belong(pictures[link][0], [slot for slot, _ in sounds])
        }
        stay = _consistent(together)
        for link, (slot, _) in pictures.items():
            if link in heard and link not in stay:
                words = "links between picture and sound are left out"
                losses.add(words, repr(slot.item.name))
        for link in stay:
            slot, layer, sounds = together[link]
            self._fades[id(slot.item)] = _fades(layer.lane, sounds[0][0], sounds[0][1].lane)
            self._sounds[id(slot.item)] = [sound.item for sound, _ in sounds]
            if not _same_extent(slot, sounds[0][0]):
                self._apart[id(slot.item)] = sounds[0][0]
            self.absorbed.update(id(sound.item) for sound, _ in sounds)

    def sounds(self, item: Any) -> list[Any]:
        """The items that are the sound of a picture."""
        return self._sounds.get(id(item), [])

    def fades(self, item: Any) -> Fades:
        """The fades of the sound of a picture, which are those of its element."""
        return self._fades.get(id(item), Fades())

    def apart(self, item: Any) -> Slot | None:
        """Where the sound of a picture is, if it does not begin and end with it: a split edit."""
        return self._apart.get(id(item))


_Together = dict[str, tuple[Slot, Layer, list[tuple[Slot, Layer]]]]


def _consistent(together: _Together) -> set[str]:
    """Those links whose transitions are the same in picture and sound, on both sides of a cut."""
    stay = set(together)
    while True:
        gone = {link for link in stay if not _dissolves_alike(together, stay, link)}
        if not gone:
            return stay
        stay -= gone


def _dissolves_alike(together: _Together, stay: set[str], link: str) -> bool:
    slot, layer, sounds = together[link]
    if len({_fades(layer.lane, heard, other.lane) for heard, other in sounds}) > 1:
        return False
    for heard, other in sounds:
        for cut_s in (heard.start_s, heard.end_s):
            is_cut = cut_s in (slot.start_s, slot.end_s)
            picture = layer.lane.cross_at(cut_s) if is_cut else None
            cross = other.lane.cross_at(cut_s)
            if cross is None or (picture is None and _is_fade(cross, heard, other.lane)):
                continue
            if not _alike(picture, cross) or not _all_stay(other.lane, cut_s, stay):
                return False
    return True


def _fades(picture: Lane, sound: Slot, lane: Lane) -> Fades:
    """The fades of a sound on those sides where its picture has no transition."""
    found = Fades()
    for cut_s in (sound.start_s, sound.end_s):
        cross = lane.cross_at(cut_s)
        if cross and not picture.cross_at(cut_s) and _is_fade(cross, sound, lane):
            length_s = cross.end_s - cross.start_s
            found = found.beside(cross.transition, length_s, at_head=cut_s == sound.start_s)
    return found


def _is_fade(cross: Cross, sound: Slot, lane: Lane) -> bool:
    """Whether a transition lies inside a sound, with nothing on its other side."""
    beside = (slot for slot in lane.slots if slot.item is not sound.item and not slot.is_gap)
    touches = any(cross.cut_s in (slot.start_s, slot.end_s) for slot in beside)
    return not touches and sound.start_s <= cross.start_s and cross.end_s <= sound.end_s


def _all_stay(lane: Lane, cut_s: Fraction, stay: set[str]) -> bool:
    """Whether every sound at a cut is written with its picture."""
    near = (slot for slot in lane.slots if cut_s in (slot.start_s, slot.end_s))
    return all(slot.is_gap or _link(slot) in stay for slot in near)


def _alike(picture: Cross | None, sound: Cross) -> bool:
    return picture is not None and (picture.start_s, picture.end_s) == (sound.start_s, sound.end_s)


def _slots(layers: Iterable[Layer], *, sound: bool) -> Iterable[tuple[Slot, Layer]]:
    for layer in layers:
        if layer.sound == sound:
            yield from ((slot, layer) for slot in layer.lane.slots if _link(slot))


def _link(slot: Slot) -> str:
    found = texts(facts(slot.item)).get("link")
    return found or ""


def _belong(picture: Slot, sounds: Sequence[Slot]) -> bool:
    """Whether sounds are still all of the sound of a picture, unchanged beside it."""
    kept = facts(picture.item)
    children = [text for text in listed(kept.get("children")) if isinstance(text, str)]
    components = sum(text.startswith(_COMPONENT) for text in children)
    if kept.get("element") == "asset-clip" and len(sounds) != max(1, components):
        return False
    if isinstance(picture.item, schema.Stack) and len(sounds) != 1:
        return False
    if not all(_same_extent(sounds[0], sound) for sound in sounds):
        return False
    return all(_is_beside(picture, sound) for sound in sounds)


def _is_beside(picture: Slot, sound: Slot) -> bool:
    one, other = picture.item, sound.item
    component = texts(facts(other).get("component"))
    silent = "0" in (component.get("enabled"), component.get("active"))
    return (
        type(one) is type(other)
        and (_is_alike(picture, sound) or _is_split(picture, sound))
        and other.enabled == (one.enabled and not silent)
        and not len(other.markers)
    )


def _is_alike(picture: Slot, sound: Slot) -> bool:
    return _same_extent(picture, sound) and _source(picture.item) == _source(sound.item)


def _is_split(picture: Slot, sound: Slot) -> bool:
    """Whether a sound is in step with a picture, but begins or ends before or after it."""
    kept = facts(picture.item)
    if kept.get("element") != "asset-clip" or kept.get("timeMap"):
        return False
    (seen_s, *seen), (heard_s, *heard) = _source(picture.item), _source(sound.item)
    if None in (seen_s, heard_s) or seen != heard or speed_of(picture.item) != 1:
        return False
    seen_s, heard_s = seen_s + picture.trimmed_s, heard_s + sound.trimmed_s
    return bool(heard_s - seen_s == sound.start_s - picture.start_s)


def _same_extent(one: Slot, other: Slot) -> bool:
    return (one.start_s, one.end_s) == (other.start_s, other.end_s)


def _source(item: Any) -> tuple[Any, ...]:
    """What an item plays, from when on, and how fast."""
    own = item.source_range
    start_s = seconds(own.start_time) if own else None
    url = getattr(getattr(item, "media_reference", None), "target_url", None)
    return start_s, speed_of(item), url
