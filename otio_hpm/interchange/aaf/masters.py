"""Source mobs of what is written: a master for each clip name, its file, and a tape of timecode.

Source timecode stands as Avid has it: the file's mob refers into a tape that begins at 00:00:00:00,
at the place of the file's first frame. A stereo file of ours has one slot for each channel. Mob ids
are those of the AAF that the media came from, else are made of what identifies the media, so that
the same media have the same ids in every export.
"""

from __future__ import annotations

import struct
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aaf2.mobid import MobID

from otio_hpm.interchange.aaf.media import Media
from otio_hpm.timing import SAMPLE_RATE, nominal, snap_rate

EPOCH = datetime(2000, 1, 1)
"""Date of everything that is written: the same input gives the same file."""

_DAY_S = 24 * 60 * 60
_LARGEST_WAVE = (1 << 32) - 64


class Masters:
    """The source mobs of one file that is being written."""

    def __init__(self, file: Any, rate: Fraction, *, drop_frame: bool) -> None:
        self._file = file
        self._rate = rate
        self._drop_frame = drop_frame
        self._masters: dict[Any, Any] = {}
        """By their known id, else by name and file."""
        self._files: dict[Any, Any] = {}
        self._slots: dict[Any, dict[int, int]] = {}
        """Slot ids of masters by channel, for each file."""

    def clip(self, media: Media, channel: int, start: int, length: int) -> Any:
        """A source clip on a media's master; `start` in edit units of the sequence."""
        mob = self._master(media)
        slot_id = self._slots_of(mob, media)[channel]
        return self._file.create.SourceClip(
            start=start,
            length=length,
            mob_id=mob.mob_id,
            slot_id=slot_id,
            media_kind=media.kind,
        )

    def _master(self, media: Media) -> Any:
        key = media.mob_ids[0] or (media.name, self._file_key(media))
        if key not in self._masters:
            mob = self._file.create.MasterMob()
            self._add(mob, media.name, mob_id(media.mob_ids[0], "master", str(key)))
            self._masters[key] = mob
        return self._masters[key]

    def _slots_of(self, mob: Any, media: Media) -> dict[int, int]:
        key = (str(mob.mob_id), media.slot_id, self._file_key(media))
        if key not in self._slots:
            source = self._source(media)
            self._slots[key] = {
                channel: self._refer(mob, source, media, channel)
                for channel in range(1, media.channels + 1)
            }
        return self._slots[key]

    def _source(self, media: Media) -> Any:
        """The mob of a file, with a reference into its tape for each channel."""
        key = self._file_key(media)
        if key not in self._files:
            mob = self._file.create.SourceMob()
            mob.descriptor = self._descriptor(media)
            self._add(mob, media.name, mob_id(media.mob_ids[1], "file", *map(str, key)))
            tape = self._tape(media, key)
            for channel in range(1, media.channels + 1):
                slot = self._slot(mob, media, channel)
                slot.segment = self._file.create.SourceClip(
                    start=round(media.start_s * media.rate),
                    length=round(media.length_s * media.rate),
                    mob_id=tape.mob_id,
                    slot_id=channel,
                    media_kind=media.kind,
                )
            self._files[key] = mob
        return self._files[key]

    def _tape(self, media: Media, key: Any) -> Any:
        mob = self._file.create.SourceMob()
        mob.descriptor = self._file.create.TapeDescriptor()
        self._add(mob, media.name, mob_id("", "tape", *map(str, key)))
        for channel in range(1, media.channels + 1):
            slot = self._slot(mob, media, channel)
            slot.segment = self._file.create.SourceClip(
                length=round(_DAY_S * media.rate), media_kind=media.kind
            )
        rate = snap_rate(media.rate) or self._rate
        slot = mob.create_timeline_slot(str(rate))
        slot.name = "TC1"
        slot["PhysicalTrackNumber"].value = 1
        drop = self._drop_frame and rate == self._rate
        slot.segment = self._file.create.Timecode(
            nominal(rate), drop=drop, length=round(_DAY_S * rate)
        )
        return mob

    def _refer(self, mob: Any, source: Any, media: Media, channel: int) -> int:
        """A slot of a master that refers to a channel of a file; returns its id."""
        taken = {slot.slot_id for slot in mob.slots}
        wanted = media.slot_id if media.slot_id and media.slot_id not in taken else None
        slot = self._slot(mob, media, channel, wanted)
        slot.segment = self._file.create.SourceClip(
            length=round(media.length_s * media.rate),
            mob_id=source.mob_id,
            slot_id=channel,
            media_kind=media.kind,
        )
        return int(slot.slot_id)

    def _slot(self, mob: Any, media: Media, channel: int, slot_id: int | None = None) -> Any:
        slot = mob.create_timeline_slot(str(media.rate), slot_id)
        slot.name = f"{'V' if media.kind == 'picture' else 'A'}{channel}"
        slot["PhysicalTrackNumber"].value = channel
        return slot

    def _descriptor(self, media: Media) -> Any:
        facts = dict(media.essence)
        descriptor = self._picture(facts, media) if media.kind == "picture" else self._sound(facts)
        container = self._file.dictionary.lookup_containerdef("External")
        descriptor["ContainerFormat"].value = container
        if media.url:
            locator = self._file.create.NetworkLocator()
            locator["URLString"].value = media.url
            descriptor["Locator"].append(locator)
        return descriptor

    def _picture(self, facts: dict[str, Any], media: Media) -> Any:
        descriptor = self._file.create.CDCIDescriptor()
        descriptor["SampleRate"].value = str(media.rate)
        descriptor["Length"].value = round(media.length_s * media.rate)
        descriptor["StoredWidth"].value = facts["StoredWidth"]
        descriptor["StoredHeight"].value = facts["StoredHeight"]
        descriptor["FrameLayout"].value = "FullFrame"
        descriptor["VideoLineMap"].value = [0, 0]
        descriptor["ImageAspectRatio"].value = f"{facts['StoredWidth']}/{facts['StoredHeight']}"
        descriptor["ComponentWidth"].value = 8
        descriptor["HorizontalSubsampling"].value = 2
        return descriptor

    def _sound(self, facts: dict[str, Any]) -> Any:
        channels, bits, samples = facts["Channels"], facts["QuantizationBits"], facts["Samples"]
        align = channels * ((bits + 7) // 8)
        if facts["ClassName"] == "WAVEDescriptor":
            descriptor = self._file.create.WAVEDescriptor()
            descriptor["Summary"].value = _wave_head(channels, bits, align, samples)
        else:
            descriptor = self._file.create.PCMDescriptor()
            descriptor["AudioSamplingRate"].value = SAMPLE_RATE
            descriptor["Channels"].value = channels
            descriptor["QuantizationBits"].value = bits
            descriptor["BlockAlign"].value = align
            descriptor["AverageBPS"].value = SAMPLE_RATE * align
        descriptor["SampleRate"].value = SAMPLE_RATE
        descriptor["Length"].value = samples
        return descriptor

    def _add(self, mob: Any, name: str, identity: MobID) -> None:
        mob.name = name  # also an empty one, which the library would make up
        if identity in self._file.content.mobs:
            identity = mob_id("", "another", str(identity), str(len(self._file.content.mobs)))
        mob.mob_id = identity
        stamp(mob)
        self._file.content.mobs.append(mob)

    def _file_key(self, media: Media) -> Any:
        named = media.url or media.name
        return (media.kind, named, media.start_s, media.length_s, media.mob_ids, media.channels)


def mob_id(known: str, *identity: str) -> MobID:
    """The mob id that is known, else one made of what identifies the mob (SMPTE ST 330)."""
    if known:
        try:
            return MobID(known)
        except (ValueError, AssertionError):  # metadata of no AAF
            pass
    made = MobID.new()
    made.material = uuid5(NAMESPACE_URL, "otio-hpm:" + "|".join(identity))
    return made


def stamp(mob: Any) -> None:
    """Give a mob the date of everything that is written."""
    mob["CreationTime"].value = EPOCH
    mob["LastModified"].value = EPOCH


def _wave_head(channels: int, bits: int, align: int, samples: int) -> bytes:
    """The head of a WAVE file of plain PCM, up to its samples (AAF: WAVEDescriptor, Summary)."""
    size = min(samples * align, _LARGEST_WAVE)
    form = struct.pack("<HHIIHH", 1, channels, SAMPLE_RATE, SAMPLE_RATE * align, align, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks) + size) + b"WAVE" + chunks
