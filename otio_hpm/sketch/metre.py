"""Tempo, beats and phrases of a cue, laid so that hits and cuts fall on beats.

The method is a film composer's: try the tempi near the one the picture's arousal asks for, take
the one whose clicks meet most hits and cuts, and begin a new bar at each hit, the bar before it
being as long as it takes (Karlin & Wright 2004, On the Track, chapters on timing and clicks).
Positions are ticks of 64 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import maximum_filter1d

from otio_hpm.model.config import FILM_FPS
from otio_hpm.sketch.course import AffectCourse, Course, along
from otio_hpm.sketch.model import FRAME_SAMPLES, TICK_SAMPLES
from otio_hpm.timing import SAMPLE_RATE

TICKS_PER_S = SAMPLE_RATE / TICK_SAMPLES
BAR_BEATS = 4
BEATS = (20, 18, 16, 14, 12, 10, 8, 8, 6)
"""Ticks of a beat from calm to violent: 47 to 156 beats a minute."""
_PHRASE_S = 7.0
"""About a breath; phrases are two or four bars, whichever is nearer."""
_TURN = 0.22
"""Change of arousal within two seconds that is a new scene to the music."""
_APART_S = 2.5
_CUT_WEIGHT = 0.25
"""A cut on a beat is nice to have, a hit on a beat is wanted."""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One breath of melody, in ticks."""

    start: int
    """First tick."""
    origin: int
    """Where its beats are counted from; in the cue's first phrase perhaps after its start."""
    end: int
    """One past the last tick."""
    hit: bool
    """Whether it begins with a hit."""
    first: bool
    """Whether a new stretch of the cue begins with it."""
    last: bool
    """Whether the cue, or a stretch of it, ends with it."""


def met_hits(hits: tuple[int, ...], samples: int) -> tuple[int, ...]:
    """Hits inside the cue, on the frame grid, which is nearer than the latent grid can be."""
    # A note needs a whole frame to sound in.
    last = max(0, samples // FRAME_SAMPLES - 1)
    frames = {min(round(hit / FRAME_SAMPLES), last) for hit in hits if 0 <= hit < samples}
    return tuple(frame * FRAME_SAMPLES for frame in sorted(frames))


def at_ticks(values: Course, ticks: int) -> Course:
    """A course's value in the middle of each tick. (frames,) -> (ticks,)"""
    return along(values, (np.arange(ticks) + 0.5) / TICKS_PER_S)


def anchors_of(course: AffectCourse, hits: tuple[int, ...], ticks: int) -> list[int]:
    """Ticks where a stretch of music begins: hits, and turns of the picture away from them."""
    hit_ticks = {round(hit / TICK_SAMPLES) for hit in hits} - {0}
    apart = _APART_S * TICKS_PER_S
    turns: list[int] = []
    for turn in _turns(course):
        taken = (0, ticks, *hit_ticks, *turns)
        if all(abs(turn - other) >= apart for other in taken):
            turns.append(turn)
    return sorted(tick for tick in {*hit_ticks, *turns} if 0 < tick < ticks)


def choose_beat(course: AffectCourse, anchors: list[int], wanted: float) -> tuple[int, int]:
    """Ticks of a beat, and of the upbeat before the first one.

    wanted: 0..1, how fast; tempo is the strongest cue of arousal (Gabrielsson & Lindström 2010,
    Handbook of Music and Emotion, chapter 14).
    """
    ideal = BEATS[min(int(wanted * len(BEATS)), len(BEATS) - 1)]
    cuts = [round(cut / TICK_SAMPLES) for cut in course.cuts_samples]
    choices = [
        (_missed(beat, upbeat, anchors, cuts) + 0.04 * abs(beat - ideal), beat, upbeat)
        for beat in range(max(6, ideal - 4), min(20, ideal + 4) + 1, 2)
        for upbeat in ([anchors[0] % beat] if anchors else range(beat))
    ]
    _, beat, upbeat = min(choices)
    return beat, upbeat


def lay_phrases(
    anchors: list[int], hits: tuple[int, ...], ticks: int, beat: int, upbeat: int
) -> list[Phrase]:
    """Phrases that fill the cue, of about equal length within each stretch."""
    hit_ticks = {round(hit / TICK_SAMPLES) for hit in hits}
    phrases: list[Phrase] = []
    for start, end in pairwise([0, *anchors, ticks]):
        origin = start if start or upbeat + beat > end else upbeat
        edges = _edges(origin, end, beat)
        for index, (begin, until) in enumerate(pairwise(edges)):
            phrases.append(
                Phrase(
                    start=begin if index else start,
                    origin=begin,
                    end=until,
                    hit=index == 0 and start in hit_ticks,
                    first=index == 0,
                    last=index == len(edges) - 2,
                )
            )
    return phrases


def _turns(course: AffectCourse) -> list[int]:
    """Ticks where the picture's arousal changes at once, the strongest first; cuts attract them."""
    change = np.abs(_change(course.arousal))
    # A leap is seen from two seconds before it to two after; where it is itself, it is seen best.
    peaks = (change > _TURN) & (change == maximum_filter1d(change, 4 * FILM_FPS + 1))
    seconds = [i / FILM_FPS for i in np.argsort(-change, kind="stable") if peaks[i]]
    cuts = [cut / SAMPLE_RATE for cut in course.cuts_samples]
    near = [
        min([c for c in cuts if abs(c - s) <= 1.0] or [s], key=lambda c: abs(c - s))
        for s in seconds
    ]
    return [round(second * TICKS_PER_S) for second in near]


def _change(values: Course) -> Course:
    """At each frame, the mean of the two seconds from it on less that of the two before it."""
    half = 2 * FILM_FPS
    sums = np.concatenate([np.zeros(1), values.cumsum()])
    at = np.arange(half, len(values) - half + 1)
    change = np.zeros(len(values))
    change[at] = (sums[at + half] - 2 * sums[at] + sums[at - half]) / half
    return change


def _missed(beat: int, upbeat: int, anchors: list[int], cuts: list[int]) -> float:
    """How far hits and cuts lie from beats, in beats; beats are counted from the hit before."""
    origins = [upbeat, *anchors]
    missed = sum(_off(tick - origin, beat) for origin, tick in pairwise(origins))
    for cut in cuts:
        origin = max((o for o in origins if o <= cut), default=upbeat)
        missed += _CUT_WEIGHT * _off(cut - origin, beat)
    return missed


def _off(ticks: int, beat: int) -> float:
    rest = ticks % beat
    return min(rest, beat - rest) / beat


def _edges(origin: int, end: int, beat: int) -> list[int]:
    """Borders of phrases on beats between two ticks."""
    bar = BAR_BEATS * beat
    bars = (
        2 if abs(2 * bar - _PHRASE_S * TICKS_PER_S) < abs(4 * bar - _PHRASE_S * TICKS_PER_S) else 4
    )
    count = max(1, round((end - origin) / (bars * bar)))
    inner = [origin + round(k * (end - origin) / count / beat) * beat for k in range(count)]
    return [*inner, end]
