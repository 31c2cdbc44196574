"""Seconds per window by stage of a converted AudioLDM, beside diffusers' own parts of the same run.

    python tests/benchmarks/bench_audioldm.py [--size s] [--device cuda] [--precision bf16]
        [--batches 1 2 4 8 16] [--steps 20] [--latents 256] [--compile]

Random weights in the published shapes. Denoising is the UNet with and without film and a DDIM step,
for every step; theirs is what AudioLDMPipeline does with its UNet, without the text encoder. On a
CPU take --size tiny, few steps and one batch, or patience. CPU seconds are those of all threads; on
a busy machine they tell more than the clock.

--compile is meant for a GPU. The UNet is compiled whole, once for one window and once for any more,
and that is a graph of 1500 operations even at --size tiny: on two cores it takes two minutes there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from transformers import SpeechT5HifiGan

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from audioldm_folder import WIDTHS, save_audioldm

from otio_hpm.model.audioldm.convert import convert
from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.noise import scheduler
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.precision import choose_device, choose_precision, torch_dtype

GUIDANCE = 3.0
Stage = Callable[[], object]


class Ours:
    """A converted model's stages."""

    def __init__(self, folder: Path, chosen: argparse.Namespace) -> None:
        self.pipeline = HpmPipeline.load(str(folder), chosen.device, chosen.precision)

    def compile(self) -> None:
        self.pipeline.hpm.vm_unet.compile()
        self.pipeline.vae.kl.decoder.compile()
        self.pipeline.vocoder.net.compile()  # type: ignore[union-attr]

    def _autocast(self) -> torch.autocast:
        dtype = torch_dtype(self.pipeline.precision)
        half = dtype != torch.float32
        return torch.autocast(self.pipeline.device, dtype if half else None, half)

    def denoise(self, noise: Tensor, fused: Tensor, steps: int) -> Tensor:
        hpm, batch = self.pipeline.hpm, len(noise)
        tokens = torch.randn(batch, 14, self.pipeline.config.film_size, device=noise.device)
        course = noise.new_zeros(batch, 10, 0)
        film = FilmCondition(tokens=tokens, fused=fused, course=course, seen=course)
        solver, latent = scheduler(self.pipeline.config, "ddim", steps), noise
        for step in solver.timesteps:
            at = step.to(noise.device).expand(batch)
            with self._autocast():
                seen, unseen = (v.float() for v in hpm.predict_both(latent, at, film, None, None))
            latent = solver.step(unseen + GUIDANCE * (seen - unseen), step, latent).prev_sample
        return latent

    def decode(self, latent: Tensor) -> Tensor:
        with self._autocast():
            return self.pipeline.vae.decode(latent).float()

    def vocode(self, mel: Tensor) -> list[Tensor]:
        return [self.pipeline.vocoder.sound(window) for window in mel]  # type: ignore[union-attr]


class Theirs:
    """diffusers' and transformers' own parts, used as AudioLDMPipeline uses them."""

    def __init__(self, folder: Path, chosen: argparse.Namespace) -> None:
        kind: dict[str, Any] = {"torch_dtype": chosen.dtype}
        self.dtype, device = chosen.dtype, chosen.device
        unet = UNet2DConditionModel.from_pretrained(folder / "unet", **kind)
        vae = AutoencoderKL.from_pretrained(folder / "vae", **kind)
        vocoder = SpeechT5HifiGan.from_pretrained(folder / "vocoder", dtype=chosen.dtype)
        self.unet, self.vae, self.vocoder = (
            module.eval().to(device) for module in (unet, vae, vocoder)
        )
        self.solver = DDIMScheduler.from_pretrained(folder / "scheduler")

    def compile(self) -> None:
        self.unet.compile()
        self.vae.decoder.compile()
        self.vocoder.compile()

    def denoise(self, noise: Tensor, fused: Tensor, steps: int) -> Tensor:
        latent = noise.to(self.dtype)
        labels = torch.cat([torch.zeros_like(fused), fused]).to(self.dtype)
        self.solver.set_timesteps(steps)
        for step in self.solver.timesteps:
            both = self.unet(torch.cat([latent] * 2), step, None, class_labels=labels).sample
            unseen, seen = both.chunk(2)
            guided = unseen + GUIDANCE * (seen - unseen)
            latent = self.solver.step(guided, step, latent).prev_sample
        return latent

    def decode(self, latent: Tensor) -> Tensor:
        scaled = latent.to(self.dtype) / self.vae.config.scaling_factor
        result: Tensor = self.vae.decode(scaled).sample[:, 0]
        return result

    def vocode(self, mel: Tensor) -> Tensor:
        result: Tensor = self.vocoder(mel.to(self.dtype))
        return result


