"""Composes a sketch for a picture: what a film composer writes before orchestrating."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from otio_hpm.sketch.course import AffectCourse
from otio_hpm.sketch.dynamics import compose_dynamics
from otio_hpm.sketch.harmony import draw_key
from otio_hpm.sketch.line import Line, Moods, Tone
from otio_hpm.sketch.metre import anchors_of, at_ticks, choose_beat, lay_phrases, met_hits
from otio_hpm.sketch.model import (
    FRAME_SAMPLES,
    TICK_SAMPLES,
    DynamicsPoint,
    Sketch,
    SketchNote,
)

_GAP_SAMPLES = TICK_SAMPLES
"""Silence before a hit or a repeated tone, so that its onset is heard."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the editor asked for; times count from the cue's in, in samples at 48 kHz."""

    hits_samples: tuple[int, ...] = ()
    """Moments the music should meet; those outside the cue are ignored."""
    levels: tuple[DynamicsPoint, ...] = ()
    """Drawn dynamics: here level_db is against the cue's own mean."""


def compose_sketch(
    course: AffectCourse, samples: int, seed: int, wishes: Wishes | None = None
) -> Sketch:
    """A melody with its dynamics for one cue, in one key, of one motif.

    samples: length of the cue. The same sketch for the same arguments. Tempo, density, register
    and level follow arousal, mode and register valence; every phrase begins on the latent grid,
    every hit within half a frame (8 ms) of its sample. Raises ValueError for a length below 1.
    """
    if samples < 1:
        raise ValueError(f"a cue of {samples} samples has no room for music")
    wishes = wishes or Wishes()
    rng = np.random.default_rng([seed % 2**63, 3])
    ticks = -(-samples // TICK_SAMPLES)
    hits = met_hits(wishes.hits_samples, samples)
    moods = Moods(arousal=at_ticks(course.arousal, ticks), valence=at_ticks(course.valence, ticks))
    key = draw_key(float(moods.valence.mean()), rng)
    anchors = anchors_of(course, hits, ticks)
    beat, upbeat = choose_beat(course, anchors, _pace(moods))
    phrases = lay_phrases(anchors, hits, ticks, beat, upbeat)
    tones = Line(key, beat, moods, rng).write(phrases)
    return Sketch(
        samples=samples,
        key_name=key.name,
        beat_samples=beat * TICK_SAMPLES,
        notes=_notes(tones, hits, samples),
        dynamics=compose_dynamics(course, phrases, hits, wishes.levels, samples),
        hits_samples=hits,
    )


def _pace(moods: Moods) -> float:
    """How fast the cue's one tempo should be: its liveliest part decides as much as its mean."""
    return float(0.6 * moods.arousal.mean() + 0.4 * np.percentile(moods.arousal, 90))


def _notes(tones: list[Tone], hits: tuple[int, ...], samples: int) -> tuple[SketchNote, ...]:
    """Notes in samples, each hit met by a note of its own that begins exactly there."""
    until = samples - samples % FRAME_SAMPLES or samples
    starts = {tick * TICK_SAMPLES: key for tick, _, key in tones if tick * TICK_SAMPLES < until}
    ends = {tick * TICK_SAMPLES: end * TICK_SAMPLES for tick, end, _ in tones}
    for hit in hits:
        _meet(hit, starts, ends, set(hits))
    return tuple(_cut(starts, ends, set(hits), until))


def _meet(hit: int, starts: dict[int, int], ends: dict[int, int], hits: set[int]) -> None:
    """Move the note that was written for a hit from its tick to the hit, or repeat the last."""
    near = [
        start for start in starts if abs(start - hit) <= TICK_SAMPLES // 2 and start not in hits
    ]
    before = [start for start in starts if start <= hit]
    source = min(near, key=lambda start: abs(start - hit)) if near else max(before)
    key, end = starts[source], ends[source]
    if near:
        del starts[source], ends[source]
    starts[hit], ends[hit] = key, max(end, hit + FRAME_SAMPLES)


def _cut(
    starts: dict[int, int], ends: dict[int, int], hits: set[int], until: int
) -> list[SketchNote]:
    """Notes that never overlap, with a gap before hits and repeated tones."""
    order = sorted(starts)
    notes = []
    for start, after in zip(order, [*order[1:], until], strict=True):
        room = after - start
        repeated = starts.get(after) == starts[start]
        gap = min(_GAP_SAMPLES, room // 2) if after in hits or repeated else 0
        length = min(ends[start] - start, room - gap)
        notes.append(SketchNote(start_samples=start, samples=max(1, length), key=starts[start]))
    return notes
