"""A folder of AudioLDM as diffusers and transformers save it, tiny and with random weights."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    ClapTextConfig,
    ClapTextModelWithProjection,
    RobertaTokenizer,
    SpeechT5HifiGan,
    SpeechT5HifiGanConfig,
)

SIZE = 32
"""Length of its text embedding."""
_SPOKEN = "slow tender dark orchestral film score instrumental high quality recording tempo key"


def save_tiny_audioldm(folder: Path) -> Path:
    """Write all its parts: unet, vae, vocoder, scheduler, text_encoder, tokenizer."""
    torch.manual_seed(0)
    save_unet(folder / "unet")
    AutoencoderKL(
        in_channels=1, out_channels=1, latent_channels=8, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(8, 8, 16), norm_num_groups=8, scaling_factor=0.94,
    ).save_pretrained(folder / "vae")  # fmt: skip
    SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=64, sampling_rate=16_000, upsample_initial_channel=32,
            upsample_rates=[5, 4, 2, 2, 2], upsample_kernel_sizes=[16, 16, 8, 4, 4],
            resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3,
            normalize_before=False,
        )
    ).save_pretrained(folder / "vocoder")  # fmt: skip
    DDIMScheduler(
        beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    ).save_pretrained(folder / "scheduler")  # fmt: skip
    save_text(folder)
    (folder / "model_index.json").write_text('{"_class_name": "AudioLDMPipeline"}', "utf-8")
    return folder


def save_unet(folder: Path) -> None:
    """AudioLDM's UNet in its published layout, narrow."""
    widths = (8, 16, 16, 24)
    UNet2DConditionModel(
        sample_size=128, in_channels=8, out_channels=8, layers_per_block=2,
        block_out_channels=widths, cross_attention_dim=widths, attention_head_dim=8,
        down_block_types=("DownBlock2D", *("CrossAttnDownBlock2D",) * 3),
        up_block_types=(*("CrossAttnUpBlock2D",) * 3, "UpBlock2D"),
        norm_num_groups=8, class_embed_type="simple_projection",
        projection_class_embeddings_input_dim=SIZE, class_embeddings_concat=True,
    ).save_pretrained(folder)  # fmt: skip


def save_text(folder: Path) -> None:
    """CLAP's text branch and RoBERTa's tokenizer, of a few words."""
    tokenizer = RobertaTokenizer(**_vocabulary(), model_max_length=60)
    tokenizer.save_pretrained(folder / "tokenizer")
    ClapTextModelWithProjection(
        ClapTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=37, max_position_embeddings=62, projection_dim=SIZE,
        )
    ).save_pretrained(folder / "text_encoder")  # fmt: skip


def _vocabulary() -> dict[str, object]:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trained.train_from_iterator(
        [_SPOKEN],
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    told = json.loads(trained.to_str())["model"]
    return {"vocab": told["vocab"], "merges": [tuple(pair) for pair in told["merges"]]}
