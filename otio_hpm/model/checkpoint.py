"""Model folders: config.json, one safetensors file per part, checksums.json, a model card."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from otio_hpm.errors import ModelError
from otio_hpm.files import output_error, publish, sha256_of, temporary_for, write_text
from otio_hpm.model.catalogue import BRIDGED, offer_named
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import BRIDGE, CONFIG, installed_models, shipped_models
from otio_hpm.model.published import is_here, next_step

if TYPE_CHECKING:
    from torch import Tensor, nn

CHECKSUMS = "checksums.json"


def model_folder(name: str) -> Path:
    """Folder of a shipped or installed model, or the folder that `name` is.

    Raises ModelError where there is neither; nothing is ever fetched.
    """
    known = installed_models() | shipped_models()
    if name in known:
        return known[name]
    folder = Path(name).expanduser()
    if (folder / CONFIG).is_file():
        return folder
    raise ModelError(
        f"model {name!r} is neither shipped nor installed, nor a folder with a {CONFIG}",
        hint=_how_to_get(name, ", ".join(sorted(known))),
    )


def _how_to_get(name: str, known: str) -> str:
    """What a user may do about a name that is no model's; `known` lists those there are."""
    if name == BRIDGE:
        return f"Run `otio-hpm model fetch {BRIDGED}`, then `model convert {BRIDGE} {BRIDGED}`."
    offer = offer_named(name)
    if offer is None:
        return f"There are: {known}. `otio-hpm model list` shows what can be had."
    if is_here(offer):
        return f"Its weights are here: run `otio-hpm {next_step(offer)}`."
    return f"Run `otio-hpm model fetch {offer.name}`, then `otio-hpm {next_step(offer)}`."


def checksum(folder: Path) -> str:
    """One checksum of the whole model, each file compared with its own.

    Raises ModelError naming the file that is missing or changed.
    """
    listed = listed_checksums(folder)
    for name, expected in listed.items():
        check_file(folder, name, expected)
    return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()


def listed_checksums(folder: Path) -> dict[str, str]:
    """Sha256 of each file, as the folder lists them. Raises ModelError where it does not."""
    try:
        listed = json.loads((folder / CHECKSUMS).read_text("utf-8"))
        return {str(name): str(digest) for name, digest in listed.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise _incomplete(folder, error) from error


def check_file(folder: Path, name: str, expected: str) -> None:
    """Raise ModelError where a file is missing or not as its folder lists it."""
    try:
        if Path(name).name == name and sha256_of(folder / name) == expected:
            return
    except OSError as error:
        raise _incomplete(folder, error) from error
    raise ModelError(
        f"model file {folder / name} does not have the checksum its folder lists",
        hint="The file is damaged or was changed; install or copy the model again.",
    )


def _incomplete(folder: Path, error: Exception) -> ModelError:
    return ModelError(
        f"model folder {folder} is not complete: {error}", hint="Install or copy the model again."
    )


def write_checksums(folder: Path) -> None:
    """List the checksums of the configuration, of all else that is JSON, and of every part.

    Raises OutputError.
    """
    beside = sorted(path for path in folder.glob("*.json") if path.name not in (CONFIG, CHECKSUMS))
    files = [folder / CONFIG, *beside, *sorted(folder.glob("*.safetensors"))]
    listed = {path.name: sha256_of(path) for path in files}
    write_text(folder / CHECKSUMS, json.dumps(listed, indent=2) + "\n", overwrite=True)


def save_tensors(
    tensors: Mapping[str, Tensor], path: Path, facts: dict[str, str] | None = None
) -> None:
    """Write a safetensors file that others may read as the umask lets them.

    The library makes it for its owner alone, and a render farm has other users. Raises OutputError
    for a folder that is missing, unwritable or full.
    """
    try:
        _write(tensors, path, facts)
    except OSError as error:
        raise output_error(path, error) from error


def save_whole(
    tensors: Mapping[str, Tensor], path: Path, facts: dict[str, str] | None = None
) -> None:
    """`save_tensors` to a file that is there whole or not at all, even if the run is killed.

    What has the name already stays until then. Raises OutputError.
    """
    part = temporary_for(path)
    try:
        _write(tensors, part, facts)
        with part.open("rb") as file:  # the name must not be on the disk before what it names
            os.fsync(file.fileno())
        publish(part, path, overwrite=True)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _write(tensors: Mapping[str, Tensor], path: Path, facts: dict[str, str] | None) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    try:
        save_file({name: value.contiguous() for name, value in tensors.items()}, path, facts)
    except SafetensorError as error:  # what the disk says is in its words alone
        raise OSError(str(error)) from error
    plain = path.with_name(f".{path.name}.mode")
    plain.touch()
    path.chmod(plain.stat().st_mode)
    plain.unlink()


def save_part(module: nn.Module, path: Path) -> None:
    """Write a part's weights, floating point ones as bf16."""
    import torch

    tensors = {
        name: value.to(torch.bfloat16) if value.is_floating_point() else value
        for name, value in module.state_dict().items()
    }
    save_tensors(tensors, path)


def load_part(module: nn.Module, folder: Path, name: str, config: ModelConfig) -> None:
    """Fill a part with its weights; the parts of a `random_seed` model keep their random ones.

    Raises ModelError where weights are missing or of another shape.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if config.random_seed is not None:
        return
    path = folder / f"{name}.safetensors"
    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(
            f"model file {path} does not fit its config.json: {error}",
            hint="Install or copy the model again.",
        ) from error
