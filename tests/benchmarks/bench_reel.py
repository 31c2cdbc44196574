"""Memory and time of watching whole reels: a long one must take no more memory than a short one.

    python tests/benchmarks/bench_reel.py [--minutes 10 120] [--encoders none|tiny]

The reels are synthetic: a minute of moving shots, repeated without encoding it again. Each is
watched in a process of its own, as `otio-hpm film watch` does, with the measured descriptors of the
embedded model or with tiny random encoders of the published formats. The ratio is that of the last
reel's peak memory to the first one's (aim: 1.1).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TESTS = Path(__file__).resolve().parents[1]
SIZE, RATE, SHOT_S = (320, 180), 24, 5


def main() -> None:
    chosen = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = _model(chosen.encoders, folder)
        minute = write_minute(folder / "minute.mp4")
        peaks = []
        for minutes in chosen.minutes:
            reel = repeated(minute, folder / f"reel {minutes}.mp4", minutes)
            told = watched(reel, model, folder / f"cache {minutes}")
            peaks.append(told["peak_mb"])
            rate = told["seconds_seen"] / told["cpu_s"]
            print(f"{minutes:5} min: {told['seconds_seen']} s seen, {told['wall_s']:.0f} s by the "
                  f"clock, {told['cpu_s']:.0f} CPU s ({rate:.0f} s of picture each), peak "
                  f"{told['peak_mb']:.0f} MB")  # fmt: skip
        print(f"peak memory of the last to the first: {peaks[-1] / peaks[0]:.3f} (aim: 1.1)")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, nargs="+", default=[10, 120])
    parser.add_argument("--encoders", choices=["none", "tiny"], default="none")
    parser.add_argument("--watch", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--model", default="embedded", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.watch:
        _watch(chosen.watch, chosen.model)
        sys.exit()
    return chosen


def _model(encoders: str, folder: Path) -> str:
    if encoders == "none":
        return "embedded"
    sys.path.insert(0, str(TESTS))
    from tiny_encoders import seeing_model

    return str(seeing_model(folder / "model", folder / "sources"))


def write_minute(path: Path) -> Path:
    """A minute of shots in which something moves over a gradient."""
    rng = np.random.default_rng(0)
    slope = np.linspace(0, 90, SIZE[0], dtype=np.uint8)[None, :, None]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE, options={"g": "12", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(60 * RATE):
            if number % (SHOT_S * RATE) == 0:
                color = rng.integers(0, 160, 3).astype(np.uint8)
            image = np.broadcast_to(color + slope, (*SIZE[::-1], 3)).copy()
            image[60:120, (number * 3) % 260 :][:, :60] = 255 - color
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def repeated(minute: Path, path: Path, times: int) -> Path:
    """The same packets again and again."""
    with av.open(str(minute)) as source, av.open(str(path), "w") as made:
        (given,) = source.streams.video
        stream = made.add_stream_from_template(given)
        packets = [packet for packet in source.demux(given) if packet.dts is not None]
        stamps = [(packet.pts, packet.dts) for packet in packets]
        length = int(Fraction(60) / given.time_base)
        for turn in range(times):
            for packet, (pts, dts) in zip(packets, stamps, strict=True):
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.stream, packet.time_base = stream, given.time_base
                made.mux(packet)
    return path


def watched(reel: Path, model: str, cache: Path) -> dict[str, float]:
    """Watch a reel in a process of its own."""
    command = [sys.executable, __file__, "--watch", str(reel), "--model", model]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def _watch(reel: Path, model: str) -> None:
    from otio_hpm.scoring.watching import watch
    from otio_hpm.settings import ModelSettings

    start = time.perf_counter()
    seen = sum(1 for _ in watch(reel, ModelSettings(model=model, device="cpu")))
    told = {
        "seconds_seen": seen,
        "wall_s": time.perf_counter() - start,
        "cpu_s": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
