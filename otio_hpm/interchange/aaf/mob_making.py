"""What every mob that is written has: an id, a date, and slots that are named by their kind."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aaf2.mobid import MobID

EPOCH = datetime(2000, 1, 1)
"""Date of everything that is written: the same input gives the same file."""


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


def add_mob(file: Any, mob: Any, name: str, identity: MobID) -> None:
    """Add a mob to a file, under another id where a mob has that one already."""
    mob.name = name  # also an empty one, which the library would make up
    if identity in file.content.mobs:
        identity = mob_id("", "another", str(identity), str(len(file.content.mobs)))
    mob.mob_id = identity
    stamp(mob)
    file.content.mobs.append(mob)


def add_slot(mob: Any, kind: str, channel: int, rate: Fraction, slot_id: int | None = None) -> Any:
    """A slot of a channel of `picture` or `sound`, as `V1` or `A2`."""
    slot = mob.create_timeline_slot(str(rate), slot_id)
    slot.name = f"{'V' if kind == 'picture' else 'A'}{channel}"
    slot["PhysicalTrackNumber"].value = channel
    return slot
