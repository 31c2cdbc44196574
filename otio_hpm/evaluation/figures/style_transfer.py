"""Figure 4: spectrogram, melody and dynamics of true music, of what was made, and of the style."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from otio_hpm.evaluation.figures import panels
from otio_hpm.evaluation.figures.plotting import pyplot, save
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import controls_of

_ROWS = ("Hz", "melody", "dB")


def draw_style_transfer(
    path: Path, title: str, truth: panels.Sound, made: Mapping[str, panels.Sound],
    style: panels.Sound, config: ModelConfig,
) -> list[Path]:  # fmt: skip
    """A column for each music; what is followed is drawn in red over all that should follow it.

    Sounds are (samples,) at the model's rate. Written as PNG and SVG. Raises OutputError, and
    ModelError without matplotlib.
    """
    columns = {"reference": truth, **made, "style": style}
    figure, axes = pyplot().subplots(
        3, len(columns), figsize=(3 * len(columns), 5.2), layout="constrained",
        height_ratios=(2.4, 1.8, 1.2), sharey="row", squeeze=False,
    )  # fmt: skip
    wanted = controls_of(style, config)
    for column, (name, sound) in zip(axes.T, columns.items(), strict=True):
        heard = controls_of(sound, config)
        followed = wanted if name in made else None
        panels.spectrogram(column[0], sound, config)
        panels.melody(column[1], sound, heard, followed, config)
        panels.dynamics(column[2], sound, heard, followed, config)
        column[0].set_title(name)
        column[2].set_xlabel("s")
        for axis in column[:2]:
            axis.tick_params(labelbottom=False)
    for axis, label in zip(axes[:, 0], _ROWS, strict=True):
        axis.set_ylabel(label)
    figure.suptitle(f"{title}; red: of the style", fontsize=10)
    return save(figure, path)
