"""Reading an AAF: the file's form is looked at, then a process of its own reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from otio_hpm.errors import TimelineError
from otio_hpm.interchange.exchange import Imported, Sequence

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of a compound file ([MS-CFB])."""
_SECTOR_SHIFTS = (9, 12)

_CPU_S = 3
_CPU_S_PER_MB = 4
"""Of a large file: four times what it takes here, for slow and busy machines."""
_LONGEST_CPU_S = 600
_PATIENCE = 40
"""How much longer than its own time a busy machine may let the process take."""


def read_aaf(path: Path) -> Imported:
    """Every sequence of an AAF, with tracks, clips, transitions, markers and their media.

    Read by a reader of our own on pyaaf2: the published adapter's source times are off where sound
    counts in samples, and it drops empty tracks and the places of markers. The reader runs in a
    process of its own, held to a time that grows with the file and to 2 GiB. Raises TimelineError
    for a file that cannot be read, or is no AAF, and RuntimeError where that is the reader's own
    fault; what is lost of a damaged one is in the warnings.
    """
    size = _check_form(path)
    megabytes = size / 1e6
    cpu_s = int(max(_CPU_S + megabytes, _CPU_S_PER_MB * megabytes - _CPU_S))
    cpu_s = min(_LONGEST_CPU_S, cpu_s)
    document = _transcribed(path, cpu_s)
    if "fault" in document:
        raise RuntimeError(f"the reader of AAF failed on {path.name}\n{document['fault']}")
    if "error" in document:
        raise TimelineError(
            f"{path.name} cannot be read: {document['error']}",
            hint=document.get("hint") or _HINT,
        )
    return Imported(
        sequences=tuple(_sequence(found) for found in document["sequences"]),
        dialect=str(document["dialect"]),
        warnings=tuple(dict.fromkeys(document["warnings"])),
    )


_HINT = "Export the sequence again, as an AAF that links to its media."


def _check_form(path: Path) -> int:
    """The size of a compound file in bytes. Raises TimelineError for anything else."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
        size = path.stat().st_size
    except OSError as error:
        raise TimelineError(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        raise TimelineError(f"{path.name} is empty", hint="Export the sequence again.")
    if not head.startswith(_SIGNATURE):
        raise TimelineError(f"{path.name} is no AAF: it is not a compound file", hint=_HINT)
    shift = int.from_bytes(head[30:32], "little")
    sectors = int.from_bytes(head[44:48], "little")
    if len(head) < 512 or shift not in _SECTOR_SHIFTS or sectors << shift > size:
        raise TimelineError(f"{path.name} cannot be read: its header is damaged", hint=_HINT)
    return size


def _transcribed(path: Path, cpu_s: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "otio_hpm.interchange.aaf.transcribe"]
    try:
        done = subprocess.run(
            [*command, str(path.absolute()), str(cpu_s)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=cpu_s * _PATIENCE,
            check=False,
        )
        return dict(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        return {"error": f"it takes longer than {cpu_s * _PATIENCE} seconds"}
    except OSError as error:
        return {"error": f"no process can be started for it ({error.strerror})"}
    except ValueError:
        return {"error": _death(done.returncode, cpu_s)}


def _death(code: int, cpu_s: int) -> str:
    """Why a reading process ended without a word."""
    if code < 0:
        return f"it is damaged, and was given up after at most {cpu_s} seconds"
    return "it is damaged, and its reader did not get to the end"


def _sequence(found: dict[str, Any]) -> Sequence:
    from opentimelineio import core

    rate, drop_frame = found["rate"], found["drop_frame"]
    return Sequence(
        timeline=core.deserialize_json_from_string(found["timeline"]),
        rate=None if rate is None else (Fraction(rate[0]), str(rate[1])),
        drop_frame=None if drop_frame is None else (bool(drop_frame[0]), str(drop_frame[1])),
    )
