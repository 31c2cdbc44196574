"""Every error a user can cause, with its exit code.

Exit codes: 0 done, 1 internal error, 2 usage, then one per family below, 130 interrupted.
Only the entry point (`otio_hpm.__main__`) catches these.
"""

from __future__ import annotations

from typing import Any


class HpmError(Exception):
    """One sentence for the user, a hint on what to do, and the process's exit code."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(HpmError):
    """A setting, option or settings file that is not understood."""

    exit_code = 2


class TimelineError(HpmError):
    """A timeline that cannot be read: broken, newer schema, no rate, several in one file."""

    exit_code = 3


class MarkError(HpmError):
    """No marks, or one that is not understood: unknown key, bad value, empty range, a gap."""

    exit_code = 4


class MediaError(HpmError):
    """Media that are missing, unreadable, without picture, not a local file, or too short."""

    exit_code = 5


class DatasetError(HpmError):
    """A dataset, or a list of films for one, that is missing, damaged or not understood."""

    exit_code = 5


class MaestroError(HpmError):
    """A maestro cue that is missing, silent or not audio."""

    exit_code = 6


class SketchError(HpmError):
    """A sketch that is missing, or not a JSON or MIDI file that tells a melody."""

    exit_code = 6


class OutputError(HpmError):
    """An output that exists, or a folder that cannot be written or is full."""

    exit_code = 7


class ModelError(HpmError):
    """A model folder that is missing or damaged, or a device that is not there."""

    exit_code = 8


class PartialError(HpmError):
    """Some cues failed; the others are written, and `result` tells of both."""

    exit_code = 9

    def __init__(self, message: str, *, hint: str = "", result: Any = None) -> None:
        super().__init__(message, hint=hint)
        self.result = result


INTERRUPTED_EXIT_CODE = 130
