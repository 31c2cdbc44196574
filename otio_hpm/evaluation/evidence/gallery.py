"""Point 8: cues over real footage, to be looked at."""

from __future__ import annotations

from pathlib import Path

from otio_hpm.evaluation.evidence.bench import Bench, Sound
from otio_hpm.evaluation.evidence.footage import Footage
from otio_hpm.evaluation.evidence.report import Section
from otio_hpm.evaluation.evidence.series import drawn
from otio_hpm.evaluation.figures import panels
from otio_hpm.evaluation.figures.plotting import pyplot, save
from otio_hpm.model.config import ModelConfig
from otio_hpm.music.controls import Controls, controls_of


def gallery(bench: Bench, folder: Path) -> Section:
    """Film, spectrogram, pitch classes under their control, and dynamics of eight cues."""
    pictures: list[str] = []
    for index, request in zip(drawn(bench), bench.requests("gallery"), strict=True):
        assert request.controls is not None
        name = f"cue_{len(pictures) + 1}"
        draw(
            folder / name, bench.footage[index], bench.takes.take(request), request.controls,
            bench.config,
        )  # fmt: skip
        pictures.append(f"{name}.png")
    remark = "Red: melody and dynamics of the sketch; dark: what is heard."
    return Section(
        name="pictures", title="Pictures", figures=(), pictures=tuple(pictures),
        remarks=(remark if pictures else "No real footage was given (--media).",),
    )  # fmt: skip


def draw(
    path: Path, footage: Footage, sound: Sound, wanted: Controls, config: ModelConfig
) -> None:
    """One cue as a picture. Raises OutputError, and ModelError without matplotlib."""
    figure, axes = pyplot().subplots(
        4, 1, figsize=(9, 8), layout="constrained", height_ratios=(1, 3, 2, 1.2)
    )
    heard = controls_of(sound, config)
    axes[0].set_title(footage.name)
    panels.stills(axes[0], footage.frames)
    panels.spectrogram(axes[1], sound, config)
    panels.melody(axes[2], sound, heard, wanted, config)
    panels.dynamics(axes[3], sound, heard, wanted, config)
    for axis, label in zip(axes[1:], ("Hz", "melody", "dB"), strict=True):
        axis.set_ylabel(label)
    axes[3].set_xlabel("s")
    save(figure, path, kinds=("png",))
