"""Tracks from things placed in time: lanes of picture from the bottom up, then roles of sound."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opentimelineio import schema

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.fcpxml.clock import range_of
from otio_hpm.interchange.fcpxml.kept import KEY

MAIN_ROLE = "dialogue"
"""Role of sound that is of no other: its subroles are the names of tracks."""
_MAX_TRACKS = 500


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One item or transition, where it stands on its timeline."""

    item: Any
    kind: str
    """`Video` or `Audio`."""
    start_s: Fraction
    """From the timeline's first frame; of a transition, the cut that it lies over."""
    end_s: Fraction
    lane: tuple[int, ...]
    """Lane of each element on the way to it: () is the primary storyline."""
    run: int
    """Its storyline, whose items stay on one track; a connected clip is one of its own."""
    role: str = ""
    layer: int = 0
    """Of sound: which of several at one time with the same role in the same storyline."""


def tracks_of(placed: Iterable[Placed], rate: Fraction | None) -> list[Any]:
    """Tracks that hold everything exactly where it is placed, with gaps between.

    Raises TimelineError where more than 500 would be needed.
    """
    runs: dict[tuple[Any, ...], dict[int, list[Placed]]] = defaultdict(lambda: defaultdict(list))
    for one in placed:
        runs[_group(one)][one.run].append(one)
    depth = max((len(key[1]) for key in runs if key[0] == 0), default=0)
    roles = {role: index for index, role in enumerate(dict.fromkeys(k[1] for k in runs if k[0]))}

    def height(key: tuple[Any, ...]) -> tuple[Any, ...]:
        if key[0] == 0:
            return (0, key[1] + (0,) * (depth - len(key[1])))
        return (1, roles[key[1]], key[2])

    names: Counter[str] = Counter()
    tracks = [
        _track(rows, key, names, rate)
        for key in sorted(runs, key=height)
        for rows in _shared(list(runs[key].values()))
    ]
    if len(tracks) > _MAX_TRACKS:
        raise TimelineError(f"more than {_MAX_TRACKS} tracks would be needed")
    return tracks


def _group(one: Placed) -> tuple[Any, ...]:
    """What may share a track."""
    return (0, one.lane) if one.kind == schema.TrackKind.Video else (1, one.role, one.layer)


def _shared(runs: Sequence[list[Placed]]) -> list[list[list[Placed]]]:
    """Storylines laid out on as few tracks as hold them without overlap, each in order."""
    tracks: list[list[list[Placed]]] = []
    ends: list[Fraction] = []
    for run in sorted(runs, key=lambda run: min(one.start_s for one in run)):
        first, last = min(one.start_s for one in run), max(one.end_s for one in run)
        free = next((index for index, end in enumerate(ends) if end <= first), len(tracks))
        if free == len(tracks):
            if free >= _MAX_TRACKS:
                raise TimelineError(f"more than {_MAX_TRACKS} items overlap")
            tracks.append([])
            ends.append(last)
        tracks[free].append(run)
        ends[free] = last
    return tracks


def _track(
    runs: Iterable[list[Placed]], key: tuple[Any, ...], names: Counter[str], rate: Fraction | None
) -> Any:
    """One track; sound is named by its role, and numbered where that needs several tracks.

    Of a subrole of dialogue, which a track of any other system becomes, the name is its own part.
    """
    if key[0] == 0:
        name, kind, kept = "", schema.TrackKind.Video, {"lane": key[1][-1] if key[1] else 0}
    else:
        names[key[1]] += 1
        number = f" {names[key[1]]}" if names[key[1]] > 1 else ""
        own = key[1].removeprefix(f"{MAIN_ROLE}.")
        name, kind, kept = f"{own}{number}".strip(), schema.TrackKind.Audio, {"role": key[1]}
    children = _filled(runs, rate)  # all at once, because one by one they take quadratic time
    return schema.Track(name=name, kind=kind, children=children, metadata={KEY: kept})


def _filled(runs: Iterable[list[Placed]], rate: Fraction | None) -> list[Any]:
    """Everything in order, with gaps where there is nothing."""
    children = []
    position = Fraction(0)
    for run in runs:
        in_order = sorted(run, key=lambda one: (one.start_s, not _is_transition(one)))
        for one in in_order:
            if one.start_s > position:
                children.append(gap(one.start_s - position, rate))
                position = one.start_s
            children.append(one.item)
            position = max(position, one.end_s)
    return children


def gap(duration_s: Fraction, rate: Fraction | None) -> Any:
    """Nothing, for a time."""
    return schema.Gap(source_range=range_of(Fraction(0), duration_s, rate))


def _is_transition(one: Placed) -> bool:
    return isinstance(one.item, schema.Transition)
