"""Where models lie: those that ship, those that a user has installed, and weights of others."""

from __future__ import annotations

import os
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "checkpoints"
CONFIG = "config.json"
CARD = "MODEL_CARD.md"
VARIABLE = "OTIO_HPM_MODELS"
BRIDGE = "audioldm-bridge"
"""Name under which a model that reads words is installed."""


def models_home() -> Path:
    """The user's folder of models: that of OTIO_HPM_MODELS, else the platform's place for data."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_data_path("otio-hpm", appauthor=False) / "models"


def sources_home() -> Path:
    """Folder of weights as others publish them, which models are converted from."""
    return models_home() / "sources"


def shipped_models() -> dict[str, Path]:
    """Folders of the models inside the package, by name."""
    return _models_in(SHIPPED)


def installed_models() -> dict[str, Path]:
    """Model folders in the user's folder of models, by name."""
    return _models_in(models_home())


def _models_in(folder: Path) -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{CONFIG}"))}
