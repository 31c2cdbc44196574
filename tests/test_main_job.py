"""The job from end to end by its command, on real footage, read back by other means than ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from plain_sound import ffmpeg_meter, integrated_lufs, longest_silence_s, true_peak_dbtp, wav_facts
from plain_timeline import Json, differences, exact_rate, load, our_tracks, seconds, starts_of
from readback import read_back

from otio_hpm.__main__ import main

NTSC = Fraction(1000, 1001)
CLOCKS = {
    "24": (Fraction(24), 86_400),
    "23.976": (24 * NTSC, 86_400),
    "25": (Fraction(25), 90_000),
    "29.97 DF": (30 * NTSC, 107_892),
}
"""Rate, and the frame number of one hour as timecode counts."""
MARKED_S = {"1m1": (0, 4), "1m2": (4, 17), "1m3": (21, 27)}
"""Where each cue begins and ends, in seconds of a whole number of frames."""
QUICK = ("--model", "debug", "--device", "cpu", "--steps", "2", "--progress", "none", "--json")


@pytest.fixture(scope="module", params=CLOCKS)
def job(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    media: Callable[[str], Path],
) -> Job:
    movie, music = media("big_buck_bunny_0_30.webm"), media("brahms_hungarian_dance_5.ogg")
    folder = tmp_path_factory.mktemp("bunny")
    cut = bunny(movie, *CLOCKS[request.param], folder)
    tc = "df" if request.param.endswith("DF") else "ndf"
    return Job(cut, folder / "out.otio", "--media-dir", str(music.parent), "--tc", tc)


class Job:
    """A run of `otio-hpm score` with the debug model."""

    def __init__(self, cut: Path, output: Path, *options: str) -> None:
        self.cut, self.output, self.options = cut, output, options
        self.input_bytes = cut.read_bytes()
        start = load(cut)["global_start_time"]
        self.rate, self.start_frames = exact_rate(start), int(start["value"])
        self.run()

    def run(self, *options: str, output: Path | None = None) -> None:
        target = str(output or self.output)
        assert main(["score", str(self.cut), "-o", target, *self.options, *QUICK, *options]) == 0


def test_every_cue_reads_back_right(job: Job) -> None:
    readings = read_back(job.output)
    assert [reading.cue for reading in readings] == ["1m1", "1m2", "1m3"]
    assert [reading.problems for reading in readings] == [(), (), ()]


def test_cues_stand_where_the_marks_are(job: Job) -> None:
    base = round(job.rate)
    expected = [(first * base, last * base) for first, last in MARKED_S.values()]
    (track,) = our_tracks(load(job.output))
    starts = [start * job.rate for start in starts_of(track)]
    found = [
        (start, start + seconds(child["source_range"]["duration"]) * job.rate)
        for start, child in zip(starts, track["children"], strict=False)
        if child["OTIO_SCHEMA"].startswith("Clip")
    ]
    assert found == expected
    assert (track["name"], track["kind"]) == ("HPM Score", "Audio")


def test_files_are_as_long_as_cue_and_handles_at_the_exact_rate(job: Job) -> None:
    base = round(job.rate)
    for wav, (first, last) in zip(wavs(job.output), MARKED_S.values(), strict=True):
        facts = wav_facts(wav)
        frames, start = (last - first + 2) * base, job.start_frames + (first - 1) * base
        assert facts.samples == round(frames / job.rate * 48_000)
        assert facts.time_reference == round(start / job.rate * 48_000)
        assert facts.timecode_flag == ("DF" if "df" in job.options else "NDF")


def test_one_cue_spans_a_cut_and_one_follows_the_music(job: Job) -> None:
    facts = [json.loads(wav.with_suffix(".json").read_text("utf-8")) for wav in wavs(job.output)]
    assert [[shot["name"] for shot in fact["shots"]] for fact in facts] == [
        ["sh1"], ["sh2", "sh3"], ["sh5"]
    ]  # fmt: skip
    assert len(facts[1]["windows"]["starts"]) == 2
    assert facts[2]["cue"]["maestro"]["path"].endswith("brahms_hungarian_dance_5.ogg")


def test_all_else_is_as_it_was(job: Job) -> None:
    assert job.cut.read_bytes() == job.input_bytes
    assert differences(job.cut, job.output) == []


def test_a_second_run_renders_nothing_and_writes_the_same(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(job.output)
    job.run("--overwrite")
    told = json.loads(capsys.readouterr().out)
    assert [cue["reused"] for cue in told["cues"]] == [True, True, True]
    assert contents(job.output) == before


def test_another_folder_gets_the_same_bytes(job: Job, tmp_path: Path) -> None:
    job.run("--only", "1m1", output=tmp_path / "out.otio")
    first = wavs(job.output)[0]
    again = tmp_path / "out_audio" / first.name
    assert again.read_bytes() == first.read_bytes()
    sidecars = (path.with_suffix(".json").read_bytes() for path in (again, first))
    assert len(set(sidecars)) == 1


def test_music_only_has_the_same_clock(job: Job, tmp_path: Path) -> None:
    output = tmp_path / "music.otio"
    job.run("--music-only", "--only", "1m1", output=output)
    alone, whole = load(output), load(job.output)
    assert alone["global_start_time"] == whole["global_start_time"]
    assert our_tracks(alone) == alone["tracks"]["children"]
    assert first_clip(alone)["source_range"] == first_clip(whole)["source_range"]
    assert [reading.problems for reading in read_back(output)] == [()]


def test_the_meters_here_read_what_the_standard_says(tmp_path: Path) -> None:
    """BS.1770: 997 Hz on both of two channels reads its level; then half of it is silence."""
    sine = 0.1 * np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000) * np.ones((2, 1))
    soundfile.write(tmp_path / "sine.wav", sine.T, 48_000, "PCM_24")
    assert integrated_lufs(sine) == pytest.approx(-20, abs=0.02)
    assert ffmpeg_meter(tmp_path / "sine.wav") == pytest.approx((-20, -20), abs=0.1)
    assert true_peak_dbtp(sine) == pytest.approx(-20, abs=0.05)
    sine[:, 48_000 : 3 * 48_000] = 0
    assert longest_silence_s(sine) == 2


def wavs(output: Path) -> list[Path]:
    """The audio of a scored timeline, in order."""
    return sorted(output.with_name(f"{output.stem}_audio").glob("*.wav"))


def first_clip(document: Json) -> Json:
    (track,) = our_tracks(document)
    return next(child for child in track["children"] if child["OTIO_SCHEMA"].startswith("Clip"))


def contents(output: Path) -> dict[str, tuple[int, bytes]]:
    """When each file of its audio was written, and the bytes of these and of the timeline."""
    audio = sorted(wavs(output)[0].parent.iterdir())
    found = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in audio}
    return {**found, output.name: (0, output.read_bytes())}


def bunny(movie: Path, rate: Fraction, start_frames: int, folder: Path) -> Path:
    """Five shots with sound from one hour on: picture, a title, other people's markers, marks."""
    timeline = otio.schema.Timeline("bunny", global_start_time=time(start_frames, rate))
    timeline.metadata["studio"] = {"grade": "second pass", "reel": 1}
    lengths = {"sh1": 4, "sh2": 7, "sh3": 6, "sh4": 4, "sh5": 6}
    for name, kind in (("V1", "Video"), ("A1", "Audio")):
        track = otio.schema.Track(name, kind=kind)
        for index, (shot_name, length) in enumerate(lengths.items()):
            track.append(shot(movie, shot_name, 3 * index, length, rate))
        timeline.tracks.append(track)
    picture = timeline.tracks[0]
    picture[3].effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    picture[3].markers.append(marker("check the sky", 1, 0, rate))
    timeline.tracks.append(title(rate))
    picture[0].markers.append(marker("SCORE quiet", 1, 0, rate))
    timeline.tracks.markers.append(marker("SCORE over a cut", 4, 13, rate))
    text = "SCORE maestro=brahms_hungarian_dance_5.ogg style=both"
    picture[4].markers.append(marker(text, 13, 0, rate))
    path = folder / "bunny.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def shot(movie: Path, name: str, start_s: int, length_s: int, rate: Fraction) -> Any:
    media = otio.schema.ExternalReference(movie.as_uri(), metadata={"camera": "A"})
    return otio.schema.Clip(name, media, span(start_s, length_s, rate))


def title(rate: Fraction) -> Any:
    words = otio.schema.GeneratorReference("Title", "Text", parameters={"text": "BUNNY"})
    clip = otio.schema.Clip("Title: bunny", words, span(0, 3, rate))
    return otio.schema.Track("V2", kind="Video", children=[clip])


def marker(text: str, start_s: int, length_s: int, rate: Fraction) -> Any:
    return otio.schema.Marker(text, marked_range=span(start_s, length_s, rate))


def span(start_s: int, length_s: int, rate: Fraction) -> Any:
    """A range in seconds as timecode counts them."""
    base = round(rate)
    return otio.opentime.TimeRange(time(start_s * base, rate), time(length_s * base, rate))


def time(frames: int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(frames, float(rate))
