"""How a cue is cut into the model's windows, on the latent grid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from otio_hpm.errors import SettingsError
from otio_hpm.model.config import FILM_FPS, ModelConfig

SHORTEST_WINDOW_S = Fraction(5, 2)


@dataclass(frozen=True, kw_only=True)
class WindowPlan:
    """Windows that cover a cue; all are of one length and overlap."""

    starts: tuple[int, ...]
    """First latent frame of each window; the last window ends with the cue."""
    window: int
    """Latent frames of each window."""
    length: int
    """Latent frames in all; a cue shorter than a window is generated whole and trimmed."""

    def overlaps(self) -> tuple[int, ...]:
        """Latent frames that each window shares with the one before, for the second on."""
        return tuple(
            earlier + self.window - later
            for earlier, later in zip(self.starts, self.starts[1:], strict=False)
        )


def plan_windows(
    samples: int, config: ModelConfig, window_s: Fraction, overlap_s: Fraction
) -> WindowPlan:
    """Windows for `samples` of sound, spread evenly, overlapping by `overlap_s` or a little more.

    Raises SettingsError where window and overlap do not fit the model or each other.
    """
    window = _window_latents(config, window_s)
    overlap = round(overlap_s / config.latent_s)
    if not 0 <= overlap <= window // 2:
        raise SettingsError(
            f"overlap {float(overlap_s):g} s does not fit a window of {float(window_s):g} s",
            hint="An overlap is at least 0 and at most half a window.",
        )
    length = config.latents_for(samples)
    if length <= window:
        return WindowPlan(starts=(0,), window=window, length=window)
    last = length - window
    gaps = -(-last // (window - overlap))
    return WindowPlan(
        starts=tuple(round(Fraction(last * i, gaps)) for i in range(gaps + 1)),
        window=window,
        length=length,
    )


def first_pictures(plan: WindowPlan, config: ModelConfig, count: int) -> tuple[int, ...]:
    """Which of a cue's `count` pictures, ten a second, each window begins with."""
    firsts = (round(start * config.latent_s * FILM_FPS) for start in plan.starts)
    return tuple(min(first, count - 1) for first in firsts)


def _window_latents(config: ModelConfig, window_s: Fraction) -> int:
    """A window on the grid that the UNet can halve; 10 s and more mean the model's own window."""
    longest = config.window_latents * config.latent_s
    if not SHORTEST_WINDOW_S <= window_s <= longest:
        raise SettingsError(
            f"a window of {float(window_s):g} s is not possible with this model",
            hint=f"Choose {float(SHORTEST_WINDOW_S):g} to {float(longest):g} s.",
        )
    stride = config.unet_stride
    cells = -(-window_s / (config.latent_s * stride) // 1)
    return min(int(cells) * stride, config.window_latents)
