"""HPM itself: film encoder, VM-UNet and S-Control branch, and the way from noise to latent.

The paper's section 3.2.4, but for guidance: the paper guides on film alone at every step, with the
style on both sides of the difference. Here the free side knows neither film nor style, so that a
followed style is guided too; melody and dynamics are then followed far more closely, at less cost.
And there is no guidance where there is almost only noise, or hardly any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from otio_hpm.model.config import ModelConfig
from otio_hpm.model.film_encoder import FilmCondition, FilmEncoder
from otio_hpm.model.noise import scheduler
from otio_hpm.model.s_control import SControl
from otio_hpm.model.vm_unet import Residuals, VmUnet
from otio_hpm.model.windows import WindowPlan
from otio_hpm.settings import Guided, ModelSettings, Sampler

GUIDED_LEVELS = (0.2, 0.8)
"""Shares of the noise levels between which a followed style is guided (Kynkäänniemi et al. 2024,
Applying guidance in a limited interval). Above, guidance drives music out of what the model has
learnt: pitch classes of what follows a melody change twice as much as the corpus's do. Below,
little is left to be decided, and a step without it costs half.
"""
ALONE_GUIDED_BELOW = 0.9
"""The upper end for film alone, which alone tells what the music is like where there is much noise:
liveliness and level follow the picture better for it. At all levels music grows louder by 3 dB.
"""
BATCH_WINDOWS = 4
"""Windows predicted at once; more would only cost memory on a CPU."""


class Hpm(nn.Module):
    """The three parts that are trained on latents."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.film_encoder = FilmEncoder(config)
        self.vm_unet = VmUnet(config)
        self.s_control = SControl(self.vm_unet)

    def branch_from_base(self) -> None:
        """Begin the branch anew as a copy of the base (ControlNet's initialisation)."""
        self.s_control = SControl(self.vm_unet)

    def predict(
        self, noisy: Tensor, step: Tensor, film: FilmCondition, style: Style | None = None
    ) -> Tensor:
        """Predicted v or noise of windows. (B, C, T, F), (B,) -> (B, C, T, F)"""
        result: Tensor = self.vm_unet(noisy, step, film, self._residuals(noisy, step, film, style))
        return result

    def predict_both(
        self, noisy: Tensor, step: Tensor, film: FilmCondition, style: Style | None,
        kept: Style | None,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """`predict` with film and style, and without the film and with what is `kept` of the style.

        (B, C, T, F), (B,) -> (B, C, T, F) twice. In one pass: of few windows, that takes a CPU a
        third less time than two.
        """
        unseen = self.film_encoder.unconditional(len(noisy))
        added = self._residuals(noisy, step, film, style)
        if added is not None:
            added = _beside(added, self._residuals(noisy, step, unseen, kept))
        both = noisy.repeat(2, 1, 1, 1), step.repeat(2), film.beside(unseen)
        with_film, without = self.vm_unet(*both, added).chunk(2)
        return with_film, without

    def _residuals(
        self, noisy: Tensor, step: Tensor, film: FilmCondition, style: Style | None
    ) -> Residuals | None:
        """What the branch adds, as strongly as the style is to be followed."""
        if style is None:
            return None
        down, middle = self.s_control(
            self.vm_unet.with_codes(noisy, film), step, film, style.melody, style.dynamics
        )
        scale = style.strength[:, None, None, None]
        return tuple(d * scale for d in down), middle * scale


def _beside(first: Residuals, second: Residuals | None) -> Residuals:
    """Residuals of two batches as those of one; None adds nothing."""
    (down, middle), (others, other) = first, second or _nothing_like(first)
    return tuple(map(_one_batch, down, others)), _one_batch(middle, other)


def _nothing_like(residuals: Residuals) -> Residuals:
    down, middle = residuals
    return tuple(map(torch.zeros_like, down)), torch.zeros_like(middle)


def _one_batch(first: Tensor, second: Tensor) -> Tensor:
    return torch.cat([first, second])


@dataclass(frozen=True, kw_only=True)
class Style:
    """Local controls of windows, as the branch reads them, and the key that is kept."""

    melody: Tensor
    """One-hot pitch classes and mask. shape (B, 13, frames)"""
    dynamics: Tensor
    """Level, accents and mask. shape (B, 3, frames)"""
    strength: Tensor
    """Scale of the branch's residuals; 0 is no style. shape (B,)"""
    key: Tensor | None = None
    """Which pitch classes are in the key that is kept to, where one is. Bool, shape (B, 12)"""

    def part(self, chosen: slice) -> Style:
        """Some of the windows."""
        return Style(
            melody=self.melody[chosen],
            dynamics=self.dynamics[chosen],
            strength=self.strength[chosen],
            key=None if self.key is None else self.key[chosen],
        )

    def to(self, device: str) -> Style:
        """The same on a device."""
        return Style(
            melody=self.melody.to(device),
            dynamics=self.dynamics.to(device),
            strength=self.strength.to(device),
            key=None if self.key is None else self.key.to(device),
        )


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How noise becomes a latent."""

    sampler: Sampler = "dpm++"
    steps: int = 20
    """Solver steps."""
    guidance: float = ModelSettings.guidance
    """Classifier-free guidance on `GUIDED_LEVELS`, below `ALONE_GUIDED_BELOW` of film alone; 1 is
    none."""
    guided: Guided = "all"
    """What it acts on: film and style together, or, as in the paper, film alone."""


Listener = Callable[[Style | None, Tensor, Tensor, Tensor], Style | None]
"""Told the style, the noise level, the latent of the whole cue and what was predicted of it."""


@torch.no_grad()
def denoise(
    model: Hpm, noise: Tensor, plan: WindowPlan, film: FilmCondition, style: Style | None,
    sampling: Sampling, progress: Callable[[float], None] = lambda share: None,
    predict: Callable[..., Tensor] | None = None, listen: Listener | None = None,
) -> Tensor:  # fmt: skip
    """`sampled`, of which nothing is kept for gradients; predicted by `guided` where not told."""
    return sampled(model, noise, plan, film, style, sampling, predict or guided, progress, listen)


def sampled(
    model: Hpm, noise: Tensor, plan: WindowPlan, film: FilmCondition, style: Style | None,
    sampling: Sampling, predict: Callable[..., Tensor],
    progress: Callable[[float], None] = lambda share: None, listen: Listener | None = None,
) -> Tensor:  # fmt: skip
    """One latent for a whole cue, its windows denoised together.

    At every step the windows' predictions are blended with crossfade weights and one solver step is
    taken on the whole (MultiDiffusion, Bar-Tal et al. 2023, the paper's reference [1]).

    noise (1, C, length, F) -> latent of the same shape; `film` and `style` hold one item a window.
    `predict` is `guided`, or that in a wrapping of its caller's; `listen` is told every step and
    says what style is followed from the next one on.
    """
    solver = scheduler(model.config, sampling.sampler, sampling.steps)
    weights = blend_weights(plan).to(noise.device)
    latent = noise
    for index, step in enumerate(solver.timesteps):
        blended = torch.zeros_like(latent)
        for start in range(0, len(plan.starts), BATCH_WINDOWS):
            chosen = slice(start, start + BATCH_WINDOWS)
            predicted = predict(model, latent, plan, step, film, style, sampling, chosen)
            for offset, weight, window in zip(
                plan.starts[chosen], weights[chosen], predicted, strict=True
            ):
                blended[0, :, offset : offset + plan.window] += weight[:, None] * window
        if listen is not None:
            style = listen(style, step, latent, blended)
        latent = solver.step(blended, step, latent).prev_sample
        progress((index + 1) / sampling.steps)
    return latent


def guided(
    model: Hpm, latent: Tensor, plan: WindowPlan, step: Tensor, film: FilmCondition,
    style: Style | None, sampling: Sampling, chosen: slice,
) -> Tensor:  # fmt: skip
    """Guided prediction for some windows. (n, C, window, F)"""
    noisy = windows_of(latent, plan, chosen)
    steps = step.to(noisy.device).expand(len(noisy))
    part = None if style is None else style.part(chosen)
    seen = film.part(chosen)
    if sampling.guidance == 1 or _is_left_unguided(step, part, sampling, model.config):
        return model.predict(noisy, steps, seen, part).float()
    kept = part if sampling.guided == "film" else None
    with_film, without = model.predict_both(noisy, steps, seen, part, kept)
    return without.float() + sampling.guidance * (with_film.float() - without.float())


def windows_of(latent: Tensor, plan: WindowPlan, chosen: slice) -> Tensor:
    """Some windows of a cue's latent. (1, C, length, F) -> (n, C, window, F)"""
    return torch.cat([latent[:, :, s : s + plan.window] for s in plan.starts[chosen]])


def _is_left_unguided(
    step: Tensor, style: Style | None, sampling: Sampling, config: ModelConfig
) -> bool:
    """Whether there is almost only noise, or hardly any.

    The paper's way guides throughout, and so does AudioLDM's own pipeline, whose models predict
    the noise.
    """
    low, high = GUIDED_LEVELS
    if style is None:
        high = ALONE_GUIDED_BELOW
    inside = low <= float(step) / config.train_steps < high
    return sampling.guided == "all" and config.prediction == "v" and not inside


def blend_weights(plan: WindowPlan) -> Tensor:
    """Crossfade weights; over every latent frame they sum to 1. (windows, window)"""
    ramps = torch.ones(len(plan.starts), plan.window)
    for index, overlap in enumerate(plan.overlaps(), start=1):
        if overlap > 0:
            ramp = torch.arange(1, overlap + 1) / (overlap + 1)
            ramps[index, :overlap] *= ramp
            ramps[index - 1, plan.window - overlap :] *= ramp.flip(0)
    total = torch.zeros(plan.length)
    for start, ramp in zip(plan.starts, ramps, strict=True):
        total[start : start + plan.window] += ramp
    return torch.stack(
        [r / total[s : s + plan.window] for s, r in zip(plan.starts, ramps, strict=True)]
    )


def channels_last(module: nn.Module) -> None:
    """Lay convolution weights out as CPUs compute them fastest."""
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
