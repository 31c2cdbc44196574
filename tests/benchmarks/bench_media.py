"""Time and memory of finding media in large folders, beside just listing and opening the files.

python tests/benchmarks/bench_media.py [--names 20000] [--media 300]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coded_media import write_movie
from opentimelineio import opentime, schema

from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder

RATE = 25
FOLDERS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=20_000, help="small files, found by name")
    parser.add_argument("--media", type=int, default=300, help="movies, found by reel")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        names, media = Path(folder, "names"), Path(folder, "media")
        write_names(names, chosen.names)
        write_media(media, chosen.media)
        peer = measured(walk, names)
        show(f"os.walk over {chosen.names} names", peer, peer)
        show("a file by its name", measured(by_name, names), peer)
        peer = measured(open_all, media)
        show(f"av.open of {chosen.media} movies", peer, peer)
        show("a file by its reel, first", measured(by_reel, media), peer)
        show("a file by its reel, again", measured(by_reel, media), peer)


def write_names(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"day{number % FOLDERS}" / f"clip{number}.mov"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def write_media(folder: Path, count: int) -> None:
    reel = write_movie(folder / "0.mov", RATE, RATE, timecode="01:00:00:00", reel="A001C001")
    for number in range(1, count):
        shutil.copy(reel, folder / f"{number}.mov")
    write_movie(folder / "wanted.mov", RATE, RATE, timecode="02:00:00:00", reel="A002C002")


def walk(folder: Path) -> None:
    assert sum(len(files) for _, _, files in os.walk(folder))


def open_all(folder: Path) -> None:
    for path in folder.iterdir():
        with av.open(str(path)) as movie:
            assert movie.streams.video


def by_name(folder: Path) -> None:
    finder = MediaFinder(folder, MediaSettings(media_dirs=(folder,)))
    assert finder.find(schema.ExternalReference("/gone/day7/clip7.mov"))


def by_reel(folder: Path) -> None:
    finder = MediaFinder(folder, MediaSettings(media_dirs=(folder,)))
    start = opentime.RationalTime(2 * 3600 * RATE, RATE)
    span = opentime.TimeRange(start, opentime.RationalTime(10, RATE))
    clip = schema.Clip("x", source_range=span, metadata={"cmx_3600": {"reel": "A002C002"}})
    assert finder.find_clip(clip)


def measured(use: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds, and megabytes beyond a process that has imported the same, in one of its own."""
    queue: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=_measure, args=(use, folder, queue))
    process.start()
    found: tuple[float, float] = queue.get()
    process.join()
    return found


def _measure(use: Callable[[Path], None], folder: Path, queue: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    use(folder)
    taken = time.perf_counter() - begin
    queue.put((taken, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def show(what: str, found: tuple[float, float], peer: tuple[float, float]) -> None:
    ratio = found[0] / peer[0]
    print(f"{what:32} {found[0]:7.3f} s  {ratio:6.2f} x  {found[1]:6.1f} MB more")


if __name__ == "__main__":
    main()
