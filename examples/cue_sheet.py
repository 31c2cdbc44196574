"""Prints a cue sheet of a marked timeline: number, in, out, length, first shot.

python examples/cue_sheet.py cut.otio
"""

from __future__ import annotations

import sys
from pathlib import Path

import otio_hpm
from otio_hpm.settings import ModelSettings, Settings


def cue_sheet(timeline: Path, model: str = "embedded") -> list[str]:
    """One line per cue; nothing is rendered."""
    spotting = otio_hpm.spot(timeline, Settings(model=ModelSettings(model=model)))
    return [
        f"{cue.number:<6} {cue.timecode_in}  {cue.timecode_out}  {float(cue.duration_s):7.2f} s  "
        + (cue.shots[0].name if cue.shots else "-")
        for cue in spotting.cues
    ]


if __name__ == "__main__":
    print("\n".join(cue_sheet(Path(sys.argv[1]), *sys.argv[2:])))
