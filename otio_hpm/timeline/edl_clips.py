"""Clips from the events of an edit decision list: name, media, grade, speed."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from otio_hpm.timeline.edl_event import Event
from otio_hpm.timeline.edl_events import Block
from otio_hpm.timeline.edl_notes import Notes, Speed
from otio_hpm.timeline.media_url import file_name
from otio_hpm.timing import nominal

BLACK = frozenset({"BL", "BLACK"})
"""Reels of black."""
BARS = "BARS"
UNKNOWN_REEL = "AX"
"""An auxiliary source, which is no tape."""

_SAME_SPEED = Fraction(1, 20)
_IMAGES = re.compile(r"(?P<prefix>.*)\[(?P<first>\d{1,9})-\d+\](?P<suffix>\.\w+)")


def clip_of(event: Event, block: Block) -> Any:
    """A clip with the event's name, media reference and metadata, but no time yet.

    Of a transition's lines the first is what goes out, of a key's the background.
    """
    from opentimelineio import schema

    notes, side = block.notes, _side(event, block)
    media = notes.files.get(side, "")
    named = notes.names.get(side, "")
    stem = file_name(media).rpartition(".")[0] or file_name(media)
    reel = event.reel if event.reel != UNKNOWN_REEL else ""
    clip = schema.Clip(name=named or stem or reel or event.number)
    if notes.is_frozen:
        clip.name = clip.name.removesuffix(" FF")
    clip.media_reference = _reference(event.reel.upper(), media)
    clip.metadata.update(_metadata(event, notes))
    return clip


def speed_of(event: Event, block: Block, rate: Fraction) -> Fraction | None:
    """Source frames per record frame that an M2 line tells; it counts in the rate's base."""
    found = _own_speed(event, block)
    if found is None:
        return None
    if min(abs(abs(found.fps) - rate), abs(abs(found.fps) - nominal(rate))) <= _SAME_SPEED:
        return Fraction(1 if found.fps > 0 else -1)
    return found.fps / nominal(rate)


def keep_counting(thing: Any, drop_frame: bool) -> None:
    """Keep whether timecode counts drop-frame: record time of a timeline, source time of a clip."""
    thing.metadata["cmx_3600"] = {**thing.metadata.get("cmx_3600", {}), "drop_frame": drop_frame}


def set_speed(clip: Any, speed: Fraction) -> None:
    """Give a clip its speed as an OTIO effect: 1 is normal, 0 frozen."""
    from opentimelineio import schema

    if speed == 0:
        clip.effects.append(schema.FreezeFrame())
    elif speed != 1:
        clip.effects.append(schema.LinearTimeWarp(time_scalar=float(speed)))


def _side(event: Event, block: Block) -> str:
    """Which of the names under an event's lines are its own; empty for none of them.

    Under a transition with one name alone, that is of what comes in, unless one side is black.
    """
    names = block.notes.names.keys() | block.notes.files.keys()
    if event.edit in ("K", "KO"):
        return "KEY" if "KEY" in names or len(block.events) > 1 else "FROM"
    if event.is_transition:
        if "TO" in names:
            return "TO"
        return "" if event.reel.upper() in BLACK else "FROM"
    incoming = [other for other in block.events if other.is_transition]
    from_black = event.reel.upper() in BLACK and bool(incoming)
    return "" if from_black else "FROM"


def _reference(reel: str, media: str) -> Any:
    from opentimelineio import schema

    if reel in BLACK:
        return schema.GeneratorReference(generator_kind="black")
    if reel == BARS:
        return schema.GeneratorReference(generator_kind="SMPTEBars")
    if not media:
        return schema.MissingReference()
    images = _IMAGES.fullmatch(file_name(media))
    if not images:
        return schema.ExternalReference(target_url=media)
    return schema.ImageSequenceReference(
        target_url_base=media[: -len(file_name(media))].rstrip("/\\"),
        name_prefix=images["prefix"],
        name_suffix=images["suffix"],
        start_frame=int(images["first"]),
        frame_zero_padding=len(images["first"]),
    )


def _metadata(event: Event, notes: Notes) -> dict[str, Any]:
    """Metadata as the published adapter lays it out."""
    kept: dict[str, Any] = {"comments": list(notes.comments)} if notes.comments else {}
    if event.reel not in ("", UNKNOWN_REEL):
        kept["reel"] = notes.reels.get(event.reel, event.reel)
    if event.edit[0] == "K":
        kept["key"] = event.edit
    found: dict[str, Any] = {"cmx_3600": kept} if kept else {}
    if notes.sop or notes.saturation is not None:
        slope, offset, power = notes.sop or ((1.0,) * 3, (0.0,) * 3, (1.0,) * 3)
        sop = {"slope": list(slope), "offset": list(offset), "power": list(power)}
        saturation = 1.0 if notes.saturation is None else notes.saturation
        found["cdl"] = {"asc_sat": saturation, "asc_sop": sop}
    return found


def _own_speed(event: Event, block: Block) -> Speed | None:
    """The M2 line that means an event: by reel, by source timecode, else that of the last line.

    Reels are compared as far as both go, because hosts cut them to different lengths.
    """
    speeds, lines = block.notes.speeds, block.events
    if len(lines) > 1:
        mine = [speed for speed in speeds if _same_reel(speed.reel, event.reel)]
        others = [line for line in lines if line is not event]
        shared = any(_same_reel(speed.reel, line.reel) for speed in mine for line in others)
        exact = [speed for speed in mine if speed.timecode == event.source_in]
        speeds = exact or ([] if shared and event is not lines[-1] else mine)
        if not speeds and event is lines[-1]:
            speeds = [one for one in block.notes.speeds if _of_none(one, lines)]
    return speeds[-1] if speeds else None


def _of_none(speed: Speed, lines: list[Event]) -> bool:
    return not any(_same_reel(speed.reel, line.reel) for line in lines)


def _same_reel(one: str, other: str) -> bool:
    one, other = (reel.casefold().replace(" ", "").rstrip("._") for reel in (one, other))
    return bool(one and other) and (one.startswith(other) or other.startswith(one))
