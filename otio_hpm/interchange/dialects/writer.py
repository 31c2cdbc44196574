"""A timeline as .otio text for one host: dialect, spelling of media, and schema versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentimelineio import core

from otio_hpm.interchange.dialects import kdenlive, premiere, resolve
from otio_hpm.interchange.dialects.media_paths import Form, spell_media
from otio_hpm.interchange.dialects.ours import our_clips, our_markers, our_tracks
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.timeline.schemas import restore_markers
from otio_hpm.timeline.takes import has_our_colour

DIALECTS = ("resolve", "premiere", "kdenlive", "plain")
_FORMS: dict[str, Form] = {"resolve": "path", "kdenlive": "path"}
_FEW = 3


def dialect_for(wanted: str | None, found: str) -> str:
    """The dialect to write: the wanted one, else that of the input where it is one of .otio."""
    return wanted or (found if found in DIALECTS else "plain")


def write_otio(
    timeline: Any, delivery: Delivery, dialect: str, schema_versions: Mapping[str, int]
) -> Written:
    """A timeline as .otio text, in one of `DIALECTS`; `timeline` stays as it is.

    What is ours gets what the host looks for, and names its media as `delivery.paths` says, each
    dialect in its own form; all else is as it was. `schema_versions` are those to write, by schema
    name: of the input, or of `versions.versions_of_release`. Lists as losses what the host or an
    older schema does not hold. The same timeline gives the same bytes.
    """
    dressed = timeline.deepcopy()
    losses = to_dialect(dressed, delivery, dialect, schema_versions)
    losses += _lost_takes(dressed, schema_versions)
    text = serialized(dressed, schema_versions)
    return Written(data=text.encode("utf-8"), losses=tuple(losses))


def to_dialect(
    timeline: Any, delivery: Delivery, dialect: str, schema_versions: Mapping[str, int]
) -> list[str]:
    """Say what is ours in the words of a host; what the host does not take, a sentence each."""
    tracks, clips = our_tracks(timeline), our_clips(timeline)
    if schema_versions.get("Clip", 2) < 2:  # hosts of then know no colours
        for item in filter(has_our_colour, (*tracks, *clips)):
            item.color = None
    for clip in clips:
        spell_media(clip, delivery, _FORMS.get(dialect, "url"))
    losses = []
    if dialect == "resolve":
        _dress_for_resolve(timeline, tracks, clips, delivery)
    elif dialect == "premiere":
        premiere.dress_clips(clips, timeline)
        for track in tracks:
            premiere.dress_track(track)
            premiere.dress_fades(track, delivery.rate)
    elif dialect == "kdenlive":
        losses = _dress_for_kdenlive(timeline, tracks, clips, delivery)
    return losses


def serialized(timeline: Any, schema_versions: Mapping[str, int]) -> str:
    """A timeline as .otio text, at the given schema versions where they are older than ours."""
    known = core.type_version_map()
    versions = {
        name: version for name, version in schema_versions.items() if version < known.get(name, 0)
    }
    text = str(core.serialize_json_to_string(timeline, versions, 4)) + "\n"
    return restore_markers(text) if schema_versions.get("Marker") == 3 else text


def _dress_for_resolve(
    timeline: Any, tracks: list[Any], clips: list[Any], delivery: Delivery
) -> None:
    for clip in clips:
        resolve.dress_clip(clip, timeline)
    for track in tracks:
        resolve.dress_track(track)
        resolve.dress_fades(track, delivery.rate)
    for marker in our_markers(timeline):
        resolve.dress_marker(marker, marker.comment or marker.name)


def _dress_for_kdenlive(
    timeline: Any, tracks: list[Any], clips: list[Any], delivery: Delivery
) -> list[str]:
    unfaded = [name for track in tracks for name in kdenlive.dress_fades(track, delivery.rate)]
    for clip in clips:
        kdenlive.dress_clip(clip)
    for marker in our_markers(timeline):
        kdenlive.dress_marker(marker, _whole_text(marker))
    if not unfaded:
        return []
    return [
        f"Kdenlive reads no fades against silence: {_named(unfaded)} have none there"
        " (--bake-fades writes them into the audio)"
    ]


def _whole_text(marker: Any) -> str:
    """Name and comment of a marker as one text."""
    if not marker.name or marker.name in marker.comment:
        return str(marker.comment)
    return f"{marker.name}: {marker.comment}" if marker.comment else str(marker.name)


def _lost_takes(timeline: Any, schema_versions: Mapping[str, int]) -> list[str]:
    """Clip.1 holds one media reference."""
    if schema_versions.get("Clip", 2) > 1:
        return []
    several = [clip.name for clip in timeline.find_clips() if len(clip.media_references()) > 1]
    if not several:
        return []
    return [f"Clip.1 holds one media reference: {_named(several)} keep the active one alone"]


def _named(names: list[str]) -> str:
    """A few names in words, and how many more there are."""
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more
