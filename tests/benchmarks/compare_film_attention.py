"""Film attention beside a pretrained UNet's own, or in its place: what each learns in equal steps.

    python tests/benchmarks/compare_film_attention.py [--pretrain 300] [--steps 300]
    python tests/benchmarks/compare_film_attention.py --model embedded --corpus RUN/corpus
        [--pretrain 150] [--steps 150]

A base that was never shown a film, as AudioLDM was not, is given film twice, with the decoupled
attention and with keys and values of its second self-attention replaced, and both are trained
alike: what is new in each learns five times faster, or with `--even` all as fast as the rest.
Losses are those of held-out pairs at fixed noise and noise levels: of all levels, and of the
noisiest twentieth, where only the film can tell what the music is; with the right film and with
another's.

The base is a small one that learns composed tones, without film from the start; or, with `--model
embedded`, the one that ships, whose weights that listened to the film are made new, and which
learns for `--pretrain` steps to do without. `--corpus` is a folder of composed windows of a run of
`train`; the shipped base may have heard some of them. Films come in by attention and class
embedding, as they do in AudioLDM's UNet; `--course` lets the film's course and time codes in beside
the latent too, as the embedded model does.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from blind_bases import BlindBase, embedded_base, small_base, take_fitting

from otio_hpm.model.config import FilmAttention
from otio_hpm.model.hpm import Hpm
from otio_hpm.training import train_diffusion
from otio_hpm.training.fixed_draws import FixedDraws
from otio_hpm.training.train_diffusion import Stage, choose_trainable, new_parts, set_quantiles

KINDS: tuple[FilmAttention, ...] = ("decoupled", "replaced")
NOISIEST_SHARE = 0.05
SMALL_COURSE = 16
"""Channels of the small model's course."""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), options)


def compare(folder: Path, options: argparse.Namespace) -> None:
    """Train and print everything."""
    train_diffusion.save_samples = lambda *_: None
    base = _base(folder, options)
    print(f"{'':12}{'steps':>7}{'all levels':>12}{'noisiest':>10}{'other films':>13}{'CPU s':>9}")
    for kind in KINDS:
        model = converted(base, kind)
        report(kind, 0, model, base)
        train(folder / kind, model, base, options)
        for line in (folder / kind / "log.jsonl").read_text("utf-8").splitlines():
            told = json.loads(line)
            print(f"{kind:12}{told['step']:7}{told['validation_loss']:12.4f}")
        report(kind, options.steps, model, base)


def _base(folder: Path, options: argparse.Namespace) -> BlindBase:
    if options.model == "embedded":
        return embedded_base(folder, options.corpus, options.pairs, options.pretrain)
    course = SMALL_COURSE if options.course else 0
    return small_base(folder, options.pairs, options.pretrain, course)


def converted(base: BlindBase, kind: FilmAttention) -> Hpm:
    """The base with film attention of this kind; all weights that fit are the base's."""
    torch.manual_seed(1)
    model = Hpm(dataclasses.replace(base.hpm.config, film_attention=kind))
    take_fitting(model.vm_unet, base.hpm.vm_unet.state_dict())
    set_quantiles(model, base.encoded.data.windows.descriptors.flatten(0, 1))
    return model


def train(folder: Path, model: Hpm, base: BlindBase, options: argparse.Namespace) -> None:
    """Train base and film encoder with film; the model then holds the running average."""
    stage = Stage(base=True, style=False, batch=base.batch)
    choose_trainable(model, stage)
    if not options.course:
        silence_course(model)
    faster = () if options.even else (*new_parts(model), *_replaced(model))
    trainer = base.trainer(model, folder, options.steps, options.every, faster)
    train_diffusion.train_diffusion(trainer, model, base.encoded, stage)
    model.load_state_dict(model.state_dict() | trainer.average)


@torch.no_grad()
def silence_course(model: Hpm) -> None:
    """Let nothing of the film in beside the latent."""
    course = model.film_encoder.course
    if course is not None:
        course.requires_grad_(False)
        for parameter in course.parameters():
            parameter.zero_()


def _replaced(model: Hpm) -> tuple[str, ...]:
    """Names of the keys and values that no longer are the base's."""
    if model.config.film_attention == "decoupled":
        return ()
    ends = ("attn2.to_k.weight", "attn2.to_v.weight")
    return tuple(name for name, _ in model.named_parameters() if name.endswith(ends))


def report(kind: str, step: int, model: Hpm, base: BlindBase) -> None:
    """One line of losses on the held-out pairs, and the CPU seconds spent so far."""
    held_out = base.encoded.validation
    assert held_out is not None
    levels = range(model.config.train_steps)
    draws = FixedDraws.spread(held_out, levels, 128)
    noisiest = FixedDraws.spread(held_out, levels[-round(NOISIEST_SHARE * len(levels)) :], 128)
    others = (noisiest.chosen + 1) % len(held_out.latent)
    values = (
        f"{draws.loss(model, style=False):12.4f}",
        f"{noisiest.loss(model, style=False):10.4f}",
        f"{noisiest.loss(model, style=False, films=others):13.4f}",
        f"{time.process_time():9.0f}",
    )
    print(f"{kind:12}{step:7}", *values, sep="", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("small", "embedded"), default="small")
    parser.add_argument("--corpus", type=Path, help="composed windows, for the embedded base")
    parser.add_argument("--pairs", type=int, default=160)
    parser.add_argument("--pretrain", type=int, default=300, help="steps without film")
    parser.add_argument("--steps", type=int, default=300, help="steps with film, of each")
    parser.add_argument("--every", type=int, default=50, help="steps between validations")
    parser.add_argument("--course", action="store_true", help="film beside the latent, too")
    parser.add_argument("--even", action="store_true", help="what is new learns no faster")
    chosen = parser.parse_args()
    if chosen.model == "embedded" and chosen.corpus is None:
        parser.error("--model embedded needs --corpus")
    return chosen


if __name__ == "__main__":
    main()
