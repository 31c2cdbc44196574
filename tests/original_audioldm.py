"""AudioLDM's weights in the layout of its authors' programs, renamed from diffusers' names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0",
           "conv2": "out_layers.3", "time_emb_proj": "emb_layers.1",
           "conv_shortcut": "skip_connection"}  # fmt: skip
_TOP = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "class_embedding": "film_emb", "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0",
        "conv_out": "out.2"}  # fmt: skip
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v",
                  "to_out.0": "proj_out"}  # fmt: skip


def unet_name(name: str, layers: int, attention: Mapping[int, bool]) -> str:
    """openaimodel.py's name of a tensor; `attention` by number of the up block."""
    top, _, end = name.rpartition(".")
    if top in _TOP:
        return f"model.diffusion_model.{_TOP[top]}.{end}"
    match = re.fullmatch(r"(down_blocks|up_blocks)\.(\d+)\.(\w+)\.(\d+)\.(.+)", name)
    if match is None:
        kind, number, rest = re.fullmatch(r"mid_block\.(\w+)\.(\d+)\.(.+)", name).groups()  # type: ignore[union-attr]
        if kind == "attentions":
            return f"model.diffusion_model.middle_block.1.{rest}"
        return f"model.diffusion_model.middle_block.{2 * int(number)}.{_inner(rest)}"
    side, block, kind, item, rest = match.groups()
    first = int(block) * (layers + 1) + (1 if side == "down_blocks" else 0)
    where = "input_blocks" if side == "down_blocks" else "output_blocks"
    if kind == "downsamplers":
        return f"model.diffusion_model.{where}.{first + layers}.0.{rest.replace('conv', 'op')}"
    if kind == "upsamplers":
        place = 2 if attention[int(block)] else 1
        return f"model.diffusion_model.{where}.{first + layers}.{place}.{rest}"
    place = 1 if kind == "attentions" else 0
    inner = rest if kind == "attentions" else _inner(rest)
    return f"model.diffusion_model.{where}.{first + int(item)}.{place}.{inner}"


def _inner(rest: str) -> str:
    name, _, end = rest.rpartition(".")
    return f"{_RESNET[name]}.{end}"


def vae_name(name: str, levels: int) -> str:
    """autoencoder.py's name of a tensor."""
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)\.", lambda m: f"up.{levels - 1 - int(m[1])}.", name)
    name = re.sub(r"(up\.\d+)\.resnets\.(\d+)", r"\1.block.\2", name)
    name = re.sub(r"(up\.\d+)\.upsamplers\.0", r"\1.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d+)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    for new, old in _VAE_ATTENTION.items():
        name = name.replace(f"mid_block.attentions.0.{new}.", f"mid.attn_1.{old}.")
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    return f"first_stage_model.{name}"


def save_original(
    path: Path, unet: Mapping[str, Tensor], vae: Mapping[str, Tensor],
    vocoder: Mapping[str, Tensor], scale: float, *, layers: int, levels: int,
    attention: Mapping[int, bool],
) -> Path:  # fmt: skip
    """A checkpoint as Lightning leaves it, with averages and a text encoder beside the weights."""
    state = {unet_name(name, layers, attention): tensor for name, tensor in unet.items()}
    for name, tensor in vae.items():
        renamed = vae_name(name, levels)
        is_conv = ".attn_1." in renamed and tensor.dim() == 2
        state[renamed] = tensor[:, :, None, None].clone() if is_conv else tensor
    for name, tensor in vocoder.items():
        if name not in ("mean", "scale"):
            state[f"first_stage_model.vocoder.{name.replace('upsampler.', 'ups.')}"] = tensor
    state["scale_factor"] = torch.tensor(scale)
    state["model_ema.decay"] = torch.tensor(0.9999)
    state["cond_stage_model.model.logit_scale_a"] = torch.tensor(2.0)
    torch.save({"epoch": 3, "global_step": 100, "state_dict": state}, path)
    return path
