"""From a soundfont to a model folder: the stages of training and their order."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from otio_hpm.errors import ModelError
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.film_encoder import FilmEncoder
from otio_hpm.model.hpm import Hpm
from otio_hpm.model.lora import merged
from otio_hpm.model.pacing import Pacing
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.training import train_decoder, train_pacing, train_vae, train_vocoder
from otio_hpm.training.adapters import keep_adapter
from otio_hpm.training.beginning import base_of
from otio_hpm.training.branch import take_branch
from otio_hpm.training.corpus import CorpusStream
from otio_hpm.training.encoding import Encoded, encoded_courses, encoded_windows
from otio_hpm.training.footage import describe_footage, require_measuring, with_footage
from otio_hpm.training.processes import first_process_first
from otio_hpm.training.record import composed, keep_given
from otio_hpm.training.run import Run, keep, require_same_options, require_trained, restore
from otio_hpm.training.scores import ScoreLibrary
from otio_hpm.training.synthesis import find_soundfont
from otio_hpm.training.train_diffusion import (
    Stage,
    choose_trainable,
    is_calibrated,
    new_parts,
    set_quantiles,
    train_diffusion,
)
from otio_hpm.training.trainer import Schedule, Trainer

logger = logging.getLogger(__name__)

STEPS = {
    "vae": 2000, "decoder": 3000, "base": 500, "joint": 9000, "style": 1000, "vocoder": 5000,
    "pacing": 2500, "model": 200_000,
}  # fmt: skip
"""Optimiser steps of each stage; `model` is a base that goes on from one (paper section 4.1)."""
RATES = {
    "vae": 1e-3, "decoder": 4e-4, "base": 4e-4, "joint": 4e-4, "style": 1e-4, "vocoder": 1e-3,
    "pacing": 1e-3, "model": 1e-4,
}  # fmt: skip
"""Peak learning rates."""
BATCH = 8
"""Windows a step of the diffusion."""


def run_vae(run: Run, schedule: Schedule) -> bool:
    """Train the autoencoder; whether it is finished."""
    started = time.monotonic()
    if not _ready(run):
        return False
    windows = run.corpus()
    torch.manual_seed(schedule.seed)
    model = MusicAutoencoder(run.config())
    trainer = _trainer(run, model, schedule, "vae", train_vae.BATCH)
    done = train_vae.train_vae(trainer, model, windows, run.minutes_left(started))
    with trainer.averaged():
        train_vae.finish_vae(model, windows)
        _keep(trainer, {run.part("vae"): model})
    return done


def run_decoder(run: Run, schedule: Schedule) -> bool:
    """Train the autoencoder's decoder further on latents as they are; whether it is finished."""
    started = time.monotonic()
    if not _ready(run, "vae"):
        return False
    encoded = encoded_windows(run)
    model = encoded.vae.train()
    train_decoder.decoder_only(model)
    trainer = _trainer(run, model, schedule, "decoder", train_decoder.BATCH)
    left = run.minutes_left(started)
    done = train_decoder.train_decoder(trainer, model, encoded.data, left)
    with trainer.averaged():
        _keep(trainer, {run.part("vae"): model})
    return done


def run_base(run: Run, schedule: Schedule, *, batch: int, footage: Path | None = None) -> bool:
    """Train VM-UNet and the film encoder; whether they are finished.

    Descriptors are normalised over the corpus and, if given, the movies in the folder `footage`.
    """
    started = time.monotonic()
    if footage is not None:
        require_measuring(run.config())
    if not _ready(run, "vae"):
        return False
    encoded = encoded_windows(run)
    torch.manual_seed(schedule.seed)
    model = Hpm(run.config())
    if base_of(run) is not None:
        for name in ("film_encoder", "vm_unet"):
            restore(getattr(model, name), run.part(name))
    if not is_calibrated(model.film_encoder):
        seen = encoded.data.windows.descriptors
        real = describe_footage(footage) if footage else seen[:0, 0]
        set_quantiles(model, with_footage(seen, real))
    stage = Stage(base=True, style=False, batch=batch, recompute=run.recompute)
    return _diffusion(run, model, encoded, stage, schedule, "base", started)


def run_style(run: Run, schedule: Schedule, *, batch: int, joint: bool, lora_rank: int) -> bool:
    """Train the S-Control branch on the frozen base, or with it; whether it is finished."""
    started = time.monotonic()
    if not _ready(run, "vae", "film_encoder", "vm_unet"):
        return False
    encoded = encoded_windows(run)
    torch.manual_seed(schedule.seed)
    model = Hpm(run.config())
    for part in ("film_encoder", "vm_unet"):
        restore(getattr(model, part), run.part(part))
    take_branch(run, model)
    name = "joint" if joint else "style"
    if lora_rank:
        with first_process_first(run.device) as first:
            _from_start(model.s_control, run.folder / name, keeps=first)
    stage = Stage(base=joint, style=True, lora_rank=lora_rank, batch=batch, recompute=run.recompute)
    return _diffusion(run, model, encoded, stage, schedule, name, started)


def run_all(run: Run, seed: int, footage: Path | None = None) -> bool:
    """Train every part in order, resumable to the step; whether all are finished.

    The base and its branch learn together on most of the steps, and the branch alone at the end,
    on the frozen base as in the paper's section 3.2.3. Raises SettingsError if an earlier leg of
    the run was given other options, which would make a model that no one command can.
    """
    with first_process_first(run.device):
        require_same_options(run, seed, footage)
    started = time.monotonic()
    for name in ("vae", "decoder", "vocoder", "base", "joint", "style", "pacing"):
        if (run.folder / f"{name}.done").exists():
            continue
        left = run.minutes_left(started)
        # The first process's clock is that of all: one that stopped alone would keep them waiting.
        if left is not None and run.processes().agreed(left <= 0):
            return False
        logger.info("%s", name)
        if not _run_stage(name, replace(run, minutes=left), seed, footage):
            return False
        (run.folder / f"{name}.done").touch()
    return True


