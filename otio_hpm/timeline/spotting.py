"""Spotting: from marks to cues with record ranges, options and maestro references."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from otio_hpm.errors import MarkError, SettingsError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import CueSheet
from otio_hpm.timeline.cue_maker import CueMaker
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.earlier_numbers import with_earlier_numbers
from otio_hpm.timeline.grouping import Draft, group_marks
from otio_hpm.timeline.maestro import MaestroSearch
from otio_hpm.timeline.marked import MarkFinder
from otio_hpm.timeline.marks import describe
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.named_files import AdapterSearch, SketchSearch
from otio_hpm.timeline.numbering import free_numbers, reel_of, same_name
from otio_hpm.timeline.remaps import remap_warnings
from otio_hpm.timeline.score_tracks import standing_clips
from otio_hpm.timeline.shots import VisibleShots
from otio_hpm.timeline.tree import walk
from otio_hpm.timeline.wishes import WishFinder

_DAY_S = 86_400


def spot_cues(cut: Cut, settings: Settings, finder: MediaFinder) -> CueSheet:
    """The cues that the timeline's marks ask for, in record order; at least one.

    Raises MarkError for a mark that is not understood, none at all and a cue beyond a day,
    MaestroError for `--maestro` and `--maestro-lora`, SketchError for `--sketch`, SettingsError
    for a bad `--mark` or an unknown cue in `--only`.
    """
    places = list(walk(cut))
    visible = VisibleShots(places, finder)
    marks = MarkFinder(cut, settings.spotting, places, visible)
    drafts = with_earlier_numbers(group_marks(marks.found, visible), cut)
    if settings.spotting.all_shots:
        drafts = _with_all_shots(drafts, visible)
    if not drafts:
        raise _no_shots(cut) if settings.spotting.all_shots else marks.nothing_found()
    numbers = _numbered(drafts, reel_of(cut.timeline.name or ""))
    lanes, overlaps = _lanes(cut, drafts, numbers)
    wishes = WishFinder(cut, marks.wishes, drafts)
    _check_ends(cut, drafts, numbers)
    chosen = _chosen(numbers, settings.spotting.only)
    searches = MaestroSearch(places, finder), SketchSearch(finder), AdapterSearch(finder)
    maker = CueMaker(cut, settings.music, visible, wishes, *searches)
    cues = tuple(maker.make(drafts[i], numbers[i], lanes[i]) for i in chosen)
    told = (*marks.warnings, *wishes.warnings, *overlaps, *remap_warnings(cut, cues))
    return CueSheet(
        cues=cues,
        ignored=(*marks.ignored, *wishes.ignored),
        warnings=(*told, *_unasked(cut, numbers)),
    )


def _no_shots(cut: Cut) -> MarkError:
    return MarkError(
        f"{cut.path.name} has no shots to score: there is no clip of picture on it",
        hint="Export it with its picture, or choose another timeline of the file.",
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


def _check_ends(cut: Cut, drafts: Sequence[Draft], numbers: Sequence[str]) -> None:
    """Raise MarkError for a cue beyond the first day of the timeline, which no system counts."""
    for draft, number in zip(drafts, numbers, strict=True):
        if draft.end_frames > _DAY_S * cut.rate:
            raise MarkError(
                f"cue {number}, which begins at {cut.timecode(draft.start_frames)}, ends more than"
                " 24 hours after the timeline begins",
                hint="Is a shot under it damaged? Shorten that, or its marker.",
            )


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
    standing = standing_clips(cut.timeline, cut)
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
