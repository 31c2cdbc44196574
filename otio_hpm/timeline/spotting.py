"""Spotting: from marks to cues with record ranges, options and maestro references."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from otio_hpm.errors import MaestroError, MarkError, SettingsError
from otio_hpm.settings import MusicSettings, Settings
from otio_hpm.timeline.cue import Cue, CueOptions, CueSheet, MaestroReference, Shot
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.grouping import Draft, group_marks
from otio_hpm.timeline.maestro import MaestroSearch
from otio_hpm.timeline.marked import MarkFinder
from otio_hpm.timeline.marks import describe
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.numbering import free_numbers, reel_label, reel_of, same_name
from otio_hpm.timeline.score_tracks import score_tracks
from otio_hpm.timeline.shots import VisibleShots, shot_of
from otio_hpm.timeline.tree import walk
from otio_hpm.timeline.wishes import WishFinder


def spot_cues(cut: Cut, settings: Settings, finder: MediaFinder) -> CueSheet:
    """The cues that the timeline's marks ask for, in record order; at least one.

    Raises MarkError for a mark that is not understood or no marks at all, MaestroError for
    `--maestro`, SettingsError for a bad `--mark` or an unknown cue in `--only`.
    """
    places = list(walk(cut))
    visible = VisibleShots(places, finder)
    marks = MarkFinder(cut, settings.spotting, places, visible)
    drafts = group_marks(marks.found, visible)
    if settings.spotting.all_shots:
        drafts = _with_all_shots(drafts, visible)
    if not drafts:
        raise marks.nothing_found()
    numbers = _numbered(drafts, reel_of(cut.timeline.name or ""))
    lanes, overlaps = _lanes(cut, drafts, numbers)
    wishes = WishFinder(cut, marks.wishes, drafts)
    chosen = _chosen(numbers, settings.spotting.only)
    cues = _CueMaker(cut, settings.music, visible, wishes, MaestroSearch(places, finder))
    return CueSheet(
        cues=tuple(cues.make(drafts[i], numbers[i], lanes[i]) for i in chosen),
        ignored=(*marks.ignored, *wishes.ignored),
        warnings=(*marks.warnings, *wishes.warnings, *overlaps, *_unasked(cut, numbers)),
    )


def _with_all_shots(drafts: list[Draft], visible: VisibleShots) -> list[Draft]:
    """The drafts, and one for every visible shot that none of them holds."""
    starts = [draft.start_frames for draft in drafts]
    reach = list(itertools.accumulate((draft.end_frames for draft in drafts), max))
    added = []
    for shot in visible.shots:
        before = bisect_right(starts, shot.start_frames)
        if not before or reach[before - 1] < shot.end_frames:
            added.append(Draft(start_frames=shot.start_frames, end_frames=shot.end_frames))
    return sorted([*drafts, *added], key=lambda draft: (draft.start_frames, draft.end_frames))


def _numbered(drafts: Sequence[Draft], reel: int) -> list[str]:
    """A number for each draft: what its marks say, what it had before, or the next free one.

    Raises MarkError where two numbers would name one file.
    """
    owners: dict[str, Draft] = {}
    for draft in drafts:
        if draft.number is not None:
            other = owners.setdefault(same_name(draft.number), draft)
            if other is not draft:
                raise MarkError(
                    f"{describe(other.marks[0].mark)} and {describe(draft.marks[0].mark)}: "
                    f"the cue numbers {other.number!r} and {draft.number!r} give one file name",
                    hint="Give one of them another number.",
                )
    numbers = [draft.number for draft in drafts]
    taken = set(owners)
    for index, draft in enumerate(drafts):
        earlier = draft.earlier_number
        if numbers[index] is None and earlier and same_name(earlier) not in taken:
            numbers[index] = earlier
            taken.add(same_name(earlier))
    free = free_numbers(reel, taken)
    return [number if number is not None else next(free) for number in numbers]


def _lanes(
    cut: Cut, drafts: Sequence[Draft], numbers: Sequence[str]
) -> tuple[list[int], list[str]]:
    """The lowest free track for each draft (they come in record order), and what overlaps."""
    lanes: list[int] = []
    warnings: list[str] = []
    last: list[int] = []
    for index, draft in enumerate(drafts):
        busy = [drafts[other].end_frames > draft.start_frames for other in last]
        lane = busy.index(False) if False in busy else len(last)
        for other in itertools.compress(last, busy):
            end = min(draft.end_frames, drafts[other].end_frames)
            warnings.append(
                f"cues {numbers[other]} and {numbers[index]} overlap from "
                f"{cut.timecode(draft.start_frames)} to {cut.timecode(end)}"
            )
        last[lane : lane + 1] = [index]
        lanes.append(lane)
    return lanes, warnings


def _unasked(cut: Cut, numbers: Sequence[str]) -> Iterator[str]:
    """What to say of music on the timeline whose mark is gone."""
    asked = {same_name(number) for number in numbers}
    standing = (clip for track in score_tracks(cut.timeline, cut) for clip in track.clips())
    left = dict.fromkeys(c.number for c in standing if same_name(c.number) not in asked)
    if left:
        yield f"no mark asks for the music of {', '.join(left)} any more; its clips stay"


def _chosen(numbers: Sequence[str], only: Sequence[str]) -> Iterator[int]:
    """Indices of the cues to score; raises SettingsError for a number that no cue has."""
    by_number = {number.casefold(): index for index, number in enumerate(numbers)}
    for number in only:
        if number.strip().casefold() not in by_number:
            raise SettingsError(
                f"--only {number}: there is no such cue", hint=f"There are {', '.join(numbers)}."
            )
    wanted = {by_number[number.strip().casefold()] for number in only}
    return (index for index in range(len(numbers)) if not only or index in wanted)


class _CueMaker:
    """Makes cues of drafts: options merged, maestro found, shots and wishes listed."""

    def __init__(
        self,
        cut: Cut,
        music: MusicSettings,
        visible: VisibleShots,
        wishes: WishFinder,
        search: MaestroSearch,
    ) -> None:
        self._reel = reel_of(cut.timeline.name or "")
        self._music = music
        self._visible = visible
        self._wishes = wishes
        self._search = search
        self._run_maestro = search.of_run(music.maestro) if music.maestro else None

    def make(self, draft: Draft, number: str, lane: int) -> Cue:
        return Cue(
            number=number,
            reel=reel_label(number, self._reel),
            start_frames=draft.start_frames,
            end_frames=draft.end_frames,
            options=_options(draft.values, self._music),
            marks=tuple(found.mark for found in draft.marks),
            shots=self._shots(draft),
            maestro=self._maestro(draft),
            note="; ".join(dict.fromkeys(f.mark.note for f in draft.marks if f.mark.note)),
            hits_frames=self._wishes.hits(draft),
            levels=self._wishes.levels(draft),
            lane=lane,
        )

    def _shots(self, draft: Draft) -> tuple[Shot, ...]:
        """The shots seen under the cue, and marked clips that are not seen (sound, or covered)."""
        start, end = draft.start_frames, draft.end_frames
        seen = [
            (shot.place, shot.start_frames, shot.end_frames)
            for shot in self._visible.under(start, end)
        ]
        shown = {place.locator for place, _, _ in seen}
        seen += [
            (found.place, start, end)
            for found in draft.marks
            if found.place.is_clip and found.place.locator not in shown
        ]
        shots = {
            shot_of(place, max(start, first), min(end, last)): None for place, first, last in seen
        }
        return tuple(sorted(shots, key=lambda shot: shot.start_frames))

    def _maestro(self, draft: Draft) -> MaestroReference | None:
        if "maestro" not in draft.values:
            return self._run_maestro
        try:
            return self._search.of_mark(draft.values["maestro"])
        except MaestroError as error:
            naming = next(found.mark for found in draft.marks if "maestro" in found.values)
            raise MarkError(f"{describe(naming)}: {error.message}", hint=error.hint) from error


def _options(values: dict[str, Any], music: MusicSettings) -> CueOptions:
    """The cue's own settings over the run's; with baked fades there are no handles."""
    return CueOptions(
        style=values.get("style", music.style),
        strength=values.get("strength", music.strength),
        seed=values.get("seed"),
        loudness_lufs=values.get("loudness", music.loudness_lufs),
        gain_db=values.get("gain", music.gain_db),
        fade_in_s=values.get("fade_in", music.fade_in_s),
        fade_out_s=values.get("fade_out", music.fade_out_s),
        handles_s=music.handles_s * 0
        if music.bake_fades
        else values.get("handles", music.handles_s),
    )
