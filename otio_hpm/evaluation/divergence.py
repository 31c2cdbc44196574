"""Kullback-Leibler divergence of the classes heard in made music from those in its reference.

As audioldm_eval (Liu et al. 2023) prints it: of the reference from the made clip, in nats, clip by
clip; the figure of a system is the mean over its clips.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, rel_entr, softmax, xlogy

_LEAST = 1e-6
"""Added to made probabilities, audioldm_eval's: one class unheard must not make all infinite."""

Logits = NDArray[np.floating]
"""shape (clips, classes), in the same order for both sets"""


def kl_softmax(made: Logits, reference: Logits) -> NDArray[np.float64]:
    """With classes that exclude one another: KL of most papers, and of this one. -> (clips,)"""
    return np.asarray(rel_entr(softmax(reference, axis=1), softmax(made, axis=1) + _LEAST).sum(1))


def kl_sigmoid(made: Logits, reference: Logits) -> NDArray[np.float64]:
    """With each class there or not by itself, which PANN was trained for. -> (clips,)

    The divergence of one coin a class: of being there, and of not being there.
    """
    there, heard = expit(reference), expit(made) + _LEAST
    absent, unheard = expit(-reference), expit(-made) + _LEAST
    return np.asarray((rel_entr(there, heard) + rel_entr(absent, unheard)).sum(axis=1))


def kl_sigmoid_published(made: Logits, reference: Logits) -> NDArray[np.float64]:
    """audioldm_eval's `kullback_leibler_divergence_sigmoid`, for comparing printed figures.

    It leaves out that a class is not there, so it is no divergence: music in which every class is
    heard scores below 0, better than the reference itself. -> (clips,)
    """
    there = expit(reference)
    return np.asarray((xlogy(there, there) - xlogy(there, expit(made) + _LEAST)).sum(axis=1))
