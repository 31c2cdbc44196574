"""What a model with published encoders sees of a picture, computed once and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import ModelError
from otio_hpm.film.identity import canonical
from otio_hpm.film.published.cache import FeatureCache, cache_folder
from otio_hpm.film.published.encoders import FilmEncoder
from otio_hpm.film.published.parts import ENCODER_OF, check_sizes, film_parts, part_identity
from otio_hpm.film.published.resampling import Pixels
from otio_hpm.film.published.view import FINE_FPS, FPS, View, small
from otio_hpm.settings import Feature

Floats = NDArray[np.float32]

_ALGORITHM = 1
"""Counted up whenever the same picture would be seen otherwise."""
_SMALL = "frames"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A view as the model sees it; a feature that is left out is zero."""

    semantic: Floats
    """CLIP's embeddings, means of each second. (seconds, semantic size)"""
    aesthetic: Floats
    """TAVAR's score of the whole view, and each second's six attributes. (seconds, 7)"""
    emotion: Floats
    """Probabilities of CTEN's classes over the whole view. (8,)"""
    frames: NDArray[np.uint8]
    """The view at 10 fps for what is measured. (seconds * 10, 36, 64, 3)"""

    def stacked(self) -> Floats:
        """A row a second as the model reads them; the emotion is one-hot (equation 9)."""
        label = np.zeros_like(self.emotion)
        label[self.emotion.argmax()] = self.emotion.any()
        emotions = np.tile(label, (len(self.semantic), 1))
        return np.hstack([self.semantic, self.aesthetic, emotions])


class Watcher:
    """Looks at views with the encoders of one model folder.

    A view is decoded once for all of them, and an encoder is loaded when it has to look at
    something for the first time.
    """

    def __init__(
        self, folder: Path, sizes: Mapping[Feature, int], device: str,
        without: tuple[Feature, ...] = (), kept: FeatureCache | None = None,
    ) -> None:  # fmt: skip
        """`sizes` are the lengths of the model's features. Raises ModelError if they do not fit."""
        check_sizes(folder, sizes, without)
        self.folder = folder
        self.sizes = sizes
        self.device = device
        self.kept = kept or FeatureCache(cache_folder())
        parts = film_parts(folder)
        used = {feature: parts[ENCODER_OF[feature]] for feature in sizes if feature not in without}
        self.parts = used
        self._identity = cache(lambda feature: part_identity(folder, used[feature]))
        self._encoder = cache(lambda feature: FilmEncoder.load(folder, used[feature], device))

    def look(self, view: View) -> Seen:
        """What is seen of a view. Raises MediaError for picture that does not decode."""
        told = canonical(view.facts())
        keys = {name: self._key(name, told) for name in (_SMALL, *self.parts)}
        found = {name: self.kept.read(key) for name, key in keys.items()}
        missing = [name for name, values in found.items() if values is None]
        if missing:
            fine = view.frames(FINE_FPS)
            found |= {name: self._looked(name, fine) for name in missing}
        for name in missing:
            self.kept.write(keys[name], np.asarray(found[name]))
        return self._seen(found, view.seconds)

    def look_at(self, fine: Pixels) -> Seen:
        """What is seen of frames at 30 a second that are at hand; nothing of it is kept.

        fine: (seconds * 30, height, width, 3) RGB, the shorter side 240 pixels
        """
        found = {name: self._looked(name, fine) for name in (_SMALL, *self.parts)}
        return self._seen(found, len(fine) // FINE_FPS)

    def _key(self, name: str, told: str) -> str:
        encoder = "" if name == _SMALL else self._identity(name)
        return hashlib.sha256(canonical([_ALGORITHM, name, encoder, told]).encode()).hexdigest()

    def _looked(self, name: Any, fine: Any) -> NDArray[Any]:
        if name == _SMALL:
            return small(fine[:: FINE_FPS // FPS])
        seen: Floats = self._encoder(name).look(fine)
        if seen.shape[-1] != self.parts[name].size:
            raise ModelError(
                f"{self.folder / self.parts[name].file} gives {seen.shape[-1]} values, not the "
                f"{self.parts[name].size} that its folder lists",
                hint="Add the encoder again with `otio-hpm film convert`.",
            )
        return seen

    def _seen(self, found: Mapping[str, Any], seconds: int) -> Seen:
        def feature(name: Feature, *shape: int) -> Floats:
            values: Floats = found.get(name, np.zeros((*shape, self.sizes[name]), np.float32))
            return values

        return Seen(
            semantic=feature("semantic", seconds),
            aesthetic=feature("aesthetic", seconds),
            emotion=feature("emotion"),
            frames=found[_SMALL],
        )
