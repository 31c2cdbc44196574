"""Long latents are decoded in tiles: across their borders as elsewhere, and in bounded memory."""

from __future__ import annotations

import pytest
import torch

from otio_hpm.model.autoencoder import ATTENTIVE, MusicAutoencoder
from otio_hpm.model.config import ModelConfig

TINY = ModelConfig(
    sample_rate=16_000, hop=160, bands=16, fold_frames=1, fold_bands=1, vae_channels=(8, 8, 8),
    vae_attention=True, latent_channels=8, norm_groups=4, film_channels=0,
)  # fmt: skip
STEP, BLEND = ATTENTIVE.step, ATTENTIVE.blend


@pytest.fixture(scope="module")
def vae() -> MusicAutoencoder:
    torch.manual_seed(0)
    return MusicAutoencoder(TINY).eval()


def latent(length: int) -> torch.Tensor:
    return torch.randn(1, 8, length, 4, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
@pytest.mark.parametrize(
    "length", [8, STEP, STEP + 8, STEP + 40, 2 * STEP + 24, 3 * STEP]
)
def test_borders_are_as_near_to_the_whole_as_anywhere(vae: MusicAutoencoder, length: int) -> None:
    whole, tiled = vae.decode(latent(length)), vae.decode_long(latent(length))
    assert tiled.shape == whole.shape == (1, 4 * length, 16)
    error = (tiled - whole).abs().mean(dim=(0, 2)) / whole.std()
    assert error.mean() < 0.1
    for border in range(STEP, length - BLEND, STEP):
        near = error[4 * (border - BLEND) : 4 * (border + BLEND)]
        assert near.mean() <= 1.5 * error.mean() + 1e-6


@torch.no_grad()
def test_no_step_is_heard_at_a_border(vae: MusicAutoencoder) -> None:
    """From frame to frame the tiled result departs from the whole at a border as inside tiles."""
    whole, tiled = (decode(latent(2 * STEP)) for decode in (vae.decode, vae.decode_long))
    steps = (tiled - whole).diff(dim=1).abs().mean(dim=(0, 2))
    around = slice(4 * (STEP - BLEND), 4 * (STEP + BLEND))
    assert steps.mean() < 0.1 * whole.diff(dim=1).abs().mean()
    assert steps[around].max() <= steps.max()
    assert steps[around].mean() <= 1.5 * steps.mean()


@torch.no_grad()
def test_no_tile_is_longer_than_it_may_be(
    vae: MusicAutoencoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []
    decode = MusicAutoencoder.decode

    def watched(self: MusicAutoencoder, piece: torch.Tensor) -> torch.Tensor:
        lengths.append(piece.shape[2])
        return decode(self, piece)

    monkeypatch.setattr(MusicAutoencoder, "decode", watched)
    vae.decode_long(latent(4 * STEP))
    assert lengths == [ATTENTIVE.shortest] * 4
