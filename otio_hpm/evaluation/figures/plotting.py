"""matplotlib as figures use it: without a display, and written whole, as PNG and as SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from otio_hpm.files import write_bytes
from otio_hpm.training.pictures import require_drawing

KINDS = ("png", "svg")
WANTED, HEARD = "#d1382c", "#33415c"
"""Colours of what is to be followed, and of what is played."""
_DPI = 110
_FIXED = {"svg": {"Date": None}, "png": {"Software": None}}
"""The same figure gives the same bytes."""


def pyplot() -> Any:
    """matplotlib's, drawing into memory. Raises ModelError without it."""
    require_drawing()
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({
        "font.size": 8, "axes.titlesize": 9, "axes.spines.top": False,
        "axes.spines.right": False, "svg.hashsalt": "otio-hpm", "svg.fonttype": "none",
    })  # fmt: skip
    from matplotlib import pyplot

    return pyplot


def save(figure: Any, path: Path, kinds: Sequence[str] = KINDS) -> list[Path]:
    """Write a figure as `path` with each ending, and close it. Raises OutputError."""
    written = [path.with_name(f"{path.name}.{kind}") for kind in kinds]
    for kind, file in zip(kinds, written, strict=True):
        content = io.BytesIO()
        figure.savefig(content, dpi=_DPI, format=kind, metadata=_FIXED[kind])
        write_bytes(file, content.getvalue(), overwrite=True)
    pyplot().close(figure)
    return written
