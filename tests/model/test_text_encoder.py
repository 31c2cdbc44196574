"""Words as CLAP reads them, beside transformers' and diffusers' own way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import AudioLDMPipeline
from safetensors.torch import load_file
from tiny_clap import SIZE, save_clap
from tokenizers import Tokenizer
from transformers import ClapTextModelWithProjection, RobertaTokenizer

from otio_hpm.errors import ModelError
from otio_hpm.model.text_config import TextConfig
from otio_hpm.model.text_encoder import TextEncoder, read_tokenizer

TEXTS = ("slow tempo, tender", "", "dark orchestral " * 60)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_clap(tmp_path_factory.mktemp("published"))


@pytest.fixture
def encoder(published: Path) -> TextEncoder:
    told = json.loads((published / "text_encoder" / "config.json").read_text("utf-8"))
    config = TextConfig(
        vocabulary=told["vocab_size"], channels=32, layers=2, heads=4, inner=37, positions=62,
        size=SIZE,
    )  # fmt: skip
    encoder = TextEncoder(config).eval()
    encoder.clap.load_state_dict(load_file(published / "text_encoder" / "model.safetensors"))
    return encoder


@torch.no_grad()
def test_texts_are_embedded_as_audioldm_does(published: Path, encoder: TextEncoder) -> None:
    tokenizer = read_tokenizer(published / "tokenizer", encoder.config)
    ours = encoder.embed(TEXTS, tokenizer)
    pipeline = AudioLDMPipeline(
        vae=None, unet=None, scheduler=None, vocoder=None,
        text_encoder=ClapTextModelWithProjection.from_pretrained(published / "text_encoder"),
        tokenizer=RobertaTokenizer.from_pretrained(published / "tokenizer"),
    )  # fmt: skip
    theirs = pipeline._encode_prompt(list(TEXTS), "cpu", 1, do_classifier_free_guidance=False)
    assert torch.allclose(ours, theirs, atol=1e-6)
    assert torch.allclose(ours.norm(dim=1), torch.ones(3))
    assert not torch.allclose(ours[0], ours[1], atol=1e-3)


def test_a_tokenizer_that_is_none_or_another_model_s_is_refused(
    published: Path, encoder: TextEncoder, tmp_path: Path
) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        read_tokenizer(tmp_path, encoder.config)
    with pytest.raises(ModelError, match="not that of this model"):
        read_tokenizer(published / "tokenizer", TextConfig(vocabulary=200))
    path = published / "tokenizer" / "tokenizer.json"
    assert Tokenizer.from_file(str(path)).get_vocab_size() == encoder.config.vocabulary


def test_the_published_size_is_that_of_the_model_card() -> None:
    """AudioLDM-s: 421 M in all, of which UNet, autoencoder and vocoder are 296 M."""
    with torch.device("meta"):
        encoder = TextEncoder(TextConfig())
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(125e6, abs=0.7e6)
    assert encoder.config.most_tokens == 512
