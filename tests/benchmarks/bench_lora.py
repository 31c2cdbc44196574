"""Time and memory of a step that trains the S-Control branch whole, and by low-rank updates.

    python tests/benchmarks/bench_lora.py [--size s] [--windows 1] [--rank 128] [--latents 256]

Random weights in AudioLDM's shapes (`s`), or a quarter of its widths (`tiny`); both ways take turns
in one run, each in a process of its own, so that a busy machine slows them alike. Memory is the
largest resident set, or on a GPU what was allocated at most; the optimiser's moments are included.
The paper's table 4(a) has 48 hours against 12 for its whole trainings.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

WAYS = ("whole", "lora")
WIDTHS = {"s": (128, 256, 384, 640), "tiny": (32, 64, 96, 160)}


def main() -> None:
    options = _options()
    if options.way:
        print(json.dumps(measured(options)))
        return
    rounds = [{way: _in_a_process(way) for way in WAYS} for _ in range(options.runs)]
    print(f"{'':8}{'trained M':>11}{'CPU s/step':>12}{'wall s/step':>13}{'peak MB':>9}")
    for way in WAYS:
        told = [each[way] for each in rounds]
        values = [statistics.median(t[k] for t in told) for k in ("trained", "cpu", "wall", "peak")]
        numbers = (f"{values[0]:11.2f}", f"{values[1]:12.2f}", f"{values[2]:13.2f}")
        print(f"{way:8}", *numbers, f"{values[3]:9.0f}", sep="")
    for key in ("cpu", "wall", "peak"):
        ratios = [each["lora"][key] / each["whole"][key] for each in rounds]
        print(f"lora beside whole, {key}: {statistics.median(ratios):.2f} x")


def measured(options: argparse.Namespace) -> dict[str, float]:
    """Figures of one way, after a first step that is not counted."""
    import torch

    from otio_hpm.training.train_diffusion import Stage, choose_trainable, recompute_blocks

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    model = _model(options).to(device)
    rank = options.rank if options.way == "lora" else 0
    choose_trainable(model, Stage(base=False, style=True, lora_rank=rank))
    if options.recompute:
        recompute_blocks(model)
    model.to(device)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    inputs = _inputs(model, options.windows, device)
    on_gpu = device == "cuda"
    # A GPU is given work without being waited for.
    wait = torch.cuda.synchronize if on_gpu else lambda: None
    _step(model, optimizer, inputs)
    wait()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(options.steps):
        _step(model, optimizer, inputs)
    wait()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "trained": sum(p.numel() for p in trained) / 1e6,
        "wall": wall / options.steps,
        "cpu": cpu / options.steps,
        "peak": torch.cuda.max_memory_allocated() / 1e6 if on_gpu else _resident_mb(),
    }


def _model(options: argparse.Namespace) -> Any:
    from otio_hpm.model.audioldm.convert import CONTROL_CHANNELS
    from otio_hpm.model.config import ModelConfig
    from otio_hpm.model.hpm import Hpm

    return Hpm(
        ModelConfig(
            sample_rate=16_000, n_fft=1024, hop=160, bands=64, spectrogram="mel", fold_frames=1,
            fold_bands=1, vae_channels=(128, 256, 512), latent_channels=8,
            window_latents=options.latents, unet_channels=WIDTHS[options.size],
            unet_attention=(False, True, True, True), unet_layers=2, attention_heads=8,
            norm_groups=32, class_concat=True, film_attention="decoupled", film_channels=0,
            control_channels=CONTROL_CHANNELS, prediction="epsilon",
        )
    )  # fmt: skip


def _inputs(model: Any, windows: int, device: str) -> tuple[Any, ...]:
    """Random noisy latents, levels, film, style and the noise to be told."""
    import torch

    from otio_hpm.model.hpm import Style

    config = model.config
    shape = (windows, config.latent_channels, config.window_latents, config.latent_bands)
    noisy, noise = (torch.randn(shape, device=device) for _ in range(2))
    seen = torch.rand(windows, config.film_seconds, config.descriptor_size, device=device)
    style = Style(
        melody=torch.rand(windows, 13, config.window_frames, device=device),
        dynamics=torch.rand(windows, 3, config.window_frames, device=device),
        strength=torch.ones(windows, device=device),
    )
    with torch.no_grad():
        film = model.film_encoder(seen)
    step = torch.full((windows,), 500, device=device)
    return noisy, step, film, style, noise


def _step(model: Any, optimizer: Any, inputs: tuple[Any, ...]) -> None:
    *told, noise = inputs
    loss = (model.predict(*told) - noise).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def _in_a_process(way: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, *sys.argv, "--way", way], check=True, capture_output=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=WIDTHS, default="s")
    parser.add_argument("--windows", type=int, default=1, help="windows a step")
    parser.add_argument("--latents", type=int, default=256, help="latent frames of a window")
    parser.add_argument("--rank", type=int, default=128)
    parser.add_argument("--steps", type=int, default=2, help="steps that are counted")
    parser.add_argument("--runs", type=int, default=1, help="times that both take turns")
    parser.add_argument("--recompute", action="store_true", help="gradient checkpointing")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
