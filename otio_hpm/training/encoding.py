"""Training windows encoded by the run's autoencoder, once, and kept beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from otio_hpm.files import sha256_of
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.training.cache import Windows
from otio_hpm.training.courses import courses
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


@dataclass(frozen=True, kw_only=True)
class Read:
    """Windows, and how lively and loud each of their seconds is."""

    data: Latents
    course: Tensor
    """Pace and level. shape (N, seconds, 2)"""


def encoded_courses(run: Run, encoded: Encoded) -> tuple[Read, Read | None]:
    """The windows with their courses, kept beside the run, and those of films for validation."""
    with first_process_first(run.device):
        data = _read(run, encoded.vae, encoded.data, "courses")
        held_out = encoded.validation
        if held_out is None:
            return data, None
        return data, _read(run, encoded.vae, held_out, "validation_courses")


def _read(run: Run, vae: MusicAutoencoder, data: Latents, name: str) -> Read:
    stamp = _stamp(run, len(data.latent)) | {"vae": sha256_of(run.part("vae"))}
    course = _kept(run, name, "course", stamp, lambda: courses(vae, data.latent))
    return Read(data=data, course=course)


def _latents(run: Run, vae: MusicAutoencoder, windows: Windows, name: str) -> Latents:
    stamp = _stamp(run, len(windows))
    latent = _kept(
        run, name, "latent", stamp, lambda: encode_windows(vae, windows.spectrogram).half()
    )
    return Latents(latent=latent, windows=windows)


def _kept(
    run: Run, name: str, key: str, stamp: dict[str, str], make: Callable[[], Tensor]
) -> Tensor:
    """What was made before of what the stamp tells, or is made now."""
    path = run.folder / f"{name}.safetensors"
    if _stamp_of(path) != stamp:
        save_whole({key: make()}, path, stamp)
    kept: Tensor = load_file(path)[key]
    return kept


def _stamp(run: Run, windows: int) -> dict[str, str]:
    """What that which is kept was made of. A decoder may be trained further: latents stay."""
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
