"""A corpus of random windows, so that training needs no soundfont."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from otio_hpm.model.config import ModelConfig


def write_windows(folder: Path, config: ModelConfig, count: int) -> None:
    """Give a run's folder `count` windows of this configuration, always the same."""
    generator = torch.Generator().manual_seed(0)
    frames = config.window_frames
    shapes = (count, config.film_seconds, config.descriptor_size)
    (folder / "corpus").mkdir(parents=True)
    save_file(
        {
            "spectrogram": torch.rand(count, frames, config.bands, generator=generator).half(),
            "melody": torch.randint(-1, 12, (count, frames), generator=generator).to(torch.int8),
            "dynamics_db": (torch.rand(count, frames, generator=generator) * -40).half(),
            "accents": torch.rand(count, frames, generator=generator) < 0.02,
            "descriptors": torch.rand(shapes, generator=generator),
        },
        folder / "corpus" / "windows_000000000.safetensors",
    )
