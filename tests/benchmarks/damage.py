"""Spots damaged files of every format, and tells how many were read or refused, and what it took.

    python tests/benchmarks/damage.py [--count 10000] [--minutes 60] [--processes 2]

The files are those of ../shared/fixtures, where they are, and of our own writers; a number damages
each of them the same way every time. An AAF, which is read in a process of its own, is every
fiftieth. Whatever is neither read nor refused, and what takes longer than 5 s, ends with its
traceback, and with exit code 1 when all is done.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from damaged import KINDS, Outcome, Sound, attempt, own_files, peak_memory_mb, real_files

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
AAF_SHARE = 0.02
BATCH = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60, help="after which no more is begun")
    parser.add_argument("--first", type=int, default=0, help="number of the first damage")
    chosen = parser.parse_args()
    started = time.monotonic()
    outcomes, failures, memory_mb = _run(chosen)
    print(f"{len(outcomes)} damaged files in {time.monotonic() - started:.0f} s")
    _print_kinds(outcomes)
    for outcome in sorted(outcomes, key=lambda one: one.cpu_s)[-5:]:
        print(f"{outcome.cpu_s:.2f} s of CPU: {outcome.kind}, {outcome.name}; {outcome.refused}")
    print(f"peak memory {memory_mb:.0f} MB; {len(failures)} failures", *failures, sep="\n")
    return bool(failures)


def _run(chosen: argparse.Namespace) -> tuple[list[Outcome], list[str], float]:
    """What became of each number, the tracebacks, and the most memory that a process held."""
    outcomes: list[Outcome] = []
    failures: list[str] = []
    peak_mb, end = 0.0, chosen.first + chosen.count
    latest = time.monotonic() + chosen.minutes * 60
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(chosen.processes, initializer=_begin, initargs=(folder,)) as pool,
    ):
        batches = range(chosen.first, end, BATCH)
        waiting = [pool.submit(_batch, n, min(BATCH, end - n), latest) for n in batches]
        for future in waiting:
            try:
                done, failed, memory_mb = future.result()
            except BrokenProcessPool:
                failures.append(f"a process died after some {len(outcomes)}")
                break
            outcomes, failures = outcomes + done, failures + failed
            peak_mb = max(peak_mb, memory_mb)
    return outcomes, failures, peak_mb


def _begin(folder: str) -> None:
    """Prepares a process: whatever it leaves behind is left in that folder."""
    faulthandler.enable()
    tempfile.tempdir = folder


def _batch(first: int, count: int, latest: float) -> tuple[list[Outcome], list[str], float]:
    """What became of so many numbers, the tracebacks, and the process's peak memory in MB."""
    folder, sounds = _prepared()
    done, failed = [], []
    for number in range(first, first + count):
        if time.monotonic() > latest:
            break
        chance = random.Random(number)
        others = [kind for kind in KINDS if kind != "aaf"]
        kind = "aaf" if chance.random() < AAF_SHARE else chance.choice(others)
        sound = chance.choice(sounds[kind])
        try:
            done.append(attempt(sound, number, folder))
        except BaseException:  # that there is none is what this looks for
            failed.append(f"{number}, {kind}, {sound.name}: {traceback.format_exc()}")
    return done, failed, peak_memory_mb()


@cache
def _prepared() -> tuple[Path, dict[str, list[Sound]]]:
    """A folder of this process, and the whole files by their kind."""
    folder, sounds = Path(tempfile.mkdtemp()), defaultdict(list)
    for sound in (*own_files(folder), *real_files(FIXTURES)):
        sounds[sound.kind].append(sound)
    return folder, sounds


def _print_kinds(outcomes: list[Outcome]) -> None:
    for kind in KINDS:
        found = [one for one in outcomes if one.kind == kind]
        told = Counter(one.refused.partition(":")[0] or "read" for one in found)
        words = ", ".join(f"{number} {what}" for what, number in told.most_common())
        mean_s = sum(one.cpu_s for one in found) / max(1, len(found))
        print(f"{kind:8} {words}; {mean_s:.3f} s of CPU each")


if __name__ == "__main__":
    sys.exit(main())
