"""Seconds of `otio-hpm spot` on a long marked timeline, beside otioconvert's for the same file.

python tests/benchmarks/bench_spot.py [--clips 5000] [--marks 500] [--runs 5]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
from pairs import compare

RATE = 24
SHOT_FRAMES = 48
MOVIES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=5000)
    parser.add_argument("--marks", type=int, default=500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--model", default="debug", help="only its configuration is read")
    chosen = parser.parse_args()
    convert = shutil.which("otioconvert", path=str(Path(sys.executable).parent))
    with tempfile.TemporaryDirectory() as folder:
        cut = long_timeline(Path(folder), chosen.clips, chosen.marks)
        spot = [sys.executable, "-m", "otio_hpm", "spot", "--model", chosen.model, str(cut)]
        copy = [convert or "otioconvert", "-i", str(cut), "-o", str(cut.with_name("copy.otio"))]
        print(f"{chosen.clips} clips, {chosen.marks} marks, {cut.stat().st_size / 1e6:.1f} MB")
        compare({"otio-hpm spot": spot, "otioconvert": copy}, chosen.runs)


def long_timeline(folder: Path, clips: int, marks: int) -> Path:
    """A timeline of `clips` clips, picture and their sound; its shots are evenly marked."""
    movies = [_movie(folder / f"roll{number}.mp4") for number in range(MOVIES)]
    timeline = otio.schema.Timeline("long", global_start_time=_time(3600 * RATE))
    for name, kind in (("V1", "Video"), ("A1", "Audio")):
        track = otio.schema.Track(name, kind=kind)
        track.extend(_shot(movies, index) for index in range(clips // 2))
        timeline.tracks.append(track)
    for index in np.linspace(0, clips // 2 - 1, marks).round().astype(int):
        _mark(timeline.tracks[0][index], index)
    path = folder / "long.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def _shot(movies: list[Path], index: int) -> Any:
    media = otio.schema.ExternalReference(movies[index % MOVIES].as_uri(), _range(0, 240))
    start = index * 7 % (240 - SHOT_FRAMES)
    return otio.schema.Clip(f"sh{index:04d}", media, _range(start, SHOT_FRAMES))


def _mark(shot: Any, index: int) -> None:
    first = shot.source_range.start_time
    extent = otio.opentime.TimeRange(first, _time(0))
    shot.markers.append(otio.schema.Marker(f"SCORE shot {index}", marked_range=extent))


def _movie(path: Path) -> Path:
    """Ten seconds of grey."""
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(240):
            frame = av.VideoFrame.from_ndarray(np.full((36, 64, 3), number, np.uint8))
            frame.pts = number
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    return path


def _time(frames: int) -> Any:
    return otio.opentime.RationalTime(frames, RATE)


def _range(start: int, frames: int) -> Any:
    return otio.opentime.TimeRange(_time(start), _time(frames))


if __name__ == "__main__":
    main()
