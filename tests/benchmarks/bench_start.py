"""Seconds until `otio-hpm --help` is there, beside those of importing click alone.

python tests/benchmarks/bench_start.py [--runs 9]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pairs import compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    installed = Path(sys.executable).with_name("otio-hpm")
    command = [str(installed)] if installed.exists() else [sys.executable, "-m", "otio_hpm"]
    compare(
        {
            "otio-hpm --help": [*command, "--help"],
            "otio-hpm score --help": [*command, "score", "--help"],
            "import click": [sys.executable, "-c", "import click"],
        },
        runs,
    )
    print("aim: otio-hpm --help in 0.4 s")


if __name__ == "__main__":
    main()