def stages(model: Ours | Theirs, batch: int, chosen: argparse.Namespace) -> Iterator[Stage]:
    """Denoising, decoding and vocoding of `batch` windows."""
    torch.manual_seed(0)
    noise = torch.randn(batch, 8, chosen.latents, 16, device=chosen.device)
    size = 32 if chosen.size == "tiny" else 512
    fused = torch.nn.functional.normalize(torch.randn(batch, size, device=chosen.device), dim=-1)
    mel = torch.randn(batch, 4 * chosen.latents, 64, device=chosen.device) - 5
    yield lambda: model.denoise(noise, fused, chosen.steps)
    yield lambda: model.decode(noise)
    yield lambda: model.vocode(mel)


@torch.inference_mode()
def measured(stage: Stage, chosen: argparse.Namespace) -> tuple[float, float]:
    """Least seconds by the clock, and of CPU, of some runs after one that warms up."""
    found = []
    for _ in range(chosen.runs + 1):
        _wait(chosen.device)
        wall, cpu = time.perf_counter(), time.process_time()
        stage()
        _wait(chosen.device)
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    walls, cpus = zip(*found[1:], strict=True)
    return min(walls), min(cpus)


def _wait(device: str) -> None:
    """Until a GPU has done what it was given: it is given work without being waited for."""
    if device != "cpu":
        torch.accelerator.synchronize()


@torch.inference_mode()
def prepare(model: Ours | Theirs, chosen: argparse.Namespace) -> None:
    """Compile where that is asked for, after every stage has run once.

    What is worked out once and kept, as lengths of a configuration are, breaks a graph in pieces.
    """
    if chosen.compiled:
        for stage in stages(model, 1, chosen):
            stage()
        model.compile()


def compare(source: Path, folder: Path, chosen: argparse.Namespace) -> None:
    """A table of both, by batch and stage."""
    ours, theirs = Ours(folder, chosen), Theirs(source, chosen)
    for model in (ours, theirs):
        prepare(model, chosen)
    how = "compiled" if chosen.compiled else "plain"
    if chosen.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    for batch in chosen.batches:
        pairs = zip(stages(ours, batch, chosen), stages(theirs, batch, chosen), strict=True)
        for name, (mine, other) in zip(("denoise", "VAE", "vocoder"), pairs, strict=True):
            own, peer = measured(mine, chosen), measured(other, chosen)
            print(f"{how:9}{batch:6}  {name:9}", end="")
            print("".join(f"{value / batch:10.3f}" for value in (*own, *peer)), end="")
            print(f"   {own[0] / peer[0]:.2f} x by the clock, {own[1] / peer[1]:.2f} x in CPU")
    if chosen.device == "cuda":
        print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB, both models")


def main() -> None:
    chosen = _arguments()
    chosen.device = choose_device(chosen.device)
    chosen.precision = choose_precision(chosen.precision, chosen.device)
    chosen.dtype = torch_dtype(chosen.precision)
    print(
        f"AudioLDM {chosen.size}, {chosen.latents} latents, {chosen.steps} steps, "
        f"{chosen.precision} on {chosen.device}; seconds per window"
    )
    print(f"{'':26}{'ours':>10}{'CPU':>10}{'theirs':>10}{'CPU':>10}   ours beside diffusers'")
    with tempfile.TemporaryDirectory() as made:
        source = save_audioldm(Path(made) / "audioldm", chosen.size)
        folder = convert(source, Path(made) / "hpm", sees="measured").folder
        for compiled in _ways(chosen):
            chosen.compiled = compiled
            torch.compiler.reset()
            compare(source, folder, chosen)


def _ways(chosen: argparse.Namespace) -> Iterable[bool]:
    return (False, True) if chosen.compile else (False,)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=WIDTHS, default="s")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--batches", type=int, nargs="+", default=(1, 2, 4, 8, 16))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--latents", type=int, default=256, help="a multiple of 8")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--compile", action="store_true", help="measure torch.compile too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
