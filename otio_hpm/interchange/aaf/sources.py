"""From a source clip to its media: the chain of mobs below it, files, and source timecode.

A clip refers to a master mob, that to the mob of a file, that to the mob of the tape, film or
imported file that it was made from (AAF Edit Protocol, "source reference chain"). Positions are
in edit units of the slot that refers; timecode stands on the deepest mob that has a timecode track.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.aaf.mobs import (
    class_name,
    components,
    edit_rate,
    exact,
    length_of,
    notes,
    primary_timecode,
)
from otio_hpm.timing import SAMPLE_RATE, snap_rate

_MAX_HOPS = 30
_ONE_SAMPLE_S = Fraction(1, SAMPLE_RATE)


@dataclass(frozen=True, kw_only=True)
class Link:
    """One mob of a chain."""

    mob: Any
    slot: Any
    position_s: Fraction
    """Where in the slot the clip begins."""

    @property
    def origin_s(self) -> Fraction:
        """Seconds of the slot before its media begin."""
        return Fraction(int(self.slot.getvalue("Origin") or 0)) / edit_rate(self.slot)


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a source clip shows."""

    name: str
    mob_id: str
    start_s: Fraction
    """Where it begins, in the media's own timecode; from its first frame where it has none."""
    references: dict[str, Any]
    """OTIO media references by key, the nearest file first, under OTIO's default key."""
    metadata: dict[str, Any]


def chain(clip: Any, rate: Fraction) -> list[Link]:
    """The mobs that a clip on a slot of `rate` leads to, nearest first; none if it is offline."""
    links: list[Link] = []
    while len(links) < _MAX_HOPS and (mob := clip.mob) is not None:
        slot = next((slot for slot in mob.slots if slot.slot_id == clip.slot_id), None)
        if slot is None or any(link.mob.mob_id == mob.mob_id for link in links):
            break
        position_s = int(clip.start or 0) / rate
        links.append(Link(mob=mob, slot=slot, position_s=position_s))
        found = _clip_at(slot, position_s) if class_name(mob) != "CompositionMob" else None
        if found is None:
            break
        clip, offset_s = found
        rate = edit_rate(slot)
        clip = _Shifted(clip, offset_s * rate)
    return links


def source_of(links: list[Link], sequence_rate: Fraction) -> Source:
    """What the chain of a clip tells of its media."""
    named = next((link.mob for link in links if link.mob.name), links[0].mob)
    shift_s = _timecode_shift(links)
    return Source(
        name=str(named.name or ""),
        mob_id=str(links[0].mob.mob_id),
        start_s=links[0].position_s + shift_s,
        references=_references(links, shift_s, sequence_rate),
        metadata=_metadata(links[0].mob, _tape(links)),
    )


def moment(seconds: Fraction, *rates: Fraction) -> Any:
    """A RationalTime at the first rate that makes it whole frames; at the first rate if none does.

    A time within a sample of a frame is that frame: files count sound in samples.
    """
    for rate in (*rates, Fraction(SAMPLE_RATE)):
        value = seconds * rate
        if abs(value - round(value)) < _ONE_SAMPLE_S * rate / 2 or value.denominator == 1:
            return opentime.RationalTime(round(value), float(rate))
    return opentime.RationalTime(float(seconds * rates[0]), float(rates[0]))


class _Shifted:
    """A source clip seen from a later edit unit."""

    def __init__(self, clip: Any, edit_units: Fraction) -> None:
        self.mob = clip.mob
        self.slot_id = clip.slot_id
        self.start = int(clip.start or 0) + edit_units


def _clip_at(slot: Any, position_s: Fraction) -> tuple[Any, Fraction] | None:
    """The source clip at a position of a slot, and how far into it the position is, in seconds."""
    rate = edit_rate(slot)
    begin = Fraction(0)
    last = None
    for part in components(slot.segment):
        found = _source_clip(part)
        if found is not None:
            last = found, position_s - begin / rate
        begin += length_of(part)
        if last is not None and position_s < begin / rate:
            break
    return last


def _source_clip(segment: Any) -> Any:
    """The source clip inside what may stand between a mob and the next one."""
    for _ in range(_MAX_HOPS):
        kind = class_name(segment)
        if kind == "SourceClip":
            return segment
        inside = {
            "EssenceGroup": "Choices",
            "OperationGroup": "InputSegments",
            "Pulldown": "InputSegment",
            "Selector": "Selected",
            "Sequence": "Components",
        }.get(kind)
        held = segment.getvalue(inside) if inside else None
        segment = next(iter(held), None) if isinstance(held, list) else held
        if segment is None:
            break
    return None


def _timecode_shift(links: list[Link]) -> Fraction:
    """Seconds from positions in the nearest mob to source timecode."""
    for link in reversed(links):
        if class_name(link.mob) == "CompositionMob":
            continue
        timecode = primary_timecode(link.mob, snap_rate(edit_rate(link.slot)))
        if timecode is not None:
            start_s = timecode.start_frames / timecode.rate
            return start_s + link.position_s - links[0].position_s
    return Fraction(0)


