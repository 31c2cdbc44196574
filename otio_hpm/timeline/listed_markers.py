"""Lists of markers, merged onto the timeline before it is spotted."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from opentimelineio import opentime, schema

from otio_hpm.interchange.marker_files import read_marker_file
from otio_hpm.interchange.marker_list import Clock, ListedMarker, MarkerList
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest, rational
from otio_hpm.timeline.listed_rows import Identity, Row, as_told, identity_of, length_of, marker_of
from otio_hpm.timeline.marks import MarkChoice, MarkText, texts_of
from otio_hpm.timeline.placed_marks import PlacedMark, counts_timecode, placed_marks
from otio_hpm.timeline.superseded import (
    LIST_KEY,
    ROW_KEY,
    disown,
    facts_of_list,
    supersede,
)
from otio_hpm.timeline.tree import Locator, Place, locate, walk
from otio_hpm.timing import parse_timecode


def with_listed_markers(cut: Cut, settings: SpottingSettings) -> Cut:
    """`cut` with the markers of the lists that the settings name, on a copy of its timeline.

    A marker goes onto the track that it names, where there is one, else onto the timeline. One
    that is there already, at the same frame with the same text, is not doubled; one outside the
    timeline is a warning. Spotting sheets come last: each row stands in the place of the timeline's
    own markers of its kind (mark, HIT or LEVEL) inside its range, which stay and are not spotted,
    and replaces what an earlier sheet put there. Raises TimelineError for a file that is no list,
    and MarkError and SettingsError as spotting does.
    """
    if not settings.markers:
        return cut
    clock = Clock(rate=cut.rate, drop_frame=cut.drop_frame)
    lists = [(path.name, read_marker_file(path, clock)) for path in settings.markers]
    lists.sort(key=lambda named: named[1].replaces)
    merged = dataclasses.replace(cut, timeline=cut.timeline.deepcopy())
    mergings = [_Merging(merged, MarkChoice(settings), file, found) for file, found in lists]
    told = tuple(merging.merge() for merging in mergings)
    warnings = (*cut.warnings, *(words for merging in mergings for words in merging.warnings))
    return dataclasses.replace(merged, marker_lists=told, warnings=warnings)


class _EveryMarker:
    """Chooses all markers, whatever they say."""

    def read_all(self, marker: Any) -> tuple[MarkText, ...]:
        text = " ".join(texts_of(marker))
        return (MarkText(text=text, body=text),)


class _Merging:
    """Merges one list into a timeline, which is changed."""

    def __init__(self, cut: Cut, choice: MarkChoice, file: str, found: MarkerList) -> None:
        self._cut = cut
        self._choice = choice
        self._file = file
        self._found = found
        self._gone: dict[int, PlacedMark] = {}
        self.warnings: list[str] = list(found.warnings)

    def merge(self) -> str:
        """Add the markers of the list; what was done, in words."""
        self._look()
        listed = [one for one in self._found.markers if self._check_inside(one)]
        rows = {row.identity: row for row in map(self._row, listed)}
        said = {index for identity in rows for index in self._known.get(identity, ())}
        new, stand_back = 0, set[Locator]()
        for row in rows.values():
            others = self._others(row, said) if self._found.replaces else []
            stand_back.update(one.locator for one in others)
            new += self._add(row, others)
        self._take_off()
        gone = len(self._gone)
        kind = self._found.kind
        return _words(self._file, kind, new, len(rows) - new, len(stand_back), gone)

    def _look(self) -> None:
        """See what is there."""
        self._places = list(walk(self._cut))
        self._end_frames = max(place.end_frames for place in self._places)
        self._in_timecode = counts_timecode(self._cut, self._places)
        self._tracks = _tracks(self._places)
        placed = placed_marks(self._cut, self._places, _EveryMarker())
        seen = (one for one in placed if not one.unseen_because)
        self._standing = sorted(seen, key=lambda one: one.record_frames)
        self._frames = [one.record_frames for one in self._standing]
        self._known: dict[Identity, list[int]] = defaultdict(list)
        for index, one in enumerate(self._standing):
            for length in {0, length_of(one)}:
                self._known[identity_of(one.record_frames, one.marker, length)].append(index)

    def _check_inside(self, listed: ListedMarker) -> bool:
        frame = self._frame_of(listed)
        if 0 <= frame < self._end_frames:
            return True
        self.warnings.append(
            f"{self._file}, line {listed.line}: marker {listed.name or listed.note!r} at "
            f"{self._cut.timecode(frame)} is outside the timeline, which runs from "
            f"{self._cut.timecode(0)} to {self._cut.timecode(self._end_frames)}; it is left out"
        )
        return False

    def _frame_of(self, listed: ListedMarker) -> int:
        """Record frame of a marker; behind midnight of a timeline that runs over it."""
        frame = listed.in_frames - self._cut.start_frames
        day = parse_timecode("24:00:00:00", self._cut.rate, self._cut.drop_frame)
        return frame + day if frame < 0 <= frame + day < self._end_frames else frame

    def _row(self, listed: ListedMarker) -> Row:
        marker, frame = marker_of(listed), self._frame_of(listed)
        words, length = self._words_of(marker), listed.out_frames - listed.in_frames
        counts = self._found.replaces and "score" in words and length > 1
        identity = identity_of(frame, marker, length if counts else 0)
        return Row(listed=listed, marker=marker, frame=frame, words=words, identity=identity)

    def _others(self, row: Row, said: set[int]) -> list[PlacedMark]:
        """What a row stands in place of. What a sheet said there before, and still is so, goes."""
        others = []
        ends = (bisect_left(self._frames, end) for end in (row.reach.start, row.reach.stop))
        for index in range(*ends):
            one = self._standing[index]
            if index in said or not row.words & self._words_of(one.marker):
                continue
            if facts_of_list(one.marker).get(ROW_KEY) == self._as_merged(one):
                self._gone[index] = one
            else:
                others.append(one)
        return others

    def _add(self, row: Row, others: Sequence[PlacedMark]) -> bool:
        """Put a row on the timeline unless it is there; whether it was not."""
        alike = [self._standing[index].marker for index in self._known.get(row.identity, ())]
        ours = next((marker for marker in alike if ROW_KEY in facts_of_list(marker)), None)
        is_new = not alike or (ours is None and bool(others))
        marker = row.marker if is_new else ours
        if is_new:
            self._place(row)
        if others:
            texts = {" ".join(texts_of(one.marker)) for one in others}
            texts |= {" ".join(texts_of(one)) for one in alike if ROW_KEY not in facts_of_list(one)}
            supersede(marker, texts)
        for one in others:
            if ROW_KEY in facts_of_list(one.marker):
                disown(one.marker)
        return is_new

    def _place(self, row: Row) -> None:
        """Give a row's marker its time and put it on its track or the timeline."""
        place = self._tracks.get(row.listed.track.casefold(), self._places[0])
        own_s = place.origin_s + (row.frame - place.anchor) / place.pace
        if self._in_timecode:
            own_s += self._cut.start_frames / self._cut.rate - place.origin_s
        start, length = own_s * self._cut.rate, row.listed.out_frames - row.listed.in_frames
        row.marker.marked_range = opentime.TimeRange(
            opentime.RationalTime(float(start), float(self._cut.rate)),
            rational(length, self._cut.rate),
        )
        if self._found.replaces:
            end = row.frame + length
            told = {ROW_KEY: as_told(self._cut, row.frame, end, row.marker)}
            row.marker.metadata[LIST_KEY] = {**facts_of_list(row.marker), **told}
        place.item.markers.append(row.marker)

    def _take_off(self) -> None:
        """Remove what earlier sheets said of the places of this one."""
        indices: dict[Locator, list[int]] = defaultdict(list)
        for placed in self._gone.values():
            indices[placed.place.locator].append(int(placed.locator[-1]))
        for locator, gone in indices.items():
            markers = locate(self._cut.timeline, locator).markers
            for index in sorted(gone, reverse=True):
                del markers[index]

    def _as_merged(self, one: PlacedMark) -> str:
        return as_told(self._cut, one.record_frames, nearest(one.end), one.marker)

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


def _words(file: str, kind: str, new: int, known: int, stand_back: int, gone: int) -> str:
    """What has become of a list."""
    said = f"{new} marker{'' if new == 1 else 's'} from {file}, {kind}"
    said += f"; {known} there already" if known else ""
    said += f"; {stand_back} of the timeline's own give way to it" if stand_back else ""
    return said + (f"; {gone} of an earlier sheet replaced" if gone else "")
