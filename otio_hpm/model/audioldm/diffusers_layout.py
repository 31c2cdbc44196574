"""AudioLDM as a diffusers folder: unet/, vae/, vocoder/ and scheduler/, each with its config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from otio_hpm.model.audioldm.source import (
    Source,
    SourceTensor,
    Tensors,
    read_json,
    read_tensors,
    refused,
    sound_shape,
    window_latents,
)
from otio_hpm.model.hifigan import DILATIONS, LEAK

PARTS = ("unet", "vae", "vocoder")
_FILES = (
    "diffusion_pytorch_model.safetensors",
    "model.safetensors",
    "diffusion_pytorch_model.bin",
    "pytorch_model.bin",
)
_OLD_ATTENTION = {
    ".query.": ".to_q.",
    ".key.": ".to_k.",
    ".value.": ".to_v.",
    ".proj_attn.": ".to_out.0.",
}
"""What diffusers called the autoencoder's attention when AudioLDM was published."""


def read_diffusers(folder: Path) -> Source:
    """Find all weights of a folder. Raises ModelError where it is not an AudioLDM."""
    try:
        return _read_all(folder)
    except (KeyError, TypeError) as error:
        raise refused(folder, f"its configuration is not understood: {error}") from error


def _read_all(folder: Path) -> Source:
    unet, vae, vocoder = (read_json(folder / part / "config.json") for part in PARTS)
    noise = read_json(folder / "scheduler" / "scheduler_config.json")
    _check(folder, unet, vae, vocoder, noise)
    shape = {
        **_sound(vocoder),
        **_unet(unet),
        "vae_channels": tuple(vae["block_out_channels"]),
        "vae_layers": vae["layers_per_block"],
        "vae_attention": vae.get("mid_block_add_attention", True),
        "latent_channels": vae["latent_channels"],
        "train_steps": noise["num_train_timesteps"],
        "noise": noise["beta_schedule"],
        "betas": (noise["beta_start"], noise["beta_end"]),
        "prediction": noise.get("prediction_type", "epsilon"),
    }
    tensors = {part: read_part(folder / part) for part in PARTS}
    return Source(
        path=folder,
        shape=shape | {"window_latents": window_latents(shape)},
        scaling_factor=float(vae["scaling_factor"]),
        others=(),
        **tensors,
    )


def read_part(folder: Path) -> Tensors:
    """The weights in one of its folders. Raises ModelError where there are none."""
    for name in _FILES:
        if (folder / name).is_file():
            return _named(folder.name, read_tensors(folder / name))
    raise refused(folder, f"it holds no weights ({', '.join(_FILES)})")


def _named(part: str, tensors: Mapping[str, Tensor]) -> Tensors:
    found = {}
    for name, tensor in tensors.items():
        today = name
        for old, new in _OLD_ATTENTION.items() if part == "vae" else ():
            today = today.replace(old, new)
        found[today] = SourceTensor(name=f"{part}/{name}", tensor=tensor)
    return found


def _unet(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "unet_channels": tuple(config["block_out_channels"]),
        "unet_attention": tuple(k.startswith("CrossAttn") for k in config["down_block_types"]),
        "unet_layers": config["layers_per_block"],
        # diffusers' name; it means the number of heads.
        "attention_heads": config["attention_head_dim"],
        "norm_groups": config["norm_num_groups"],
        "film_size": config["projection_class_embeddings_input_dim"],
        "class_concat": True,
    }


def _sound(config: Mapping[str, Any]) -> dict[str, Any]:
    return sound_shape(
        sample_rate=config["sampling_rate"],
        bands=config["model_in_dim"],
        rates=tuple(config["upsample_rates"]),
        kernels=tuple(config["upsample_kernel_sizes"]),
        blocks=tuple(config["resblock_kernel_sizes"]),
        width=config["upsample_initial_channel"],
    )


def _check(
    folder: Path, unet: Mapping[str, Any], vae: Mapping[str, Any], vocoder: Mapping[str, Any],
    noise: Mapping[str, Any],
) -> None:  # fmt: skip
    """Refuse what the classes here would compute otherwise than diffusers does."""
    dilations = vocoder.get("resblock_dilation_sizes", ())
    rules = (
        (unet.get("class_embeddings_concat") is True, "class embeddings are not concatenated"),
        (unet.get("class_embed_type") == "simple_projection", "it has another class embedding"),
        (_own_width(unet), "its second attention looks at something else than itself"),
        (isinstance(unet.get("attention_head_dim"), int), "heads differ between levels"),
        (unet.get("norm_num_groups") == vae.get("norm_num_groups"), "groups of norms differ"),
        (not vocoder.get("normalize_before", True), "its vocoder normalises its input"),
        (vocoder.get("leaky_relu_slope") == LEAK, "its vocoder leaks otherwise"),
        (all(tuple(d) == DILATIONS for d in dilations), "its vocoder dilates otherwise"),
        (noise.get("beta_schedule") == "scaled_linear", "its noise grows otherwise"),
        (noise.get("prediction_type", "epsilon") == "epsilon", "it predicts no noise"),
        ("scaling_factor" in vae, "its autoencoder has no scaling factor"),
    )
    for holds, reason in rules:
        if not holds:
            raise refused(folder, reason)


def _own_width(unet: Mapping[str, Any]) -> bool:
    return list(unet.get("cross_attention_dim") or ()) == list(unet.get("block_out_channels", ()))
