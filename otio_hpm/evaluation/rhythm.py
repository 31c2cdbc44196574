"""Whether music has its onsets in the same seconds as its reference: BCS, BHS, F1, CSD, HSD.

LORIS's measures (Yu et al. 2023, `beats_scores.py`), which the paper takes over (appendix D.1): a
clip is one bit a second. Ten seconds have ten bits, and dense music has all of them, so print the
figures of shuffled pairs beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from librosa.onset import onset_detect
from numpy.typing import NDArray

RATE = 22_050
"""The rate that LORIS reads sound at, Hz; librosa's hop of 512 samples belongs to it."""


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How the seconds with onsets of one clip meet its reference's, each 0 to 1."""

    bcs: float
    """Beats coverage score: seconds in both over those of the clip. A precision."""
    bhs: float
    """Beats hit score: seconds in both over those of the reference. A recall."""

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 0 where both are."""
        return _harmonic_mean(self.bcs, self.bhs)


@dataclass(frozen=True, kw_only=True)
class RhythmScores:
    """A system's figures over its clips, as LORIS prints them; spreads are nan for one clip."""

    bcs: float
    """Mean of the clips' BCS."""
    bhs: float
    """Mean of the clips' BHS."""
    f1: float
    """Harmonic mean of the two means."""
    f1_of_clips: float
    """Mean of the clips' own F1, which is never more than `f1`."""
    csd: float
    """Standard deviation of BCS over clips, of a sample (n - 1)."""
    hsd: float
    """Standard deviation of BHS over clips, of a sample (n - 1)."""


def seconds_with_onsets(sound: NDArray[np.float32], sample_rate: int) -> NDArray[np.bool_]:
    """Which seconds of a clip hold an onset. (samples,) -> (seconds, the last one begun counts,)

    Onsets are librosa's with LORIS's parameters, which divide by the clip's largest rise.
    """
    heard = soxr.resample(sound, sample_rate, RATE)
    found = onset_detect(
        y=heard, sr=RATE, wait=1, delta=0.2, pre_avg=3, post_avg=3, pre_max=3, post_max=3,
        units="time",
    )  # fmt: skip
    return binned(np.asarray(found, np.float64), int(np.ceil(len(heard) / RATE)))


def binned(onsets_s: NDArray[np.float64], seconds: int) -> NDArray[np.bool_]:
    """Which of a clip's seconds hold an onset. (onsets,) -> (seconds,)"""
    found = np.zeros(seconds, np.bool_)
    numbers = onsets_s.astype(np.intp)
    found[numbers[numbers < seconds]] = True
    return found


def rhythm(made: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Rhythm:
    """Scores of one clip by its seconds with onsets; the longer of the two is cut. Each (seconds,)

    A clip without onsets covers nothing, and of a reference without onsets nothing is hit: 0.
    """
    shared = min(len(made), len(reference))
    ours, theirs = made[:shared], reference[:shared]
    both = int((ours & theirs).sum())
    return Rhythm(bcs=_share(both, int(ours.sum())), bhs=_share(both, int(theirs.sum())))


def swapped(clip: Rhythm) -> Rhythm:
    """The scores under the names that the paper's text gives them (variant `paper`).

    Appendix D.1 divides by the onsets of the generated music, which is a precision, and then says
    that BCS is the recall and BHS the precision.
    """
    return Rhythm(bcs=clip.bhs, bhs=clip.bcs)


def rhythm_scores(clips: Sequence[Rhythm]) -> RhythmScores:
    """A system's figures. Raises ValueError without clips.

    Table 2 of the paper prints an F1 above both BCS and BHS in six of its twelve rows, which no
    mean of them can be: neither `f1` nor `f1_of_clips` gives it, and nothing here imitates it.
    """
    if not clips:
        raise ValueError("there are no clips to score")
    bcs, bhs = np.array([c.bcs for c in clips]), np.array([c.bhs for c in clips])
    return RhythmScores(
        bcs=float(bcs.mean()),
        bhs=float(bhs.mean()),
        f1=_harmonic_mean(float(bcs.mean()), float(bhs.mean())),
        f1_of_clips=float(np.mean([clip.f1 for clip in clips])),
        csd=_spread(bcs),
        hsd=_spread(bhs),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _spread(values: NDArray[np.floating]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
