"""Seconds per window by stage, real-time factor and peak memory of one cue, as `score` renders it.

    python tests/benchmarks/bench_stages.py [--model embedded] [--seconds 60] [--maestro FILE]

Pictures are those of ../shared/media/big_buck_bunny_0_30.webm, or of --media. Loading the model is
told apart: it happens once, however many cues there are. CPU seconds are those of all threads; on a
busy machine they tell more than the clock.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import av
import opentimelineio as otio

from otio_hpm.scoring.job import plan, score
from otio_hpm.scoring.progress import Progress
from otio_hpm.settings import ModelSettings, MusicSettings, Settings

BUNNY = Path(__file__).resolve().parents[3] / "shared" / "media" / "big_buck_bunny_0_30.webm"
RATE = 24
SHOT_S = 7
STAGES = {
    "model": "import torch, load model",
    "frames": "decode picture",
    "film": "controls, film encoder",
    "denoise": "denoise",
    "decode": "VAE",
    "vocode": "Griffin-Lim and vocoder",
    "write": "level and write",
}


class StageClock:
    """Adds up seconds by stage from what the job reports."""

    def __init__(self) -> None:
        self.wall: Counter[str] = Counter()
        self.cpu: Counter[str] = Counter()
        self._stage, self._last = "plan", _now()

    def __call__(self, progress: Progress) -> None:
        """What ends with this report is its own stage, or the one before where it only begins."""
        stage, now = progress.stage if progress.fraction else self._stage, _now()
        self.wall[stage] += now[0] - self._last[0]
        self.cpu[stage] += now[1] - self._last[1]
        self._stage, self._last = progress.stage, now


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def main() -> None:
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        cut = long_cue(chosen.media, chosen.seconds, Path(folder))
        output = cut.with_name("out.otio")
        settings = Settings(
            music=MusicSettings(maestro=str(chosen.maestro) if chosen.maestro else None),
            model=ModelSettings(model=chosen.model, device=chosen.device),
        )
        if chosen.steps is not None:
            settings = settings.with_explicit({"model": {"steps": chosen.steps}})
        planned = plan(cut, output, settings)
        windows = len(planned.cues[0].windows.starts)
        clock = StageClock()
        score(cut, output, settings, progress=clock)
    report(clock, windows, chosen, planned.settings.model.steps_for(followed=True))


def report(clock: StageClock, windows: int, chosen: argparse.Namespace, steps: int) -> None:
    import torch

    print(f"model {chosen.model}, {steps} steps, {chosen.seconds} s in {windows} windows, "
          f"{torch.get_num_threads()} threads, load average {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{'stage':26}{'wall s':>9}{'CPU s':>9}{'wall s a window':>17}{'CPU s a window':>17}")
    rows = [(words, clock.wall[stage], clock.cpu[stage]) for stage, words in STAGES.items()]
    wall, cpu = (sum(row[column] for row in rows[1:]) for column in (1, 2))
    for words, *spent in [*rows, ("all but the model's load", wall, cpu)]:
        each = (f"{seconds / windows:17.3f}" for seconds in spent)
        print(f"{words:26}{spent[0]:9.2f}{spent[1]:9.2f}", *each, sep="")
    print(f"real-time factor {wall / chosen.seconds:.2f}  (aim: 1.0 or less), "
          f"{cpu / chosen.seconds:.2f} CPU seconds a second")  # fmt: skip
    print(f"peak memory {peak_bytes() / 1e9:.2f} GB  (aim: 3 GB or less)")


def peak_bytes() -> int:
    """Largest resident size of this process so far; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def long_cue(movie: Path, seconds: int, folder: Path) -> Path:
    """A timeline of one cue: shots of seven seconds from all over the movie."""
    with av.open(str(movie)) as file:
        room = int(file.duration / av.time_base) - SHOT_S
    track = otio.schema.Track("V1", kind="Video")
    for index, start in enumerate(range(0, seconds, SHOT_S)):
        media = otio.schema.ExternalReference(movie.absolute().as_uri())
        length = min(SHOT_S, seconds - start)
        track.append(otio.schema.Clip(f"sh{index}", media, span(start * 3 % max(room, 1), length)))
    timeline = otio.schema.Timeline("stages", global_start_time=span(3600, 0).start_time)
    timeline.tracks.append(track)
    timeline.tracks.markers.append(otio.schema.Marker("SCORE", marked_range=span(0, seconds)))
    path = folder / "stages.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def span(start_s: int, length_s: int) -> Any:
    times = (otio.opentime.RationalTime(s * RATE, RATE) for s in (start_s, length_s))
    return otio.opentime.TimeRange(*times)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--device", default="cpu", choices=["auto", "cpu", "cuda", "mps"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--steps", type=int, help="where not the settings' own")
    parser.add_argument("--media", type=Path, default=BUNNY)
    parser.add_argument("--maestro", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
