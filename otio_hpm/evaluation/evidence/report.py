"""Figures with aims and intervals, as evidence.json holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.intervals import interval


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a figure should reach."""

    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        """Whether a value reaches it; nan does not."""
        enough = self.at_least is None or value >= self.at_least
        return enough and (self.at_most is None or value <= self.at_most) and value == value


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of a table."""

    name: str
    value: float
    low: float
    """Lower end of the 95 % bootstrap interval over items."""
    high: float
    unit: str = ""
    aim: Aim | None = None
    met: bool | None = None
    """Whether the aim is reached; None without one."""
    items: tuple[float, ...] = ()
    """The value of each item, where the figure is made of such."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """What one point of the evidence found."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()
    """Sentences and tables in Markdown, printed below the figures."""
    pictures: tuple[str, ...] = ()
    """File names beside evidence.md."""


def mean_figure(
    name: str, items: Sequence[float] | NDArray[np.floating], *, aim: Aim | None = None,
    unit: str = "", note: str = "",
) -> Figure:  # fmt: skip
    """The mean over items that have a value."""
    values = np.asarray(items, np.float64)
    return pooled_figure(
        name, lambda chosen: finite_mean(values[chosen]), values, aim=aim, unit=unit, note=note
    )


def ratio_figure(
    name: str, over: Sequence[float] | NDArray[np.floating],
    under: Sequence[float] | NDArray[np.floating], *, aim: Aim | None = None, note: str = "",
) -> Figure:  # fmt: skip
    """Mean of some items over the mean of others, which are paired with them; nan over 0."""
    upper, lower = np.asarray(over, np.float64), np.asarray(under, np.float64)

    def ratio(chosen: NDArray[np.intp]) -> float:
        below = finite_mean(lower[chosen])
        return finite_mean(upper[chosen]) / below if below else float("nan")

    return pooled_figure(name, ratio, upper, aim=aim, note=note)


def pooled_figure(
    name: str, statistic: Callable[[NDArray[np.intp]], float], items: NDArray[np.floating], *,
    aim: Aim | None = None, unit: str = "", note: str = "",
) -> Figure:  # fmt: skip
    """A figure of all items together."""
    value = float(statistic(np.arange(len(items))))
    low, high = interval(statistic, len(items))
    return Figure(
        name=name, value=value, low=low, high=high, unit=unit, aim=aim,
        met=None if aim is None else aim.met(value), items=tuple(map(float, items)), note=note,
    )  # fmt: skip


def finite_mean(values: NDArray[np.floating]) -> float:
    """Mean of what is finite; nan where nothing is."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")
