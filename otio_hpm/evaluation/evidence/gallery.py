"""Point 8: cues over real footage, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from otio_hpm.errors import ModelError
from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.footage import Footage
from otio_hpm.evaluation.evidence.report import Section
from otio_hpm.evaluation.evidence.series import drawn
from otio_hpm.evaluation.tonality import chroma
from otio_hpm.files import writing
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls, controls_of
from otio_hpm.music.spectrogram import analyse

_STILLS = 10
_CLASSES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def gallery(bench: Bench, folder: Path) -> Section:
    """Film, spectrogram, pitch classes under their control, and dynamics of eight cues."""
    pictures: list[str] = []
    for index, request in zip(drawn(bench), bench.requests("gallery"), strict=True):
        assert request.controls is not None
        name = f"cue_{len(pictures) + 1}.png"
        draw(
            folder / name, bench.footage[index], bench.takes.take(request), request.controls,
            bench.config,
        )  # fmt: skip
        pictures.append(name)
    remark = "Red: melody and dynamics of the sketch; grey: what is heard."
    return Section(
        name="pictures", title="Pictures", figures=(), pictures=tuple(pictures),
        remarks=(remark if pictures else "No real footage was given (--media).",),
    )  # fmt: skip


def draw(
    path: Path, footage: Footage, sound: Sound, wanted: Controls, config: ModelConfig
) -> None:
    """One cue as a picture of about 100 kB. Raises ModelError without matplotlib."""
    try:
        import matplotlib
    except ImportError as error:
        raise ModelError(
            "matplotlib is not installed.", hint="pip install 'otio-hpm[train]'"
        ) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        4, 1, figsize=(9, 8), layout="constrained", height_ratios=(1, 3, 2, 1.2)
    )
    axes[0].imshow(_strip(footage))
    axes[0].set_title(footage.name, fontsize=9)
    axes[0].set_axis_off()
    seconds = len(sound) / config.sample_rate
    _spectrogram(axes[1], sound, config, seconds)
    _pitch_classes(axes[2], sound, wanted, config, seconds)
    _levels(axes[3], sound, wanted, config, seconds)
    with writing(path, overwrite=True) as file:
        figure.savefig(file, dpi=80, format="png")
    pyplot.close(figure)


def _strip(footage: Footage) -> Any:
    """Stills side by side. (36, 64 * stills, 3)"""
    chosen = np.linspace(0, len(footage.frames) - 1, _STILLS).astype(int)
    return np.concatenate(list(footage.frames[chosen]), axis=1)


def _spectrogram(axis: Any, sound: Sound, config: ModelConfig, seconds: float) -> None:
    bands = analyse(torch.from_numpy(sound), config).numpy().T
    axis.imshow(bands, origin="lower", aspect="auto", extent=(0, seconds, 0, len(bands)),
                vmin=-1.2, vmax=2.2)  # fmt: skip
    axis.set_ylabel("band")


def _pitch_classes(
    axis: Any, sound: Sound, wanted: Controls, config: ModelConfig, seconds: float
) -> None:
    classes = chroma(sound, config.sample_rate)
    axis.imshow(classes / (classes.max(axis=0) + 1e-6), origin="lower", aspect="auto",
                extent=(0, seconds, -0.5, 11.5), cmap="Greys")  # fmt: skip
    line = np.where((wanted.melody >= 0) & wanted.melody_present, wanted.melody, np.nan)
    axis.plot(np.linspace(0, seconds, len(line)), line, "r_", markersize=2)
    axis.set_yticks(range(12), _CLASSES, fontsize=6)


def _levels(
    axis: Any, sound: Sound, wanted: Controls, config: ModelConfig, seconds: float
) -> None:
    heard = controls_of(sound, config)
    time = np.linspace(0, seconds, len(heard.dynamics_db))
    axis.plot(time, heard.dynamics_db, color="grey")
    axis.plot(time, wanted.dynamics_db[: len(time)], "r", linewidth=1)
    axis.set_xlim(0, seconds)
    axis.set_ylabel("dB")
    axis.set_xlabel("s")
