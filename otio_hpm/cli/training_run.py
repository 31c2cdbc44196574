"""Options of a training run, and the run that they ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

RATE = click.FloatRange(0, 1, min_open=True)
"""Learning rates."""

folder_option = click.option(
    "--run", "folder", type=click.Path(path_type=Path), default=Path("runs/embedded"),
    show_default=True, help="Folder that holds the run.",
)  # fmt: skip
dataset_option = click.option(
    "--dataset", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Train on films and their scores, in place of what is composed.",
)  # fmt: skip


def run_options(command: Any) -> Any:
    """Options of every run."""
    for option in (
        folder_option,
        click.option("--windows", type=click.IntRange(1), default=8000, show_default=True,
                     help="Composed windows to train on; missing ones are composed first."),
        click.option("--scores/--no-scores", default=True, show_default=True,
                     help="Play public-domain scores too, or only what the program composes."),
        click.option("--seed", type=int, default=0, show_default=True,
                     help="Of first weights, batches and noise."),
        click.option("--minutes", type=float,
                     help="Stop this leg after so long; shards that were begun are finished."),
        click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
                     show_default=True, help="Where to train."),
        click.option("--precision", type=click.Choice(["auto", "float32", "bf16", "fp16"]),
                     default="auto", show_default=True,
                     help="What forward passes compute in; auto is bf16 where that is faster."),
        click.option("--tensorboard", is_flag=True, help="Tell TensorBoard the losses too."),
        click.option("--soundfont", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help="General MIDI soundfont; the system's FluidR3 where none is given."),
    ):  # fmt: skip
        command = option(command)
    return command


def leg_options(command: Any) -> Any:
    """Options of a part's own training."""
    for option in (
        click.option("--steps", type=click.IntRange(1), help="Optimiser steps in all."),
        click.option("--rate", type=RATE, help="Peak learning rate."),
        click.option("--every", type=click.IntRange(1), default=500, show_default=True,
                     help="Steps between checkpoints, samples and validations."),
        run_options,
    ):  # fmt: skip
        command = option(command)
    return command


def diffusion_options(command: Any) -> Any:
    """Options of the diffusion's own training."""
    for option in (
        click.option("--model", help="Begin a new run with the parts of this model."),
        click.option("--batch", type=click.IntRange(1), default=8, show_default=True,
                     help="Windows a step, in each process."),
        click.option("--recompute", is_flag=True,
                     help="Hold less in memory and take longer (gradient checkpointing)."),
        dataset_option,
        leg_options,
    ):  # fmt: skip
        command = option(command)
    return command


def begun_run_of(options: dict[str, Any]) -> Any:
    """The run, with the parts of the model that it goes on from."""
    from otio_hpm.training.beginning import begin_from
    from otio_hpm.training.processes import first_process_first

    run = run_of(options)
    if options["model"]:
        with first_process_first(run.device):
            begin_from(run, options["model"])
    return run


def run_of(options: dict[str, Any]) -> Any:
    """The run that options of `run_options` ask for, and those of the diffusion where given.

    Raises ModelError without what its samples are drawn with.
    """
    from otio_hpm.model.precision import choose_device, choose_precision
    from otio_hpm.training.pictures import require_drawing
    from otio_hpm.training.run import Run

    require_drawing()
    device = choose_device(options["device"])
    return Run(
        folder=options["folder"],
        windows=options["windows"],
        device=device,
        minutes=options["minutes"],
        soundfont=options["soundfont"],
        scores=options["scores"],
        dataset=options.get("dataset"),
        precision=choose_precision(options["precision"], device),
        recompute=options.get("recompute", False),
        tensorboard=options["tensorboard"],
    )


def schedule_of(part: str, options: dict[str, Any]) -> Any:
    """The schedule that options of `leg_options` ask for; a part's own where they do not."""
    from otio_hpm.training.recipe import RATES, STEPS
    from otio_hpm.training.trainer import Schedule

    return Schedule(
        steps=options["steps"] or STEPS[part],
        learning_rate=options["rate"] or RATES[part],
        checkpoint_every=options["every"],
        seed=options["seed"],
    )
