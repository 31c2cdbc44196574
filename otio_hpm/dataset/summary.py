"""What is in a dataset, in figures: `dataset.json`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.dataset.clip import INTERVAL_S, SPLITS, ClipEntry, Dropped
from otio_hpm.dataset.index import FORMAT, INDEX, checksum_of, read_lines
from otio_hpm.dataset.splitting import film_key
from otio_hpm.errors import DatasetError

UNKNOWN = "unknown"
"""Composer and genre of clips that name none."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts of a finished dataset."""

    clips: dict[str, int]
    """By split."""
    films: dict[str, int]
    """By split."""
    composers: dict[str, int]
    """Clips of each, the most first."""
    genres: dict[str, int]
    """Clips of each, the most first; a clip counts for each of its genres."""
    dropped: dict[str, int]
    """Clips and parts of segments, by reason."""
    dropped_s: dict[str, str]
    """Their seconds, by reason, exact."""
    shards: dict[str, str]
    """SHA-256 by file name."""
    index_sha256: str

    @property
    def hours(self) -> float:
        """Of music that is kept, 10 s a clip."""
        return sum(self.clips.values()) * INTERVAL_S / 3600

    def seconds_dropped(self, reason: str) -> float:
        """Seconds that were dropped for a reason."""
        return float(Fraction(self.dropped_s[reason]))

    def to_json(self) -> dict[str, Any]:
        """As `dataset.json` has it."""
        return {"format": FORMAT} | asdict(self)

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> Summary:
        """From what `read_summary` gives. Raises DatasetError for what is no summary."""
        told = {name: value for name, value in values.items() if name != "format"}
        try:
            summary = cls(**told)
            for reason in summary.dropped:
                summary.seconds_dropped(reason)
            counts = (summary.clips, summary.films, summary.composers, summary.genres)
            sound = all(type(n) is int for count in counts for n in count.values())
            sound &= all(set(count) == set(SPLITS) for count in counts[:2])
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            sound = False
        if not sound:
            raise DatasetError(
                "the summary of a dataset is not understood", hint="Build the dataset again."
            )
        return summary


def summarise(folder: Path, shards: Sequence[Path]) -> Summary:
    """Count what the index of a dataset holds."""
    counts = _Counts()
    for _, entry in read_lines(folder / INDEX):
        if isinstance(entry, Dropped):
            counts.drop(entry)
        else:
            counts.keep(entry)
    return Summary(
        clips=dict(counts.clips),
        films={split: len(names) for split, names in counts.films.items()},
        composers=dict(counts.composers.most_common()),
        genres=dict(counts.genres.most_common()),
        dropped=dict(sorted(counts.dropped.items())),
        dropped_s={reason: str(length_s) for reason, length_s in sorted(counts.dropped_s.items())},
        shards={path.name: checksum_of(path) for path in shards},
        index_sha256=checksum_of(folder / INDEX),
    )


class _Counts:
    """What an index was found to hold so far."""

    def __init__(self) -> None:
        self.clips: Counter[str] = Counter(dict.fromkeys(SPLITS, 0))
        self.films: dict[str, set[str]] = {split: set() for split in SPLITS}
        self.composers, self.genres, self.dropped = Counter[str](), Counter[str](), Counter[str]()
        self.dropped_s = defaultdict[str, Fraction](Fraction)

    def keep(self, entry: ClipEntry) -> None:
        """Count a clip."""
        self.clips[entry.split] += 1
        self.films[entry.split].add(film_key(entry.facts.film))
        self.composers[entry.facts.composer or UNKNOWN] += 1
        self.genres.update(dict.fromkeys(entry.facts.genres or (UNKNOWN,), 1))

    def drop(self, entry: Dropped) -> None:
        """Count what was dropped."""
        self.dropped[entry.reason] += 1
        self.dropped_s[entry.reason] += entry.duration_s
