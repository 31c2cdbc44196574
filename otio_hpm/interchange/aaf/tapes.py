"""Tapes of source timecode that the files of what is written refer into.

As Avid has it, a reel is a tape from 00:00:00:00 on, and the mob of a file refers to the place on
it where the file begins. All files of one reel share its tape. A file of no reel has an import of
its own in its place, so that nothing takes the clip's name for a reel.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from otio_hpm.interchange.aaf.media import Media
from otio_hpm.interchange.aaf.mob_making import add_mob, add_slot, mob_id
from otio_hpm.timing import nominal, snap_rate

_DAY_S = 24 * 60 * 60


class Tapes:
    """The tapes of one file that is being written."""

    def __init__(self, file: Any, rate: Fraction, *, drop_frame: bool) -> None:
        self._file = file
        self._rate = rate
        self._drop_frame = drop_frame
        self._tapes: dict[Any, Any] = {}
        self._slots: dict[Any, int] = {}
        """Slot ids by tape, kind, channel and edit rate."""

    def place(self, media: Media, channel: int) -> Any:
        """A source clip on the tape of a media, for one channel of all that the media hold.

        What begins before 00:00:00:00 is placed there: no timecode is less.
        """
        mob = self._tape(media)
        key = (str(mob.mob_id), media.kind, channel, media.rate)
        if key not in self._slots:
            self._slots[key] = self._add_slot(mob, media, channel)
        return self._file.create.SourceClip(
            start=max(0, round(media.start_s * media.rate)),
            length=round(media.length_s * media.rate),
            mob_id=mob.mob_id,
            slot_id=self._slots[key],
            media_kind=media.kind,
        )

    def _tape(self, media: Media) -> Any:
        rate = snap_rate(media.rate) or self._rate
        key = (media.reel, rate) if media.reel else media.file_key
        if key not in self._tapes:
            create = self._file.create
            mob = create.SourceMob()
            mob.descriptor = create.TapeDescriptor() if media.reel else create.ImportDescriptor()
            identity = mob_id("", "tape", *map(str, key))
            add_mob(self._file, mob, media.reel or media.name, identity)
            self._add_timecode(mob, rate)
            self._tapes[key] = mob
        return self._tapes[key]

    def _add_timecode(self, mob: Any, rate: Fraction) -> None:
        slot = mob.create_timeline_slot(str(rate))
        slot.name = "TC1"
        slot["PhysicalTrackNumber"].value = 1
        drop = self._drop_frame and rate == self._rate
        slot.segment = self._file.create.Timecode(
            nominal(rate), drop=drop, length=round(_DAY_S * rate)
        )

    def _add_slot(self, mob: Any, media: Media, channel: int) -> int:
        slot = add_slot(mob, media.kind, channel, media.rate)
        slot.segment = self._file.create.SourceClip(
            length=round(_DAY_S * media.rate), media_kind=media.kind
        )
        return int(slot.slot_id)
