"""What systems are compared with: named clips of true music, with picture and style."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.evaluation.tables.clips import Sound
from otio_hpm.evaluation.tables.pictures import Film, film_of_frames
from otio_hpm.training.clips import Sight

Frames = NDArray[np.uint8]


class Reference(ABC):
    """Named clips, each with the style that a system may have been given to follow."""

    name: str
    """What was named by the user."""
    names: Sequence[str]
    """Names of the clips, by which systems' files are paired."""
    sample_rate: int
    """Of all sound that is compared, Hz."""
    pictured: bool = True
    """Whether any clip has a picture, without which a model has nothing to compose to."""
    soundfont: Path | None = None
    """What plays the clips, where they are synthesised."""

    @abstractmethod
    def sound(self, index: int) -> Sound:
        """The true music of a clip. -> (samples,)"""

    @cached_property
    def _samples(self) -> dict[int, int]:
        return {}

    def samples(self, index: int) -> int:
        """Length of a clip's music, which is read for it once."""
        if index not in self._samples:
            self._samples[index] = len(self.sound(index))
        return self._samples[index]

    @abstractmethod
    def style(self, index: int) -> Sound | None:
        """The music whose melody and dynamics are to be followed, if any. -> (samples,)"""

    @abstractmethod
    def frames(self, index: int) -> Frames | None:
        """The picture of a clip at 10 fps, if any, as long as its music. -> (n, 36, 64, 3)"""

    @abstractmethod
    def descriptors(self, index: int, sight: Sight) -> NDArray[np.float32] | None:
        """What a model's published encoders see of a clip. -> (windows, seconds, size)

        None where the model measures the frames itself. Raises ModelError.
        """

    def film(self, index: int) -> Film | None:
        """What the picture of a clip tells, as it is measured."""
        frames = self.frames(index)
        return None if frames is None else film_of_frames(frames)

    def class_of(self, index: int) -> str | None:
        """The style that a clip is of, such as its genre or emotion, where that is known."""
        return None

    def known(self) -> Iterator[tuple[Sound, str]]:
        """Music that systems may have been trained on, (samples,), each with its class."""
        return iter(())

    def facts(self) -> dict[str, Any]:
        """What else its clips hang on, by name."""
        return {}


class FirstClips(Reference):
    """The first clips of another reference, with the styles that they have there."""

    def __init__(self, reference: Reference, count: int) -> None:
        self.name = f"{reference.name}, the first {count}"
        self.names, self.sample_rate = reference.names[:count], reference.sample_rate
        self.pictured = reference.pictured
        self._reference = reference

    def sound(self, index: int) -> Sound:
        """As there."""
        return self._reference.sound(index)

    def style(self, index: int) -> Sound | None:
        """As there."""
        return self._reference.style(index)

    def frames(self, index: int) -> Frames | None:
        """As there."""
        return self._reference.frames(index)

    def descriptors(self, index: int, sight: Sight) -> NDArray[np.float32] | None:
        """As there."""
        return self._reference.descriptors(index, sight)

    def film(self, index: int) -> Film | None:
        """As there."""
        return self._reference.film(index)

    def class_of(self, index: int) -> str | None:
        """As there."""
        return self._reference.class_of(index)

    def known(self) -> Iterator[tuple[Sound, str]]:
        """As there."""
        return self._reference.known()

    def facts(self) -> dict[str, Any]:
        """As there."""
        return self._reference.facts()
