"""The roles of sound: what a file has instead of tracks with names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcpxml.tracks import MAIN_ROLE
from otio_hpm.interchange.fcpxml.writing_kept import facts, texts
from otio_hpm.interchange.losses import Losses
from otio_hpm.interchange.xml_text import legal
from otio_hpm.timeline.takes import is_score_clip

SCORE_ROLE = "music.HPM"
"""Role of the music that we composed: a subrole of Final Cut Pro's own."""


class Roles:
    """A role for each track of sound: the one a file had, or a subrole of its own by its name."""

    def __init__(self, tracks: Sequence[Any], losses: Losses) -> None:
        self._losses = losses
        kept = [texts(facts(track)).get("role", "") for track in tracks]
        self._taken = {role.casefold() for role in kept if role}
        self._roles = {id(track): role for track, role in zip(tracks, kept, strict=True) if role}
        nameless_last = sorted(enumerate(tracks, start=1), key=lambda one: not one[1].name)
        for number, track in nameless_last:
            if id(track) not in self._roles:
                self._roles[id(track)] = self._named(track, number)

    def of(self, item: Any) -> str:
        """The role of a sound: ours, that of its element in a file, or that of its track."""
        if is_score_clip(item):
            return SCORE_ROLE
        component = texts(facts(item).get("component"))
        attributes = texts(facts(item).get("attributes"))
        by_channel = component.get("srcCh") and attributes.get("audioRole")
        kept = by_channel or component.get("role") or attributes.get("audioRole")
        return kept or self._roles.get(id(item.parent()), MAIN_ROLE)

    def _named(self, track: Any, number: int) -> str:
        """A subrole that no other track has; a point would divide it again."""
        wanted = track.name if isinstance(track, schema.Track) else ""
        name = " ".join(legal(wanted.replace(".", " ")).split()) or f"A{number}"
        numbered = (f"{name} {again}" for again in count(2))
        found = name
        while f"{MAIN_ROLE}.{found}".casefold() in self._taken:
            found = next(numbered)
        if found != wanted and len(track):
            words = "Sound tracks need names of their own, without points"
            self._losses.add(words, f"{wanted!r} is written as {found!r}")
        self._taken.add(f"{MAIN_ROLE}.{found}".casefold())
        return f"{MAIN_ROLE}.{found}"
