"""Two players that know nothing of this package put our music where it belongs, at its level.

GStreamer Editing Services (`ges-launch-1.0`) and MLT (`melt`) play timelines that their own OTIO
adapters write. Neither knows timecode, and neither adapter knows fades against silence: the copy
that they get counts media from their first sample and has no transitions.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from marked_film import make_film
from numpy.typing import NDArray
from scipy.signal import butter, correlate, sosfilt

import otio_hpm.scoring.job as job
from otio_hpm.settings import ModelSettings, Settings

RATE = 48_000
DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))
ASIDE_S = 0.2
"""Left out of each comparison at both ends of a cue."""


class Noise:
    """Renders noise, which is like itself at one position only.

    It ends at 6 kHz, so that a player that mixes at 44.1 kHz takes nothing of it.
    """

    def generate(self, request: Any, progress: Any) -> NDArray[np.float32]:
        noise = np.random.default_rng(request.seed).normal(0, 0.1, request.samples)
        return sosfilt(butter(8, 6000, fs=RATE, output="sos"), noise).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A scored film and where its cues are."""

    timeline: Path
    rate: Fraction
    cues: dict[Path, tuple[float, float]]
    """In and out of each audio file's cue, in seconds from the first frame."""
    head_s: float
    """Handle before each cue."""


@pytest.fixture(
    scope="module",
    params=[Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001)],
    ids=["24", "23.976", "29.97"],
)
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    rate: Fraction = request.param
    folder = tmp_path_factory.mktemp("played")
    cut = make_film(folder, (None, "SCORE", None, "SCORE"), rate=rate)
    result = job.score(cut, folder / "out.otio", DEBUG, load=lambda name, device: Noise())
    shot = round(2 * rate)
    bounds = [(shot, 2 * shot), (3 * shot, 4 * shot)]
    return Scored(
        timeline=result.timeline,
        rate=rate,
        cues={
            cue.wav: (float(first / rate), float(end / rate))
            for cue, (first, end) in zip(result.cues, bounds, strict=True)
        },
        head_s=float(round(rate) / rate),
    )


def for_players(path: Path) -> Any:
    """The timeline with media counted from their first sample, and without transitions."""
    timeline = otio.adapters.read_from_file(str(path))
    for track in timeline.tracks:
        for index in reversed(range(len(track))):
            if isinstance(track[index], otio.schema.Transition):
                del track[index]
    for clip in timeline.find_clips():
        reference = clip.media_reference
        known, shown = reference.available_range, clip.source_range
        if known is not None:
            zero = otio.opentime.RationalTime(0, known.start_time.rate)
            clip.source_range = otio.opentime.TimeRange(
                shown.start_time - known.start_time, shown.duration
            )
            reference.available_range = otio.opentime.TimeRange(zero, known.duration)
    return timeline


def run(*command: str) -> None:
    """Run a player; melt now and then waits for itself for ever, and is begun again then."""
    for wait_s in (60, 60, 300):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=wait_s)
        except subprocess.TimeoutExpired:
            continue
        assert done.returncode == 0, done.stderr[-2000:]
        return
    pytest.fail(f"{command[0]} did not end, three times")


def play_ges(scored: Scored, folder: Path) -> Path:
    """The mix that GES renders."""
    pytest.importorskip("otio_xges_adapter", reason="pip install otio-xges-adapter")
    if not shutil.which("ges-launch-1.0"):
        pytest.skip("no ges-launch-1.0: apt-get install ges1.0-tools")
    project, mix = folder / "film.xges", folder / "ges.mkv"
    otio.adapters.write_to_file(for_players(scored.timeline), str(project))
    run(
        "ges-launch-1.0", f"--load={project.as_uri()}", "--track-types=audio",
        "-o", mix.as_uri(), "--format=video/x-matroska:audio/x-flac",
    )  # fmt: skip
    return mix


def play_mlt(scored: Scored, folder: Path) -> Path:
    """The mix that melt renders, of 16-bit copies: in a 24-bit WAV it seeks 322 samples too far."""
    pytest.importorskip("otio_mlt_adapter", reason="pip install otio-mlt-adapter")
    if not shutil.which("melt"):
        pytest.skip("no melt: apt-get install melt")
    project, mix = folder / "film.mlt", folder / "melt.wav"
    timeline = for_players(scored.timeline)
    for clip in timeline.find_clips():
        if clip.name in {wav.name for wav in scored.cues}:
            wav = next(wav for wav in scored.cues if wav.name == clip.name)
            soundfile.write(folder / wav.name, soundfile.read(wav)[0], RATE, subtype="PCM_16")
            clip.media_reference.target_url = (folder / wav.name).as_uri()
    otio.adapters.write_to_file(timeline, str(project))
    mix_tracks(project, scored.rate)
    run(
        "melt", str(project), "-consumer", f"avformat:{mix}", "vn=1", "acodec=pcm_s24le",
        f"ar={RATE}", "ac=2", "real_time=-1",
    )  # fmt: skip
    return mix


def mix_tracks(project: Path, rate: Fraction) -> None:
    """Add what MLT's adapter leaves out: that tracks are mixed, and a rate in whole numbers."""
    tree = ElementTree.parse(project)
    profile, tractor = tree.find("profile"), tree.findall("tractor")[-1]
    assert profile is not None
    profile.set("frame_rate_num", str(rate.numerator))
    profile.set("frame_rate_den", str(rate.denominator))
    for track in range(1, len(tractor.findall("multitrack/track"))):
        mix = ElementTree.SubElement(tractor, "transition")
        told = {"a_track": 0, "b_track": track, "mlt_service": "mix", "sum": 1, "always_active": 1}
        for name, value in told.items():
            ElementTree.SubElement(mix, "property", name=name).text = str(value)
    tree.write(project)


def heard(mix: Path) -> NDArray[np.float64]:
    """The left channel of a file that a player wrote, at 48 kHz."""
    with av.open(str(mix)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        frames = [r for frame in container.decode(audio=0) for r in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)


@pytest.mark.parametrize("play", [play_ges, play_mlt], ids=["ges", "mlt"])
def test_a_player_plays_our_music_in_place_and_at_its_level(
    scored: Scored, tmp_path: Path, play: Callable[[Scored, Path], Path]
) -> None:
    mix = heard(play(scored, tmp_path))
    assert len(scored.cues) == 2
    for wav, (first_s, end_s) in scored.cues.items():
        audio, rate = soundfile.read(wav)
        assert rate == RATE
        skipped = round((scored.head_s + ASIDE_S) * RATE)
        length = round((end_s - first_s - 2 * ASIDE_S) * RATE)
        ours = audio[skipped : skipped + length, 0]
        found = int(np.argmax(correlate(mix, ours, mode="valid", method="fft")))
        offset = found - round((first_s + ASIDE_S) * RATE)
        played = mix[found : found + length]
        level_db = 20 * np.log10(np.std(played) / np.std(ours))
        print(f"{wav.name}: {offset:+d} samples, {level_db:+.2f} dB")
        assert abs(offset) <= RATE // 1000, f"{offset} samples off"
        assert abs(level_db) < 0.1
        assert np.corrcoef(played, ours)[0, 1] > 0.95
    silence = mix[: round((min(first for first, _ in scored.cues.values()) - 0.05) * RATE)]
    assert np.abs(silence).max() < 1e-3
