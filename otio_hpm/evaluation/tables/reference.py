"""What systems are compared with: a folder of real clips, or held-out pairs that are composed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from otio_hpm.errors import MediaError
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.tables.clips import STYLE, Sound, clip_files, read_clip


class Reference(ABC):
    """Named clips, each with the style that a system may have been given to follow."""

    name: str
    """What was named by the user."""
    names: Sequence[str]
    """Names of the clips, by which systems' files are paired."""
    sample_rate: int
    """Of all sound that is compared, Hz."""

    @abstractmethod
    def sound(self, index: int) -> Sound:
        """The true music of a clip. -> (samples,)"""

    @abstractmethod
    def style(self, index: int) -> Sound | None:
        """The music whose melody and dynamics are to be followed, if any. -> (samples,)"""


class FolderReference(Reference):
    """`NAME.wav` for each clip, and `NAME.style.wav` where a style was to be followed."""

    def __init__(self, folder: Path, sample_rate: int, count: int | None = None) -> None:
        """At most `count` clips, first by name. Raises MediaError without two of them."""
        files = clip_files(folder)
        clips = [name for name in files if not name.endswith(STYLE)]
        if len(clips) < 2:
            raise MediaError(
                f"{folder} has less than two clips of audio",
                hint="Clips are WAV, FLAC, Ogg, MP3 or AIFF files in the folder itself.",
            )
        self.name, self.names, self.sample_rate = str(folder), clips[:count], sample_rate
        self._files = files

    def sound(self, index: int) -> Sound:
        """Raises MediaError."""
        return read_clip(self._files[self.names[index]], self.sample_rate)

    def style(self, index: int) -> Sound | None:
        """Raises MediaError."""
        path = self._files.get(self.names[index] + STYLE)
        return read_clip(path, self.sample_rate) if path else None


class ComposedReference(Reference):
    """Held-out pairs of the composing program; the style of each is the next one's music."""

    def __init__(self, bench: Bench) -> None:
        count = bench.sizes.cues
        self.name, self.sample_rate = f"composed:{count}", bench.rate
        self.names = [f"composed-{index:03}" for index in range(count)]
        self._bench = bench

    def sound(self, index: int) -> Sound:
        """The pair's music, played by a soundfont that no model was trained on."""
        return self._bench.truth[index][: self._bench.config.window_samples]

    def style(self, index: int) -> Sound:
        """What `maestro` of the evidence follows."""
        return self.sound((index + 1) % len(self.names))


class FirstClips(Reference):
    """The first clips of another reference, with the styles that they have there."""

    def __init__(self, reference: Reference, count: int) -> None:
        self.name = f"{reference.name}, the first {count}"
        self.names, self.sample_rate = reference.names[:count], reference.sample_rate
        self._reference = reference

    def sound(self, index: int) -> Sound:
        """As there."""
        return self._reference.sound(index)

    def style(self, index: int) -> Sound | None:
        """As there."""
        return self._reference.style(index)
