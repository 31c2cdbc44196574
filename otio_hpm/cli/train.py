"""`otio-hpm train`: the parts of a model, on composed windows or films, and what they become."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.printing import stdout
from otio_hpm.cli.training_run import (
    RATE,
    begun_run_of,
    dataset_option,
    diffusion_options,
    folder_option,
    leg_options,
    run_of,
    run_options,
    schedule_of,
)


@click.group()
def train() -> None:
    """Train a model part by part, on composed windows or on films; then `export`.

    `all` trains the embedded model's parts in order.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")


@train.command("all")
@run_options
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def everything(footage: Path | None, **options: Any) -> None:
    """Compose the corpus and train all parts, from one seed; run again to go on.

    With --minutes a run goes in legs. Every leg of a run must be given the same options.
    """
    from otio_hpm.training.recipe import run_all

    _tell(run_all(run_of(options), options["seed"], footage))


@train.command()
@dataset_option
@leg_options
def vae(**options: Any) -> None:
    """Train the music autoencoder."""
    from otio_hpm.training.recipe import run_vae

    _tell(run_vae(run_of(options), schedule_of("vae", options)))


@train.command()
@click.option("--model", help="Begin a new run with the parts of this model.")
@dataset_option
@leg_options
def decoder(**options: Any) -> None:
    """Train the autoencoder's decoder further, for the latents as they are."""
    from otio_hpm.training.recipe import run_decoder

    _tell(run_decoder(begun_run_of(options), schedule_of("decoder", options)))


@train.command()
@diffusion_options
@click.option("--footage", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of movies whose descriptors the normalisation has to span.")  # fmt: skip
def base(footage: Path | None, **options: Any) -> None:
    """Train VM-UNet and the film encoder, from nothing or from a --model."""
    from otio_hpm.training.beginning import base_of
    from otio_hpm.training.recipe import run_base

    run = begun_run_of(options)
    schedule = schedule_of("model" if base_of(run) else "base", options)
    _tell(run_base(run, schedule, batch=options["batch"], footage=footage))


@train.command()
@diffusion_options
@click.option("--joint", is_flag=True, help="Train the base along with the branch.")
@click.option("--lora", "lora_rank", type=click.IntRange(0), default=0, show_default=True,
              help="Rank of low-rank updates of the branch; 0 trains it whole.")  # fmt: skip
def style(joint: bool, lora_rank: int, **options: Any) -> None:
    """Train the S-Control branch on melody and dynamics."""
    from otio_hpm.training.recipe import run_style

    schedule = schedule_of("joint" if joint else "style", options)
    run = begun_run_of(options)
    _tell(run_style(run, schedule, batch=options["batch"], joint=joint, lora_rank=lora_rank))


@train.command()
@click.option("--model", help="Begin a new run with the parts of this model.")
@leg_options
def vocoder(**options: Any) -> None:
    """Train the vocoder, which tells what wide bands hold, on composed music."""
    from otio_hpm.training.recipe import run_vocoder

    _tell(run_vocoder(begun_run_of(options), schedule_of("vocoder", options)))


@train.command()
@click.option("--model", help="Begin a new run with the parts of this model.")
@dataset_option
@leg_options
def pacing(**options: Any) -> None:
    """Train what keeps free music at the pace and level of its film."""
    from otio_hpm.training.recipe import run_pacing

    _tell(run_pacing(begun_run_of(options), schedule_of("pacing", options)))


@train.command()
@click.argument("model_folder", type=click.Path(path_type=Path))
@folder_option
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
@click.option("--rate", type=RATE, default=1e-3, show_default=True, help="Peak learning rate.")
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
@folder_option
def export_lora(adapter_folder: Path, folder: Path) -> None:
    """Write what `style --model MODEL --lora RANK` has trained, for `score --maestro-lora`."""
    from otio_hpm.training.adapters import export_adapter
    from otio_hpm.training.run import Run

    adapter = export_adapter(Run(folder=folder, windows=0), adapter_folder)
    stdout().print(f"Wrote {adapter.folder}, rank {adapter.rank}.")


def _tell(done: bool) -> None:
    stdout().print("Finished." if done else "Not finished; run again to go on.")
