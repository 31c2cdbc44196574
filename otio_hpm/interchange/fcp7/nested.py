"""Nested sequences: each defined once, where it is first used.

One that came from xmeml has its picture in a stack on a video track and its sound in another on an
audio track; both are one sequence again where they keep the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.fcp7.kept import kept_of, within


@dataclass(kw_only=True)
class Nested:
    """One sequence inside others."""

    number: int
    name: str
    kept: Mapping[str, Any]
    tracks: dict[str, list[Any]] = field(default_factory=dict)
    """By the kind of the track that it is used on."""
    texts: dict[str, str] = field(default_factory=dict)
    """The same as text, to compare."""
    markers: list[Any] = field(default_factory=list)
    """The sequence's own, not those of the clip that stands for it."""
    defined: bool = False

    @property
    def identifier(self) -> str:
        """The sequence's id."""
        return f"sequence-{self.number}"

    @property
    def unheard(self) -> bool:
        """Whether it holds sound and is used on tracks of picture alone."""
        audio, video = schema.TrackKind.Audio, schema.TrackKind.Video
        return audio not in self.tracks and any(
            track.kind == audio for track in self.tracks.get(video, ())
        )

    def all_tracks(self) -> list[Any]:
        """Picture, then sound. A stack on a video track may hold both."""
        audio, video = schema.TrackKind.Audio, schema.TrackKind.Video
        seen = self.tracks.get(video, [])
        heard = self.tracks.get(audio) or [track for track in seen if track.kind == audio]
        return [track for track in seen if track.kind != audio] + heard


class NestedBook:
    """All nested sequences of a timeline. `learn` of each before the first is written."""

    def __init__(self) -> None:
        self._all: list[Nested] = []

    def learn(self, item: Any, kind: str) -> Nested:
        """The sequence of a nested stack or track on a track of a kind."""
        tracks = _tracks(item)
        text = "".join(str(track.to_json_string()) for track in tracks)
        kept = within(kept_of(item), "sequence")
        identifier = within(kept, "@id")
        for nested in self._all:
            same_id = identifier is not None and nested.kept.get("@id") == identifier
            known = nested.texts.get(kind)
            if known == text if identifier is None else same_id and known in (None, text):
                break
        else:
            name = within(kept, "name") or item.name
            nested = Nested(number=len(self._all) + 2, name=str(name or ""), kept=kept or {})
            nested.markers = [marker for marker in item.markers if owns(marker)]
            self._all.append(nested)
        nested.tracks.setdefault(kind, tracks)
        nested.texts.setdefault(kind, text)
        return nested


def owns(marker: Any) -> bool:
    """Whether a nested stack's marker belongs to the sequence itself."""
    return kept_of(marker).get("owner") == "sequence"


def _tracks(item: Any) -> list[Any]:
    """The tracks of a nested stack; other children each as a track of its own."""
    if isinstance(item, schema.Track):
        whole = item.deepcopy()
        whole.source_range = None
        return [whole]
    return [as_track(child) for child in item]


def as_track(child: Any) -> Any:
    """A stack's child, as a track where it is none."""
    if isinstance(child, schema.Track):
        return child
    return schema.Track(kind=schema.TrackKind.Video, children=[child.deepcopy()])
