"""Lists of markers, merged onto the timeline before it is spotted."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.marker_files import read_marker_file
from otio_hpm.interchange.marker_list import Clock, ListedMarker, MarkerList
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import rational
from otio_hpm.timeline.marks import MarkChoice, MarkText, texts_of
from otio_hpm.timeline.placed_marks import PlacedMark, counts_timecode, placed_marks
from otio_hpm.timeline.tree import Place, locate, walk

LIST_KEY = "marker_list"
"""Key in a marker's metadata of what its list says and OpenTimelineIO has no field for."""

Identity = tuple[int, str, str]
"""Record frame, text and settings of a marker, by which one is known that is there already."""


def with_listed_markers(cut: Cut, settings: SpottingSettings) -> Cut:
    """`cut` with the markers of the lists that the settings name, on a copy of its timeline.

    A marker goes onto the track that it names, where there is one, else onto the timeline. One
    that is there already, at the same frame with the same text, is not doubled; one outside the
    timeline is a warning. What a spotting sheet says takes the place of the timeline's own markers
    of its kind (mark, HIT or LEVEL) inside its range. Raises TimelineError for a file that is no
    list, and MarkError and SettingsError as spotting does.
    """
    if not settings.markers:
        return cut
    clock = Clock(rate=cut.rate, drop_frame=cut.drop_frame)
    lists = [(path.name, read_marker_file(path, clock)) for path in settings.markers]
    merged = dataclasses.replace(cut, timeline=cut.timeline.deepcopy())
    merging = _Merging(merged, MarkChoice(settings))
    told = tuple(merging.merge(file, found) for file, found in lists)
    merging.finish()
    warnings = (*cut.warnings, *merging.warnings)
    return dataclasses.replace(merged, marker_lists=told, warnings=warnings)


class _EveryMarker:
    """Chooses all markers, whatever they say."""

    def read_all(self, marker: Any) -> tuple[MarkText, ...]:
        text = " ".join(texts_of(marker))
        return (MarkText(text=text, body=text),)


