"""Where tests find what is optional: the shared fixtures and media, soundfonts, the extra train."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from otio_hpm.evaluation.evidence.material import Corpus

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes, which share the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # What two processes compile into one cache of Numba's is mixed up, and then crashes for good.
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(prefix="otio-hpm-numba-")
    atexit.register(shutil.rmtree, os.environ["NUMBA_CACHE_DIR"], ignore_errors=True)

SHARED = Path(__file__).resolve().parents[2] / "shared"


def _finder(folder: str) -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = SHARED / folder / name
        if not path.exists():
            pytest.skip(f"{folder}/{name} is not beside this checkout")
        return path

    return find


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the tests' own, in place of the user's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def fixture() -> Callable[[str], Path]:
    """Path of a timeline that a real editing system wrote, or a skip."""
    return _finder("fixtures")


@pytest.fixture(scope="session")
def media() -> Callable[[str], Path]:
    """Path of real footage or music, or a skip."""
    return _finder("media")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs more than the extra "test" brings, so that it can be run alone."""
    for item in items:
        if "train_extra" in getattr(item, "fixturenames", ()):
            item.add_marker("train")


@pytest.fixture(scope="session")
def train_extra() -> Callable[[str], Any]:
    """Imports a module of the extra "train", or skips."""
    return pytest.importorskip


@pytest.fixture(scope="session")
def soundfonts(train_extra: Callable[[str], Any]) -> Corpus:
    """The soundfonts that Debian keeps and their player, or a skip."""
    train_extra("tinysoundfont")
    from otio_hpm.errors import ModelError
    from otio_hpm.evaluation.evidence.material import find_corpus

    try:
        return find_corpus("development", None, None)
    except ModelError as error:
        pytest.skip(error.message)
