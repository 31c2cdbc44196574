"""What a part's training tells as it goes: JSON lines, and TensorBoard where asked."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from otio_hpm.errors import SettingsError
from otio_hpm.files import output_error, write_text

logger = logging.getLogger(__name__)


_LOG = "log.jsonl"


class Journal:
    """`log.jsonl` of a part, one line for every report."""

    def __init__(self, folder: Path, *, tensorboard: bool, step: int) -> None:
        """Go on at `step`: what a killed run has told of later steps is forgotten.

        Raises SettingsError where TensorBoard is asked for and not installed.
        """
        self.path = folder / _LOG
        self._writer = _writer(folder / "tensorboard", step) if tensorboard else None
        if self.path.exists():
            lines = self.path.read_text("utf-8").splitlines(keepends=True)
            kept = [line for line in lines if _is_told_by(line, step)]
            if kept != lines:
                write_text(self.path, "".join(kept), overwrite=True)

    def tell(self, step: int, values: dict[str, float]) -> None:
        """Add a line. Raises OutputError."""
        line = json.dumps({"step": step, **values})
        logger.info("%s", line)
        try:
            with self.path.open("a", encoding="utf-8") as log:
                log.write(line + "\n")
        except OSError as error:
            raise output_error(self.path, error) from error
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)
            self._writer.flush()


def last_told(folder: Path) -> dict[str, float]:
    """The last line of a part's journal; nothing where there is none, or a kill has cut it."""
    try:
        lines = (folder / _LOG).read_text("utf-8").splitlines()
        return dict(json.loads(lines[-1]))
    except (OSError, ValueError, IndexError, TypeError):
        return {}


def _is_told_by(line: str, step: int) -> bool:
    """Whether a line tells of a step up to this one; a line that a kill has cut does not."""
    try:
        return bool(json.loads(line)["step"] <= step)
    except (ValueError, KeyError, TypeError):
        return False


def _writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SettingsError(
            "TensorBoard is not installed",
            hint="Install it with `pip install tensorboard`, or leave --tensorboard out.",
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1)
