"""Low-rank updates of the S-Control branch (paper section 3.2.3, equations 4 and 5).

What is copied from VM-UNet is frozen; every linear layer of its transformer blocks gets an update
BA of low rank, and what AudioLDM has not is trained whole: the control encoders, the zero
convolutions and the decoupled film attention. On AudioLDM-s, rank 128 then trains 20.1 M parameters
(12.3 M of updates, 5.0 M of film attention, 2.9 M of encoders and zero convolutions) where the
whole branch has 87.1 M: consistent with the paper's table 4(a), which tells neither rank nor
modules.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from otio_hpm.errors import ModelError
from otio_hpm.model.adapter import WEIGHTS, Adapter
from otio_hpm.model.checkpoint import save_whole
from otio_hpm.model.s_control import NEW_PARTS, SControl

TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "net.0.proj", "net.2")
FILM_PARTS = ("film_key", "film_value", "film_time", "film_out")
"""Layers of the decoupled film attention."""
_PREFIX = "base_model.model."
"""What PEFT puts before the names of an adapter's tensors."""
_NAME = ".default"
"""PEFT's name of a module's only adapter, which its files leave out."""


def with_lora(
    branch: SControl, rank: int, alpha: float | None = None, targets: tuple[str, ...] = TARGETS
) -> SControl:
    """The branch, changed in place: frozen but for its low-rank updates and what is new."""
    lora = LoraConfig(r=rank, lora_alpha=alpha or rank, target_modules=list(targets))
    adapted: SControl = inject_adapter_in_model(lora, branch)
    for name, parameter in adapted.named_parameters():
        parameter.requires_grad_(_is_trained(name))
    return adapted


def merged(branch: SControl) -> SControl:
    """A plain branch whose weights contain the low-rank updates (equation 5)."""
    plain = copy.deepcopy(branch)
    for name, module in list(plain.named_modules()):
        if isinstance(module, BaseTunerLayer):
            module.merge()
            parent, _, child = name.rpartition(".")
            setattr(plain.get_submodule(parent), child, module.get_base_layer())
    return plain


def save_adapter(branch: SControl, folder: Path, rank: int, base: str) -> None:
    """Write a branch of `with_lora` as an adapter of the model with checksum `base`, in bf16."""
    saved = tuple(_modules_to_save(branch))
    adapter = Adapter(folder=folder, base=base, rank=rank, alpha=rank, targets=TARGETS, saved=saved)
    tensors = {
        _PREFIX + name.replace(_NAME, ""): value.to(torch.bfloat16).contiguous()
        for name, value in _own(branch).items()
    }
    adapter.write()
    save_whole(tensors, folder / WEIGHTS, {"format": "pt"})


def adapted(branch: SControl, adapter: Adapter) -> SControl:
    """A plain copy of the branch with the adapter merged into it.

    Raises ModelError where the adapter's weights are missing or do not fit.
    """
    path = adapter.folder / WEIGHTS
    try:
        loaded = {name.removeprefix(_PREFIX): value for name, value in load_file(path).items()}
        changed = with_lora(copy.deepcopy(branch), adapter.rank, adapter.alpha, adapter.targets)
        wanted = {name.replace(_NAME, ""): name for name in _own(changed)}
        if loaded.keys() != wanted.keys():
            odd = ", ".join(sorted(loaded.keys() ^ wanted.keys())[:3])
            raise ValueError(f"it has other tensors than its configuration says: {odd}")
        changed.load_state_dict({wanted[name]: loaded[name] for name in wanted}, strict=False)
    except (OSError, SafetensorError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"adapter {path} does not fit the model: {error}", hint="Copy or train it again."
        ) from error
    return merged(changed).eval().requires_grad_(False)


def _modules_to_save(branch: SControl) -> Iterator[str]:
    """Names of what is trained whole, as PEFT wants them: it saves no list as one module."""
    for name in NEW_PARTS:
        part = branch.get_submodule(name)
        if isinstance(part, nn.ModuleList):
            yield from (f"{name}.{index}" for index in range(len(part)))
        else:
            yield name
    held = {name.rpartition(".")[2] for name, _ in branch.named_modules()}
    yield from (name for name in FILM_PARTS if name in held)


def _is_trained(name: str) -> bool:
    """Whether a parameter of this name is one of an adapter's."""
    film = any(f".{part}." in name for part in FILM_PARTS)
    return ".lora_" in name or film or name.startswith(NEW_PARTS)


def _own(branch: SControl) -> dict[str, Tensor]:
    """What an adapter holds: low-rank updates, and the parts that are trained whole."""
    return {name: value for name, value in branch.state_dict().items() if _is_trained(name)}
