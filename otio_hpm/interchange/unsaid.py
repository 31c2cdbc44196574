"""What only an .otio holds: links of picture and sound, settings of marks, colours, some names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from opentimelineio import core, schema

from otio_hpm.interchange.losses import Losses
from otio_hpm.timeline.exact import seconds
from otio_hpm.timeline.extent import length_s
from otio_hpm.timeline.takes import KEY, has_our_colour

_MERGED = "marker_list"
"""Key of what is known of a marker that was merged from a list."""
_TELL_COUNTING = ("cmx_3600", "fcp_xml")
"""Keys of the formats that say of each source whether its timecode counts drop-frame."""
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


def note_metadata(timeline: Any, losses: Losses, *, kept: str) -> None:
    """Name the systems whose metadata are lost; not that of a format that keeps it.

    Reels and how record timecode counts are written by all, how that of a source does by some;
    ours the sidecars beside our audio say again.
    """
    media = (clip.media_reference for clip in timeline.find_clips())
    of_sources = {"reel", "drop_frame"} if kept in _TELL_COUNTING else {"reel"}
    keys = _left_out(timeline, {"reel", "drop_frame"})
    for thing in (*timeline.find_children(), *media):
        if thing is not None:
            keys |= _left_out(thing, of_sources)
    if others := keys - {KEY, kept}:
        losses.add("metadata of other systems are left out", ", ".join(sorted(others)))


def _left_out(thing: Any, written: Collection[str]) -> set[str]:
    """The keys in metadata under which there is more than what is written."""
    return {
        key
        for key, value in thing.metadata.items()
        if not isinstance(value, Mapping) or not set(value) <= set(written)
    }


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


def is_name(text: str) -> bool:
    """Whether the name of a transition says more than that it is a dissolve or a fade."""
    return bool(_PLAIN_WORDS.sub("", text.casefold()))


def note_transitions(timeline: Any, losses: Losses, *, kept: str = "") -> None:
    """Name the transitions whose name is lost.

    Transitions whose metadata have the key `kept` are written as they were read.
    """
    for transition in timeline.find_children(descended_from_type=schema.Transition):
        if is_name(transition.name) and not {KEY, kept} & set(transition.metadata):
            losses.add("names of transitions are left out", repr(transition.name))


def note_nameless(timeline: Any, losses: Losses) -> None:
    """Say that there are clips without a name, where a format gives them one."""
    if any(not clip.name for clip in timeline.find_clips()):
        losses.add("clips without a name come back under another")


def note_media_names(timeline: Any, losses: Losses, *, kept: str = "") -> None:
    """Name the media that are called neither as their clip nor as their file.

    Those whose metadata have the key `kept` were named by such a file, and will be again.
    """
    for clip in timeline.find_clips():
        if kept in clip.media_reference.metadata:
            continue
        name, url = clip.media_reference.name, getattr(clip.media_reference, "target_url", "")
        if name and name != clip.name and name not in unquote(url or ""):
            losses.add("names of media are left out", repr(name))


def note_colours(timeline: Any, losses: Losses) -> None:
    """Name the clips and tracks that an editor gave a colour, which is no marker's."""
    for item in timeline.find_children():
        if getattr(item, "color", None) is not None and not has_our_colour(item):
            losses.add("colours of clips and tracks are left out", repr(item.name))


def note_ramps(timeline: Any, losses: Losses) -> None:
    """Name what changes its speed as FCPXML has it, which is no effect of OTIO's."""
    for item in timeline.find_children(descended_from_type=core.Item):
        kept = item.metadata.get("fcpxml")
        even = any(isinstance(effect, schema.LinearTimeWarp) for effect in item.effects)
        if isinstance(kept, Mapping) and kept.get("timeMap") and not even:
            losses.add("retimes that vary are left out", repr(item.name))


def note_outer_effects(timeline: Any, losses: Losses, *, written: Collection[str] = ()) -> None:
    """Name the effects of tracks, gaps and the whole timeline, but for names that are written."""
    others = timeline.find_children(descended_from_type=schema.Track)
    others += timeline.find_children(descended_from_type=schema.Gap)
    for item in (timeline.tracks, *others):
        for effect in item.effects:
            if effect.name not in written:
                named = effect.name or effect.effect_name or effect.schema_name()
                words = "effects of tracks, gaps and the whole timeline are left out"
                losses.add(words, f"{named!r} of {_whose(item)}")


def note_hidden(timeline: Any, losses: Losses) -> None:
    """Name the clips of which the range of their track, or of the timeline, shows nothing."""
    for track in timeline.find_children(descended_from_type=schema.Track):
        outer = timeline.tracks.source_range if track.parent() is timeline.tracks else None
        for item in _unseen(track, outer):
            words = "clips outside the range of their track or timeline are left out"
            losses.add(words, repr(item.name))


def _unseen(track: Any, outer: Any) -> Iterator[Any]:
    """The items of a track, without gaps, that its range and that of its stack cut away."""
    own = track.source_range
    origin_s = seconds(own.start_time) if own else Fraction(0)
    shown = [(origin_s, seconds(own.duration))] if own else []
    shown += [(origin_s + seconds(outer.start_time), seconds(outer.duration))] if outer else []
    end_s = Fraction(0)
    for item in track if shown else ():
        if item.overlapping():
            continue
        start_s, end_s = end_s, end_s + length_s(item)
        is_seen = all(start_s < at_s + last_s and end_s > at_s for at_s, last_s in shown)
        if not is_seen and not isinstance(item, schema.Gap):
            yield item


def _whose(item: Any) -> str:
    if isinstance(item, schema.Gap):
        return "a gap"
    return f"track {item.name!r}" if isinstance(item, schema.Track) else "the timeline"


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
