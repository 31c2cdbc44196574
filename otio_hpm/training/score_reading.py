"""Reads scores with music21 into notes on one grid of bars, and finds passages and their keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from otio_hpm.errors import ModelError
from otio_hpm.music.keys import key_fits
from otio_hpm.training.score_sources import WORKS, Work

UNITS = 48
"""Units of score time in a quarter note: divides into triplets and sixty-fourths."""
_WINDOW_BEATS = 16
_SHORTEST_BEATS = 8
_USUAL_RATE = 1.7
_CLEAR_KEY = 0.6

Ints = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One score file as it was read."""

    composer: str
    """The maestro class."""
    title: str
    """Work and movement."""
    source: str
    """Path inside music21's corpus."""
    beat: int
    """Units of a felt beat: an eighth, quarter or half note, whichever gives common note rates."""
    notes: Ints
    """(N, 4) onset and length in units, MIDI key and part (0 is the score's first), by onset."""
    bars: Ints
    """(B,) begin of each bar in units."""
    passages: NDArray[np.float32]
    """(P, 5) begin in units, tonic pitch class, 1 if minor, onsets a beat, beats to the end."""


def read_works() -> Iterator[Reading]:
    """Every score of `WORKS` that can be read; minutes. Raises ModelError without music21."""
    try:
        from music21 import common
    except ImportError as error:
        raise ModelError(
            "music21 is not installed.", hint="pip install 'otio-hpm[train]'"
        ) from error
    root = Path(common.getCorpusFilePath())
    for work in WORKS:
        for path in work_files(root, work):
            yield read_score(path, path.relative_to(root).as_posix(), work)


def work_files(root: Path, work: Work) -> list[Path]:
    """The score files of a work, in order."""
    return sorted(root.glob(f"{work.path}/*.mxl" if "." not in work.path else work.path))


def read_score(path: Path, source: str, work: Work) -> Reading:
    """Read one file. Raises ModelError if its parts have no notes or no bars in common."""
    from music21 import converter

    score: Any = converter.parse(str(path), forceSource=True)
    score.toSoundingPitch(inPlace=True)
    parts = [list(part.getElementsByClass("Measure")) for part in score.parts]
    bars = _common_bars(parts)
    rows = [row for part, measures in enumerate(parts) for row in _rows(measures, bars, part)]
    if len(bars) < 2 or not rows:
        raise ModelError(f"{source} has no notes in bars.", hint="Leave it out of WORKS.")
    notes = np.array(sorted(rows), np.int32)
    beat = _felt_beat(notes)
    stem = path.stem.split(".")[-1].replace("movement", "movement ").replace("_", " ")
    several = "." not in work.path or "*" in work.path
    return Reading(
        composer=work.composer,
        title=f"{work.title}, {stem}" if several else work.title,
        source=source,
        beat=beat,
        notes=notes,
        bars=bars[:-1],
        passages=_passages(notes, bars, beat),
    )


def _common_bars(parts: list[list[Any]]) -> Ints:
    """Bar lines that all parts share, with the last one's end.

    Many encodings leave a rest out of one part's bar, or have a note too many in it, after which
    that part would stay out of step; the longest bar within the time signature is the one meant.
    """
    count = min((len(measures) for measures in parts), default=0)
    lengths = [max(_bar_length(measures[index]) for measures in parts) for index in range(count)]
    return np.concatenate([[0], np.cumsum(np.rint(lengths))]).astype(np.int32)


def _bar_length(measure: Any) -> float:
    # An upbeat's bar is as long as its notes; any other as its time signature says.
    full = measure.barDuration.quarterLength
    sounding = measure.highestTime
    return UNITS * float(sounding if 0 < sounding < full else full)


def _rows(measures: list[Any], bars: Ints, part: int) -> Iterator[tuple[int, int, int, int]]:
    """Onset, length, key and part of every note, tied ones joined; grace notes are left out."""
    held: dict[int, list[int]] = {}
    for measure, start, end in zip(measures, bars[:-1], bars[1:], strict=False):
        for element in measure.flatten().notes:
            onset = int(start) + round(UNITS * float(element.offset))
            length = round(UNITS * float(element.quarterLength))
            if length <= 0 or onset >= end:
                continue
            for note in getattr(element, "notes", (element,)):
                key = int(note.pitch.midi)
                tied = note.tie is not None and note.tie.type in ("stop", "continue")
                if tied and key in held and sum(held[key]) == onset:
                    held[key][1] += length
                else:
                    if key in held:
                        yield held[key][0], held[key][1], key, part
                    held[key] = [onset, length]
    for key, (onset, length) in held.items():
        yield onset, length, key, part


def _felt_beat(notes: Ints) -> int:
    """Eighth, quarter or half: the one in which a usual number of notes begin."""
    onsets = np.unique(notes[:, 0])
    rate = len(onsets) * UNITS / max(int(onsets[-1] - onsets[0]), UNITS)
    beats = (0.5, 1.0, 2.0)
    distance = [abs(np.log2(max(rate * beat, 1e-3) / _USUAL_RATE)) for beat in beats]
    return round(UNITS * beats[int(np.argmin(distance))])


def _passages(notes: Ints, bars: Ints, beat: int) -> NDArray[np.float32]:
    """Every bar from which a passage in a clear key may begin."""
    end = int((notes[:, 0] + notes[:, 1]).max())
    rows = []
    for start in bars[:-1].tolist():
        beats_left = (end - start) / beat
        first, after = np.searchsorted(notes[:, 0], (start, start + _WINDOW_BEATS * beat))
        window = notes[first:after]
        begins_at_once = len(window) and window[0, 0] < start + beat
        if beats_left < _SHORTEST_BEATS or not begins_at_once:
            continue
        tonic, minor, clarity = key_of(window)
        opening = window[window[:, 0] < start + _SHORTEST_BEATS * beat]
        # A passage that modulates at once has no key to play it in.
        if clarity >= _CLEAR_KEY and key_of(opening)[:2] == (tonic, minor):
            rate = len(np.unique(window[:, 0])) / min(_WINDOW_BEATS, beats_left)
            rows.append((start, tonic, minor, rate, beats_left))
    return np.array(rows, np.float32).reshape(-1, 5)


def key_of(notes: Ints) -> tuple[int, bool, float]:
    """Tonic pitch class, whether minor, and correlation -1..1 (Krumhansl 1990, chapter 4)."""
    weights = np.bincount(notes[:, 2] % 12, weights=notes[:, 1], minlength=12)
    if np.ptp(weights) == 0:
        return 0, False, 0.0
    fits = key_fits(weights)
    minor, tonic = np.unravel_index(fits.argmax(), fits.shape)
    return int(tonic), bool(minor), float(fits.max())
