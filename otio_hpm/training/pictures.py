"""Spectrogram pictures written while training."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.errors import ModelError
from otio_hpm.files import writing

if TYPE_CHECKING:
    from torch import Tensor


def can_draw() -> bool:
    """Whether matplotlib is installed, which only extras bring."""
    return importlib.util.find_spec("matplotlib") is not None


def require_drawing() -> None:
    """Raise ModelError without matplotlib; asked early, so that nothing is trained for nothing."""
    if not can_draw():
        raise ModelError("matplotlib is not installed.", hint="pip install matplotlib")


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
