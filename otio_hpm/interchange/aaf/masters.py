"""Source mobs of what is written: a master for each clip name, and its file, which is on a tape.

A stereo file of ours has one slot for each channel. Mob ids are those of the AAF that the media
came from, else are made of what identifies the media, so that the same media have the same ids in
every export.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

from otio_hpm.interchange.aaf.media import Media
from otio_hpm.interchange.aaf.mob_making import add_mob, add_slot, mob_id
from otio_hpm.interchange.aaf.tapes import Tapes
from otio_hpm.timing import SAMPLE_RATE

_LARGEST_WAVE = (1 << 32) - 64


class Masters:
    """The source mobs of one file that is being written."""

    def __init__(self, file: Any, rate: Fraction, *, drop_frame: bool) -> None:
        self._file = file
        self._tapes = Tapes(file, rate, drop_frame=drop_frame)
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
        key = media.mob_ids[0] or (media.name, media.file_key)
        if key not in self._masters:
            mob = self._file.create.MasterMob()
            identity = mob_id(media.mob_ids[0], "master", str(key))
            add_mob(self._file, mob, media.name, identity)
            self._masters[key] = mob
        return self._masters[key]

    def _slots_of(self, mob: Any, media: Media) -> dict[int, int]:
        key = (str(mob.mob_id), media.slot_id, media.file_key)
        if key not in self._slots:
            source = self._source(media)
            self._slots[key] = {
                channel: self._refer(mob, source, media, channel)
                for channel in range(1, media.channels + 1)
            }
        return self._slots[key]

    def _source(self, media: Media) -> Any:
        """The mob of a file, with a reference into its tape for each channel."""
        key = media.file_key
        if key not in self._files:
            mob = self._file.create.SourceMob()
            mob.descriptor = self._descriptor(media)
            identity = mob_id(media.mob_ids[1], "file", *map(str, key))
            add_mob(self._file, mob, media.name, identity)
            for channel in range(1, media.channels + 1):
                slot = add_slot(mob, media.kind, channel, media.rate)
                slot.segment = self._tapes.place(media, channel)
            self._files[key] = mob
        return self._files[key]

    def _refer(self, mob: Any, source: Any, media: Media, channel: int) -> int:
        """A slot of a master that refers to a channel of a file; returns its id."""
        taken = {slot.slot_id for slot in mob.slots}
        wanted = media.slot_id if media.slot_id and media.slot_id not in taken else None
        slot = add_slot(mob, media.kind, channel, media.rate, wanted)
        slot.segment = self._file.create.SourceClip(
            length=round(media.length_s * media.rate),
            mob_id=source.mob_id,
            slot_id=channel,
            media_kind=media.kind,
        )
        return int(slot.slot_id)

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


def _wave_head(channels: int, bits: int, align: int, samples: int) -> bytes:
    """The head of a WAVE file of plain PCM, up to its samples (AAF: WAVEDescriptor, Summary)."""
    size = min(samples * align, _LARGEST_WAVE)
    form = struct.pack("<HHIIHH", 1, channels, SAMPLE_RATE, SAMPLE_RATE * align, align, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks) + size) + b"WAVE" + chunks
