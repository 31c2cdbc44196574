"""Reads a dataset: clips by number, their sound and picture as training and evaluation want them.

Shards are not trusted: names, sizes and formats are checked, and nothing is unpacked to disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otio_hpm.dataset.clip import FPS, SEEN_FRAMES, SPLITS, ClipEntry, Facts, Split
from otio_hpm.dataset.index import INDEX, SUMMARY, checksum_of, read_lines, read_summary
from otio_hpm.dataset.picture_codec import Frames, decode_picture
from otio_hpm.dataset.shard import read_member
from otio_hpm.dataset.sound_codec import decode_sound
from otio_hpm.errors import DatasetError
from otio_hpm.film.planes import FRAME_HEIGHT, FRAME_WIDTH
from otio_hpm.timing import SAMPLE_RATE


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One pair of picture and music; what is asked of it is read when it is asked."""

    folder: Path
    """The dataset's."""
    entry: ClipEntry

    @property
    def key(self) -> str:
        """Its name in the dataset."""
        return self.entry.key

    @property
    def facts(self) -> Facts:
        """Film, composer, title and genres."""
        return self.entry.facts

    def sound(
        self, sample_rate: int = SAMPLE_RATE, samples: int | None = None
    ) -> NDArray[np.float32]:
        """Mono music at a rate, (samples,) in -1..1; as long as it is, or `samples` long.

        What is missing at the end, at most 0.24 s of a model's window, is the music's own end
        mirrored: silence there would teach a model to stop. Raises DatasetError.
        """
        import soxr

        sound = self._decoded(decode_sound, "flac")
        if sample_rate != SAMPLE_RATE:
            sound = np.asarray(soxr.resample(sound, SAMPLE_RATE, sample_rate), np.float32)
        if samples is None:
            return sound
        missing = max(0, samples - len(sound))
        return np.pad(sound, (0, missing), "reflect")[:samples] if missing else sound[:samples]

    def frames(
        self, size: tuple[int, int] | None = (FRAME_WIDTH, FRAME_HEIGHT),
        count: int | None = SEEN_FRAMES, fps: Literal[10, 30] = FPS,
    ) -> Frames:  # fmt: skip
        """Picture at 10 or 30 frames a second, (n, height, width, 3) RGB.

        It is stretched to `size` (width, height), or for None as it is kept. `count` frames, the
        last one held where there are fewer; all there are for None. Raises DatasetError.
        """
        frames = self._decoded(lambda data: decode_picture(data, size, fps), "mp4")
        if count is None:
            return frames
        held = np.minimum(np.arange(count), len(frames) - 1)
        return np.asarray(frames[held])

    def _decoded(self, decode, ending: str) -> NDArray:  # type: ignore[no-untyped-def, type-arg]
        try:
            return decode(read_member(self.folder, self.entry, ending))  # type: ignore[no-any-return]
        except ValueError as error:
            raise DatasetError(f"{self.folder}: clip {self.key}: {error}") from error


class Dataset(Sequence[Clip]):
    """The clips of a dataset, or of one of its splits, in the order they were made."""

    def __init__(self, folder: Path, entries: Sequence[ClipEntry], checksum: str) -> None:
        """See `open`."""
        self.folder = folder
        self.entries = tuple(entries)
        self.checksum = checksum
        """SHA-256 of the index, and so of all that is in the dataset."""

    @classmethod
    def open(cls, folder: Path | str, split: Split | None = None) -> Dataset:
        """A finished dataset. Raises DatasetError for any other folder, naming what is wrong."""
        folder = Path(folder)
        if split not in (None, *SPLITS):
            raise DatasetError(f"{split!r} is no split; they are {', '.join(SPLITS)}")
        summary = read_summary(folder)
        entries = [
            entry
            for _, entry in read_lines(folder / INDEX)
            if isinstance(entry, ClipEntry) and split in (None, entry.split)
        ]
        checksum = checksum_of(folder / INDEX)
        if checksum != summary.get("index_sha256"):
            raise DatasetError(
                f"{folder / INDEX} is not what {SUMMARY} beside it says",
                hint="It is cut short or was changed; copy the dataset again, or build it again in"
                " another folder.",
            )
        return cls(folder, entries, checksum)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        """A clip, or for a slice a dataset of fewer clips."""
        if isinstance(index, slice):
            return Dataset(self.folder, self.entries[index], self.checksum)
        return Clip(folder=self.folder, entry=self.entries[index])

    def __iter__(self) -> Iterator[Clip]:
        return (Clip(folder=self.folder, entry=entry) for entry in self.entries)
