"""What a model is told of training windows: all of it, or with parts dropped at random."""

from __future__ import annotations

import torch
from torch import Tensor

from otio_hpm.model.film_encoder import FilmCondition
from otio_hpm.model.hpm import Hpm, Style
from otio_hpm.model.s_control import dynamics_input, melody_input
from otio_hpm.training.cache import Windows

_DROP_ALL = 0.1
_DROP_FILM = 0.1
_DROP_FEATURES = (0.3, 0.3, 0.08)
"""Of semantic, aesthetic and emotion. What is semantic differs most between composed pictures and
real ones, and must not be leant on alone."""
_DROP_STYLE = 0.35
_ONE_CONTROL = 0.5
_PARTIAL_MASK = 0.3

Conditions = tuple[FilmCondition, Style | None]


def whole(
    model: Hpm, windows: Windows, chosen: Tensor, device: str, *, style: bool,
    films: Tensor | None = None,
) -> Conditions:  # fmt: skip
    """All that is known of the windows with these numbers, (B,).

    `films` (B,) are the numbers of windows whose pictures are seen in place of their own.
    """
    seen = windows.descriptors[chosen if films is None else films].to(device)
    film = model.film_encoder(model.film_encoder.normalise(seen))
    if not style:
        return film, None
    everywhere = torch.ones(windows.melody[chosen].shape, dtype=torch.bool)
    return film, Style(
        melody=melody_input(windows.melody[chosen], everywhere).to(device),
        dynamics=dynamics_input(
            windows.dynamics_db[chosen], windows.accents[chosen], everywhere
        ).to(device),
        strength=torch.ones(len(chosen), device=device),
    )


def dropped(
    model: Hpm, windows: Windows, chosen: Tensor, device: str, generator: torch.Generator, *,
    style: bool,
) -> Conditions:  # fmt: skip
    """Conditions with some dropped at random, for guidance and partial control."""
    batch = len(chosen)
    normalised = model.film_encoder.normalise(windows.descriptors[chosen].to(device))
    film = model.film_encoder(without_features(normalised, model.film_encoder.sizes, generator))
    free = _chance(batch, _DROP_ALL, generator)
    film = model.film_encoder.drop(film, (free | _chance(batch, _DROP_FILM, generator)).to(device))
    return film, _style(windows, chosen, free, generator, device) if style else None


def _chance(count: int, share: float, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator) < share


def without_features(
    normalised: Tensor, sizes: tuple[int, ...], generator: torch.Generator
) -> Tensor:
    """Whole features made neutral at random, each on its own."""
    kept = [
        (~_chance(len(normalised), share, generator)).float()[:, None].expand(-1, size)
        for size, share in zip(sizes, _DROP_FEATURES, strict=True)
    ]
    return normalised * torch.cat(kept, dim=1)[:, None].to(normalised.device)


def _style(
    windows: Windows, chosen: Tensor, free: Tensor, generator: torch.Generator, device: str
) -> Style:
    """Controls with one of the two, a stretch of time, accents, or all dropped at random.

    All are dropped where `free` (B,): with the film, for the free side of guidance.
    """
    batch = len(chosen)
    melody = windows.melody[chosen]
    single = _chance(batch, _ONE_CONTROL, generator)
    first = _chance(batch, 0.5, generator)
    melody_on = (~single | first)[:, None] & ~_stretch(melody.shape, generator)
    dynamics_on = (~single | ~first)[:, None] & ~_stretch(melody.shape, generator)
    return Style(
        melody=melody_input(melody, melody_on).to(device),
        dynamics=dynamics_input(
            windows.dynamics_db[chosen],
            _some(windows.accents[chosen], generator),
            dynamics_on,
        ).to(device),
        strength=(~free & ~_chance(batch, _DROP_STYLE, generator)).float().to(device),
    )


def _some(accents: Tensor, generator: torch.Generator) -> Tensor:
    """A share of the accents, from none to all: hit points are but some of them. (B, frames)"""
    share = torch.rand(len(accents), 1, generator=generator)
    return accents & (torch.rand(accents.shape, generator=generator) < share)


def _stretch(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Frames hidden for a stretch in some items. (B, frames)"""
    batch, frames = shape
    ends = torch.rand(batch, 2, generator=generator).sort(dim=1).values * frames
    hidden = _chance(batch, _PARTIAL_MASK, generator)[:, None]
    position = torch.arange(frames)[None]
    return hidden & (position >= ends[:, :1]) & (position < ends[:, 1:])
