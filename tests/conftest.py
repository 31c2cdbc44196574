"""Where tests find the shared fixtures and media; both are optional."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def demo_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Timeline of the demo film, rendered once for all tests."""
    from otio_hpm.demo.film import make_demo

    return make_demo(tmp_path_factory.mktemp("demo film"))
