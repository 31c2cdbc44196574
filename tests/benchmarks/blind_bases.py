"""Bases that were never shown a film, with windows to teach them what it says."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import torch
from tone_pairs import CONFIG, write_corpus
from torch import Tensor, nn

from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.hpm import Hpm, channels_last
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.training import recipe
from otio_hpm.training.cache import Windows, load_shards
from otio_hpm.training.encoding import Encoded, encoded_windows
from otio_hpm.training.fixed_draws import Latents
from otio_hpm.training.processes import Precision, Processes
from otio_hpm.training.run import Run
from otio_hpm.training.train_vae import encode_windows
from otio_hpm.training.trainer import Schedule, Trainer, Watch


@dataclass(frozen=True, kw_only=True)
class BlindBase:
    """A base that was never shown a film, and what it is taught with."""

    hpm: Hpm
    """Its film attention is decoupled, and still nothing."""
    encoded: Encoded
    """Windows; the last fifth is held out."""
    rate: float
    """Peak learning rate."""
    batch: int
    precision: Precision

    def trainer(
        self, model: Hpm, folder: Path, steps: int, every: int, faster: tuple[str, ...] = ()
    ) -> Trainer:
        """A trainer of this base's kind; `faster` are the names of what is new."""
        schedule = Schedule(
            steps=steps, learning_rate=self.rate, warmup_steps=10, ema_decay=0.97,
            checkpoint_every=every,
        )  # fmt: skip
        return Trainer(model, schedule, folder, Processes("cpu", self.precision), faster)


def small_base(folder: Path, windows: int, steps: int, film_channels: int) -> BlindBase:
    """A small base, trained on composed tones for `steps` without any film."""
    write_corpus(folder, windows)
    run = Run(folder=folder, windows=windows, precision="float32")
    recipe.run_vae(
        run,
        Schedule(
            steps=80, learning_rate=2e-3, warmup_steps=10, ema_decay=0.97, checkpoint_every=100
        ),
    )
    encoded = encoded_windows(run)
    torch.manual_seed(0)
    config = dataclasses.replace(CONFIG, film_channels=film_channels, film_attention="decoupled")
    base = BlindBase(
        hpm=Hpm(config), encoded=_held_out(encoded.data, encoded.vae), rate=2e-3, batch=8,
        precision="float32",
    )  # fmt: skip
    train_blind(base, folder / "blind", steps)
    return base


def embedded_base(folder: Path, corpus: Path, windows: int, steps: int) -> BlindBase:
    """The embedded model's base without what listened to the film, trained for `steps` without.

    `corpus` holds composed windows. The base has learnt from such music with its film, and all
    that was told of the film is new: second attentions, class embedding, and the weights that the
    film's course beside the latent had. What else it learnt of music by looking stays.
    """
    shipped = HpmPipeline.load("embedded", "cpu", "float32")
    data = load_shards(corpus, windows)
    latent = encode_windows(shipped.vae, data.spectrogram).half()
    torch.manual_seed(0)
    model = Hpm(dataclasses.replace(shipped.config, film_attention="decoupled"))
    take_fitting(model.vm_unet, without_film(shipped))
    channels_last(model)
    base = BlindBase(
        hpm=model, encoded=_held_out(Latents(latent=latent, windows=data), shipped.vae),
        rate=4e-4, batch=4, precision="bf16",
    )  # fmt: skip
    train_blind(base, folder / "blind", steps)
    return base


def without_film(shipped: HpmPipeline) -> dict[str, Tensor]:
    """The UNet's weights but for those that listened to the film."""
    kept = {
        name: value
        for name, value in shipped.hpm.vm_unet.state_dict().items()
        if ".attn2." not in name and "class_embedding" not in name
    }
    entry = kept["unet.conv_in.weight"].clone()
    entry[:, -shipped.config.film_channels :] = 0
    return kept | {"unet.conv_in.weight": entry}


def take_fitting(module: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load all weights that a module has in this shape."""
    own = module.state_dict()
    fitting = {n: v for n, v in weights.items() if n in own and own[n].shape == v.shape}
    module.load_state_dict(own | fitting)


def train_blind(base: BlindBase, folder: Path, steps: int) -> None:
    """Train all of the UNet that hears no film."""
    model, data = base.hpm, base.encoded.data
    model.requires_grad_(False)
    for name, parameter in model.vm_unet.named_parameters():
        parameter.requires_grad_("film_" not in name)
    noise_schedule = NoiseSchedule(model.config)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(data.latent), (base.batch,), generator=generator)
        latent = data.latent[chosen].float()
        noise = torch.randn(latent.shape, generator=generator)
        step = torch.randint(model.config.train_steps, (base.batch,), generator=generator)
        unseen = model.film_encoder.unconditional(base.batch)
        predicted = model.predict(noise_schedule.noisy(latent, noise, step), step, unseen)
        return (predicted - noise_schedule.target(latent, noise, step)).square().mean()

    base.trainer(model, folder, steps, steps).run(loss, Watch())


def _held_out(data: Latents, vae: MusicAutoencoder) -> Encoded:
    """The windows, of which the last fifth is for validation."""
    count = len(data.latent) * 4 // 5
    return Encoded(
        data=_part(data, slice(count)), validation=_part(data, slice(count, None)), vae=vae
    )


def _part(data: Latents, chosen: slice) -> Latents:
    fields = dataclasses.fields(Windows)
    windows = Windows(**{f.name: getattr(data.windows, f.name)[chosen] for f in fields})
    return Latents(latent=data.latent[chosen], windows=windows)
