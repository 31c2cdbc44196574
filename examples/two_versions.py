"""Scores a timeline twice, with and without its maestro cues, for an editor to choose from.

python examples/two_versions.py cut.otio versions/
"""

from __future__ import annotations

import sys
from pathlib import Path

import otio_hpm
from otio_hpm.settings import ModelSettings, MusicSettings, Settings, Style


def two_versions(timeline: Path, folder: Path, model: str = "embedded") -> list[Path]:
    """The timelines written: one follows the maestro cues, one only the film."""
    folder.mkdir(parents=True, exist_ok=True)
    versions: tuple[tuple[str, Style], ...] = (("maestro", "both"), ("film", "none"))
    written = []
    for name, style in versions:
        settings = Settings(music=MusicSettings(style=style), model=ModelSettings(model=model))
        output = folder / f"{timeline.stem}_{name}.otio"
        result = otio_hpm.score(timeline, output, settings, overwrite=True)
        for cue in result.cues:
            print(f"{name}: {cue.number} at {cue.timecode_in} is {cue.wav.name}")
        written.append(result.timeline)
    return written


if __name__ == "__main__":
    two_versions(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
