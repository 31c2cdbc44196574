"""`otio-hpm train`: the embedded model's own training, part by part."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.printing import stdout

_RUN = Path("runs/embedded")


def _run_options(command: Any) -> Any:
    """Options of every run."""
    for option in (
        click.option("--run", "folder", type=click.Path(path_type=Path), default=_RUN,
                     show_default=True, help="Folder that holds the run."),
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
        click.option("--soundfont", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help="General MIDI soundfont; the system's FluidR3 where none is given."),
    ):  # fmt: skip
        command = option(command)
    return command


def _leg(command: Any) -> Any:
    """Options of a part's own training."""
    for option in (
        click.option("--steps", type=click.IntRange(1), help="Optimiser steps in all."),
        click.option("--rate", type=float, help="Peak learning rate."),
        click.option("--batch", type=click.IntRange(1), default=8, show_default=True,
                     help="Windows a step (base, style)."),
        _run_options,
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def train() -> None:
    """Train an embedded model: `all`, or its parts one by one; then `export`."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")


@train.command("all")
@_run_options
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def everything(footage: Path | None, **options: Any) -> None:
    """Compose the corpus and train all parts but the vocoder, from one seed; run again to go on.

    With --minutes a run goes in legs. Every leg of a run must be given the same options.
    """
    from otio_hpm.training.recipe import run_all

    _tell(run_all(_run(options), options["seed"], footage))


@train.command()
@_leg
def vae(**options: Any) -> None:
    """Train the music autoencoder."""
    from otio_hpm.training.recipe import run_vae

    _tell(run_vae(_run(options), _schedule("vae", options)))


@train.command()
@_leg
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def base(footage: Path | None, **options: Any) -> None:
    """Train VM-UNet and the film encoder."""
    from otio_hpm.training.recipe import run_base

    schedule = _schedule("base", options)
    _tell(run_base(_run(options), schedule, batch=options["batch"], footage=footage))


@train.command()
@_leg
@click.option("--joint", is_flag=True, help="Train the base along with the branch.")
@click.option("--lora", "lora_rank", type=click.IntRange(0), default=0, show_default=True,
              help="Rank of low-rank updates of the branch; 0 trains it whole.")  # fmt: skip
def style(joint: bool, lora_rank: int, **options: Any) -> None:
    """Train the S-Control branch on melody and dynamics."""
    from otio_hpm.training.recipe import run_style

    schedule = _schedule("joint" if joint else "style", options)
    _tell(
        run_style(_run(options), schedule, batch=options["batch"], joint=joint, lora_rank=lora_rank)
    )


@train.command()
@_leg
def vocoder(**options: Any) -> None:
    """Train the vocoder."""
    from otio_hpm.training.recipe import run_vocoder

    _tell(run_vocoder(_run(options), _schedule("vocoder", options)))


@train.command()
@click.argument("model_folder", type=click.Path(path_type=Path))
@click.option("--run", "folder", type=click.Path(path_type=Path), default=_RUN,
              show_default=True, help="Folder that holds the run.")  # fmt: skip
@click.option("--vocoder/--no-vocoder", default=True, show_default=True,
              help="Ship the trained vocoder, or Griffin-Lim alone.")  # fmt: skip
def export(model_folder: Path, folder: Path, vocoder: bool) -> None:
    """Write the run's averaged weights as a model folder."""
    from otio_hpm.training.recipe import export as write
    from otio_hpm.training.run import Run

    write(Run(folder=folder, windows=0), model_folder, vocoder=vocoder)
    stdout().print(f"Wrote {model_folder}.")


def _run(options: dict[str, Any]) -> Any:
    from otio_hpm.model.precision import choose_device
    from otio_hpm.training.run import Run

    return Run(
        folder=options["folder"],
        windows=options["windows"],
        device=choose_device(options["device"]),
        minutes=options["minutes"],
        soundfont=options["soundfont"],
        scores=options["scores"],
    )


def _schedule(part: str, options: dict[str, Any]) -> Any:
    from otio_hpm.training.recipe import RATES, STEPS
    from otio_hpm.training.trainer import Schedule

    return Schedule(
        steps=options["steps"] or STEPS[part],
        learning_rate=options["rate"] or RATES[part],
        seed=options["seed"],
    )


def _tell(done: bool) -> None:
    stdout().print("Finished." if done else "Not finished; run again to go on.")
