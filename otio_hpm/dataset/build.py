"""Builds a dataset of a user's films, by the procedure of FilmScoreDB (paper appendix B.1).

Segments under 10 s are dropped and longer ones cut into 10 s; dialogue and vocals are taken out;
silence and duplicates are dropped; films are split. One clip is in memory at a time.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.dataset.clip import INTERVAL_S, STORED_FPS, ClipEntry, Dropped
from otio_hpm.dataset.index import SUMMARY, read_summary
from otio_hpm.dataset.likeness import Known, likeness
from otio_hpm.dataset.order import begin
from otio_hpm.dataset.picture_codec import (
    Frames,
    check_encoder,
    encode_picture,
    stored_size,
)
from otio_hpm.dataset.report import write_report
from otio_hpm.dataset.segment import Cutting, Segment, cut
from otio_hpm.dataset.sound import heard
from otio_hpm.dataset.sound_codec import encode_sound
from otio_hpm.dataset.splitting import Splitting
from otio_hpm.dataset.summary import Summary, summarise
from otio_hpm.dataset.vocals import CONTEXT_S, Remover
from otio_hpm.dataset.writer import Writer
from otio_hpm.errors import MediaError
from otio_hpm.files import make_folder, write_text
from otio_hpm.film.frames import read_frames
from otio_hpm.timing import SAMPLE_RATE

SILENCE_DBFS = -60.0
"""Clips whose level is below it, whole, hold no music."""

Listener = Callable[[int, int], None]
"""Hears how many clips are done, and of how many."""


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How a dataset is built."""

    splitting: Splitting = field(default_factory=Splitting)
    remover: Remover | None = None
    """Takes dialogue and vocals out; None leaves the sound as it is."""
    shard_bytes: int = 256 * 2**20
    """Longest shard."""

    def spelled(self) -> dict[str, Any]:
        """As the order of a build has them."""
        return {
            "shares": [str(self.splitting.validation), str(self.splitting.test)],
            "seed": self.splitting.seed,
            "dialogue": "kept" if self.remover is None else "removed",
            "shard_bytes": self.shard_bytes,
        }


def build(
    segments: Sequence[Segment], folder: Path, options: BuildOptions,
    listener: Listener | None = None,
) -> Summary:  # fmt: skip
    """Build a dataset in a folder, or go on building it; what is in it.

    Media that do not decode cost the clips they are under, which are counted among the dropped.
    Raises DatasetError for a folder that holds something else, or was begun with other films or
    options, and OutputError where it cannot be written.
    """
    check_encoder()
    make_folder(folder)
    begin(folder, segments, options.spelled())
    if (folder / SUMMARY).exists():
        return Summary.of_json(read_summary(folder))
    total = sum(map(_looked_at, segments))
    with Writer(folder, options.shard_bytes) as writer:
        known = _known(writer.entries())
        for done in _Building(writer, known, options).run(segments):
            if listener:
                listener(done, total)
        shards = writer.finish()
    summary = summarise(folder, shards)
    write_report(folder, summary, options.splitting)
    write_text(folder / SUMMARY, json.dumps(summary.to_json(), indent=1) + "\n")
    return summary


class _Building:
    """One run over all clips."""

    def __init__(self, writer: Writer, known: Known, options: BuildOptions) -> None:
        self._writer = writer
        self._known = known
        self._options = options

    def run(self, segments: Iterable[Segment]) -> Iterator[int]:
        """Look at every clip that is not in the index yet; how many are done."""
        begun = self._writer.count
        for number, piece in enumerate(itertools.chain.from_iterable(map(_pieces, segments))):
            if number < begun:
                continue
            if isinstance(piece, Cutting):
                self._clip(number, piece)
            else:
                self._writer.drop(_too_short(number, piece))
            yield number + 1

    def _clip(self, number: int, cutting: Cutting) -> None:
        try:
            sound = _sound_of(cutting, self._options.remover)
            frames = _frames_of(cutting)
        except MediaError as error:
            self._writer.drop(_dropped(number, cutting, "unreadable", error.message))
            return
        if level_dbfs(sound) < SILENCE_DBFS:
            self._writer.drop(_dropped(number, cutting, "silence", "there is no music in it"))
            return
        fingerprint = likeness(frames, sound)
        if (like := self._known.like(fingerprint)) is not None:
            detail = f"it looks and sounds like clip {like}"
            self._writer.drop(_dropped(number, cutting, "duplicate", detail))
            return
        self._known.add(number, fingerprint)
        entry = _entry(number, cutting, self._options.splitting, fingerprint)
        self._writer.keep(entry, encode_sound(sound), encode_picture(frames))


