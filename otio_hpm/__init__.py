"""Film scores from the editor's own timeline."""

from __future__ import annotations

import importlib
import os
from typing import Any

from otio_hpm.numba_cache import claim_before_numba

__version__ = "0.1.0"

# PyTorch's threads wait for each other by spinning, for so long that beside any other busy program
# a window takes twenty times its seconds. As few turns cost a quiet machine 4 %. Read by GNU's
# OpenMP when PyTorch is first imported.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")

claim_before_numba()

_PUBLIC = {
    "Cue": "otio_hpm.timeline.cue",
    "HpmError": "otio_hpm.errors",
    "Settings": "otio_hpm.settings",
    "plan": "otio_hpm.scoring.job",
    "score": "otio_hpm.scoring.job",
    "spot": "otio_hpm.scoring.job",
}
__all__ = ["Cue", "HpmError", "Settings", "__version__", "plan", "score", "spot"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'otio_hpm' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
