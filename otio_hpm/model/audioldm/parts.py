"""Parts of an HPM model filled with what AudioLDM has for them, and begun anew where it has not.

Modules are built without memory, but for what is new in them; what is kept of the source stays in
its file until it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from otio_hpm.model.audioldm.coverage import Covered, State
from otio_hpm.model.audioldm.source import Source, SourceTensor, refused
from otio_hpm.model.autoencoder import MusicAutoencoder
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_attention import add_film_attention
from otio_hpm.model.film_encoder import FilmEncoder
from otio_hpm.model.hifigan import HifiGan
from otio_hpm.model.s_control import SControl
from otio_hpm.model.vm_unet import VmUnet


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A part as it will be written."""

    name: str
    tensors: Mapping[str, Tensor]
    covered: tuple[Covered, ...]


def filled_parts(source: Source, config: ModelConfig) -> Iterator[Filled]:
    """All parts, one after the other. Raises ModelError where the source lacks a tensor."""
    yield _new("film_encoder", film_encoder(config))
    unet = fill("vm_unet", vm_unet(config), _under("unet.", source.unet), source.path)
    yield unet
    with torch.device("meta"):
        branch = SControl(VmUnet(config))
    branch.begin_new_parts(config)
    base = {
        name.removeprefix("unet."): SourceTensor(name=f"vm_unet/{name}", tensor=tensor)
        for name, tensor in unet.tensors.items()
    }
    yield fill("s_control", branch, base, source.path, kept="copied")
    vae = _under("kl.", source.vae)
    yield fill("vae", autoencoder(config, source.scaling_factor), vae, source.path, new="computed")
    yield fill("vocoder", _hifigan(config, source), _under("net.", source.vocoder), source.path)


def film_encoder(config: ModelConfig) -> FilmEncoder:
    """A new film encoder; what it measures itself is normalised as the shipped model has it."""
    encoder = FilmEncoder(config)
    table = load_file(model_folder("embedded") / "film_encoder.safetensors")["quantiles"]
    if table.shape == encoder.quantiles.shape:
        encoder.quantiles.copy_(table)
    return encoder


def vm_unet(config: ModelConfig) -> VmUnet:
    """VM-UNet of which only film attention has memory."""
    with torch.device("meta"):
        unet = VmUnet(config)
    if config.film_attention == "decoupled":
        add_film_attention(unet.unet, config)
        return unet
    for name, attention in unet.named_modules():
        if name.endswith(".attn2"):
            width = attention.to_k.out_features
            attention.to_k = nn.Linear(config.film_size, width, bias=False)
            attention.to_v = nn.Linear(config.film_size, width, bias=False)
    return unet


def autoencoder(config: ModelConfig, scaling_factor: float) -> MusicAutoencoder:
    """Autoencoder of which only the latent's mean and deviation have memory."""
    with torch.device("meta"):
        vae = MusicAutoencoder(config)
    shape = (config.latent_channels, 1, 1)
    vae.latent_mean, vae.latent_std = torch.zeros(shape), torch.full(shape, 1 / scaling_factor)
    return vae


def _hifigan(config: ModelConfig, source: Source) -> HifiGan:
    with torch.device("meta"):
        vocoder = HifiGan(config)
    if "mean" not in source.vocoder:  # statistics of an input that is not normalised
        vocoder.net.mean, vocoder.net.scale = torch.zeros(config.bands), torch.ones(config.bands)
    return vocoder


def _under(prefix: str, tensors: Mapping[str, SourceTensor]) -> dict[str, SourceTensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _new(part: str, module: nn.Module) -> Filled:
    return fill(part, module, {}, Path())


def fill(
    part: str, module: nn.Module, found: Mapping[str, SourceTensor], path: Path,
    kept: State = "kept", new: State = "new",
) -> Filled:  # fmt: skip
    """What has memory in the module is new; all else must be found, in its shape."""
    tensors, covered = {}, []
    for name, own in module.state_dict().items():
        source = found.get(name)
        same = source is not None and source.tensor.shape == own.shape
        state: State = kept
        if not own.is_meta:
            state = new if source is None or same else "changed shape"
            tensors[name] = own
        elif source is None or not same:
            shape = "missing" if source is None else f"of shape {tuple(source.tensor.shape)}"
            raise refused(path, f"{name} of {part} is {shape}, not {tuple(own.shape)}")
        else:
            tensors[name] = source.tensor
        told = source.name if source is not None and state != new else ""
        covered.append(
            Covered(part=part, name=name, state=state, shape=tuple(own.shape), source=told)
        )
    return Filled(name=part, tensors=tensors, covered=tuple(covered))