def level_dbfs(sound: NDArray[np.float32]) -> float:
    """Root mean square in dB of full scale."""
    power = float(np.square(sound, dtype=np.float64).mean())
    return float(10 * np.log10(max(power, 1e-20)))


def _sound_of(cutting: Cutting, remover: Remover | None) -> NDArray[np.float32]:
    """Mono score of a clip. -> (samples,) at 48 kHz"""
    parts, start_s = cutting.segment.sound, cutting.at_s
    if remover is None:
        return np.asarray(heard(parts, start_s, cutting.samples).mean(axis=0), np.float32)
    before = min(CONTEXT_S * SAMPLE_RATE, int(start_s * SAMPLE_RATE))
    end = int(cutting.segment.duration_s * SAMPLE_RATE) - int(start_s * SAMPLE_RATE)
    after = min(CONTEXT_S * SAMPLE_RATE, end - cutting.samples)
    wide = heard(parts, start_s - Fraction(before, SAMPLE_RATE), before + cutting.samples + after)
    kept = remover(wide)[:, before : before + cutting.samples]
    return np.asarray(kept.mean(axis=0), np.float32)


def _frames_of(cutting: Cutting) -> Frames:
    """Picture of a clip at 30 frames a second, at the size that is kept."""
    segment = cutting.segment
    seen = next(iter(segment.picture.media), None)
    size = (seen.width, seen.height) if seen else (16, 9)
    return read_frames(
        segment.picture,
        segment.first_frame,
        segment.picture.spans[-1].end_frames,
        segment.rate,
        fps=STORED_FPS,
        size=stored_size(*(size[::-1] if seen and seen.rotation % 180 else size)),
        samples=cutting.film_frames,
    )


def _entry(number: int, cutting: Cutting, splitting: Splitting, fingerprint: bytes) -> ClipEntry:
    return ClipEntry(
        number=number,
        split=splitting.of(cutting.segment.facts.film),
        facts=cutting.segment.facts,
        source=cutting.segment.source,
        start_s=cutting.segment.start_s + cutting.at_s,
        samples=cutting.samples,
        frames=cutting.frames,
        likeness=fingerprint.hex(),
        shard="",
        members={},
    )


def _pieces(segment: Segment) -> Iterator[Cutting | Segment]:
    """The clips of a segment, and itself once more for what is left of it."""
    yield from cut(segment)
    if segment.rest_s:
        yield segment


def _looked_at(segment: Segment) -> int:
    return segment.clips + bool(segment.rest_s)


def _dropped(number: int, cutting: Cutting, reason: str, detail: str) -> Dropped:
    segment = cutting.segment
    return Dropped(
        number=number,
        reason=reason,
        detail=detail[:1000],
        film=segment.facts.film,
        source=segment.source,
        start_s=segment.start_s + cutting.at_s,
        duration_s=Fraction(INTERVAL_S),
    )


def _too_short(number: int, segment: Segment) -> Dropped:
    whole = segment.duration_s - segment.rest_s
    return Dropped(
        number=number,
        reason="rest" if segment.clips else "short",
        detail=f"{'the rest of ' if segment.clips else ''}{segment.where} is under 10 s",
        film=segment.facts.film,
        source=segment.source,
        start_s=segment.start_s + whole,
        duration_s=segment.rest_s,
    )


def _known(entries: Iterable[ClipEntry | Dropped]) -> Known:
    known = Known()
    for entry in entries:
        if isinstance(entry, ClipEntry):
            known.add(entry.number, bytes.fromhex(entry.likeness))
    return known
