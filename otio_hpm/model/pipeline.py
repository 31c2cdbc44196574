"""From film and controls to sound: a loaded model and its stages."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from otio_hpm.errors import ModelError
from otio_hpm.model.adapter import Adapter
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import checksum, load_part, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.ditto import optimised
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Hpm, Sampling, Style, channels_last, denoise
from otio_hpm.model.lora import adapted
from otio_hpm.model.noise import seeded_noise
from otio_hpm.model.own_melody import follows_itself, own_style
from otio_hpm.model.pacing import build_pacing
from otio_hpm.model.precision import (
    HALVED_PARTS,
    Held,
    choose_device,
    choose_precision,
    hold,
    torch_dtype,
)
from otio_hpm.model.request import CueRequest
from otio_hpm.model.steering import is_paced, steered, steers
from otio_hpm.model.vocoder import build_vocoder, sound_of
from otio_hpm.model.window_inputs import (
    measured_films,
    require_followed,
    styles_of,
    tell_anything,
)
from otio_hpm.model.windows import WindowPlan, plan_windows
from otio_hpm.music.stitching import crossfade
from otio_hpm.settings import Device, Precision

Progress = Callable[[str, float], None]
"""Told a stage's name and how much of it is done, 0 to 1."""


class HpmPipeline:
    """A loaded model: `generate` for a cue, or its stages one by one."""

    reads_words = False
    """Whether it runs models that are told of the film in words."""

    def __init__(
        self, config: ModelConfig, device: str, identity: str, precision: Held = "float32"
    ) -> None:
        """Raises ModelError for a configuration whose shapes no networks have."""
        torch.manual_seed(config.random_seed or 0)
        self.config = config
        self.device = device
        self.precision = precision
        self.checksum = identity
        with _shapes_told():
            self.hpm = Hpm(config).eval()
            self.vae = MusicAutoencoder(config).eval()
            vocoder, pacing = build_vocoder(config), build_pacing(config)
        self.pacing = None if pacing is None else pacing.eval()
        self.vocoder = None if vocoder is None else vocoder.eval()
        self._branch = self.hpm.s_control
        self._lora: Path | None = None

    @classmethod
    def load(
        cls, name: str, device: Device = "auto", precision: Precision = "auto"
    ) -> HpmPipeline:
        """Load a shipped model or a model folder.

        Raises ModelError for a missing or damaged model, for one that reads words where this class
        does not, for a device that is not there, and for a precision that it does not compute in.
        """
        folder = model_folder(name)
        config = ModelConfig.load(folder / "config.json")
        if config.text is not None and not cls.reads_words:
            raise ModelError(
                f"{name} is told of the film in words: it scores, and is neither trained nor"
                " measured here",
                hint="Make an HPM model of the same weights: `otio-hpm model convert audioldm`.",
            )
        chosen = choose_device(device)
        pipeline = cls(config, chosen, checksum(folder), choose_precision(precision, chosen))
        for part, module in pipeline.parts().items():
            load_part(module, folder, part, config)
            module.requires_grad_(False)
            if part in HALVED_PARTS:
                hold(module, pipeline.precision)
            channels_last(module.to(pipeline.device))
        return pipeline

    def parts(self) -> dict[str, torch.nn.Module]:
        """Modules by the name of their file."""
        parts: dict[str, torch.nn.Module] = {
            "film_encoder": self.hpm.film_encoder,
            "vm_unet": self.hpm.vm_unet,
            "s_control": self.hpm.s_control,
            "vae": self.vae,
        }
        also = {"vocoder": self.vocoder, "pacing": self.pacing}
        return parts | {name: part for name, part in also.items() if part is not None}

    def generate(
        self, request: CueRequest, progress: Progress = lambda stage, share: None
    ) -> NDArray[np.float32]:
        """Music for one cue. -> (samples,) mono

        Raises SettingsError where DITTO is to follow and there is nothing to follow, and ModelError
        where what comes out is not a number, as reduced precision may make of extreme weights.
        """
        plan = plan_windows(
            request.samples, self.config, request.music.window_s, request.music.overlap_s
        )
        film = self.encode_film(request, plan)
        progress("film", 1.0)
        style = self.style_of(request, plan)
        if request.model.style_engine == "ditto":
            require_followed(style)
        elif style is not None:
            self.take_adapter(request.lora)
        elif follows_itself(style, request.model.guided, self.config):
            self.take_adapter(None)
        if request.music.join == "joint":
            latent = self.denoise(plan, film, style, request, progress)
            sound = self.decode(latent, request.seed, progress)
        else:
            sound = self._apart(plan, film, style, request, progress)
        if not np.isfinite(sound).all():
            raise ModelError(
                f"the model computed no numbers in {self.precision}",
                hint="Try --precision float32; if it stays, `otio-hpm model verify` tells whether "
                "the weights are whole.",
            )
        return sound[: request.samples]

    def take_adapter(self, folder: Path | None) -> None:
        """Follow with an adapter merged into the branch, or with the model's own branch.

        Raises ModelError for an adapter that is damaged or made for another model.
        """
        if folder == self._lora:
            return
        self.hpm.s_control, self._lora = self._branch, None
        if folder is not None:
            adapter = Adapter.read(folder)
            adapter.require_base(self.checksum)
            self.hpm.s_control = adapted(self._branch, adapter)
            channels_last(self.hpm.s_control)
        self._lora = folder

    @torch.no_grad()
    def encode_film(self, request: CueRequest, plan: WindowPlan) -> FilmCondition:
        """Film condition of every window, told of all features but those left out."""
        seen = request.descriptors
        rows = measured_films(request.frames, plan, self.config) if seen is None else seen
        encoder = self.hpm.film_encoder
        with self._autocast():
            normalised = encoder.normalise(torch.from_numpy(rows).to(self.device))
            condition: FilmCondition = encoder(
                encoder.leave_out(normalised, request.model.without)
            )
        return condition

    def style_of(self, request: CueRequest, plan: WindowPlan) -> Style | None:
        """Controls cut to the windows, or None where nothing is followed."""
        controls = request.controls
        if controls is None or request.strength == 0 or not tell_anything(controls):
            return None
        before = request.controls_start_samples
        return styles_of(controls, before, request.strength, plan, self.config).to(self.device)

    def denoise(
        self, plan: WindowPlan, film: FilmCondition, style: Style | None, request: CueRequest,
        progress: Progress = lambda stage, share: None,
    ) -> Tensor:  # fmt: skip
        """Latent of a whole cue, its windows denoised together. -> (1, C, length, F)

        DITTO follows with the noise that it finds for the base model, without the branch. What
        follows nothing keeps the pace of its film and goes on after a melody and key of its own,
        but in the paper's way.
        """
        shape = (1, self.config.latent_channels, plan.length, self.config.latent_bands)
        noise = seeded_noise(shape, request.seed).to(self.device)
        sampling = Sampling(
            sampler=request.model.sampler,
            steps=request.model.steps,
            guidance=request.model.guidance,
            guided=request.model.guided,
        )
        itself = follows_itself(style, sampling.guided, self.config)
        with self._autocast():
            if style is not None and request.model.style_engine == "ditto":
                return optimised(
                    self.hpm, self.vae, noise, plan, film, style, sampling,
                    request.model.ditto_steps, lambda share: progress("optimise", share),
                )  # fmt: skip
            pacing = self.pacing if is_paced(style, sampling) else None
            kept = itself or pacing is not None or steers(style, sampling, self.config)
            predict = partial(steered, self.vae, pacing) if kept else None
            listen = partial(own_style, self.vae, plan) if itself else None
            return denoise(
                self.hpm, noise, plan, film, style, sampling,
                lambda share: progress("denoise", share),
                predict, listen,
            )  # fmt: skip

    @torch.no_grad()
    def decode(
        self, latent: Tensor, seed: int, progress: Progress = lambda stage, share: None
    ) -> NDArray[np.float32]:
        """Sound of a latent. (1, C, length, F) -> (length * latent_hop,)"""
        with self._autocast():
            spectrogram = self.vae.decode_long(latent)[0].float()
        progress("decode", 1.0)
        sound = sound_of(spectrogram, self.config, self.vocoder, seed)
        progress("vocode", 1.0)
        return np.asarray(sound.cpu().numpy(), dtype=np.float32)

    def _apart(
        self, plan: WindowPlan, film: FilmCondition, style: Style | None, request: CueRequest,
        progress: Progress,
    ) -> NDArray[np.float32]:  # fmt: skip
        """Every window for itself, crossfaded as sound."""
        alone = WindowPlan(starts=(0,), window=plan.window, length=plan.window)
        sounds = []
        for index in range(len(plan.starts)):
            chosen = slice(index, index + 1)
            own = dataclasses.replace(request, seed=window_seed(request.seed, index))
            part = None if style is None else style.part(chosen)
            of_all = _share_of(progress, index, len(plan.starts))
            latent = self.denoise(alone, film.part(chosen), part, own, of_all)
            sounds.append(self.decode(latent, own.seed))
        return crossfade(sounds, [s * self.config.latent_hop for s in plan.starts])

    def _autocast(self) -> AbstractContextManager[object]:
        """Computes in the chosen precision what does not need more."""
        half = self.precision != "float32"
        return torch.autocast(self.device, torch_dtype(self.precision) if half else None, half)


def _share_of(progress: Progress, index: int, count: int) -> Progress:
    """Tells the progress of one of several windows as that of all."""
    return lambda stage, share: progress(stage, (index + share) / count)


@contextmanager
def _shapes_told() -> Iterator[None]:
    """Raise ModelError where networks cannot be built, as of a configuration that was changed."""
    try:
        yield
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            f"no networks can be built of the shapes in its config.json: {error}",
            hint="Install or copy the model again.",
        ) from error


def window_seed(seed: int, index: int) -> int:
    """Seed of one window where windows are rendered apart."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{index}".encode()).digest()[:6], "big")
