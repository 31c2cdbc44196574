"""Fusion of the three features, and leaving some of them out."""

from __future__ import annotations

import math

import pytest
import torch

from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import AttentionFusion, FilmEncoder

CONFIG = ModelConfig.load(model_folder("debug") / "config.json")


def test_fusion_is_laff_s_formula() -> None:
    """Per head: a_i = softmax_i(w . f_i + b), z = sum a_i f_i, of unit length; the whole again."""
    torch.manual_seed(0)
    fusion = AttentionFusion(12, 3)
    torch.nn.init.normal_(fusion.score)
    torch.nn.init.normal_(fusion.bias)
    three = torch.randn(2, 3, 12)
    with torch.no_grad():
        fused = fusion(three)
    for item, found in zip(three.tolist(), fused.tolist(), strict=True):
        whole: list[float] = []
        for head in range(3):
            parts = [feature[4 * head : 4 * head + 4] for feature in item]
            weights = fusion.score[head].tolist()
            logits = [
                sum(w * f for w, f in zip(weights, part, strict=True)) + fusion.bias[head].item()
                for part in parts
            ]
            shares = [math.exp(logit) for logit in logits]
            mixed = [
                sum(share * part[k] for share, part in zip(shares, parts, strict=True))
                for k in range(4)
            ]
            length = math.hypot(*mixed)
            whole += [value / length for value in mixed]
        length = math.hypot(*whole)
        assert found == pytest.approx([value / length for value in whole], abs=1e-5)


@pytest.mark.parametrize("without", ["semantic", "aesthetic", "emotion"])
def test_what_is_left_out_tells_nothing_and_the_rest_all(without: str) -> None:
    torch.manual_seed(0)
    encoder = FilmEncoder(CONFIG).eval()
    sizes = dict(zip(("semantic", "aesthetic", "emotion"), encoder.sizes, strict=True))
    first = torch.rand(2, CONFIG.film_seconds, CONFIG.descriptor_size)
    columns = dict(zip(sizes, first.split(list(sizes.values()), dim=-1), strict=True))
    other = {name: part + 1 if name == without else part for name, part in columns.items()}
    second = torch.cat(list(other.values()), dim=-1)
    with torch.no_grad():
        told = [encoder(encoder.leave_out(rows, (without,))) for rows in (first, second)]
        whole = encoder(encoder.leave_out(first, ()))
    assert torch.equal(told[0].tokens, told[1].tokens)
    assert torch.equal(told[0].fused, told[1].fused)
    assert torch.equal(whole.tokens, encoder(first).tokens)
    assert not torch.allclose(whole.fused, told[0].fused)
