"""Windows cover every cue, overlap as asked and end with it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otio_hpm.errors import SettingsError
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.windows import plan_windows

CONFIG = ModelConfig()
FULL_SIZE = ModelConfig(
    sample_rate=16_000, hop=160, bands=64, fold_frames=1, fold_bands=1,
    vae_channels=(128, 256, 512), window_latents=256,
)  # fmt: skip


@given(
    config=st.sampled_from([CONFIG, FULL_SIZE]),
    samples=st.integers(1, 48_000 * 1200),
    window_s=st.fractions(Fraction(5, 2), Fraction(1024, 100)),
    share=st.fractions(0, Fraction(45, 100)),
)
def test_windows_cover_the_cue_and_keep_the_overlap(
    config: ModelConfig, samples: int, window_s: Fraction, share: Fraction
) -> None:
    overlap_s = window_s * share
    plan = plan_windows(samples, config, window_s, overlap_s)
    assert plan.length * config.latent_hop >= samples
    assert plan.window % config.unet_stride == 0 == plan.window % 8
    assert plan.starts[0] == 0
    assert plan.starts[-1] + plan.window == plan.length
    wanted = round(overlap_s / config.latent_s)
    # Rounding each start to the grid may cost one latent frame.
    assert all(overlap >= wanted - 1 for overlap in plan.overlaps())


def test_a_short_cue_is_one_whole_window() -> None:
    plan = plan_windows(48_000, CONFIG, Fraction(10), Fraction(2))
    assert plan.starts == (0,)
    assert plan.length == CONFIG.window_latents


def test_ten_seconds_are_the_models_own_window() -> None:
    assert plan_windows(48_000, CONFIG, Fraction(10), Fraction(2)).window == CONFIG.window_latents


@pytest.mark.parametrize(("window_s", "overlap_s"), [(11, 2), (1, 0), (10, 6), (10, -1)])
def test_what_does_not_fit_is_refused(window_s: int, overlap_s: int) -> None:
    with pytest.raises(SettingsError):
        plan_windows(48_000, CONFIG, Fraction(window_s), Fraction(overlap_s))
