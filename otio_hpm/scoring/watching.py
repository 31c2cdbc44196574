"""What a model sees of one media file, second by second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import SettingsError
from otio_hpm.film.frames import sample_count, stream_frames
from otio_hpm.film.reel import Reel, reel_of
from otio_hpm.model.checkpoint import model_folder
from otio_hpm.model.config import FILM_FPS, ModelConfig
from otio_hpm.scoring.film_parts import film_sizes, watches
from otio_hpm.settings import ModelSettings

if TYPE_CHECKING:
    from otio_hpm.film.published.watching import Seen

_VIEW_S = 10
"""Seconds that are looked at together, the window of every model."""

Frames = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class WatchedSecond:
    """One second of picture."""

    start_s: Fraction
    """From the file's first frame."""
    valence: float
    """How pleasant, -1 to 1, as far as light, colour and movement tell."""
    arousal: float
    """How stirring, -1 to 1."""
    light: float
    """Mean lightness, 0 to 1."""
    motion: float
    """Share of the picture that moves, 0 to 1."""
    cuts: float
    """Cuts in this second."""
    measured: dict[str, float]
    """All that the embedded model is told, by name."""
    published: PublishedSecond | None = None
    """What published encoders say; None where the model has none."""


@dataclass(frozen=True, kw_only=True)
class PublishedSecond:
    """What CLIP, TAVAR and CTEN say; what is left out is empty."""

    semantic: tuple[float, ...] = ()
    """CLIP's mean embedding."""
    semantic_change: float | None = None
    """1 less the cosine to the second before; None for the first one."""
    aesthetic: dict[str, float] = field(default_factory=dict)
    """TAVAR's score of the ten seconds around, and this second's attributes."""
    emotion: dict[str, float] = field(default_factory=dict)
    """Probabilities of CTEN's classes in the ten seconds around."""


def watch(
    media: Path,
    model: ModelSettings | None = None,
    *,
    start_s: Fraction = Fraction(0),
    end_s: Fraction | None = None,
) -> Iterator[WatchedSecond]:
    """Look at a movie or still as a model does, ten seconds at a time; memory does not grow.

    `model` names the model, the device and what is left out. Raises MediaError, ModelError, and
    SettingsError for a range that is outside the file.
    """
    model = model or ModelSettings()
    folder = model_folder(model.model)
    config = ModelConfig.load(folder / "config.json")
    seen_by_encoders = watches(folder, config, model.without)
    reel = reel_of(media)
    start, end = _range(reel, start_s, end_s)
    if not seen_by_encoders:
        return _measured_alone(reel, start, end)
    return _published(reel, start, end, folder, config, model)


def _range(reel: Reel, start_s: Fraction, end_s: Fraction | None) -> tuple[int, int]:
    start = int(start_s * reel.rate)
    end = reel.frames if end_s is None else min(int(end_s * reel.rate), reel.frames)
    if not 0 <= start < end:
        length = float(reel.frames / reel.rate)
        raise SettingsError(
            f"there is no picture from {float(start_s):g} s on",
            hint=f"The file lasts {length:.3f} s; an end lies after its start.",
        )
    return start, end


def _measured_alone(reel: Reel, start: int, end: int) -> Iterator[WatchedSecond]:
    frames = stream_frames(reel.picture, start, end, reel.rate)
    blocks = iter(lambda: list(islice(frames, _VIEW_S * FILM_FPS)), [])
    rows = chain.from_iterable(_in_context(np.stack(block) for block in blocks))
    for number, row in enumerate(rows):
        yield _second(Fraction(start) / reel.rate + number, row, None)


def _published(
    reel: Reel, start: int, end: int, folder: Path, config: ModelConfig, model: ModelSettings
) -> Iterator[WatchedSecond]:
    from otio_hpm.film.published.view import View
    from otio_hpm.film.published.watching import Watcher
    from otio_hpm.model.precision import choose_device

    watcher = Watcher(folder, film_sizes(config), choose_device(model.device), model.without)
    count = sample_count(start, end, reel.rate, FILM_FPS)
    told: list[PublishedSecond] = []

    def blocks() -> Iterator[Frames]:
        before: NDArray[np.float32] | None = None
        for first in range(0, count, _VIEW_S * FILM_FPS):
            seen = watcher.look(
                View(picture=reel.picture, start_frames=start, end_frames=end, rate=reel.rate,
                     first=first, seconds=_VIEW_S)
            )  # fmt: skip
            told.extend(_told(seen, before))
            before = seen.semantic[-1]
            yield seen.frames[: count - first]

    rows = chain.from_iterable(_in_context(blocks()))
    for number, row in enumerate(rows):
        yield _second(Fraction(start) / reel.rate + number, row, told.pop(0))


def _in_context(blocks: Iterable[Frames]) -> Iterator[NDArray[np.float32]]:
    """Descriptors of each block, measured with a second of its neighbours: a cut between two blocks
    is seen like any other. -> (seconds, size) each"""
    from otio_hpm.film.descriptors import describe

    nothing = np.zeros((0, 36, 64, 3), np.uint8)
    for before, block, after in _neighbours(blocks, nothing):
        rows = describe(np.concatenate([before[-FILM_FPS:], block, after[:FILM_FPS]])).stacked()
        first = min(len(before), 1)
        yield rows[first : first - (-len(block) // FILM_FPS)]


def _neighbours(
    blocks: Iterable[Frames], nothing: Frames
) -> Iterator[tuple[Frames, Frames, Frames]]:
    before = nothing
    for block, after in pairwise(chain(blocks, [nothing])):
        yield before, block, after
        before = block


def _second(
    start_s: Fraction, row: NDArray[np.float32], published: PublishedSecond | None
) -> WatchedSecond:
    from otio_hpm.film.descriptors import DESCRIPTOR_NAMES

    measured = {name: float(v) for name, v in zip(DESCRIPTOR_NAMES, row, strict=True)}
    lightness = [v for name, v in measured.items() if name.startswith("lightness_")]
    return WatchedSecond(
        start_s=start_s,
        valence=measured["valence"],
        arousal=measured["arousal"],
        light=float(np.mean(lightness)),
        motion=measured["motion_area"],
        cuts=measured["cuts"],
        measured=measured,
        published=published,
    )


def _told(seen: Seen, before: NDArray[np.float32] | None) -> Iterator[PublishedSecond]:
    """What the encoders say of each second of a view."""
    from otio_hpm.film.published.cten import EMOTIONS
    from otio_hpm.film.published.tavar import AESTHETIC_NAMES

    emotion = dict(zip(EMOTIONS, seen.emotion.tolist(), strict=False)) if seen.emotion.any() else {}
    for semantic, aesthetic in zip(seen.semantic, seen.aesthetic, strict=True):
        yield PublishedSecond(
            semantic=tuple(semantic.tolist()) if semantic.any() else (),
            semantic_change=None if before is None else _apart(before, semantic),
            aesthetic=dict(zip(AESTHETIC_NAMES, aesthetic.tolist(), strict=True))
            if aesthetic.any()
            else {},
            emotion=emotion,
        )
        before = semantic


def _apart(first: NDArray[np.float32], second: NDArray[np.float32]) -> float | None:
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return 1 - float(first @ second) / length if length else None
