"""CLAP's text encoder: words of music -> the vector that AudioLDM is conditioned on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import ClapTextConfig, ClapTextModelWithProjection

from otio_hpm.errors import ModelError
from otio_hpm.model.text_config import TextConfig

TOKENIZER = "tokenizer.json"
_PAD = "<pad>"


class TextEncoder(nn.Module):
    """transformers' text branch of CLAP in this configuration's shape."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.clap = ClapTextModelWithProjection(
            ClapTextConfig(
                vocab_size=config.vocabulary,
                hidden_size=config.channels,
                num_hidden_layers=config.layers,
                num_attention_heads=config.heads,
                intermediate_size=config.inner,
                max_position_embeddings=config.positions,
                projection_dim=config.size,
            )
        )

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, tokens) x 2 -> (B, size), of unit length as AudioLDM has it."""
        embedded: Tensor = self.clap(tokens, attention_mask=mask).text_embeds
        return nn.functional.normalize(embedded, dim=-1)

    def embed(self, texts: Sequence[str], tokenizer: Tokenizer) -> Tensor:
        """Unit vectors of texts; the empty one stands for none. -> (B, size)"""
        encoded = tokenizer.encode_batch(list(texts))
        device = self.clap.device
        tokens = torch.tensor([one.ids for one in encoded], device=device)
        mask = torch.tensor([one.attention_mask for one in encoded], device=device)
        result: Tensor = self(tokens, mask)
        return result


def read_tokenizer(folder: Path, config: TextConfig) -> Tokenizer:
    """The tokenizer of a model folder, which pads and cuts texts. Raises ModelError."""
    path = folder / TOKENIZER
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing more special
        raise ModelError(
            f"tokenizer {path} cannot be read: {error}", hint="Install or copy the model again."
        ) from error
    pad = tokenizer.token_to_id(_PAD)
    if pad is None or tokenizer.get_vocab_size() > config.vocabulary:
        raise ModelError(f"tokenizer {path} is not that of this model's text encoder")
    tokenizer.enable_truncation(config.most_tokens)
    tokenizer.enable_padding(pad_id=pad, pad_token=_PAD)
    return tokenizer
