"""Film scores from the editor's own timeline."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

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
