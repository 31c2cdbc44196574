"""Weights as others publish them, read without running anything that is in the file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from otio_hpm.errors import ModelError

_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".tar")
_CHECKPOINT = ("state_dict", "model")
_PARALLEL = "module."
"""What DataParallel puts before every name."""


def weights_file(path: Path) -> Path:
    """A file of weights, or the only one in a folder. Raises ModelError."""
    if path.is_file():
        return path
    found = sorted(file for file in path.glob("*") if file.suffix in _SUFFIXES)
    if len(found) == 1:
        return found[0]
    told = f"{len(found)} files of weights" if found else "no file of weights"
    raise ModelError(
        f"{path} holds {told}" if path.is_dir() else f"{path} is not there",
        hint=f"Name the file itself ({', '.join(_SUFFIXES)}).",
    )


def read_weights(path: Path) -> dict[str, Tensor]:
    """A state dict from a file, out of its checkpoint and without DataParallel's prefix.

    Only tensors and plain values are unpickled. Raises ModelError for a file that holds anything
    else, is damaged or has no state dict.
    """
    try:
        content = _loaded(path)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path} cannot be read as weights: {error}",
            hint="Download it again; a file that needs code of its own to load is refused.",
        ) from error
    state = _state(content) if isinstance(content, Mapping) else None
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ModelError(f"{path} holds no state dict", hint="Save it with model.state_dict().")
    return {str(name).removeprefix(_PARALLEL): value for name, value in state.items()}


def unpickled(path: Path) -> Any:
    """What a file of PyTorch's holds, where that is tensors and plain values alone.

    Tensors stay in the file until they are used. Raises OSError, and ValueError for a file that is
    damaged, not PyTorch's, or holds anything else.
    """
    try:
        in_place = zipfile.is_zipfile(path)  # older files have to be read at once
        return torch.load(path, map_location="cpu", weights_only=True, mmap=in_place)
    except OSError:
        raise
    except Exception as error:  # what is no pickle, or a damaged one, fails in any way there is
        raise ValueError(
            "it is damaged, no file of PyTorch's, or holds more than weights"
        ) from error


def _state(content: Mapping[str, Any]) -> Any:
    """What a checkpoint keeps its state dict under, else all of it."""
    return next((content[name] for name in _CHECKPOINT if name in content), content)


def _loaded(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(str(error)) from error
    return unpickled(path)
