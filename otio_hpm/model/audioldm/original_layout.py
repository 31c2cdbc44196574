"""AudioLDM as its authors' programs save it: one checkpoint, with the vocoder inside.

Names are brought to diffusers' by diffusers' own readers of such checkpoints. It does not tell the
vocoder's rates, nor the number of heads: these are those of the published models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from torch import Tensor

from otio_hpm.model.audioldm.source import (
    Source,
    SourceTensor,
    Tensors,
    read_tensors,
    refused,
    sound_shape,
    window_latents,
)

SUFFIXES = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")
RATES = (5, 4, 2, 2, 2)
KERNELS = (16, 16, 8, 4, 4)
SAMPLE_RATE = 16_000
_UNET = "model.diffusion_model."
_VAE = ("first_stage_model.encoder.", "first_stage_model.decoder.",
        "first_stage_model.quant_conv.", "first_stage_model.post_quant_conv.")  # fmt: skip
_VOCODER = "first_stage_model.vocoder."
_HEAD_CHANNELS = {256: 64}
"""Channels per head by the UNet's narrowest width: 64 of `l`, 32 of the others."""


def read_original(path: Path) -> Source:
    """Find all weights of a checkpoint. Raises ModelError where it is not an AudioLDM."""
    found = read_tensors(path)
    _check(path, found)
    shape = {**_sound(path, found), **_unet_shape(found), **_vae_shape(found)}
    unet, vae = _unet(found, shape), _vae(found, shape)
    vocoder = {
        re.sub(r"^ups\.", "upsampler.", name.removeprefix(_VOCODER)): SourceTensor(
            name=name, tensor=tensor
        )
        for name, tensor in found.items()
        if name.startswith(_VOCODER)
    }
    used = {t.name for part in (unet, vae, vocoder) for t in part.values()} | {"scale_factor"}
    return Source(
        path=path,
        shape=shape | {"window_latents": window_latents(shape)},
        scaling_factor=float(found["scale_factor"]),
        unet=unet,
        vae=vae,
        vocoder=vocoder,
        others=tuple(
            SourceTensor(name=name, tensor=tensor)
            for name, tensor in found.items()
            if name not in used
        ),
    )


def _check(path: Path, found: Mapping[str, Tensor]) -> None:
    needed = (
        f"{_UNET}input_blocks.0.0.weight", f"{_UNET}film_emb.weight", "scale_factor",
        f"{_VOCODER}conv_pre.weight", "first_stage_model.post_quant_conv.weight",
    )  # fmt: skip
    for name in needed:
        if name not in found:
            raise refused(path, f"it has no {name}")


def _unet(found: Mapping[str, Tensor], shape: Mapping[str, Any]) -> Tensors:
    own = {name: tensor for name, tensor in found.items() if name.startswith(_UNET)}
    renamed = convert_ldm_unet_checkpoint(
        own, {"layers_per_block": shape["unet_layers"], "class_embed_type": "simple_projection"}
    )
    for end in ("weight", "bias"):
        renamed[f"class_embedding.{end}"] = own[f"{_UNET}film_emb.{end}"]
    return _traced(renamed, own)


def _vae(found: Mapping[str, Tensor], shape: Mapping[str, Any]) -> Tensors:
    own = {name: tensor for name, tensor in found.items() if name.startswith(_VAE)}
    levels = (None,) * len(shape["vae_channels"])
    config = {"down_block_types": levels, "up_block_types": levels}
    renamed = convert_ldm_vae_checkpoint(own, config)
    return _traced(renamed, own)


def _traced(renamed: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Tensors:
    """Tensors with the names that the source has for them, by where their data lie."""
    names = {tensor.data_ptr(): name for name, tensor in own.items()}
    return {
        name: SourceTensor(name=names[tensor.data_ptr()], tensor=tensor)
        for name, tensor in renamed.items()
    }


def _unet_shape(found: Mapping[str, Tensor]) -> dict[str, Any]:
    """Widths, attention and depth, from the sequence of input blocks."""
    widths, attention, blocks, number = [], [], [], 1
    width, film = found[f"{_UNET}input_blocks.0.0.weight"], found[f"{_UNET}film_emb.weight"]
    level: list[int] = []
    while (conv := found.get(f"{_UNET}input_blocks.{number}.0.out_layers.3.weight")) is not None:
        level.append(conv.shape[0])
        attends = f"{_UNET}input_blocks.{number}.1.norm.weight" in found
        number += 1
        if f"{_UNET}input_blocks.{number}.0.out_layers.3.weight" not in found:
            widths.append(level[-1])
            attention.append(attends)
            blocks.append(len(level))
            level, number = [], number + 1  # past the convolution that halves
    return {
        "unet_channels": tuple(widths),
        "unet_attention": tuple(attention),
        "unet_layers": blocks[0],
        "head_channels": _HEAD_CHANNELS.get(width.shape[0], 32),
        "norm_groups": 32,
        "film_size": film.shape[1],
        "class_concat": True,
        "noise": "scaled_linear",
        "prediction": "epsilon",
    }


def _vae_shape(found: Mapping[str, Tensor]) -> dict[str, Any]:
    down = re.compile(r"first_stage_model\.encoder\.down\.(\d+)\.block\.(\d+)\.conv2\.weight")
    convs = {
        (int(match[1]), int(match[2])): tensor.shape[0]
        for name, tensor in found.items()
        if (match := down.fullmatch(name))
    }
    levels = 1 + max(level for level, _ in convs)
    return {
        "vae_channels": tuple(convs[level, 0] for level in range(levels)),
        "vae_layers": 1 + max(block for _, block in convs),
        "vae_attention": "first_stage_model.encoder.mid.attn_1.q.weight" in found,
        "latent_channels": found["first_stage_model.post_quant_conv.weight"].shape[1],
    }


def _sound(path: Path, found: Mapping[str, Tensor]) -> dict[str, Any]:
    def of(name: str) -> Tensor:
        if f"{_VOCODER}{name}.weight" not in found:
            raise refused(path, f"its vocoder has no {name}")
        return found[f"{_VOCODER}{name}.weight"]

    kernels = tuple(of(f"ups.{level}").shape[2] for level in range(len(KERNELS)))
    if kernels != KERNELS:
        raise refused(path, f"its vocoder has kernels {kernels}, not {KERNELS}")
    blocks = sum(
        re.fullmatch(re.escape(_VOCODER) + r"resblocks\.\d+\.convs1\.0\.weight", name) is not None
        for name in found
    )
    width, bands, _ = of("conv_pre").shape
    return sound_shape(
        sample_rate=SAMPLE_RATE,
        bands=bands,
        rates=RATES,
        kernels=kernels,
        blocks=tuple(
            of(f"resblocks.{block}.convs1.0").shape[2] for block in range(blocks // len(KERNELS))
        ),
        width=width,
    )
