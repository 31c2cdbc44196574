"""A row of a list of markers as OpenTimelineIO's marker, and by what it is known again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.marker_list import ListedMarker
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.marks import texts_of
from otio_hpm.timeline.placed_marks import PlacedMark, is_outer
from otio_hpm.timeline.superseded import LIST_KEY, essence, reach

Identity = tuple[int, str, str, int]
"""Record frame, text, settings and length of a marker, by which one is known that is there already.

The length is 0 where it does not count: of a moment, of a wish, and in lists that are no sheets.
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A marker of a list on its way to the timeline."""

    listed: ListedMarker
    marker: Any
    """OpenTimelineIO's, without a time yet."""
    frame: int
    """Record frame."""
    words: set[str]
    """What it is: a mark, or wishes."""
    identity: Identity

    @property
    def reach(self) -> range:
        """Record frames in which it stands for others."""
        end = self.frame + self.listed.out_frames - self.listed.in_frames
        return reach(self.frame, end, "score" if "score" in self.words else "")


def marker_of(listed: ListedMarker) -> Any:
    """A listed marker as OpenTimelineIO's, which has no time yet.

    Its metadata always have `LIST_KEY`, by which dialects know it as one that was merged.
    """
    told = {"color": listed.original_color, "track": listed.track}
    metadata: dict[str, Any] = {LIST_KEY: {key: word for key, word in told.items() if word}}
    if listed.settings:
        metadata["otio_hpm"] = {"settings": listed.settings}
    return schema.Marker(
        name=listed.name,
        color=listed.color,
        comment=listed.note,
        metadata=metadata,
    )


def length_of(placed: PlacedMark) -> int:
    """Frames of a marker whose length counts: one on the timeline or a track, not a moment."""
    counts = is_outer(placed.place) and placed.has_length
    return nearest(placed.end) - placed.record_frames if counts else 0


def identity_of(frame: int, marker: Any, length: int) -> Identity:
    """The identity of a marker at a record frame."""
    return frame, essence(" ".join(texts_of(marker))), _settings(marker), length


def _settings(marker: Any) -> str:
    """Settings in a marker's metadata, as text."""
    ours = marker.metadata.get("otio_hpm")
    return str((ours.get("settings", "") if hasattr(ours, "get") else ours) or "")


def as_told(cut: Cut, start: int, end: int, marker: Any) -> str:
    """All that a row says, by which its marker is known where nobody has changed it."""
    _, text, settings, _ = identity_of(start, marker, 0)
    said = (cut.timecode(start), cut.timecode(end), str(marker.color or ""), text, settings)
    return " ".join(filter(None, said))
