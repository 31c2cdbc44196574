"""What is said of sound alone: its channels, its level and its fades."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lxml import etree

from otio_hpm.interchange.fcpxml.fades import FADES
from otio_hpm.interchange.fcpxml.writing_job import Host, Job
from otio_hpm.interchange.fcpxml.writing_kept import facts, listed, mapping, texts
from otio_hpm.interchange.fcpxml.writing_text import set_attributes

_COMPONENT = ("srcCh", "outCh", "role")
_RESOLVE = "Resolve_OTIO"


@dataclass(frozen=True, kw_only=True)
class Fades:
    """The fades of one sound, in seconds; 0 for none."""

    in_s: Fraction = Fraction(0)
    out_s: Fraction = Fraction(0)
    in_type: str = "linear"
    """How it grows; empty where that is not said."""
    out_type: str = "linear"

    def beside(self, transition: Any, length_s: Fraction, *, at_head: bool) -> Fades:
        """The same with that of a transition with nothing, as long as it is inside the sound.

        Linear in level, as an OTIO dissolve with silence is, unless a file said another shape.
        """
        kept = facts(transition)
        said = texts(kept.get("attributes")).get("type", "")
        shape = said if kept.get("element") in FADES else "linear"
        if at_head:
            return dataclasses.replace(self, in_s=length_s, in_type=shape)
        return dataclasses.replace(self, out_s=length_s, out_type=shape)


def add_channels(item: Any, host: Host) -> None:
    """Which of its media's channels a sound is, where a file said so."""
    component = texts(facts(item).get("component"))
    is_said = host.element.find("audio-channel-source") is not None
    if component.get("srcCh") and host.element.tag == "asset-clip" and not is_said:
        source = etree.SubElement(host.element, "audio-channel-source")
        set_attributes(source, {k: component[k] for k in _COMPONENT if k in component})


def add_level(job: Job, item: Any, host: Host, fades: Fades) -> None:
    """The level and the fades of a sound, as an adjustment of its volume."""
    gain_db = _resolve_gain_db(item)
    volume = host.element.find("adjust-volume")
    if volume is None:
        if gain_db is None and fades == Fades():
            return
        volume = etree.SubElement(host.element, "adjust-volume")
        if gain_db is not None:
            volume.set("amount", f"{gain_db:.6g}dB")
    if fades != Fades():
        _add_fades(job, volume, fades)


def _add_fades(job: Job, volume: Any, fades: Fades) -> None:
    """Fades on the sides of a sound where it has them; those that were kept there give way."""
    amount = next(
        (one for one in volume.iterchildren("param") if one.get("name") == "amount"), None
    )
    if amount is None:
        amount = etree.SubElement(volume, "param", {"name": "amount"})
    wanted = ((fades.in_s, fades.in_type), (fades.out_s, fades.out_type))
    found = {tag: amount.find(tag) for tag in FADES}
    for tag, (length_s, shape) in zip(FADES, wanted, strict=True):
        if length_s > 0:
            said = {"type": shape} if shape else {}
            found[tag] = etree.Element(tag, {**said, "duration": job.grid.text(length_s)})
    others = [one for one in amount if one.tag not in FADES]
    amount[:] = [*(one for one in found.values() if one is not None), *others]


def _resolve_gain_db(item: Any) -> float | None:
    """The level that Resolve states for a clip, in decibels."""
    for effect in item.effects:
        kept = mapping(effect.metadata.get(_RESOLVE))
        for one in listed(kept.get("Parameters")):
            found = mapping(one)
            value = found.get("Parameter Value")
            if found.get("Parameter ID") == "volume" and isinstance(value, float | int) and value:
                return float(value)
    return None
