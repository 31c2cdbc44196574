"""Links: which clips of a sequence belong together, picture with its sound, channel with channel.

Kept from the input where it had them (FCP7's links, Premiere's LinkID, Resolve's Link Group ID);
else a picture and the sound of the same media, at the same record time, belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from opentimelineio import schema

from otio_hpm.interchange.fcp7.kept import add, children, kept_of
from otio_hpm.interchange.fcp7.layout import Laid
from otio_hpm.timeline.takes import url_of


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One clip item that is written."""

    laid: Laid
    identifier: str
    mediatype: str
    """`video` or `audio`."""
    trackindex: int
    """From 1, among the tracks written of its media type."""
    clipindex: int
    """From 1, among the clips of its track."""
    channel: int
    """Channel of its OTIO track, from 0."""


def linked(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The group of each entry, by identifier; only those that have company."""
    together: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        together[_group_of(entry.laid)].append(entry)
    groups = [part for group in together.values() for part in _apart(group)]
    return {one.identifier: group for group in groups if len(group) > 1 for one in group}


def write_links(parent: Element, group: Iterable[Entry]) -> None:
    """Add a `<link>` to every clip of a group, the one they are added to included."""
    for entry in group:
        link = add(parent, "link")
        add(link, "linkclipref", entry.identifier)
        add(link, "mediatype", entry.mediatype)
        add(link, "trackindex", entry.trackindex)
        add(link, "clipindex", entry.clipindex)
        if entry.mediatype == "audio":
            add(link, "groupindex", 1)


def _group_of(laid: Laid) -> Hashable:
    """What clips that belong together have in common."""
    kept = kept_of(laid.item)
    refs = sorted(str(link.get("linkclipref")) for link in children(kept, "link"))
    if refs:
        return "links", tuple(refs)
    for key, name in (("PremierePro_OTIO", "LinkID"), ("Resolve_OTIO", "Link Group ID")):
        said = laid.item.metadata.get(key)
        if isinstance(said, Mapping) and said.get(name) is not None:
            return name, str(said[name])
    if isinstance(laid.item, schema.Clip) and url_of(laid.item):
        span = laid.item.trimmed_range()
        start = (span.start_time.value, span.start_time.rate)
        return url_of(laid.item), laid.start, laid.end, start
    return "alone", id(laid)


def _apart(group: list[Entry]) -> list[list[Entry]]:
    """A group, or, where a track has several of its clips (one was cut), one for each start."""
    tracks = {(entry.mediatype, entry.trackindex) for entry in group}
    if len(tracks) == len(group):
        return [group]
    by_start: dict[Any, list[Entry]] = defaultdict(list)
    for entry in group:
        by_start[entry.laid.start].append(entry)
    return list(by_start.values())
