"""Training windows encoded by the run's autoencoder, once, and kept beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.training.cache import Windows
from otio_hpm.training.fixed_draws import Latents
from otio_hpm.training.processes import first_process_first
from otio_hpm.training.run import Run, restore
from otio_hpm.training.train_decoder import DECODES
from otio_hpm.training.train_vae import encode_windows


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """What a stage is trained on, and what its samples are decoded with."""

    data: Latents
    validation: Latents | None = None
    """Of films that are not trained on."""
    vae: MusicAutoencoder


def encoded_windows(run: Run) -> Encoded:
    """All windows encoded by the run's autoencoder, kept beside it."""
    vae = restore(MusicAutoencoder(run.config()), run.part("vae")).eval().to(run.device)
    vae.requires_grad_(False)
    with first_process_first(run.device):
        # First what is small: a dataset that lacks it is refused before its films are watched.
        held_out, windows = run.validation(), run.corpus()
        data = _latents(run, vae, windows, "latents")
        validation = (
            None if held_out is None else _latents(run, vae, held_out, "validation_latents")
        )
    return Encoded(data=data, validation=validation, vae=vae)


def _latents(run: Run, vae: MusicAutoencoder, windows: Windows, name: str) -> Latents:
    path = run.folder / f"{name}.safetensors"
    stamp = _stamp(run, len(windows))
    if _stamp_of(path) != stamp:
        save_whole({"latent": encode_windows(vae, windows.spectrogram).half()}, path, stamp)
    return Latents(latent=load_file(path)["latent"], windows=windows)


def _stamp(run: Run, windows: int) -> dict[str, str]:
    """What the kept latents were made of. A decoder may be trained further: they stay."""
    folder = run.folder / ("corpus" if run.dataset is None else "dataset")
    shards = sorted(folder.rglob("windows_*.safetensors"))
    changed = [str(path.stat().st_mtime_ns) for path in shards]
    encoder = _encoder_digest(run.part("vae"))
    return {"windows": str(windows), "changed": " ".join(changed), "encoder": encoder}


def _encoder_digest(path: Path) -> str:
    """Checksum of the weights that an autoencoder encodes with."""
    digest = hashlib.sha256()
    with safe_open(path, "pt") as file:
        for name in sorted(file.keys()):
            if not name.startswith(DECODES):
                digest.update(file.get_tensor(name).numpy().tobytes())
    return digest.hexdigest()


def _stamp_of(path: Path) -> dict[str, str]:
    """What a file of latents tells of itself; nothing where there is none that can be read."""
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (FileNotFoundError, SafetensorError):
        return {}
