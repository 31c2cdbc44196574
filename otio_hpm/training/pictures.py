"""Spectrogram pictures written while training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from otio_hpm.files import writing


def save_spectrograms(spectrograms: Sequence[Tensor], path: Path, columns: int = 2) -> None:
    """Draw spectrograms side by side, low pitch at the bottom. each (frames, bands)

    Raises OutputError.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = -(-len(spectrograms) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(7 * columns, 2.2 * rows), squeeze=False, layout="constrained"
    )
    for axis, picture in zip(axes.flat, spectrograms, strict=False):
        axis.imshow(picture.float().cpu().T, origin="lower", aspect="auto", vmin=-1.2, vmax=2.2)
    with writing(path, overwrite=True) as file:
        figure.savefig(file, dpi=70, format="png")
    pyplot.close(figure)
