"""What a clip of OTIO plays, as an AAF is to know it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import quote

from opentimelineio import schema

from otio_hpm.errors import MediaError
from otio_hpm.interchange.exchange import Delivery
from otio_hpm.timeline.clip_source import first_reel
from otio_hpm.timeline.exact import exact_rate, seconds
from otio_hpm.timeline.media_url import is_windows, local_paths
from otio_hpm.timeline.takes import is_score_clip
from otio_hpm.timing import SAMPLE_RATE

_SIZE = {"StoredWidth": 1920, "StoredHeight": 1080}
"""Stands until a host has opened the file; a digital image descriptor must have one."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """One file of picture or sound, or a source that is missing."""

    kind: str
    """`picture` or `sound`."""
    name: str
    """Of the clip in the host's bin."""
    url: str
    """Empty where there is no file."""
    start_s: Fraction
    """Timecode of its first frame."""
    length_s: Fraction
    rate: Fraction
    """Edit units per second in which its start is whole, and its length if that can be."""
    channels: int
    """Of sound: how many of them lie on tracks."""
    essence: tuple[tuple[str, Any], ...] = ()
    """What is known of its format, by names of AAF's descriptors."""
    mob_ids: tuple[str, str] = field(default=("", ""))
    """Of the master and the file, as an AAF that the timeline came from had them."""
    slot_id: int = 0
    """Of the master, likewise; 0 where it is free to choose."""
    reel: str = ""
    """The tape or reel that it is from; empty where none is known."""

    @property
    def file_key(self) -> tuple[Any, ...]:
        """What tells its file from others."""
        extent = self.start_s, self.length_s
        named = self.url or self.name
        return (self.kind, named, self.reel, *extent, self.mob_ids, self.channels)


def media_of(clip: Any, kind: str, delivery: Delivery) -> Media:
    """The media that a clip plays now; of one whose range is not stated, what the clip shows."""
    reference = clip.media_reference
    extent = reference.available_range or clip.trimmed_range()
    start_s, length_s = seconds(extent.start_time), seconds(extent.duration)
    ours = is_score_clip(clip)
    return Media(
        kind=kind,
        name=clip.name,
        url=_url(reference, delivery),
        start_s=start_s,
        length_s=length_s,
        rate=_unit(start_s, length_s, delivery.rate, exact_rate(extent.duration.rate)),
        channels=2 if ours and kind == "sound" else 1,
        essence=_essence(reference, kind, length_s, ours=ours),
        mob_ids=(_mob_id(clip), _file_id(reference)),
        slot_id=_slot_id(clip),
        reel="" if ours else first_reel(clip),
    )


def has_file(reference: Any) -> bool:
    """Whether a media reference names a file that an AAF can name too."""
    return isinstance(reference, schema.ExternalReference) and bool(reference.target_url)


def _unit(start_s: Fraction, length_s: Fraction, *rates: Fraction) -> Fraction:
    """The first rate at which both are whole, or at least the start, else the rate of samples."""
    for times in ((start_s, length_s), (start_s,)):
        for rate in rates:
            if all((time * rate).denominator == 1 for time in times):
                return rate
    return Fraction(SAMPLE_RATE)


def _essence(reference: Any, kind: str, length_s: Fraction, *, ours: bool) -> tuple[Any, ...]:
    """Facts of the descriptor: those of the AAF it came from, else what must stand there."""
    known = _aaf(reference).get("EssenceDescription")
    facts: dict[str, Any] = dict(known) if isinstance(known, Mapping) else {}
    if kind == "picture":
        facts = {**_SIZE, **{key: facts[key] for key in _SIZE if isinstance(facts.get(key), int)}}
    else:
        channels, bits = (2, 24) if ours else (facts.get("Channels"), facts.get("QuantizationBits"))
        facts = {
            "Channels": channels if isinstance(channels, int) else 1,
            "QuantizationBits": bits if isinstance(bits, int) else 24,
            "Samples": round(length_s * SAMPLE_RATE),
            "ClassName": "WAVEDescriptor" if ours else "PCMDescriptor",
        }
    return tuple(sorted(facts.items()))


def _aaf(item: Any) -> Mapping[str, Any]:
    found = item.metadata.get("AAF") if item is not None else None
    return found if isinstance(found, Mapping) else {}


def _mob_id(item: Any) -> str:
    found = _aaf(item).get("MobID")
    if not isinstance(found, str) or not set(found.rpartition(":")[2]) - set("0."):
        return ""  # none, or all zeros: a clip that referred to nothing
    return found


def _file_id(reference: Any) -> str:
    """Mob id of a file; empty where the AAF named only what it was made from, as a tape."""
    known = _aaf(reference).get("EssenceDescription")
    is_file = not isinstance(known, Mapping) or not known or "SampleRate" in known
    return _mob_id(reference) if is_file else ""


def _slot_id(clip: Any) -> int:
    found = _aaf(clip).get("SourceMobSlotID")
    return found if isinstance(found, int) and 0 < found < 1 << 31 else 0


def _url(reference: Any, delivery: Delivery) -> str:
    """The URL of a file, absolute or relative to the AAF; one of no local file as it stands."""
    if not has_file(reference):
        return ""
    found = str(reference.target_url)
    if delivery.paths == "absolute" and found.lower().startswith("file:"):
        return found
    try:
        path = local_paths(found)[0]
    except MediaError:
        return found
    if is_windows(path):
        return PureWindowsPath(path).as_uri() if PureWindowsPath(path).is_absolute() else found
    folder = Path(os.path.abspath(delivery.path.parent))
    absolute = Path(os.path.normpath(folder / path))
    if delivery.paths == "relative":
        return quote(Path(os.path.relpath(absolute, folder)).as_posix())
    return absolute.as_uri()
