"""Spectrogram pictures written while training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor


def save_spectrograms(spectrograms: Sequence[Tensor], path: Path, columns: int = 2) -> None:
    """Draw spectrograms side by side, low pitch at the bottom. each (frames, bands)"""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = -(-len(spectrograms) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(7 * columns, 2.2 * rows), squeeze=False, layout="constrained"
    )
    for axis, picture in zip(axes.flat, spectrograms, strict=False):
        axis.imshow(picture.float().cpu().T, origin="lower", aspect="auto", vmin=-1.2, vmax=2.2)
    figure.savefig(path, dpi=70)
    pyplot.close(figure)
