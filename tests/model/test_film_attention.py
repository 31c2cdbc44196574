"""Film attention beside a block's own: nothing at first, and each position finds its second."""

from __future__ import annotations

import torch
from diffusers.models.attention_processor import Attention

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_attention import FilmAttention
from otio_hpm.model.film_encoder import time_code
from otio_hpm.model.hpm import Hpm

CONFIG = ModelConfig(
    sample_rate=16_000, hop=160, bands=64, fold_frames=1, fold_bands=1, vae_channels=(32, 32, 32),
    window_latents=256, unet_channels=(64, 64), unet_attention=(True, True), norm_groups=8,
    film_size=32, film_channels=0, film_attention="decoupled", time_periods_s=(20.48, 5.12, 1.28),
)  # fmt: skip


@torch.no_grad()
def test_a_position_looks_at_its_own_second() -> None:
    """With keys that are the seconds' time codes, what is seen changes second by second."""
    torch.manual_seed(0)
    attention = Attention(query_dim=64, heads=1, dim_head=64)
    torch.nn.init.zeros_(attention.to_q.weight)
    film, codes = FilmAttention(CONFIG, level=1), CONFIG.code_channels
    tokens = torch.zeros(1, 10, CONFIG.film_size)
    tokens[0, :, :codes] = time_code(torch.arange(10) + 0.5, CONFIG)
    tokens[0, :, codes : codes + 10] = torch.eye(10)
    film.film_time.weight.copy_(20 * torch.eye(64, codes))
    film.film_key.weight.copy_(20 * torch.eye(64, CONFIG.film_size))
    film.film_value.weight.copy_(torch.eye(64, CONFIG.film_size).roll(-codes, dims=0))
    film.film_out.weight.copy_(torch.eye(64))
    hidden = torch.randn(1, 128 * 8, 64)  # a level down: 128 frames of 80 ms, 8 bands
    seen = film(attention, hidden, tokens) - attention(hidden)
    second = seen[0, :, :10].argmax(-1).unflatten(0, (128, 8))
    assert (second == second[:, :1]).all()
    at_s = torch.arange(128) * 0.08
    inside = (at_s % 1 > 0.25) & (at_s % 1 < 0.75) & (at_s < 10)
    assert (second[inside, 0] == at_s[inside].long()).all()


@torch.no_grad()
def test_small_models_may_have_it_too() -> None:
    """Our own shape with decoupled attention begins as a model that sees no tokens."""
    torch.manual_seed(0)
    shape = {"unet_channels": (16, 16, 32, 32), "vae_channels": (16, 16), "head_channels": 16}
    config = ModelConfig(
        **shape, norm_groups=8, latent_channels=4, film_size=32, film_attention="decoupled"
    )  # type: ignore[arg-type]
    model = Hpm(config).eval()
    latent, step = torch.randn(1, 4, 160, 16), torch.tensor([400])
    film = model.film_encoder(torch.rand(1, config.film_seconds, config.descriptor_size))
    plain = model.predict(latent, step, film)
    film.tokens.mul_(-1)
    assert torch.equal(plain, model.predict(latent, step, film))
    for module in model.vm_unet.modules():
        if isinstance(module, FilmAttention):
            torch.nn.init.normal_(module.film_out.weight)
    changed = model.predict(latent, step, film)
    assert (changed - plain).abs().max() > 1e-3
