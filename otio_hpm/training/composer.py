"""Composes ten seconds of film music for a course of valence and arousal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from otio_hpm.sketch.harmony import choose_mode
from otio_hpm.sketch.metre import BEATS, TICKS_PER_S
from otio_hpm.training.affect import FPS, FRAMES, Affect
from otio_hpm.training.layers import write_notes
from otio_hpm.training.notes import TICKS, Section
from otio_hpm.training.orchestration import choose_orchestra

HELD_OUT_KEYS = frozenset({(6, "minor"), (8, "major"), (1, "dorian")})
"""Keys (tonic, mode) that no training clip is in: F sharp minor, A flat major, C sharp dorian."""


def compose(
    affect: Affect, rng: np.random.Generator, *, all_keys: bool = True
) -> tuple[Section, ...]:
    """Compose music that follows `affect`, section by section, in `HELD_OUT_KEYS` only if asked.

    Arousal sets tempo, note density, articulation and number of voices; valence sets mode,
    register and consonance; low valence with high arousal gives tension (Gabrielsson & Lindström
    2010; Juslin & Timmers 2010; Livingstone et al. 2010). Loudness is the renderer's part.
    """
    tonic = int(rng.integers(12))
    sections: list[Section] = []
    for first, last in affect.sections():
        section = _draw_section(affect, first, last, tonic, rng)
        while not all_keys and (section.tonic, section.mode) in HELD_OUT_KEYS:
            section = replace(section, tonic=int(rng.integers(12)))
        # Most clips are cut from the middle of a piece.
        under_way = int(rng.integers(4, 17)) if not sections and rng.random() < 0.6 else 0
        notes = write_notes(section, affect, rng, section.tick - under_way)
        sections.append(replace(section, notes=notes))
    return tuple(sections)


def _draw_section(
    affect: Affect, first: int, last: int, tonic: int, rng: np.random.Generator
) -> Section:
    arousal = float(affect.arousal[first:last].mean())
    valence = float(affect.valence[first:last].mean())
    # Tempo is the strongest cue of arousal (Gabrielsson & Lindström 2010, chapter 14).
    place = np.clip(arousal + rng.normal(0.0, 0.1), 0.0, 0.999)
    tense = valence < 0.42 and arousal > 0.5
    return Section(
        tick=round(first / FPS * TICKS_PER_S),
        end=TICKS if last == FRAMES else round(last / FPS * TICKS_PER_S),
        tonic=tonic,
        mode="minor" if tense else choose_mode(valence, rng),
        beat_ticks=BEATS[int(place * len(BEATS))],
        orchestra=choose_orchestra(valence, arousal, rng),
        tense=tense,
        valence=valence,
        frames=(first, last),
    )
