"""Kills `otio-hpm score` at ten moments and runs it again; prints what each left, as JSON.

Run as a program: it runs the command once, which imports everything, and forks a process for each
run after that. Nothing on disk changes between two of the moments counted here, so killing at one
stands for all the time up to the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch

from otio_hpm.__main__ import main

POINTS = 10
_EVENTS = ("open", "os.mkdir", "os.link", "os.rename", "os.remove", "os.truncate")


def killed_runs(folder: Path, arguments: list[str]) -> dict[str, Any]:
    """What is in `folder/out` after an undisturbed run, and after ten that were killed."""
    out = folder / "out"
    out.mkdir()
    _import_everything(arguments)
    shutil.rmtree(out)
    out.mkdir()
    expected, moments = _undisturbed(out, arguments)
    points = sorted({round(i * (moments - 1) / (POINTS - 1)) for i in range(POINTS)})
    after = {}
    for point in points:
        shutil.rmtree(out)
        out.mkdir()
        status = _forked(lambda p=point: _killed_at(p, out, arguments))
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
        half = _digests(out)
        status = _forked(lambda: _run([*arguments, "--overwrite"]))
        after[point] = {"killed": half, "again": _digests(out), "status": status}
    return {"expected": expected, "moments": moments, "after": after}


def _import_everything(arguments: list[str]) -> None:
    torch.set_num_threads(1)  # others would be missing in what is forked, and waited for
    with redirect_stdout(sys.stderr):
        _run(arguments)


def _undisturbed(out: Path, arguments: list[str]) -> tuple[dict[str, str], int]:
    counted = out.parent / "moments"
    status = _forked(lambda: counted.write_text(str(_counted(out, arguments))))
    assert status == 0, status
    return _digests(out), int(counted.read_text())


def _counted(out: Path, arguments: list[str]) -> int:
    count = 0

    def tick(file: int | None = None) -> None:
        nonlocal count
        count += 1

    _watch(out, tick)
    _run(arguments)
    return count


def _killed_at(point: int, out: Path, arguments: list[str]) -> None:
    count = 0

    def tick(file: int | None = None) -> None:
        nonlocal count
        if count == point:
            if file is not None:  # as if only half had reached the disk
                os.ftruncate(file, os.fstat(file).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    _watch(out, tick)
    _run(arguments)


def _watch(out: Path, tick: Callable[..., None]) -> None:
    """Call `tick` before everything that is done to files in a folder."""
    sync = os.fsync

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and str(arguments[0]).startswith(str(out)):
            tick()

    def ticking_sync(file: int) -> None:
        tick(file)
        sync(file)

    sys.addaudithook(hook)
    os.fsync = ticking_sync


def _run(arguments: list[str]) -> None:
    status = main(arguments)
    if status:
        os._exit(status)


def _forked(work: Callable[[], Any]) -> int:
    """Wait status of a process that does some work."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitpid(child, 0)[1]


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


if __name__ == "__main__":
    print(json.dumps(killed_runs(Path(sys.argv[1]), sys.argv[2:])))
