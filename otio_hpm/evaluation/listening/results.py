"""What a listening test came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from otio_hpm.errors import DatasetError
from otio_hpm.evaluation.listening.answers import Rating, read_ratings
from otio_hpm.evaluation.listening.key import ANCHOR, REFERENCE, Key, read_key
from otio_hpm.evaluation.listening.opinion import Opinion, Preference, opinions, preferences

_DOUBTED = "quality"
_GOOD = 4
_MOST_MISSED = 0.15


@dataclass(frozen=True, kw_only=True)
class Listener:
    """How one listener answered. Whoever is in doubt counts in the results like all others."""

    code: str
    """The listener's code."""
    answered: int
    """How many answers there are."""
    asked: int
    """How many there could be."""
    reference_missed: int
    """On how many clips the hidden reference's quality was rated below 4, good."""
    anchor_preferred: int
    """On how many clips the low-passed reference's quality was rated above the reference's."""
    clips: int
    """On how many clips the hidden reference's quality was rated."""
    doubtful: bool
    """Whether the reference was missed on more than 15 % of clips: the rule of ITU-R BS.1534-3,
    4.1.2, whose 90 of 100 is taken for `good` of five grades."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """Results of all answers, by scale."""

    test: str
    """The test's own number."""
    opinions: Mapping[str, Mapping[str, Opinion]]
    """Mean opinion scores, by scale and system."""
    preferences: Mapping[str, Sequence[Preference]]
    """How often one system was rated above another, by scale."""
    listeners: tuple[Listener, ...]
    """Those who answered."""


def read_results(key_file: Path, files: Sequence[Path]) -> Results:
    """Results of the answers in these files.

    Raises DatasetError for a file that is damaged or of another test, and where nothing is
    answered.
    """
    key = read_key(key_file)
    ratings = read_ratings(key, files)
    if not ratings:
        raise DatasetError("nothing is answered in these files")
    return Results(
        test=key.test,
        opinions={scale: opinions(ratings, scale) for scale in key.scales},
        preferences={scale: preferences(ratings, scale) for scale in key.scales},
        listeners=_listeners(key, ratings),
    )


def _listeners(key: Key, ratings: Sequence[Rating]) -> tuple[Listener, ...]:
    given = defaultdict[str, list[Rating]](list)
    for rating in ratings:
        given[rating.listener].append(rating)
    asked = len(key.pieces) * len(key.scales)
    return tuple(_listener(code, asked, given[code]) for code in key.listeners if code in given)


def _listener(code: str, asked: int, given: Sequence[Rating]) -> Listener:
    reference, anchor = (
        {r.clip: r.score for r in given if (r.scale, r.system) == (_DOUBTED, system)}
        for system in (REFERENCE, ANCHOR)
    )
    missed = sum(score < _GOOD for score in reference.values())
    return Listener(
        code=code,
        answered=len(given),
        asked=asked,
        reference_missed=missed,
        anchor_preferred=sum(anchor[clip] > reference[clip] for clip in anchor.keys() & reference),
        clips=len(reference),
        doubtful=missed > _MOST_MISSED * len(reference),
    )
