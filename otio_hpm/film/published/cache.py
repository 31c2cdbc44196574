"""Features that were computed once, in the user's cache folder.

An entry is a safetensors file named by the digest of all that decides it. What is there but damaged
counts as missing and is written again; where nothing can be written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import OutputError
from otio_hpm.files import make_folder, write_bytes

_VALUES, _DIGEST = "values", "sha256"


def cache_folder() -> Path:
    """Where features are kept: `otio-hpm/film` in $XDG_CACHE_HOME, else in ~/.cache.

    A relative $XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification has it.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "otio-hpm" / "film"


@dataclass(frozen=True)
class FeatureCache:
    """One array per key. Keys are hexadecimal digests."""

    folder: Path

    def read(self, key: str) -> NDArray[Any] | None:
        """What is kept under `key`; None where nothing is, or what is there is damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            kept = load(self._path(key).read_bytes())
            values = kept[_VALUES]
            return values if kept[_DIGEST].tobytes() == _digest(values) else None
        except (OSError, SafetensorError, ValueError, KeyError):
            return None

    def write(self, key: str, values: NDArray[Any]) -> None:
        """Keep an array; a full or read-only disk only costs the next run its time."""
        from safetensors.numpy import save

        path = self._path(key)
        whole = np.ascontiguousarray(values)
        digest = np.frombuffer(_digest(whole), np.uint8)
        with contextlib.suppress(OutputError):
            make_folder(path.parent)
            write_bytes(path, save({_VALUES: whole, _DIGEST: digest}), overwrite=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"


def _digest(values: NDArray[Any]) -> bytes:
    return hashlib.sha256(values.tobytes()).digest()
