"""Inception score (Salimans et al. 2016) on the logits of a classifier of sound."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

PARTS = 10
"""What audioldm_eval, whose figures papers print, cuts a set into."""


def inception_score(logits: NDArray[np.floating], parts: int = PARTS, seed: int = 0) -> float:
    """exp of the mean divergence of a clip's classes from all clips' classes, 1 to classes. (n, C)

    The mean over `parts` of the clips in random order, since clips mostly lie sorted. A part of m
    clips scores at most m, so that small sets score low: compare equal numbers of clips, in equal
    parts. Classes exclude one another here (softmax), as in audioldm_eval, although PANN's do not.
    Raises ValueError for fewer clips than parts.
    """
    if not 1 <= parts <= len(logits):
        raise ValueError(f"{len(logits)} clips cannot be cut into {parts} parts")
    mixed = np.random.default_rng(seed).permutation(np.asarray(logits, np.float64))
    bounds = [number * len(mixed) // parts for number in range(parts + 1)]
    pieces = (mixed[a:b] for a, b in itertools.pairwise(bounds))
    return float(np.mean([_score(piece) for piece in pieces]))


def _score(logits: NDArray[np.float64]) -> float:
    logs = log_softmax(logits, axis=1)  # the logarithm of softmax would be -inf
    share = np.exp(logs)
    with np.errstate(divide="ignore"):
        all_clips = np.log(share.mean(axis=0))
    apart = np.subtract(logs, all_clips, out=np.zeros_like(logs), where=share > 0)
    divergence = share * apart
    return float(np.exp(divergence.sum(axis=1).mean()))
