"""A folder for each process, where Numba keeps what it compiles.

librosa has functions compiled, and kept for the next process. Two processes that compile into one
folder at once, as first runs side by side do, mix up its files, and whatever reads them crashes.
So a process has the first folder that no other one holds: alone it finds what it compiled before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
_CLAIMED = "OTIO_HPM_NUMBA_CACHE_DIR"
"""The same folder where it was claimed here: what a child process inherits is no user's wish."""
_held: list[IO[bytes]] = []
"""Lock files, open until the process ends."""


def claim_before_numba() -> None:
    """Have a folder claimed when Numba is first imported, which is when it reads the variable.

    NUMBA_CACHE_DIR is kept where the user has set it. Where the user's cache folder cannot be
    written or locked, it is a temporary one, and the process compiles for itself alone.
    """
    sys.meta_path.insert(0, _BeforeNumba())


class _BeforeNumba:
    """Is asked before all others where a module is, and knows of none."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> None:
        """Where no module is, ever."""
        if name == "numba":
            _claim()


@cache
def _claim() -> None:
    claimed = os.environ.get(_CLAIMED)
    if (os.environ.get(_VARIABLE) or claimed) == claimed:
        os.environ[_VARIABLE] = os.environ[_CLAIMED] = str(_own_folder())


def _own_folder() -> Path:
    import platformdirs

    try:
        return _free_folder(platformdirs.user_cache_path("otio-hpm", appauthor=False) / "numba")
    except (OSError, NotImplementedError):
        return _temporary_folder()


def _free_folder(root: Path, number: int = 0) -> Path:
    """The first folder from `number` on that no other process holds; raises as `lock` does."""
    from otio_hpm.files import lock

    folder = root / str(number)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (folder / "lock").open("wb")
    try:
        lock(file)
    except BlockingIOError:
        file.close()
        return _free_folder(root, number + 1)
    _held.append(file)
    return folder


def _temporary_folder() -> Path:
    import atexit
    import shutil
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp(prefix="otio-hpm-numba-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
