"""Figure 2: originality against recognizability (after Boutin et al. 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from otio_hpm.evaluation.figures.plotting import pyplot, save


@dataclass(frozen=True, kw_only=True)
class Styles:
    """One system's figures in each style that it made music in."""

    originality: Mapping[str, float]
    """In the features' unit, by style."""
    recognizability: Mapping[str, float]
    """Share of clips whose style is recognised, 0 to 1, by style."""

    def points(self) -> np.ndarray:
        """Originality and recognizability of the styles that have both. (styles, 2)"""
        both = [name for name in self.originality if name in self.recognizability]
        found = [(self.originality[name], self.recognizability[name]) for name in both]
        return np.array(found).reshape(-1, 2)


def draw_originality(
    path: Path, systems: Mapping[str, Styles], chance: float, features: str
) -> list[Path]:
    """A large point for each system, the mean over styles, amid small ones for each style.

    `chance` is the share that guessing recognises; `features` names the network. Written as PNG
    and SVG. Raises OutputError, and ModelError without matplotlib.
    """
    plotting = pyplot()
    figure, axis = plotting.subplots(figsize=(6, 4.6), layout="constrained")
    colours = plotting.get_cmap("tab10" if len(systems) <= 10 else "tab20")
    for number, (name, styles) in enumerate(systems.items()):
        points = styles.points()
        mean = points.mean(axis=0)
        axis.scatter(*points.T, s=22, color=colours(number), alpha=0.55, linewidths=0)
        axis.scatter(*mean, s=130, color=colours(number), edgecolors="black", zorder=3, label=name)
    axis.axhline(chance, color="grey", linewidth=0.8, linestyle="--", zorder=0)
    axis.annotate("chance", (1, chance), xycoords=("axes fraction", "data"), ha="right",
                  va="bottom", color="grey")  # fmt: skip
    axis.set_ylim(-0.03, 1.03)
    axis.set_xlabel(f"originality: deviation within a style, {features}")
    axis.set_ylabel("recognizability: share of clips whose style is recognised")
    axis.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return save(figure, path)
