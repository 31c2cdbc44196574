"""Each process has a folder of its own for what Numba compiles."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FOLDER = "import otio_hpm, numba; print(numba.config.CACHE_DIR, flush=True)"


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's caches are, and no folder of the tests'."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path / "caches"


@contextmanager
def running(code: str) -> Iterator[str]:
    """The line that a process prints, which goes on until the block ends."""
    command = [sys.executable, "-c", f"{code}\nimport sys; sys.stdin.read()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate()  # the rest too: a process that prints on would break its pipe
    assert process.returncode == 0


def printed(code: str) -> str:
    with running(code) as line:
        return line


def test_two_processes_at_once_have_two_folders_and_one_after_the_other_the_same(
    caches: Path,
) -> None:
    with running(FOLDER) as first, running(FOLDER) as second:
        assert Path(first).is_relative_to(caches) and Path(second).is_relative_to(caches)
        assert Path(first).is_dir() and Path(second).is_dir()
        assert first != second
    assert printed(FOLDER) == first


def test_a_child_process_has_a_folder_of_its_own() -> None:
    own, childs = printed(
        "import otio_hpm, numba, subprocess, sys\n"
        f"child = subprocess.check_output([sys.executable, '-c', {FOLDER!r}], text=True)\n"
        "print(numba.config.CACHE_DIR, child, flush=True)"
    ).split()
    assert own != childs


def test_the_users_folder_is_kept(caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/of/the/user")
    assert printed(FOLDER) == "/of/the/user"
    assert not caches.exists()


def test_numba_is_left_as_it_is_where_it_was_imported_before(caches: Path) -> None:
    assert printed(f"import numba\n{FOLDER}") == ""
    assert not caches.exists()


def test_nothing_is_claimed_before_numba_is_imported(caches: Path) -> None:
    printed("import otio_hpm.scoring.job; print(flush=True)")
    assert not caches.exists()


def test_without_a_folder_that_can_be_written_it_is_a_temporary_one(caches: Path) -> None:
    caches.write_bytes(b"a file, and no folder")
    with running(FOLDER) as first, running(FOLDER) as second:
        assert Path(first).is_dir() and Path(second).is_dir()
        assert first != second
    assert not Path(first).exists() and not Path(second).exists()


def test_without_locks_it_is_a_temporary_one(caches: Path) -> None:
    code = f"import sys; sys.modules['fcntl'] = None\n{FOLDER}"
    with running(code) as folder:
        assert Path(folder).is_dir()
    assert not Path(folder).is_relative_to(caches) and not Path(folder).exists()
