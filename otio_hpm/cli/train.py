"""`otio-hpm train`: the parts of a model, on composed windows or films, and what they become."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.printing import stdout

_RUN = Path("runs/embedded")
_RATE = click.FloatRange(0, 1, min_open=True)


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
        click.option("--precision", type=click.Choice(["auto", "float32", "bf16", "fp16"]),
                     default="auto", show_default=True,
                     help="What forward passes compute in; auto is bf16 where that is faster."),
        click.option("--tensorboard", is_flag=True, help="Tell TensorBoard the losses too."),
        click.option("--soundfont", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help="General MIDI soundfont; the system's FluidR3 where none is given."),
    ):  # fmt: skip
        command = option(command)
    return command


def _leg(command: Any) -> Any:
    """Options of a part's own training."""
    for option in (
        click.option("--steps", type=click.IntRange(1), help="Optimiser steps in all."),
        click.option("--rate", type=_RATE, help="Peak learning rate."),
        click.option("--every", type=click.IntRange(1), default=500, show_default=True,
                     help="Steps between checkpoints, samples and validations."),
        _run_options,
    ):  # fmt: skip
        command = option(command)
    return command


_dataset = click.option(
    "--dataset", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Train on films and their scores, in place of what is composed.",
)  # fmt: skip


def _diffusion_leg(command: Any) -> Any:
    """Options of the diffusion's own training."""
    for option in (
        click.option("--model", help="Begin a new run with the parts of this model."),
        click.option("--batch", type=click.IntRange(1), default=8, show_default=True,
                     help="Windows a step, in each process."),
        click.option("--recompute", is_flag=True,
                     help="Hold less in memory and take longer (gradient checkpointing)."),
        _dataset,
        _leg,
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def train() -> None:
    """Train a model part by part, on composed windows or on films; then `export`.

    `all` trains the embedded model's parts in order.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")


@train.command("all")
@_run_options
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def everything(footage: Path | None, **options: Any) -> None:
    """Compose the corpus and train all parts, from one seed; run again to go on.

    With --minutes a run goes in legs. Every leg of a run must be given the same options.
    """
    from otio_hpm.training.recipe import run_all

    _tell(run_all(_run(options), options["seed"], footage))


@train.command()
@_dataset
@_leg
def vae(**options: Any) -> None:
    """Train the music autoencoder."""
    from otio_hpm.training.recipe import run_vae

    _tell(run_vae(_run(options), _schedule("vae", options)))


@train.command()
@click.option("--model", help="Begin a new run with the parts of this model.")
@_dataset
@_leg
def decoder(**options: Any) -> None:
    """Train the autoencoder's decoder further, for the latents as they are."""
    from otio_hpm.training.recipe import run_decoder

    _tell(run_decoder(_begun(options), _schedule("decoder", options)))


@train.command()
@_diffusion_leg
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def base(footage: Path | None, **options: Any) -> None:
    """Train VM-UNet and the film encoder, from nothing or from a --model."""
    from otio_hpm.training.beginning import base_of
    from otio_hpm.training.recipe import run_base

    run = _begun(options)
    schedule = _schedule("model" if base_of(run) else "base", options)
    _tell(run_base(run, schedule, batch=options["batch"], footage=footage))


@train.command()
@_diffusion_leg
@click.option("--joint", is_flag=True, help="Train the base along with the branch.")
@click.option("--lora", "lora_rank", type=click.IntRange(0), default=0, show_default=True,
              help="Rank of low-rank updates of the branch; 0 trains it whole.")  # fmt: skip
def style(joint: bool, lora_rank: int, **options: Any) -> None:
    """Train the S-Control branch on melody and dynamics."""
    from otio_hpm.training.recipe import run_style

    schedule = _schedule("joint" if joint else "style", options)
    run = _begun(options)
    _tell(run_style(run, schedule, batch=options["batch"], joint=joint, lora_rank=lora_rank))


@train.command()
@click.option("--model", help="Begin a new run with the parts of this model.")
@_leg
def vocoder(**options: Any) -> None:
    """Train the vocoder, which tells what wide bands hold, on composed music."""
    from otio_hpm.training.recipe import run_vocoder

    _tell(run_vocoder(_begun(options), _schedule("vocoder", options)))


@train.command()
@click.argument("model_folder", type=click.Path(path_type=Path))
@click.option("--run", "folder", type=click.Path(path_type=Path), default=_RUN,
              show_default=True, help="Folder that holds the run.")  # fmt: skip
@click.option("--vocoder/--no-vocoder", default=None,
              help="Ship the run's vocoder, or Griffin-Lim alone; unset, what there is.")
def export(model_folder: Path, folder: Path, vocoder: bool | None) -> None:
    """Write the run's averaged weights as a model folder."""
    from otio_hpm.training.exporting import export as write
    from otio_hpm.training.run import Run

    write(Run(folder=folder, windows=0), model_folder, vocoder=vocoder)
    stdout().print(f"Wrote {model_folder}.")


@train.command()
@click.argument("output", metavar="NETWORK.safetensors", type=click.Path(path_type=Path))
@click.option("--run", "folder", type=click.Path(path_type=Path), default=Path("runs/embedding"),
              show_default=True, help="Folder that holds the run.")  # fmt: skip
@click.option("--pairs", type=click.IntRange(2), default=4000, show_default=True,
              help="Composed pieces to learn from; missing ones are composed first.")  # fmt: skip
@click.option("--steps", type=click.IntRange(1), default=6000, show_default=True,
              help="Optimiser steps in all.")  # fmt: skip
@click.option("--rate", type=_RATE, default=1e-3, show_default=True, help="Peak learning rate.")
@click.option("--every", type=click.IntRange(1), default=500, show_default=True,
              help="Steps between checkpoints and validations.")  # fmt: skip
@click.option("--minutes", type=float, help="Stop this leg after so long.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of weights and batches.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
              show_default=True, help="Where to train.")  # fmt: skip
@click.option("--soundfont", type=click.Path(path_type=Path),
              help="Not the generator's; MuseScore's where none is given.")  # fmt: skip
@click.option("--scores", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of parsed public-domain scores, as training keeps it.")  # fmt: skip
def embedding(
    output: Path, folder: Path, pairs: int, steps: int, rate: float, every: int,
    minutes: float | None, seed: int, device: Any, soundfont: Path | None, scores: Path | None,
) -> None:  # fmt: skip
    """Train the network that FAD-embedded is measured on, apart from any generator."""
    from otio_hpm.evaluation.embedding_training import (
        Teaching,
        teaching_soundfont,
        train_embedding,
    )
    from otio_hpm.model.precision import choose_device
    from otio_hpm.training.trainer import Schedule

    teaching = Teaching(
        folder=folder, soundfont=teaching_soundfont(soundfont), scores=scores, pairs=pairs
    )
    schedule = Schedule(steps=steps, learning_rate=rate, checkpoint_every=every, seed=seed)
    _tell(train_embedding(teaching, schedule, output, choose_device(device), minutes))


@train.command("export-lora")
@click.argument("adapter_folder", type=click.Path(path_type=Path))
@click.option("--run", "folder", type=click.Path(path_type=Path), default=_RUN,
              show_default=True, help="Folder that holds the run.")  # fmt: skip
def export_lora(adapter_folder: Path, folder: Path) -> None:
    """Write what `style --model MODEL --lora RANK` has trained, for `score --maestro-lora`."""
    from otio_hpm.training.adapters import export_adapter
    from otio_hpm.training.run import Run

    adapter = export_adapter(Run(folder=folder, windows=0), adapter_folder)
    stdout().print(f"Wrote {adapter.folder}, rank {adapter.rank}.")


def _begun(options: dict[str, Any]) -> Any:
    """The run, with the parts of the model that it goes on from."""
    from otio_hpm.training.beginning import begin_from
    from otio_hpm.training.processes import first_process_first

    run = _run(options)
    if options["model"]:
        with first_process_first(run.device):
            begin_from(run, options["model"])
    return run


def _run(options: dict[str, Any]) -> Any:
    from otio_hpm.model.precision import choose_device, choose_precision
    from otio_hpm.training.run import Run

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


def _schedule(part: str, options: dict[str, Any]) -> Any:
    from otio_hpm.training.recipe import RATES, STEPS
    from otio_hpm.training.trainer import Schedule

    return Schedule(
        steps=options["steps"] or STEPS[part],
        learning_rate=options["rate"] or RATES[part],
        checkpoint_every=options["every"],
        seed=options["seed"],
    )


def _tell(done: bool) -> None:
    stdout().print("Finished." if done else "Not finished; run again to go on.")
