"""Adapters on disk: a house style as low-rank updates of one model's S-Control branch.

An adapter is a folder in PEFT's layout, so that PEFT itself loads it too: adapter_config.json and
adapter_model.safetensors.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import ModelError
from otio_hpm.files import make_folder, sha256_of, write_text
from otio_hpm.settings import ADAPTER_FILES

CONFIG, WEIGHTS = ADAPTER_FILES
_BASE = "revision"
"""PEFT's field for the version of the base model: here the checksum of the model folder."""
_LARGEST_RANK = 1024


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """What an adapter's configuration says."""

    folder: Path
    base: str
    """Checksum of the model that it was trained on."""
    rank: int
    """r of equation 4: B is (d, r), A is (r, k)."""
    alpha: float
    """PEFT's `lora_alpha`; equation 5's scaling factor is alpha / rank."""
    targets: tuple[str, ...]
    """Ends of the names of the linear layers that are updated."""
    saved: tuple[str, ...]
    """Parts of the branch that the adapter replaces whole: those that are no copies of VM-UNet."""

    @classmethod
    def read(cls, folder: Path) -> Adapter:
        """Read the configuration; loads no torch. Raises ModelError naming the file."""
        path = folder / CONFIG
        try:
            return cls(folder=folder, **_checked(json.loads(path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(
                f"adapter {path} cannot be read: {type(error).__name__}: {error}",
                hint="Name a folder that `otio-hpm train export-lora` has written.",
            ) from error

    def write(self) -> None:
        """Write the configuration. Raises OutputError."""
        fields = {
            "peft_type": "LORA",
            "task_type": None,
            "base_model_name_or_path": None,
            "r": self.rank,
            "lora_alpha": self.alpha,
            "lora_dropout": 0.0,
            "bias": "none",
            "fan_in_fan_out": False,
            "inference_mode": True,
            "target_modules": list(self.targets),
            "modules_to_save": list(self.saved),
            _BASE: self.base,
        }
        make_folder(self.folder)
        write_text(self.folder / CONFIG, json.dumps(fields, indent=2) + "\n", overwrite=True)

    def require_base(self, checksum: str) -> None:
        """Raise ModelError unless it is whole and was made for the model of this checksum."""
        self.require_weights()
        if self.base != checksum:
            raise ModelError(
                f"adapter {self.folder} was made for another model (checksum {self.base[:12]}) "
                f"than the one that renders ({checksum[:12]})",
                hint="Name the model it was trained on with --model, or train it on this one.",
            )

    def digest(self) -> str:
        """Sha256 of both files. Raises ModelError where one is missing or cut short."""
        self.require_weights()
        digest = hashlib.sha256()
        for name in ADAPTER_FILES:
            digest.update(bytes.fromhex(sha256_of(self.folder / name)))
        return digest.hexdigest()

    def require_weights(self) -> None:
        """Raise ModelError where the weights are missing or cut short; loads no torch."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.folder / WEIGHTS, "np"):
                pass
        except (OSError, SafetensorError) as error:
            raise ModelError(
                f"the weights of adapter {self.folder} cannot be read: {error}",
                hint="Copy the whole folder again.",
            ) from error


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that count. Raises KeyError, TypeError or ValueError for what means nothing."""
    rank, alpha, base = fields["r"], float(fields["lora_alpha"]), fields[_BASE]
    if type(rank) is not int or not 0 < rank <= _LARGEST_RANK or not 0 < alpha < float("inf"):
        raise ValueError(f"rank {rank!r} and lora_alpha {alpha!r}")
    if fields["peft_type"] != "LORA" or not isinstance(base, str):
        raise ValueError(f"a {fields['peft_type']!r} adapter for {base!r}")
    names = {"targets": fields["target_modules"], "saved": fields["modules_to_save"]}
    for name, listed in names.items():
        if not isinstance(listed, list) or not all(isinstance(part, str) for part in listed):
            raise TypeError(f"{name} are not a list of names")
        names[name] = tuple(listed)
    return {"rank": rank, "alpha": alpha, "base": base, **names}
