"""From a soundfont to a model folder: the stages of training and their order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import save_part, write_checksums
from otio_hpm.model.folders import CONFIG
from otio_hpm.model.hpm import Hpm
from otio_hpm.model.lora import merged
from otio_hpm.model.s_control import NEW_PARTS
from otio_hpm.model.vocoder import Vocoder
from otio_hpm.training.cache import save_whole
from otio_hpm.training.footage import describe_footage, with_footage
from otio_hpm.training.run import Run, keep, require_same_options, restore
from otio_hpm.training.synthesis import Synth, find_soundfont
from otio_hpm.training.train_diffusion import (
    Latents,
    Stage,
    choose_trainable,
    set_quantiles,
    train_diffusion,
)
from otio_hpm.training.train_vae import encode_windows, finish_vae, train_vae
from otio_hpm.training.train_vocoder import train_vocoder
from otio_hpm.training.trainer import Schedule, Trainer

logger = logging.getLogger(__name__)

STEPS = {"vae": 2000, "base": 500, "joint": 9000, "style": 1000, "vocoder": 4000}
"""Optimiser steps of each stage."""
RATES = {"vae": 1e-3, "base": 4e-4, "joint": 4e-4, "style": 1e-4, "vocoder": 5e-4}
"""Peak learning rates."""
BATCH = 8
"""Windows a step of the diffusion."""


def run_vae(run: Run, schedule: Schedule) -> bool:
    """Train the autoencoder; whether it is finished."""
    started = time.monotonic()
    if not run.compose():
        return False
    windows = run.corpus()
    torch.manual_seed(schedule.seed)
    model = MusicAutoencoder(run.config())
    trainer = Trainer(model, schedule, run.folder / "vae", run.device)
    done = train_vae(trainer, model, windows, run.minutes_left(started))
    with trainer.averaged():
        finish_vae(model, windows)
        keep(model, run.part("vae"))
    return done


def run_base(run: Run, schedule: Schedule, *, batch: int, footage: Path | None = None) -> bool:
    """Train VM-UNet and the film encoder; whether they are finished.

    Descriptors are normalised over the corpus and, if given, the movies in the folder `footage`.
    """
    started = time.monotonic()
    if not run.compose():
        return False
    data, vae = _latents(run)
    torch.manual_seed(schedule.seed)
    model = Hpm(run.config())
    real = describe_footage(footage) if footage else data.windows.descriptors[:0, 0]
    set_quantiles(model, with_footage(data.windows.descriptors, real))
    stage = Stage(base=True, style=False, batch=batch)
    return _diffusion(run, model, data, vae, stage, schedule, "base", started)


def run_style(run: Run, schedule: Schedule, *, batch: int, joint: bool, lora_rank: int) -> bool:
    """Train the S-Control branch on the frozen base, or with it; whether it is finished."""
    started = time.monotonic()
    if not run.compose():
        return False
    data, vae = _latents(run)
    torch.manual_seed(schedule.seed)
    model = Hpm(run.config())
    for name in ("film_encoder", "vm_unet"):
        restore(getattr(model, name), run.part(name))
    model.branch_from_base()
    if run.part("s_control").exists():
        restore(model.s_control, run.part("s_control"))
    name = "joint" if joint else "style"
    if lora_rank:
        _from_start(model.s_control, run.folder / name)
    stage = Stage(base=joint, style=True, lora_rank=lora_rank, batch=batch)
    return _diffusion(run, model, data, vae, stage, schedule, name, started)


def run_all(run: Run, seed: int, footage: Path | None = None) -> bool:
    """Train every part but the vocoder in order, resumable to the step; whether all are finished.

    The base and its branch learn together on most of the steps, and the branch alone at the end,
    on the frozen base as in the paper's section 3.2.3. Raises SettingsError if an earlier leg of
    the run was given other options, which would make a model that no one command can.
    """
    require_same_options(run, seed, footage)

    def schedule(part: str) -> Schedule:
        return Schedule(steps=STEPS[part], learning_rate=RATES[part], seed=seed)

    stages: dict[str, Callable[[Run], bool]] = {
        "vae": lambda r: run_vae(r, schedule("vae")),
        "base": lambda r: run_base(r, schedule("base"), batch=BATCH, footage=footage),
        "joint": lambda r: run_style(r, schedule("joint"), batch=BATCH, joint=True, lora_rank=0),
        "style": lambda r: run_style(r, schedule("style"), batch=BATCH, joint=False, lora_rank=0),
    }
    started = time.monotonic()
    for name, stage in stages.items():
        if (run.folder / f"{name}.done").exists():
            continue
        left = run.minutes_left(started)
        if left is not None and left <= 0:
            return False
        logger.info("%s", name)
        if not stage(replace(run, minutes=left)):
            return False
        (run.folder / f"{name}.done").touch()
    return True


def run_vocoder(run: Run, schedule: Schedule) -> bool:
    """Train the vocoder, half of it on what the autoencoder makes; whether it is finished."""
    config = run.config()
    vae = restore(MusicAutoencoder(config), run.part("vae")).to(run.device)

    def roundtrip(spectrogram: Tensor) -> Tensor:
        decoded: Tensor = vae.decode(vae.encode(spectrogram[None].to(run.device)))[0]
        return decoded.cpu()

    torch.manual_seed(schedule.seed)
    vocoder = Vocoder(config)
    trainer = Trainer(vocoder, schedule, run.folder / "vocoder", run.device)
    synth = Synth(find_soundfont(run.soundfont))
    done = train_vocoder(trainer, vocoder, synth, roundtrip, run.minutes)
    with trainer.averaged():
        keep(vocoder, run.part("vocoder"))
    return done


def export(run: Run, folder: Path, *, vocoder: bool) -> None:
    """Write a model folder from the run's averaged weights, as bf16.

    Raises ModelError naming the part that is not trained yet.
    """
    config = replace(run.config(), has_vocoder=vocoder)
    model = Hpm(config)
    modules: dict[str, nn.Module] = {
        "film_encoder": model.film_encoder,
        "vm_unet": model.vm_unet,
        "s_control": model.s_control,
        "vae": MusicAutoencoder(config),
    }
    if vocoder:
        modules["vocoder"] = Vocoder(config)
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in modules.items():
        save_part(restore(module, run.part(name)), folder / f"{name}.safetensors")
    config.save(folder / CONFIG)
    write_checksums(folder)


def _diffusion(
    run: Run, model: Hpm, data: Latents, vae: MusicAutoencoder, stage: Stage, schedule: Schedule,
    name: str, started: float,
) -> bool:  # fmt: skip
    choose_trainable(model, stage)
    new_parts = tuple(f"s_control.{part}" for part in NEW_PARTS)
    trainer = Trainer(model, schedule, run.folder / name, run.device, new_parts)
    done = train_diffusion(trainer, model, data, stage, vae, run.minutes_left(started))
    with trainer.averaged():
        if stage.base:
            keep(model.film_encoder, run.part("film_encoder"))
            keep(model.vm_unet, run.part("vm_unet"))
        if stage.style:
            branch = merged(model.s_control) if stage.lora_rank else model.s_control
            keep(branch, run.part("s_control"))
    return done


def _latents(run: Run) -> tuple[Latents, MusicAutoencoder]:
    """The corpus encoded by the run's autoencoder, kept beside it."""
    vae = restore(MusicAutoencoder(run.config()), run.part("vae")).eval().to(run.device)
    vae.requires_grad_(False)
    windows, path = run.corpus(), run.folder / "latents.safetensors"
    stamp = _stamp(run, len(windows))
    if _stamp_of(path) != stamp:
        save_whole({"latent": encode_windows(vae, windows.spectrogram).half()}, path, stamp)
    return Latents(latent=load_file(path)["latent"], windows=windows), vae


def _stamp(run: Run, windows: int) -> dict[str, str]:
    """What the kept latents were made of."""
    shards = sorted((run.folder / "corpus").glob("windows_*.safetensors"))
    changed = [str(path.stat().st_mtime_ns) for path in (run.part("vae"), *shards)]
    return {"windows": str(windows), "changed": " ".join(changed)}


def _stamp_of(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    with safe_open(path, "pt") as file:
        return dict(file.metadata() or {})


def _from_start(branch: nn.Module, folder: Path) -> None:
    """Bring a branch back to where its low-rank updates began, which a first leg keeps.

    What a leg leaves among the parts has its updates merged; a next leg would add them again.
    """
    start = folder / "start.safetensors"
    if start.exists() and (folder / "state.safetensors").exists():
        restore(branch, start)
    else:
        keep(branch, start)
