"""The record range that each mark of a timeline asks music for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from otio_hpm.errors import MarkError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import IgnoredMark, Mark
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import nearest
from otio_hpm.timeline.marks import MarkChoice, describe, located, read_text, values_of
from otio_hpm.timeline.placed_marks import PlacedMark
from otio_hpm.timeline.shots import VisibleShots
from otio_hpm.timeline.superseded import spotted_marks
from otio_hpm.timeline.tree import Place


@dataclass(frozen=True, kw_only=True)
class MarkedRange:
    """A mark, and the record frames it means."""

    mark: Mark
    place: Place
    """What the marker is on."""
    start_frames: int
    end_frames: int
    values: dict[str, Any]
    """Its settings as values."""
    earlier_number: str | None
    """The cue number that an earlier scoring gave it."""


class MarkFinder:
    """All marks of a timeline with their ranges; MarkError for one that is not understood.

    What markers wish (HIT and LEVEL) is kept as it stands.
    """

    def __init__(
        self, cut: Cut, settings: SpottingSettings, places: Sequence[Place], visible: VisibleShots,
        other_keys: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """`other_keys` are settings of marks that the caller reads, beside those of scoring."""
        self._cut = cut
        self._places = places
        self._visible = visible
        self._choice = MarkChoice(settings)
        self._other_keys = other_keys
        self._end_frames = max(place.end_frames for place in places)
        self.found: list[MarkedRange] = []
        self.wishes: list[PlacedMark] = []
        self.ignored: list[IgnoredMark] = []
        self.warnings: list[str] = []
        for placed in spotted_marks(cut, places, self._choice):
            if placed.uncounted_because:
                self.ignored.append(placed.ignored(placed.uncounted_because))
            elif placed.said.word == "score":
                self.found.append(self._read(placed))
            else:
                self.wishes.append(placed)

    def nothing_found(self) -> MarkError:
        """The error that says why there is nothing to score."""
        ignored = [f"{one.text!r} at {one.timecode}: {one.reason}" for one in self.ignored[:3]]
        markers = [marker for place in self._places for marker in place.item.markers]
        colors = Counter(marker.color for marker in markers if self._choice.read(marker) is None)
        others = ", ".join(f"{n} {color or 'colourless'}".lower() for color, n in colors.items())
        return MarkError(
            "; ".join([f"{self._cut.path.name} has no marks to score", *ignored]),
            hint="Put a marker that starts with the word SCORE on a shot, or use --all-shots"
            + (f", or choose among the other markers ({others}) with --mark." if others else "."),
        )

    def _read(self, placed: PlacedMark) -> MarkedRange:
        mark = self._mark(placed)
        scoring = {k: v for k, v in mark.settings.items() if k not in self._other_keys}
        values = values_of(replace(mark, settings=scoring), self._cut.rate)
        start, end = self._range(placed, mark, values.get("range"))
        if end <= start:
            raise MarkError(
                f"{describe(mark)}: its range is empty",
                hint="Give the marker a duration or move it onto a shot that has one.",
            )
        return MarkedRange(
            mark=mark,
            place=placed.place,
            start_frames=start,
            end_frames=end,
            values=values,
            earlier_number=placed.said.earlier_number,
        )

    def _mark(self, placed: PlacedMark) -> Mark:
        mark = Mark(
            locator=placed.locator,
            text=placed.text,
            owner=placed.owner,
            record_frames=placed.record_frames,
            timecode=placed.timecode,
            settings={},
            note="",
        )
        if placed.end < placed.start:
            raise MarkError(
                f"{describe(mark)}: its duration is negative", hint="Make the marker again."
            )
        try:
            settings, note = read_text(placed.said)
        except MarkError as error:
            raise located(mark, error) from error
        for key in placed.said.astray:
            self.warnings.append(
                f"{describe(mark)}: {key} stands directly in its otio_hpm metadata and sets "
                "nothing there; put it into settings"
            )
        return replace(mark, settings=settings, note=note)

    def _range(self, placed: PlacedMark, mark: Mark, wanted: str | None) -> tuple[int, int]:
        """Record in and out of what a mark means."""
        place = placed.place
        if place.is_clip and wanted != "mark":
            return place.start_frames, place.end_frames
        if not place.is_clip:
            self._check_inside(mark)
        if wanted == "shot" or (wanted is None and not placed.has_length):
            return self._shot_under(mark)
        return self._own_range(placed, mark)

    def _check_inside(self, mark: Mark) -> None:
        if not 0 <= mark.record_frames < self._end_frames:
            raise MarkError(
                f"{describe(mark)}: it is outside the timeline, which runs from "
                f"{self._cut.timecode(0)} to {self._cut.timecode(self._end_frames)}",
                hint="Move the marker onto a shot, or delete it.",
            )

    def _shot_under(self, mark: Mark) -> tuple[int, int]:
        shot = self._visible.at(mark.record_frames)
        if shot is None:
            raise MarkError(
                f"{describe(mark)}: there is no shot under it",
                hint="Move it onto a shot, or give it a duration to score a range.",
            )
        return shot.start_frames, shot.end_frames

    def _own_range(self, placed: PlacedMark, mark: Mark) -> tuple[int, int]:
        """The marker's own duration, as far as it is on its clip or the timeline."""
        if not placed.has_length:
            raise MarkError(
                f"{describe(mark)}: range=mark needs a marker that is longer than a frame",
                hint="Give the marker a duration, or leave range= out to score its shot.",
            )
        place = placed.place
        low, high = (
            (place.start_frames, place.end_frames) if place.is_clip else (0, self._end_frames)
        )
        start, end = nearest(placed.start), nearest(placed.end)
        if start < low or end > high:
            outside = "visible part of its clip" if place.is_clip else "timeline"
            self.warnings.append(f"{describe(mark)}: it is longer than the {outside}; cut to that")
        return max(start, low), min(end, high)
