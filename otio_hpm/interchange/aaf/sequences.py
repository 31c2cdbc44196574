"""The sequences of an open AAF as OTIO timelines, with their rate, start and counting."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.aaf.faults import said
from otio_hpm.interchange.aaf.items import Items
from otio_hpm.interchange.aaf.marker_reading import attach, read_markers
from otio_hpm.interchange.aaf.mobs import (
    StartTimecode,
    class_name,
    edit_rate,
    media_kind,
    notes,
    plain,
    primary_timecode,
    track_number,
    usage_of,
)
from otio_hpm.interchange.aaf.stereo import join_stereo
from otio_hpm.timeline.exact import rational
from otio_hpm.timing import snap_rate

_TOP, _LOWER = "Usage_TopLevel", ("Usage_LowerLevel", "Usage_SubClip", "Usage_AdjustedClip")
_SKIPPED = ("soundmastertrack", "timecode", "edgecode", "descriptive metadata")
_DIALECTS = (
    ("resolve", "resolve"),
    ("premiere", "premiere"),
    ("adobe", "premiere"),
    ("avid", "avid"),
    ("media composer", "avid"),
    ("pro tools", "avid"),
)


@dataclass(frozen=True, kw_only=True)
class ReadSequence:
    """One sequence as read."""

    timeline: Any
    rate: tuple[Fraction, str] | None
    drop_frame: tuple[bool, str] | None


def read_sequences(file: Any, warnings: list[str]) -> list[ReadSequence]:
    """Every sequence of an open file: its top-level compositions, or what stands for them.

    A file without compositions gives one sequence per master mob. Raises TimelineError for a file
    that holds neither.
    """
    mobs = _sequence_mobs(file.content)
    if not mobs:
        raise TimelineError("it holds no sequence", hint="Export a sequence, not a bin.")
    return [_read(mob, warnings) for mob in mobs]


def dialect_of(file: Any) -> str:
    """The system that wrote an open file, by the last of its identifications."""
    for found in reversed(file.header["IdentificationList"].value or []):
        names = f"{found.getvalue('CompanyName')} {found.getvalue('ProductName')}".lower()
        for word, dialect in _DIALECTS:
            if word in names:
                return dialect
    return "plain"


def _sequence_mobs(content: Any) -> list[Any]:
    compositions = list(content.compositionmobs())
    top = [mob for mob in compositions if usage_of(mob) == _TOP]
    upper = [mob for mob in compositions if usage_of(mob) not in _LOWER]
    return top or upper or compositions or list(content.mastermobs())


def _read(mob: Any, warnings: list[str]) -> ReadSequence:
    name = str(mob.name or "")
    slots = _media_slots(mob, name, warnings)
    rate = _rate(slots, mob, name, warnings)
    frame_rate = rate[0] if rate else edit_rate(slots[0]) if slots else Fraction(1)
    timeline = schema.Timeline(name=name, metadata={"AAF": _facts(mob)})
    timecode = _primary(mob, rate[0] if rate else None, name, warnings)
    if timecode is not None:
        timeline.global_start_time = rational(timecode.start_frames, timecode.rate)
        timeline.metadata["AAF"]["DropFrame"] = timecode.drop_frame
    items = Items(frame_rate, warnings)
    tracks = _add_tracks(timeline, slots, items, name)
    attach(read_markers(mob, warnings), tracks, timeline)
    join_stereo(timeline)
    drop = (timecode.drop_frame, "its timecode track") if timecode is not None else None
    return ReadSequence(timeline=timeline, rate=rate, drop_frame=drop)


def _media_slots(mob: Any, name: str, warnings: list[str]) -> list[Any]:
    """The slots of picture, then those of sound, each by number of the track."""
    found = []
    for slot in mob.slots:
        try:
            kind = media_kind(slot.segment) if slot.segment is not None else ""
            if class_name(slot) == "TimelineMobSlot" and kind in ("Video", "Audio"):
                edit_rate(slot)
                found.append(slot)
            elif class_name(slot) == "TimelineMobSlot" and _kind(kind) not in _SKIPPED:
                warnings.append(f"{name!r}: a track of {kind or 'no kind'} is left out")
        except Exception as error:  # whatever the library raises, only this track is lost
            warnings.append(f"{name!r}: a track is not understood ({said(error)})")
    return sorted(found, key=lambda slot: (_is_audio(slot), track_number(slot) or 0))


def _kind(word: str) -> str:
    return word.lower().removeprefix("legacy")


def _is_audio(slot: Any) -> bool:
    return media_kind(slot.segment) == "Audio"


def _rate(
    slots: list[Any], mob: Any, name: str, warnings: list[str]
) -> tuple[Fraction, str] | None:
    """The sequence's frame rate: of its picture, else of its timecode, else of its sound."""
    for slot in (slot for slot in slots if not _is_audio(slot)):
        if rate := snap_rate(edit_rate(slot)):
            return rate, "the edit rate of its picture"
    sound = next((rate for slot in slots if (rate := snap_rate(edit_rate(slot)))), None)
    timecode = _primary(mob, sound, name, warnings)
    if timecode is not None and snap_rate(timecode.rate):
        return timecode.rate, "its timecode track"
    return (sound, "the edit rate of its sound") if sound else None


def _primary(
    mob: Any, rate: Fraction | None, name: str, warnings: list[str]
) -> StartTimecode | None:
    try:
        return primary_timecode(mob, rate)
    except Exception as error:  # as above
        warning = f"{name!r}: its timecode track is not understood ({said(error)})"
        if warning not in warnings:
            warnings.append(warning)
        return None


def _add_tracks(
    timeline: Any, slots: list[Any], items: Items, name: str
) -> dict[tuple[int, int], Any]:
    """Fill a timeline with tracks; returns them by slot id and by number, as markers name them."""
    tracks: dict[tuple[int, int], Any] = {}
    for slot in slots:
        what = "audio" if _is_audio(slot) else "video"
        where = f"{name!r}, {what} track {track_number(slot) or '?'}"
        layers = items.layers_or_none(slot, where)
        first = track_number(slot) or 1
        for number, track in enumerate(layers):
            track.name = _layer_name(str(slot.name or ""), number, len(layers))
            track.metadata["AAF"] = _slot_facts(slot)
            timeline.tracks.append(track)
            tracks[int(slot.slot_id), first + number] = track
    return tracks


def _layer_name(name: str, number: int, layers: int) -> str:
    """The layers of one slot share its name."""
    return name if layers == 1 or not name else f"{name} {number + 1}"


def _facts(mob: Any) -> dict[str, Any]:
    facts = {
        "ClassName": class_name(mob),
        "MobID": str(mob.mob_id),
        "UsageCode": usage_of(mob),
        "UserComments": notes(mob, "UserComments"),
        "MobAttributeList": notes(mob, "MobAttributeList"),
    }
    return {key: value for key, value in facts.items() if value not in ("", {})}


def _slot_facts(slot: Any) -> dict[str, Any]:
    return {
        "SlotID": int(slot.slot_id),
        "PhysicalTrackNumber": plain(track_number(slot) or 0),
    }
