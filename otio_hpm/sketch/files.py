"""Sketches in files: JSON for people and programs, MIDI for composers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from otio_hpm.errors import SketchError
from otio_hpm.sketch.harmony import NAMES
from otio_hpm.sketch.midi import sketch_midi
from otio_hpm.sketch.midi_reading import sketch_from_midi
from otio_hpm.sketch.model import (
    LONGEST_SAMPLES,
    MOST_NOTES,
    DynamicsPoint,
    Sketch,
    SketchNote,
)
from otio_hpm.sketch.skyline import melody_line
from otio_hpm.timing import SAMPLE_RATE

__all__ = ["read_sketch", "sketch_json", "sketch_midi"]

_LARGEST_BYTES = {".json": 16_000_000, ".mid": 4_000_000, ".midi": 4_000_000}
_LEVELS_DB = (-200.0, 20.0)
_FORMAT, _VERSION = "otio-hpm sketch", 1
_HINT = "Name a sketch that was saved beside a take, or a MIDI file with a melody."


def sketch_json(sketch: Sketch) -> str:
    """A sketch as JSON, one note, point or hit a line.

    `at`, `lasts`, `name`, `duration` and `tempo` are for people and are not read back.
    """
    head = {
        "format": _FORMAT,
        "version": _VERSION,
        "sample_rate": SAMPLE_RATE,
        "samples": sketch.samples,
        "duration": _seconds(sketch.samples),
        "key": sketch.key_name,
        "beat_samples": sketch.beat_samples,
        "tempo": f"{60 * SAMPLE_RATE / sketch.beat_samples:.1f} beats a minute",
    }
    notes = [
        {
            "start_samples": note.start_samples,
            "samples": note.samples,
            "key": note.key,
            "name": f"{NAMES[note.key % 12]}{note.key // 12 - 1}",
            "at": _seconds(note.start_samples),
            "lasts": _seconds(note.samples),
        }
        for note in sketch.notes
    ]
    dynamics = [
        {"at_samples": p.at_samples, "level_db": p.level_db, "at": _seconds(p.at_samples)}
        for p in sketch.dynamics
    ]
    hits = [{"at_samples": hit, "at": _seconds(hit)} for hit in sketch.hits_samples]
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
    lists = [_rows("notes", notes), _rows("dynamics", dynamics), _rows("hits", hits)]
    return "{\n" + "\n".join(lines) + "\n" + ",\n".join(lists) + "\n}\n"


def read_sketch(path: Path) -> Sketch:
    """The sketch in a .json, .mid or .midi file.

    Raises SketchError naming the file and what is wrong with it.
    """
    kind = path.suffix.lower()
    if kind not in _LARGEST_BYTES:
        raise SketchError(f"sketch {path} is neither .json nor .mid", hint=_HINT)
    try:
        content = _read(path, _LARGEST_BYTES[kind])
        return _from_json(content) if kind == ".json" else sketch_from_midi(content)
    except (OSError, ValueError, RecursionError) as error:
        raise SketchError(f"sketch {path} cannot be read: {_reason(error)}", hint=_HINT) from error


def _read(path: Path, largest: int) -> bytes:
    with open(path, "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it has more than {largest // 1_000_000} MB")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _from_json(content: bytes) -> Sketch:
    """Raises ValueError naming the field that is wrong."""
    document = json.loads(content.decode("utf-8-sig"))
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError(f'"format" is not "{_FORMAT}"')
    if document.get("version") != _VERSION:
        raise ValueError(f'"version" is not {_VERSION}')
    if document.get("sample_rate") != SAMPLE_RATE:
        raise ValueError(f'"sample_rate" is not {SAMPLE_RATE}')
    samples = _whole(document, "samples", 1, LONGEST_SAMPLES)
    key_name = document.get("key", "")
    if not isinstance(key_name, str) or len(key_name) > 40:
        raise ValueError('"key" is not a short text')
    notes = [_note(row, samples) for row in _list(document, "notes")]
    points = [_point(row, samples) for row in _list(document, "dynamics")]
    hits = {_whole(row, "at_samples", 0, samples - 1) for row in _list(document, "hits")}
    return Sketch(
        samples=samples,
        key_name=key_name,
        beat_samples=_whole(document, "beat_samples", 1, LONGEST_SAMPLES),
        notes=melody_line(notes, samples),
        dynamics=tuple(sorted(points, key=lambda point: point.at_samples)),
        hits_samples=tuple(sorted(hits)),
    )


def _note(row: dict[str, Any], samples: int) -> SketchNote:
    return SketchNote(
        start_samples=_whole(row, "start_samples", 0, samples - 1),
        samples=_whole(row, "samples", 1, LONGEST_SAMPLES),
        key=_whole(row, "key", 0, 127),
    )


def _point(row: dict[str, Any], samples: int) -> DynamicsPoint:
    level = row.get("level_db")
    low, high = _LEVELS_DB
    # NaN fails this, too.
    if not isinstance(level, int | float) or isinstance(level, bool) or not low <= level <= high:
        raise ValueError(f'"level_db" is {repr(level)[:40]}, not {low:g} to {high:g}')
    return DynamicsPoint(at_samples=_whole(row, "at_samples", 0, samples), level_db=float(level))


def _list(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or len(rows) > MOST_NOTES:
        raise ValueError(f'"{name}" is not a list of at most {MOST_NOTES}')
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError(f'"{name}" has an entry that is no object')
    return rows


def _whole(row: dict[str, Any], name: str, low: int, high: int) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        shown = repr(value)[:40]
        raise ValueError(f'"{name}" is {shown}, not a whole number from {low} to {high}')
    return value


def _rows(name: str, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return f'  "{name}": []'
    return f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]"


def _seconds(samples: int) -> str:
    return f"{samples / SAMPLE_RATE:.3f} s"
