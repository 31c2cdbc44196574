"""One window followed by DITTO beside S-Control: seconds, memory, and how far each is from it.

    python tests/benchmarks/bench_ditto.py [--model embedded] [--steps 20] [--ditto-steps 70]

Two pitch classes and a level that falls are followed, on noise for a picture. CPU seconds are those
of all threads; on a busy machine they tell more than the clock.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import torch

from otio_hpm.model.ditto import following_loss
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import plan_windows
from otio_hpm.music.controls import Controls
from otio_hpm.settings import ModelSettings


def main() -> None:
    chosen = _arguments()
    pipeline = HpmPipeline.load(chosen.model, "cpu")
    for engine in ("none", "s-control", "ditto"):
        model = ModelSettings(
            steps=chosen.steps, ditto_steps=chosen.ditto_steps,
            style_engine="ditto" if engine == "ditto" else "s-control",
            # So that of the untouched noise there is no melody of its own to follow.
            guided="film" if engine == "none" else "all",
        )  # fmt: skip
        _measure(pipeline, model, engine)


def _measure(pipeline: HpmPipeline, model: ModelSettings, engine: str) -> None:
    asked = _request(pipeline, model)
    plan = plan_windows(asked.samples, pipeline.config, asked.music.window_s, asked.music.overlap_s)
    film, style = pipeline.encode_film(asked, plan), pipeline.style_of(asked, plan)
    assert style is not None
    clock, cpu = time.perf_counter(), time.process_time()
    latent = pipeline.denoise(plan, film, None if engine == "none" else style, asked)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    with torch.no_grad():
        loss = following_loss(pipeline.vae, latent, plan, style).item()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = f"{clock:8.1f} s, {cpu:8.1f} s of CPU"
    print(f"{engine:9} {times}, peak so far {peak:.0f} MB, loss {loss:.3f}", flush=True)


def _request(pipeline: HpmPipeline, model: ModelSettings) -> CueRequest:
    count = pipeline.config.window_frames
    controls = Controls(
        melody=np.where(np.arange(count) < count // 2, 0, 7).astype(np.int8),
        dynamics_db=np.linspace(-20, -40, count, dtype=np.float32),
        accents=np.zeros(count, dtype=np.bool_),
        melody_present=np.ones(count, dtype=np.bool_),
        dynamics_present=np.ones(count, dtype=np.bool_),
    )
    frames = np.random.default_rng(0).integers(0, 255, (100, 36, 64, 3), np.uint8)
    return CueRequest(
        samples=pipeline.config.window_samples, frames=frames, controls=controls, model=model
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--ditto-steps", type=int, default=70)
    return parser.parse_args()


if __name__ == "__main__":
    main()
