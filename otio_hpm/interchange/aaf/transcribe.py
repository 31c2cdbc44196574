"""An AAF read in a process of its own: `python -m otio_hpm.interchange.aaf.transcribe FILE`.

A compound file whose chains of sectors are damaged can keep a reader busy or fill the memory, so
this process limits its own time and memory and dies alone. It prints one JSON document: the
sequences with their timelines as OTIO, or the error in words.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import traceback
from fractions import Fraction
from pathlib import Path
from typing import Any

MEMORY_BYTES = 2 << 30
"""Address space of the process."""


def main(path: str, cpu_s: int) -> int:
    """Read a file and print what was found; 0 also where that is an error in words."""
    _limit(cpu_s)
    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(io.StringIO()):  # the library prints what it stumbles over
        document = _document(path)
    sys.stdout.write(json.dumps(document))
    return 0


def _limit(cpu_s: int) -> None:
    """Hold this process to its time and memory, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the caller's clock is the only limit
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _document(path: str) -> dict[str, Any]:
    import aaf2

    from otio_hpm.errors import TimelineError
    from otio_hpm.interchange.aaf.faults import is_fault
    from otio_hpm.interchange.aaf.items import MAX_ITEMS, TooMuch
    from otio_hpm.interchange.aaf.sequences import dialect_of, read_sequences

    warnings: list[str] = []
    try:
        with aaf2.open(path, "r") as file:
            found = read_sequences(file, warnings)
            return _found(found, dialect_of(file), warnings)
    except TimelineError as error:
        return {"error": error.message, "hint": error.hint}
    except TooMuch:
        return {"error": f"it holds more than {MAX_ITEMS} items"}
    except MemoryError:
        return {"error": "reading it takes more memory than any sequence needs"}
    except RecursionError:
        return {"error": "its objects are nested without end"}
    except Exception as error:  # the library raises whatever it stumbles over
        if is_fault(error):
            return {"fault": traceback.format_exc()}
        return {"error": f"it is damaged ({_said(error)})"}


def _found(sequences: list[Any], dialect: str, warnings: list[str]) -> dict[str, Any]:
    return {
        "sequences": [
            {
                "timeline": _serialized(sequence.timeline),
                "rate": _pair(sequence.rate),
                "drop_frame": sequence.drop_frame,
            }
            for sequence in sequences
        ],
        "dialect": dialect,
        "warnings": warnings,
    }


def _serialized(timeline: Any) -> str:
    from opentimelineio import core

    return str(core.serialize_json_to_string(timeline, {}, 0))


def _pair(rate: tuple[Fraction, str] | None) -> tuple[str, str] | None:
    return None if rate is None else (str(rate[0]), rate[1])


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip()[:200]}".rstrip(": ")


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1])), int(sys.argv[2])))
