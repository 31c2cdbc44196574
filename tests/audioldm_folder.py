"""AudioLDM folders of random weights, saved by diffusers and transformers themselves."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

WIDTHS = {
    "tiny": (32, 64, 64, 64),
    "s": (128, 256, 384, 640),
    "m": (192, 384, 576, 960),
    "l": (256, 512, 768, 1280),
}
SCALING = 0.9392935633659363


def unet(size: str) -> UNet2DConditionModel:
    """As the published configuration has it (cvssp/audioldm-s-full-v2), in a size."""
    widths = WIDTHS[size]
    return UNet2DConditionModel(
        sample_size=128,
        in_channels=8,
        out_channels=8,
        down_block_types=("DownBlock2D", *("CrossAttnDownBlock2D",) * 3),
        up_block_types=(*("CrossAttnUpBlock2D",) * 3, "UpBlock2D"),
        block_out_channels=widths,
        layers_per_block=1 if size == "tiny" else 2,
        cross_attention_dim=widths,
        class_embed_type="simple_projection",
        projection_class_embeddings_input_dim=32 if size == "tiny" else 512,
        class_embeddings_concat=True,
        attention_head_dim=8,
    )


def vae(size: str) -> AutoencoderKL:
    """The autoencoder, the same for all published sizes."""
    tiny = size == "tiny"
    channels = (32, 32, 32) if tiny else (128, 256, 512)
    return AutoencoderKL(
        in_channels=1,
        out_channels=1,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=channels,
        layers_per_block=1 if tiny else 2,
        latent_channels=8,
        scaling_factor=SCALING,
    )


def vocoder(size: str) -> SpeechT5HifiGan:
    """HiFi-GAN for 16 kHz and 64 mel bands, with weights large enough to be heard."""
    made = SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=64,
            sampling_rate=16_000,
            upsample_initial_channel=32 if size == "tiny" else 1024,
            upsample_rates=[5, 4, 2, 2, 2],
            upsample_kernel_sizes=[16, 16, 8, 4, 4],
            resblock_kernel_sizes=[3, 7, 11],
            resblock_dilation_sizes=[[1, 3, 5]] * 3,
            normalize_before=False,
        )
    )
    for parameter in made.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    return made


def save_audioldm(folder: Path, size: str = "tiny", *, safetensors: bool = True) -> Path:
    """Unet, autoencoder, vocoder and scheduler in a folder, without text encoder."""
    torch.manual_seed(0)
    for name, model in (("unet", unet(size)), ("vae", vae(size))):
        model.save_pretrained(folder / name, safe_serialization=safetensors)
    vocoder(size).save_pretrained(folder / "vocoder")
    DDIMScheduler(
        beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    ).save_pretrained(folder / "scheduler")  # fmt: skip
    return folder
