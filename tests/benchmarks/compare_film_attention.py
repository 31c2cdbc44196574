"""Film attention beside a pretrained UNet's own, or in its place: what each learns in equal steps.

    python tests/benchmarks/compare_film_attention.py [--pairs 160] [--pretrain 300] [--steps 300]

A small base is trained on composed tones without any film, as AudioLDM was; then it is given film
twice, with the decoupled attention and with keys and values of its second self-attention replaced,
and both are trained alike: what is new in each learns five times faster, or with `--even` all as
fast as the rest. Losses are those of held-out pairs at fixed noise and noise levels: of
all levels, and of the noisiest twentieth, where only the film can tell what the music is; with the
right film and with another's. `--film-channels 16` lets the film's course and time codes in beside
the latent too, as the embedded model does.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tone_pairs import CONFIG, write_corpus

from otio_hpm.model.config import FilmAttention, ModelConfig
from otio_hpm.model.hpm import Hpm
from otio_hpm.model.noise import NoiseSchedule
from otio_hpm.training import recipe, train_diffusion
from otio_hpm.training.encoding import Encoded, encoded_windows
from otio_hpm.training.fixed_draws import FixedDraws, Latents
from otio_hpm.training.processes import Processes
from otio_hpm.training.run import Run
from otio_hpm.training.train_diffusion import (
    Stage,
    choose_trainable,
    new_parts,
    set_quantiles,
)
from otio_hpm.training.trainer import Schedule, Trainer, Watch

BATCH = 8
KINDS: tuple[FilmAttention, ...] = ("decoupled", "replaced")
NOISIEST = range(950, 1000)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), options)


def compare(folder: Path, options: argparse.Namespace) -> None:
    """Train and print everything."""
    train_diffusion.save_samples = lambda *_: None
    encoded = prepared(folder, options.pairs)
    config = dataclasses.replace(CONFIG, film_channels=options.film_channels)
    base = blind_base(folder, config, encoded.data, options.pretrain)
    print(f"{'':12}{'steps':>7}{'all levels':>12}{'noisiest':>10}{'other films':>13}")
    for kind in KINDS:
        model = converted(base, dataclasses.replace(config, film_attention=kind), encoded.data)
        report(kind, 0, model, encoded)
        train(folder / kind, model, encoded, options)
        for line in (folder / kind / "log.jsonl").read_text("utf-8").splitlines():
            told = json.loads(line)
            print(f"{kind:12}{told['step']:7}{told['validation_loss']:12.4f}")
        report(kind, options.steps, model, encoded)


def prepared(folder: Path, pairs: int) -> Encoded:
    """Composed windows, encoded; the last fifth is held out."""
    write_corpus(folder, pairs)
    run = Run(folder=folder, windows=pairs, precision="float32")
    recipe.run_vae(run, _schedule(80, 100))
    encoded = encoded_windows(run)
    trained, held_out = (
        Latents(
            latent=encoded.data.latent[part],
            windows=dataclasses.replace(
                encoded.data.windows,
                **{f.name: getattr(encoded.data.windows, f.name)[part]
                   for f in dataclasses.fields(encoded.data.windows)},
            ),
        )
        for part in (slice(0, pairs * 4 // 5), slice(pairs * 4 // 5, None))
    )  # fmt: skip
    return dataclasses.replace(encoded, data=trained, validation=held_out)


def blind_base(folder: Path, config: ModelConfig, data: Latents, steps: int) -> Hpm:
    """A base that was never shown a film: its attention to it is decoupled, and still nothing."""
    torch.manual_seed(0)
    model = Hpm(dataclasses.replace(config, film_attention="decoupled"))
    model.requires_grad_(False)
    model.vm_unet.requires_grad_(True)
    for name, parameter in model.vm_unet.named_parameters():
        parameter.requires_grad_("film_" not in name)
    noise_schedule = NoiseSchedule(config)

    def loss(_: int, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(data.latent), (BATCH,), generator=generator)
        latent = data.latent[chosen].float()
        noise = torch.randn(latent.shape, generator=generator)
        step = torch.randint(config.train_steps, (BATCH,), generator=generator)
        unseen = model.film_encoder.unconditional(BATCH)
        predicted = model.predict(noise_schedule.noisy(latent, noise, step), step, unseen)
        return (predicted - noise_schedule.target(latent, noise, step)).square().mean()

    trainer = Trainer(model, _schedule(steps, steps), folder / "blind", Processes("cpu", "float32"))
    trainer.run(loss, Watch())
    return model


def converted(base: Hpm, config: ModelConfig, data: Latents) -> Hpm:
    """The base with film attention of this kind; all weights that fit are the base's."""
    torch.manual_seed(1)
    model = Hpm(config)
    own = model.vm_unet.state_dict()
    kept = {
        name: value
        for name, value in base.vm_unet.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
    model.vm_unet.load_state_dict(own | kept)
    set_quantiles(model, data.windows.descriptors.flatten(0, 1))
    return model


def train(folder: Path, model: Hpm, encoded: Encoded, options: argparse.Namespace) -> None:
    """Train base and film encoder with film; the model then holds the running average."""
    stage = Stage(base=True, style=False, batch=BATCH)
    choose_trainable(model, stage)
    schedule = _schedule(options.steps, options.every)
    processes = Processes("cpu", "float32")
    faster = () if options.even else (*new_parts(model), *_replaced(model))
    trainer = Trainer(model, schedule, folder, processes, faster)
    train_diffusion.train_diffusion(trainer, model, encoded, stage)
    model.load_state_dict(model.state_dict() | trainer.average)


def _replaced(model: Hpm) -> tuple[str, ...]:
    """Names of the keys and values that no longer are the base's."""
    if model.config.film_attention == "decoupled":
        return ()
    ends = ("attn2.to_k.weight", "attn2.to_v.weight")
    return tuple(name for name, _ in model.named_parameters() if name.endswith(ends))


def report(kind: str, step: int, model: Hpm, encoded: Encoded) -> None:
    """One line of losses on the held-out pairs."""
    assert encoded.validation is not None
    draws = FixedDraws.spread(encoded.validation, range(CONFIG.train_steps), 128)
    noisiest = FixedDraws.spread(encoded.validation, NOISIEST, 128)
    others = (noisiest.chosen + 1) % len(encoded.validation.latent)
    values = (
        f"{draws.loss(model, style=False):12.4f}",
        f"{noisiest.loss(model, style=False):10.4f}",
        f"{noisiest.loss(model, style=False, films=others):13.4f}",
    )
    print(f"{kind:12}{step:7}", *values, sep="", flush=True)


def _schedule(steps: int, every: int) -> Schedule:
    return Schedule(
        steps=steps, learning_rate=2e-3, warmup_steps=10, ema_decay=0.97, checkpoint_every=every
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=160)
    parser.add_argument("--pretrain", type=int, default=300, help="steps without film")
    parser.add_argument("--steps", type=int, default=300, help="steps with film, of each")
    parser.add_argument("--every", type=int, default=50, help="steps between validations")
    parser.add_argument("--film-channels", type=int, default=0)
    parser.add_argument("--even", action="store_true", help="what is new learns no faster")
    return parser.parse_args()


if __name__ == "__main__":
    main()