def _run_stage(name: str, run: Run, seed: int, footage: Path | None) -> bool:
    schedule = Schedule(steps=STEPS[name], learning_rate=RATES[name], seed=seed)
    if name == "vae":
        return run_vae(run, schedule)
    if name == "decoder":
        return run_decoder(run, schedule)
    if name == "vocoder":
        return run_vocoder(run, schedule)
    if name == "pacing":
        return run_pacing(run, schedule)
    if name == "base":
        return run_base(run, schedule, batch=BATCH, footage=footage)
    return run_style(run, schedule, batch=BATCH, joint=name == "joint", lora_rank=0)


def run_vocoder(run: Run, schedule: Schedule) -> bool:
    """Train the vocoder on music of its own; whether it is finished.

    Raises ModelError for a model that has another vocoder.
    """
    started, config = time.monotonic(), run.config()
    if config.hifigan_rates:
        raise ModelError(
            "this run's model has a vocoder of its own, HiFi-GAN, which is not trained here",
            hint="Train its other parts.",
        )
    vae = restore(MusicAutoencoder(config), run.part("vae")).eval()
    soundfont = find_soundfont(run.soundfont)
    with first_process_first(run.device):
        library = ScoreLibrary.load(run.folder / "scores") if run.scores else None
    stream = CorpusStream(soundfont, "train", library)
    torch.manual_seed(schedule.seed)
    vocoder = Vocoder(config)
    heard = composed(train_vocoder.items(schedule.steps), scores=run.scores)
    trainer = _trainer(run, vocoder, schedule, "vocoder", train_vocoder.BATCH, data=heard)
    left = run.minutes_left(started)
    done = train_vocoder.train_vocoder(trainer, vocoder, stream, vae, left)
    with trainer.averaged():
        _keep(trainer, {run.part("vocoder"): vocoder})
    return done


def run_pacing(run: Run, schedule: Schedule) -> bool:
    """Train what paces free music; whether it is finished.

    Raises ModelError for a film encoder that has not seen yet how descriptors are spread.
    """
    started = time.monotonic()
    film = restore(FilmEncoder(run.config()), run.part("film_encoder")).eval()
    if not is_calibrated(film):
        raise ModelError(
            "the film encoder of this run has not learnt yet how what it sees is spread",
            hint="Run `otio-hpm train base` first.",
        )
    if not _ready(run, "vae", "film_encoder"):
        return False
    encoded = encoded_windows(run)
    torch.manual_seed(schedule.seed)
    model = Pacing(run.config())
    trainer = _trainer(run, model, schedule, "pacing", train_pacing.BATCH)
    read = encoded_courses(run, encoded)
    done = train_pacing.train_pacing(trainer, model, film, read, run.minutes_left(started))
    with trainer.shipped():
        _keep(trainer, {run.part("pacing"): model})
    return done


def _diffusion(
    run: Run, model: Hpm, encoded: Encoded, stage: Stage, schedule: Schedule, name: str,
    started: float,
) -> bool:  # fmt: skip
    choose_trainable(model, stage)
    trainer = _trainer(run, model, schedule, name, stage.batch, new_parts(model), stage.lora_rank)
    left = run.minutes_left(started)
    done = train_diffusion(trainer, model, encoded, stage, left)
    with trainer.shipped():
        trained: dict[Path, nn.Module] = {}
        if stage.base:
            trained[run.part("film_encoder")] = model.film_encoder
            trained[run.part("vm_unet")] = model.vm_unet
        if stage.style:
            plain = merged(model.s_control) if stage.lora_rank else model.s_control
            trained[run.part("s_control")] = plain
        _keep(trainer, trained)
        if stage.lora_rank and trainer.processes.is_first:
            keep_adapter(run, model.s_control, stage.lora_rank)
    return done


def _trainer(
    run: Run, module: nn.Module, schedule: Schedule, name: str, batch: int,
    new_parts: tuple[str, ...] = (), lora_rank: int = 0, data: str | None = None,
) -> Trainer:  # fmt: skip
    """A trainer that goes on where the stage is; what it is given now is written down."""
    trainer = Trainer(
        module, schedule, run.folder / name, run.processes(), new_parts,
        tensorboard=run.tensorboard,
    )  # fmt: skip
    if trainer.processes.is_first:
        keep_given(trainer, run, batch, lora_rank, data)
    return trainer


def _keep(trainer: Trainer, modules: dict[Path, nn.Module]) -> None:
    """Write trained parts, the first process for all."""
    if trainer.processes.is_first:
        for path, module in modules.items():
            keep(module, path, trained=True)
    trainer.processes.wait()


def _ready(run: Run, *needed: str) -> bool:
    """Compose what is missing of the corpus, the first process for all; whether all is there.

    Raises ModelError before, where one of the `needed` parts is not trained yet.
    """
    for part in needed:
        require_trained(run.part(part))
    with first_process_first(run.device) as first:
        return run.compose() if first else run.is_composed()


def _from_start(branch: nn.Module, folder: Path, *, keeps: bool) -> None:
    """Bring a branch back to where its low-rank updates began.

    The process that `keeps` it writes it down in a first leg, in which it is the same in all. What
    a leg leaves among the parts has its updates merged; a next leg would add them again.
    """
    start = folder / "start.safetensors"
    if start.exists() and (folder / "state.safetensors").exists():
        restore(branch, start)
    elif keeps:
        keep(branch, start)
