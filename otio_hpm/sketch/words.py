"""Picture -> words of music: for a model that reads only text, the two-step way.

The paper argues against this way (section 1: what passes through words loses what the picture
tells), and so do we: it is there so that published text-to-music weights serve on the first day.
All is said by small tables. Moods are Kate Hevner's groups of adjectives (Experimental studies of
the elements of expression in music, American Journal of Psychology 48, 1936). They form a circle,
which is laid here on valence and arousal (Russell, A circumplex model of affect, 1980), where
dignity and sadness change places, since sadness is the less pleasant of the two. Tempo follows
arousal and mode valence, as in her experiments (1935, 1937) and those since (Gabrielsson and
Lindstrom 2010, in Juslin and Sloboda, Handbook of music and emotion). Register follows the light of
the picture, and rhythm its movement and cutting: she found low registers dignified and sad, high
ones playful, firm rhythms vigorous and flowing ones graceful. Colour counts within valence and
arousal (`otio_hpm.film.emotion`), as music and colour go together by the emotion that they share
(Palmer et al. 2013, PNAS 110).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from otio_hpm.film.descriptors import DESCRIPTOR_NAMES, describe
from otio_hpm.model.config import FILM_FPS
from otio_hpm.sketch.course import AffectCourse, course_of

MOODS: tuple[tuple[str, ...], ...] = (
    ("graceful", "playful", "light"),
    ("merry", "joyous", "bright"),
    ("exciting", "dramatic", "soaring"),
    ("vigorous", "restless", "emphatic"),
    ("mournful", "tragic", "dark"),
    ("solemn", "dignified", "sombre"),
    ("dreamy", "tender", "yearning"),
    ("serene", "tranquil", "soothing"),
)
"""Hevner's groups, each over an eighth of the circle of affect: from pleasure counterclockwise over
excitement, tension, displeasure, and calm back to pleasure."""
TEMPOS = ("very slow tempo", "slow tempo", "moderate tempo", "fast tempo", "very fast tempo")
"""From calm to violent."""
MODES = ("minor key", "major key")
"""From unpleasant to pleasant."""
REGISTERS = ("low register", "middle register", "high register")
"""From dark to light pictures."""
RHYTHMS = ("sustained, without pulse", "flowing rhythm", "driving rhythm")
"""From still pictures to moving and quickly cut ones."""
_KIND = "orchestral film score, instrumental, high quality recording"

_LIGHTNESS = [i for i, name in enumerate(DESCRIPTOR_NAMES) if name.startswith("lightness_")]
_MOVING = DESCRIPTOR_NAMES.index("motion_area")
_CUTTING = DESCRIPTOR_NAMES.index("cutting_rate")
_DARK, _LIGHT = 0.25, 0.6
"""Mean lightness, 0 to 1, below and above which a picture is called so."""
_STILL, _LIVELY = 0.05, 0.35
"""Share of the picture that moves, with cuts a second on top."""


def words_of(
    frames: NDArray[np.uint8], windows_s: Sequence[tuple[Fraction, Fraction]]
) -> tuple[str, ...]:
    """What music each window's picture asks for, in words.

    frames: (N, 36, 64, 3) RGB at 10 fps of a whole cue; `windows_s` from when to when each window
    lasts. Beyond its end the cue's last second stands. Raises ValueError as `describe` does.
    """
    course, rows = course_of(frames), describe(frames, FILM_FPS).stacked().astype(np.float64)
    return tuple(_words(course, rows, _seconds(span, len(rows))) for span in windows_s)


def _seconds(span: tuple[Fraction, Fraction], count: int) -> slice:
    """The begun seconds that a window covers, at least one."""
    first = min(math.floor(span[0]), count - 1)
    return slice(first, max(first + 1, math.ceil(span[1])))


def _words(course: AffectCourse, rows: NDArray[np.float64], seconds: slice) -> str:
    frames = slice(seconds.start * FILM_FPS, seconds.stop * FILM_FPS)
    arousal, valence = (float(c[frames].mean()) for c in (course.arousal, course.valence))
    seen = rows[seconds].mean(axis=0)
    moving = seen[_MOVING] + seen[_CUTTING]
    parts = (
        ", ".join(mood_of(valence, arousal)),
        TEMPOS[min(int(arousal * len(TEMPOS)), len(TEMPOS) - 1)],
        MODES[valence >= 0.5],
        REGISTERS[_step(seen[_LIGHTNESS].mean(), _DARK, _LIGHT)],
        RHYTHMS[_step(moving, _STILL, _LIVELY)],
        _KIND,
    )
    return ", ".join(parts)


def mood_of(valence: float, arousal: float) -> tuple[str, ...]:
    """Hevner's group for a place in the affect space; both from 0 to 1."""
    turn = math.atan2(arousal - 0.5, valence - 0.5) / (2 * math.pi) % 1
    return MOODS[int(turn * len(MOODS)) % len(MOODS)]


def _step(value: float, low: float, high: float) -> int:
    return int(value >= low) + int(value >= high)
