"""What the objects of an AAF say, in plain values: kinds of track, rates, timecode, notes.

The object model is that of the AAF Object Specification 1.1. Functions here raise whatever the
library raises for a damaged object; the reader turns that into a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from otio_hpm.timing import may_drop, nominal, snap_rate

MAX_DEPTH = 50
"""Nesting beyond this is damage; no editing system comes near it."""


@dataclass(frozen=True, kw_only=True)
class StartTimecode:
    """A timecode segment."""

    start_frames: int
    """Frame number of its first timecode."""
    fps: int
    """Its counting base."""
    drop_frame: bool
    rate: Fraction
    """Frames per second of its frames: `fps`, or 1000/1001 of it."""


def class_name(item: Any) -> str:
    """The AAF class of an object."""
    return type(item).__name__


def media_kind(segment: Any) -> str:
    """`Video`, `Audio`, or the AAF's own word for a track that is neither."""
    kind = str(segment.media_kind or "")
    plain = kind.lower().removeprefix("legacy")
    return {"picture": "Video", "picturewithmatte": "Video", "sound": "Audio"}.get(plain, kind)


def edit_rate(slot: Any) -> Fraction:
    """Edit units per second of a slot, exactly: 29.97 written as 2997/100 is 30000/1001.

    Raises ValueError for one that is no rate.
    """
    rate = exact(slot.edit_rate)
    if rate <= 0:
        raise ValueError(f"an edit rate of {rate}")
    return snap_rate(rate) or rate


def exact(value: Any) -> Fraction:
    """A rational of an AAF; one without a denominator is 0."""
    denominator = getattr(value, "denominator", 1)
    return Fraction(value.numerator, denominator) if denominator else Fraction(0)


def operation_of(group: Any) -> Any:
    """The definition of the operation of a group, by its name in files of AAF 1.1 or before.

    Raises ValueError where there is none.
    """
    found = group.getvalue("Operation") or group.getvalue("OperationDefinition")
    if found is None:
        raise ValueError("an effect without a definition")
    return found


def usage_of(mob: Any) -> str:
    """What a composition is used for, `Usage_TopLevel`...; files before AAF 1.1 have a prefix."""
    return str(mob.usage or "").removeprefix("kAAF")


def length_of(component: Any) -> int:
    """Length in edit units; 0 where none is stated."""
    return int(component.length or 0)


def components(segment: Any, depth: int = 0) -> Iterator[Any]:
    """The parts of a segment in order; sequences directly inside sequences are laid open."""
    if class_name(segment) != "Sequence":
        yield segment
    elif depth > MAX_DEPTH:
        raise ValueError("sequences nested too deeply")
    else:
        for component in segment.components:
            yield from components(component, depth + 1)


def track_number(slot: Any) -> int | None:
    """The number of a track among those of its kind."""
    number = slot.getvalue("PhysicalTrackNumber")
    return None if number is None else int(number)


def timecodes(mob: Any) -> list[tuple[Any, StartTimecode]]:
    """Every timecode track of a mob, with its slot, in the mob's order."""
    return [
        (slot, _timecode(slot, found)) for slot in mob.slots if (found := _first_timecode(slot))
    ]


def primary_timecode(mob: Any, rate: Fraction | None) -> StartTimecode | None:
    """The timecode that a sequence is shown with: track 1, at the sequence's counting base."""
    found = timecodes(mob)
    best = sorted(
        found,
        key=lambda pair: (
            rate is not None and pair[1].fps != nominal(rate),
            track_number(pair[0]) != 1,
        ),
    )
    return best[0][1] if best else None


def notes(item: Any, key: str) -> dict[str, Any]:
    """A list of tagged values (`UserComments`, `MobAttributeList`...) as plain values."""
    if key not in item:
        return {}
    return {str(tag.name): plain(tag.value) for tag in item[key].value or ()}


def plain(value: Any) -> Any:
    """A value that metadata can hold; what is no number or text becomes text."""
    if isinstance(value, bool | int | str):
        return value if not isinstance(value, int) or abs(value) < 1 << 62 else str(value)
    return str(value)


def _first_timecode(slot: Any) -> Any:
    kind = str(slot.segment.media_kind or "") if slot.segment is not None else ""
    if "Timecode" not in kind:
        return None
    found = (part for part in components(slot.segment) if class_name(part) == "Timecode")
    return next(found, None)


def _timecode(slot: Any, timecode: Any) -> StartTimecode:
    fps, drop_frame = int(timecode.fps), bool(timecode.drop)
    if fps <= 0:
        raise ValueError(f"a timecode of {fps} frames per second")
    ntsc = Fraction(fps * 1000, 1001)
    slot_rate = edit_rate(slot)
    slows = slot_rate.denominator == 1001 or drop_frame
    rate = ntsc if slows and (may_drop(ntsc) or nominal(slot_rate) == fps) else Fraction(fps)
    return StartTimecode(
        start_frames=int(timecode.start), fps=fps, drop_frame=drop_frame, rate=rate
    )
