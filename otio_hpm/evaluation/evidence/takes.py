"""Generated sound, kept by what it was asked for, so that it is generated once."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import otio_hpm
from otio_hpm.files import make_folder, write_text, writing
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.music.spectrogram import analyse

Sound = NDArray[np.float32]


_SOUNDING = (
    "model", "film", "music/controls", "music/decoded_controls", "music/griffin_lim",
    "music/keys", "music/low_partials", "music/partials", "music/spectrogram",
    "music/steady_phases", "music/stitching",
)  # fmt: skip


def source_digest(*parts: str) -> str:
    """Checksum of the source of packages and modules: other code makes other sound."""
    digest = hashlib.sha256()
    root = Path(otio_hpm.__file__).parent
    for part in parts:
        for path in sorted((root / part).rglob("*.py")) or [root / f"{part}.py"]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Takes:
    """A folder of takes of one model, written whole or not at all."""

    def __init__(self, folder: Path, pipeline: HpmPipeline) -> None:
        """Makes the folder if need be. Raises OutputError."""
        self._folder = folder
        self.pipeline = pipeline
        self._identity = pipeline.checksum + source_digest(*_SOUNDING)
        make_folder(folder)

    def has(self, request: CueRequest) -> bool:
        """Whether this was generated before."""
        return self._path(request).exists()

    def take(self, request: CueRequest) -> Sound:
        """The sound of a request, generated if need be. -> (samples,)

        Held in half precision: its rounding lies 66 dB below each sample. Raises OutputError.
        """
        path = self._path(request)
        return self._kept(path, lambda: self._timed(request, path))

    def seconds(self, request: CueRequest) -> float:
        """What generating it took: CPU seconds of all threads, on a GPU those of the clock.

        nan where that is not known.
        """
        try:
            return float(_times_file(self._path(request)).read_text("utf-8"))
        except (OSError, ValueError):
            return float("nan")

    def made_from(self, sound: Sound, how: str, make: Callable[[], Sound]) -> Sound:
        """What `make` makes of a sound, in the way that `how` names; kept as takes are."""
        digest = hashlib.sha256((self._identity + how).encode() + sound.tobytes())
        return self._kept(self._folder / f"{digest.hexdigest()[:32]}.npy", make)

    def round_trip(self, sound: Sound, seed: int) -> Sound:
        """Sound -> latent -> sound, by autoencoder and what ships behind it. (samples,)"""

        def make() -> Sound:
            pipeline = self.pipeline
            whole = np.pad(sound, (0, -len(sound) % pipeline.config.latent_hop))
            with torch.no_grad():
                bands = analyse(torch.from_numpy(whole), pipeline.config).to(pipeline.device)
                latent = pipeline.vae.encode(bands[None])
            return pipeline.decode(latent, seed)[: len(sound)]

        return self.made_from(sound, f"round trip {seed}", make)

    def _kept(self, path: Path, make: Callable[[], Sound]) -> Sound:
        if not path.exists():
            with writing(path) as file:
                np.save(file, make().astype(np.float16))
        return np.asarray(np.load(path), np.float32)

    def _timed(self, request: CueRequest, path: Path) -> Sound:
        clock = time.process_time if self.pipeline.device == "cpu" else time.perf_counter
        started = clock()
        sound = self.pipeline.generate(request)
        write_text(_times_file(path), f"{clock() - started:.3f}\n", overwrite=True)
        return sound

    def _path(self, request: CueRequest) -> Path:
        """Named by a checksum of everything that shapes the sound."""
        digest = hashlib.sha256(self._identity.encode())
        arrays: list[NDArray[Any]] = [request.frames]
        if request.descriptors is not None:
            arrays.append(request.descriptors)
        if request.controls is not None:
            arrays += dataclasses.astuple(request.controls)
        for array in arrays:
            digest.update(f"{array.shape}{array.dtype}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        if request.lora is not None:
            digest.update(Adapter.read(request.lora).digest().encode())
        plain = dataclasses.replace(
            request, frames=None, descriptors=None, controls=None  # type: ignore[arg-type]
        )
        digest.update(repr(plain).encode())
        return self._folder / f"{digest.hexdigest()[:32]}.npy"


def _times_file(path: Path) -> Path:
    """Beside a take, how long it took."""
    return path.with_suffix(".seconds")