class _Merging:
    """Merges lists into a timeline, which is changed."""

    def __init__(self, cut: Cut, choice: MarkChoice) -> None:
        self._cut = cut
        self._choice = choice
        self._places = list(walk(cut))
        self._end_frames = max(place.end_frames for place in self._places)
        self._in_timecode = counts_timecode(cut, self._places)
        self._tracks = _tracks(self._places)
        placed = placed_marks(cut, self._places, _EveryMarker())
        seen = (one for one in placed if not one.unseen_because)
        self._standing = sorted(seen, key=lambda one: one.record_frames)
        self._frames = [one.record_frames for one in self._standing]
        self._known = {self._identity_of(one) for one in self._standing}
        self._gone: dict[int, PlacedMark] = {}
        self.warnings: list[str] = []

    def merge(self, file: str, found: MarkerList) -> str:
        """Add the markers of a list; what was done, in words."""
        self.warnings += found.warnings
        inside = [listed for listed in found.markers if self._check_inside(listed, file)]
        made = [(self._record(listed), listed, _marker(listed)) for listed in inside]
        said = {_identity(frame, marker): (listed, marker) for frame, listed, marker in made}
        new = {identity: both for identity, both in said.items() if identity not in self._known}
        before = len(self._gone)
        for (frame, _, _), (listed, marker) in new.items():
            if found.replaces:
                self._give_way(frame, listed, marker, said)
            self._place(frame, listed, marker)
        self._known |= new.keys()
        return _words(file, found.kind, len(new), len(said) - len(new), len(self._gone) - before)

    def finish(self) -> None:
        """Take off the markers that have given way."""
        indices: dict[tuple[str | int, ...], list[int]] = defaultdict(list)
        for placed in self._gone.values():
            indices[placed.place.locator].append(int(placed.locator[-1]))
        for locator, gone in indices.items():
            markers = locate(self._cut.timeline, locator).markers
            for index in sorted(gone, reverse=True):
                del markers[index]

    def _record(self, listed: ListedMarker) -> int:
        return listed.in_frames - self._cut.start_frames

    def _check_inside(self, listed: ListedMarker, file: str) -> bool:
        frame = self._record(listed)
        if 0 <= frame < self._end_frames:
            return True
        self.warnings.append(
            f"{file}, line {listed.line}: marker {listed.name or listed.note!r} at "
            f"{self._cut.timecode(frame)} is outside the timeline, which runs from "
            f"{self._cut.timecode(0)} to {self._cut.timecode(self._end_frames)}; it is left out"
        )
        return False

    def _give_way(
        self, frame: int, listed: ListedMarker, marker: Any, said: Iterable[Identity]
    ) -> None:
        """Let the timeline's own markers go that a marker of a sheet says anew."""
        words = self._words_of(marker)
        end = max(frame + 1, listed.out_frames - self._cut.start_frames)
        for index in range(bisect_left(self._frames, frame), bisect_left(self._frames, end)):
            placed = self._standing[index]
            own = self._identity_of(placed)
            if own not in said and words & self._words_of(self._marker_of(placed)):
                self._gone[index] = placed
                self._known.discard(own)

    def _place(self, frame: int, listed: ListedMarker, marker: Any) -> None:
        """Give a marker its time and put it on its track or the timeline."""
        place = self._tracks.get(listed.track.casefold(), self._places[0])
        own_s = place.origin_s + (frame - place.anchor) / place.pace
        if self._in_timecode:
            own_s += self._cut.start_frames / self._cut.rate - place.origin_s
        start, length = own_s * self._cut.rate, listed.out_frames - listed.in_frames
        marker.marked_range = opentime.TimeRange(
            opentime.RationalTime(float(start), float(self._cut.rate)),
            rational(length, self._cut.rate),
        )
        place.item.markers.append(marker)

    def _marker_of(self, placed: PlacedMark) -> Any:
        return placed.place.item.markers[placed.locator[-1]]

    def _identity_of(self, placed: PlacedMark) -> Identity:
        return _identity(placed.record_frames, self._marker_of(placed))

    def _words_of(self, marker: Any) -> set[str]:
        return {said.word for said in self._choice.read_all(marker)}


def _tracks(places: Sequence[Place]) -> dict[str, Place]:
    """The timeline's own tracks by name, and by kind and number (`v1`, `a2`) where none has it."""
    tracks = [p for p in places if len(p.locator) == 2 and isinstance(p.item, schema.Track)]
    counts: Counter[str] = Counter()
    by_number = {}
    for place in tracks:
        counts[place.kind] += 1
        by_number[f"{place.kind[:1]}{counts[place.kind]}".casefold()] = place
    return by_number | {place.track.casefold(): place for place in reversed(tracks)}


def _marker(listed: ListedMarker) -> Any:
    """A listed marker as OpenTimelineIO's, which has no time yet."""
    told = {"color": listed.original_color, "track": listed.track}
    metadata: dict[str, Any] = {LIST_KEY: {key: word for key, word in told.items() if word}}
    if listed.settings:
        metadata["otio_hpm"] = {"settings": listed.settings}
    return schema.Marker(
        name=listed.name,
        color=listed.color,
        comment=listed.note,
        metadata={key: value for key, value in metadata.items() if value},
    )


def _identity(frame: int, marker: Any) -> Identity:
    ours = marker.metadata.get("otio_hpm")
    carried = ours.get("settings", "") if hasattr(ours, "get") else ours or ""
    return frame, " ".join(" ".join(texts_of(marker)).split()), str(carried)


def _words(file: str, kind: str, new: int, known: int, gone: int) -> str:
    """What has become of a list."""
    said = f"{new} marker{'' if new == 1 else 's'} from {file}, {kind}"
    said += f"; {known} there already" if known else ""
    return said + (f"; {gone} of the timeline's own give way to it" if gone else "")
