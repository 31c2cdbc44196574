"""Figure 3: what is seen, how it feels and looks, and what melody and dynamics it is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.figures import panels
from otio_hpm.evaluation.figures.plotting import pyplot, save
from otio_hpm.film.aesthetic import AESTHETIC_NAMES
from otio_hpm.film.descriptors import describe
from otio_hpm.film.emotion import EMOTION_NAMES
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of

_FELT = ("valence", "arousal")
_FELT_COLOURS = ("#1b7f79", "#d1382c")


def draw_film_score(
    path: Path, title: str, frames: NDArray[np.uint8], sounds: Mapping[str, panels.Sound],
    config: ModelConfig,
) -> list[Path]:  # fmt: skip
    """Frames (top), measured emotion and aesthetics (middle), melody and dynamics (below).

    frames: (n, 36, 64, 3) at 10 fps; sounds: (samples,) of each system at the model's rate. Written
    as PNG and SVG. Raises OutputError, and ModelError without matplotlib.
    """
    heights = [1, 1.3, 1.6, *(1.5, 0.9) * len(sounds)]
    figure, axes = pyplot().subplots(
        len(heights), 1, figsize=(8.5, 0.85 * sum(heights)), layout="constrained",
        height_ratios=heights,
    )  # fmt: skip
    axes[0].set_title(title)
    panels.stills(axes[0], frames)
    _emotion(axes[1], frames)
    _aesthetic(axes[2], frames)
    for number, (name, sound) in enumerate(sounds.items()):
        heard = controls_of(sound, config)
        above, below = axes[3 + 2 * number : 5 + 2 * number]
        panels.melody(above, sound, heard, None, config)
        panels.dynamics(below, sound, heard, None, config)
        above.set_title(name, loc="left", pad=3)
        above.set_ylabel("melody")
        below.set_ylabel("dB")
    axes[-1].set_xlabel("s")
    for axis in axes[1:-1]:
        axis.tick_params(labelbottom=False)
    return save(figure, path)


def _emotion(axis: Any, frames: NDArray[np.uint8]) -> None:
    """Valence and arousal, -1 to 1."""
    values = describe(frames).emotion
    for name, colour in zip(_FELT, _FELT_COLOURS, strict=True):
        _course(axis, values[:, EMOTION_NAMES.index(name)], name, color=colour)
    axis.axhline(0, color="lightgrey", linewidth=0.8, zorder=0)
    axis.set_ylim(-1.05, 1.05)
    _finish(axis, frames, "emotion")


def _aesthetic(axis: Any, frames: NDArray[np.uint8]) -> None:
    """The six attributes, 0 to 1."""
    values = describe(frames).aesthetic
    for column, name in enumerate(AESTHETIC_NAMES):
        _course(axis, values[:, column], name.replace("_", " "))
    axis.set_ylim(0, 1.05)
    _finish(axis, frames, "aesthetics")


def _course(axis: Any, values: NDArray[np.floating], label: str, **looks: Any) -> None:
    """A value of each second, drawn at its middle."""
    axis.plot(np.arange(len(values)) + 0.5, values, label=label, marker=".", linewidth=1.3, **looks)


def _finish(axis: Any, frames: NDArray[np.uint8], label: str) -> None:
    axis.set_xlim(0, len(frames) / 10)
    axis.set_ylabel(label)
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=7)
