"""What AudioLDM reads words with, tiny and random as transformers saves it, and a loud vocoder."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    ClapTextConfig,
    ClapTextModelWithProjection,
    RobertaTokenizer,
    SpeechT5HifiGan,
)

SIZE = 32
"""Length of its text embedding."""
_SPOKEN = "slow tender dark orchestral film score instrumental high quality recording tempo key"


def save_clap(folder: Path) -> Path:
    """Write text_encoder and tokenizer of a few words."""
    torch.manual_seed(0)
    tokenizer = RobertaTokenizer(**_vocabulary(), model_max_length=60)
    tokenizer.save_pretrained(folder / "tokenizer")
    ClapTextModelWithProjection(
        ClapTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
            intermediate_size=37, max_position_embeddings=62, projection_dim=SIZE,
        )
    ).save_pretrained(folder / "text_encoder")  # fmt: skip
    return folder


def make_audible(folder: Path) -> None:
    """transformers' random vocoders are as good as silent."""
    vocoder = SpeechT5HifiGan.from_pretrained(folder)
    torch.manual_seed(1)
    for weight in vocoder.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=weight[0].numel() ** -0.5)
    vocoder.save_pretrained(folder)


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
