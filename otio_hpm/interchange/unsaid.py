"""What only an .otio holds: links of picture and sound, settings of marks, some names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.takes import KEY

_MERGED = "marker_list"
"""Key of what is known of a marker that was merged from a list."""
_PLAIN_WORDS = re.compile(
    r"smpte|video|audio|mono|stereo|cross|dissolve|fade|transition|constant|power|gain|in|out|"
    r"to|from|black|[^a-z]|db"
)
"""What a name is made of that says no more than the kind of a dissolve or fade."""
_NUMBERS = (
    ("Resolve_OTIO", "Link Group ID"),
    ("PremierePro_OTIO", "LinkID"),
    ("fcpxml", "link"),
)


def note_links(timeline: Any, losses: Losses, *, kept: str = "") -> None:
    """Name the pictures whose tie to their sound is lost; not those of a format that keeps it."""
    together: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for track in timeline.find_children(descended_from_type=schema.Track):
        for item in track:
            for link in _links(item):
                together[link][track.kind] = item.name
    kinds = {schema.TrackKind.Video, schema.TrackKind.Audio}
    for (key, _), names in together.items():
        if key != kept and kinds <= set(names):
            words = "links between picture and sound are left out"
            losses.add(words, repr(names[schema.TrackKind.Video]))


def note_marks(timeline: Any, losses: Losses) -> None:
    """Name the marks that lose what their text does not say."""
    for marker in _markers(timeline):
        ours = marker.metadata.get(KEY)
        if (ours.get("settings") if isinstance(ours, Mapping) else ours) and ours:
            words = (
                "settings of marks that are not in the marker's own text are left out (name the "
                "spotting sheet again, or go on from the .otio)"
            )
            losses.add(words, repr(marker.name))
        merged = marker.metadata.get(_MERGED)
        if isinstance(merged, Mapping) and merged.get("supersedes"):
            words = (
                "which marks the rows of a marker list stand for is left out (name the list again, "
                "or go on from the .otio)"
            )
            losses.add(words, repr(marker.name))


def note_transitions(timeline: Any, losses: Losses, *, kept: str = "") -> None:
    """Name the transitions whose name is lost.

    A name that says no more than that it is a dissolve or a fade is none; transitions whose
    metadata have the key `kept` are written as they were read.
    """
    for transition in timeline.find_children(descended_from_type=schema.Transition):
        own = _PLAIN_WORDS.sub("", transition.name.casefold())
        if own and not {KEY, kept} & set(transition.metadata):
            losses.add("names of transitions are left out", repr(transition.name))


def note_nameless(timeline: Any, losses: Losses) -> None:
    """Say that there are clips without a name, where a format gives them one."""
    if any(not clip.name for clip in timeline.find_clips()):
        losses.add("clips without a name come back under another")


def _links(item: Any) -> Iterator[tuple[str, str]]:
    """What an item has in common with those that it is linked to, by the key that says so."""
    for key, name in _NUMBERS:
        said = item.metadata.get(key)
        if isinstance(said, Mapping) and said.get(name) is not None:
            yield key, str(said[name])
    said = item.metadata.get("fcp_xml")
    found = said.get("link") if isinstance(said, Mapping) else None
    several = found if isinstance(found, Sequence) and not isinstance(found, str) else [found]
    refs = sorted(str(one.get("linkclipref")) for one in several if isinstance(one, Mapping))
    if refs:
        yield "fcp_xml", " ".join(refs)


def _markers(timeline: Any) -> Iterator[Any]:
    for item in (timeline.tracks, *timeline.find_children()):
        yield from getattr(item, "markers", ())
