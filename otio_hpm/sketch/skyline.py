"""One melody out of many notes, as files from elsewhere have them."""

from __future__ import annotations

from otio_hpm.sketch.model import SketchNote

_LEGATO_SAMPLES = 7200
"""150 ms: a lower note that begins so shortly before a higher one ends was played legato."""


def melody_line(notes: list[SketchNote], samples: int) -> tuple[SketchNote, ...]:
    """The highest note at each moment, one at a time, inside a cue of `samples`.

    The skyline of Uitdenbogerd and Zobel (1999, Melodic matching techniques for large music
    databases): a higher note ends the one before it, a lower one that begins under a note is
    left out, except where the two only overlap as legato playing does.
    """
    line: list[SketchNote] = []
    for note in sorted(notes, key=lambda note: (note.start_samples, -note.key, -note.samples)):
        end = min(note.end_samples, samples)
        if end <= note.start_samples or (line and _is_under(note, line[-1])):
            continue
        if line and line[-1].end_samples > note.start_samples:
            line[-1] = _until(line[-1], note.start_samples)
        line.append(_until(note, end))
    return tuple(line)


def _is_under(note: SketchNote, other: SketchNote) -> bool:
    """Whether a note is covered by another that began no later."""
    if note.start_samples == other.start_samples:
        return True
    if note.key > other.key:
        return False
    overlap = other.end_samples - note.start_samples
    return overlap > min(_LEGATO_SAMPLES, note.samples // 2)


def _until(note: SketchNote, end: int) -> SketchNote:
    return SketchNote(
        start_samples=note.start_samples, samples=end - note.start_samples, key=note.key
    )