def _references(links: list[Link], shift_s: Fraction, rate: Fraction) -> dict[str, Any]:
    """A reference for every file on the way; a missing one where there is none."""
    found = [reference for link in links for reference in _files(link, links[0], shift_s, rate)]
    if not found:
        found = list(_missing(links, shift_s, rate))
    keyed: dict[str, Any] = {}
    for index, reference in enumerate(found):
        key = reference.name if index else schema.Clip.DEFAULT_MEDIA_KEY
        keyed[key if key and key not in keyed else f"{key}_{index:02d}"] = reference
    return keyed


def _files(link: Link, first: Link, shift_s: Fraction, rate: Fraction) -> Iterator[Any]:
    """References to the files that one mob names."""
    descriptor = _descriptor(link.mob)
    if descriptor is None:
        return
    measured = link if "SampleRate" in descriptor else first  # a tape is longer than the clip
    available = _available(measured, first, shift_s, descriptor, rate)
    for locator in descriptor.getvalue("Locator") or ():
        url = str(locator.getvalue("URLString") or "").strip()
        if url:
            reference = schema.ExternalReference(target_url=url, available_range=available)
            reference.name = str(link.mob.name or "")
            reference.metadata["AAF"] = {
                "MobID": str(link.mob.mob_id),
                "EssenceDescription": essence(descriptor),
            }
            yield reference


def _missing(links: list[Link], shift_s: Fraction, rate: Fraction) -> Iterator[Any]:
    sources = [link for link in reversed(links) if _is_source(link.mob)]
    last = next((link for link in sources if _is_file(link.mob)), (sources or links)[0])
    descriptor = _descriptor(last.mob)
    yield schema.MissingReference(
        name=str(last.mob.name or ""),
        available_range=_available(links[0], links[0], shift_s, None, rate),
        metadata={
            "AAF": {
                "MobID": str(last.mob.mob_id),
                "EssenceDescription": essence(descriptor) if descriptor is not None else {},
            }
        },
    )


def _is_source(mob: Any) -> bool:
    return class_name(mob) == "SourceMob"


def _descriptor(mob: Any) -> Any:
    """What a source mob is made of; None for other mobs."""
    return mob.getvalue("EssenceDescription") if _is_source(mob) else None


def _is_file(mob: Any) -> bool:
    """Whether a mob is a file, not the tape, film or import that it was made from."""
    descriptor = _descriptor(mob)
    return descriptor is not None and "SampleRate" in descriptor


def _available(
    link: Link, first: Link, shift_s: Fraction, descriptor: Any, *rates: Fraction
) -> Any:
    """The range of a file in source timecode; None where its length is not stated."""
    rate = edit_rate(link.slot)
    own_s, length_s = length_of(link.slot.segment) / rate, _length_s(descriptor)
    if not length_s or abs(own_s - length_s) < _ONE_SAMPLE_S:  # the same, rounded to samples
        length_s = own_s
    if length_s <= 0:
        return None
    begin_s = shift_s + first.position_s - link.position_s + link.origin_s
    return opentime.TimeRange(moment(begin_s, rate, *rates), moment(length_s, rate))


def _length_s(descriptor: Any) -> Fraction:
    """Length of a file, as its descriptor tells; 0 where it does not."""
    if descriptor is None or "SampleRate" not in descriptor:
        return Fraction(0)
    sample_rate = exact(descriptor["SampleRate"].value)
    sample_rate = snap_rate(sample_rate) or sample_rate
    length = int(descriptor.getvalue("Length") or 0)
    return length / sample_rate if sample_rate > 0 else Fraction(0)


def essence(descriptor: Any) -> dict[str, Any]:
    """What an essence descriptor says in numbers and words: channels, sampling, size."""
    facts: dict[str, Any] = {"ClassName": class_name(descriptor)}
    for name in (
        "SampleRate", "Length", "AudioSamplingRate", "Channels", "QuantizationBits", "BlockAlign",
        "StoredWidth", "StoredHeight", "ImageAspectRatio", "FrameLayout",
    ):  # fmt: skip
        value = descriptor.getvalue(name)
        if value is not None:
            facts[name] = _whole_or_text(value)
    return facts


def _whole_or_text(value: Any) -> Any:
    """A whole number or text."""
    return value if isinstance(value, int) else str(value)


def _tape(links: list[Link]) -> str:
    """Name of the tape that a chain ends in; empty where it ends in none."""
    described = ((link.mob, _descriptor(link.mob)) for link in reversed(links))
    tapes = (mob for mob, how in described if how and class_name(how) == "TapeDescriptor")
    return next((str(mob.name or "") for mob in tapes), "")


def _metadata(mob: Any, tape: str) -> dict[str, Any]:
    facts = {
        "ClassName": class_name(mob),
        "MobID": str(mob.mob_id),
        "Name": str(mob.name or ""),
        "TapeName": tape,
        "UserComments": notes(mob, "UserComments"),
    }
    return {key: value for key, value in facts.items() if value not in ("", {})}
