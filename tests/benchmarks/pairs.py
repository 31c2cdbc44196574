"""Times commands side by side, so that a busy machine slows all of them alike."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence


def compare(commands: Mapping[str, Sequence[str]], runs: int) -> None:
    """Run each command in turn, `runs` times; print medians and how they compare with the last's.

    CPU seconds are those of all threads; on a busy machine they tell more than the clock.
    """
    for command in commands.values():
        _spent(command)  # fills the caches of files and bytecode
    rounds = [{name: _spent(words) for name, words in commands.items()} for _ in range(runs)]
    *_, last = commands
    print(f"{'':24}{'wall s':>9}{'least':>9}{'most':>9}{'CPU s':>9}   beside {last}")
    for name in commands:
        walls, cpus = zip(*(each[name] for each in rounds), strict=True)
        ratios = [[a / b for a, b in zip(each[name], each[last], strict=True)] for each in rounds]
        wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
        times = (statistics.median(walls), min(walls), max(walls), statistics.median(cpus))
        print(f"{name:24}", *(f"{value:9.3f}" for value in times), sep="", end="")
        print(f"   {wall:.2f} x by the clock, {cpu:.2f} x in CPU")


def _spent(command: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock and of CPU that a command takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
