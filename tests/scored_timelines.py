"""Scored timelines with small audio files, written as scoring writes them, without a model."""

from __future__ import annotations

import hashlib
import json
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import Cue, CueOptions, Mark, Shot
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import rational
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import Take, write_scored
from otio_hpm.timing import SAMPLE_RATE

BESIDE = (".json", ".sketch.json", ".sketch.mid")


def span(start: int, length: int, rate: Fraction) -> Any:
    return otio.opentime.TimeRange(rational(start, rate), rational(length, rate))


def plain_cut(folder: Path, rate: Fraction = Fraction(24), start: int = 86_400) -> Cut:
    """A cut of two shots of 500 frames, written to `in.otio` and read back."""
    timeline = otio.schema.Timeline(name="Film", global_start_time=rational(start, rate))
    track = otio.schema.Track(name="V1", kind="Video")
    for name in "ab":
        reference = otio.schema.ExternalReference(
            target_url=f"{name}.mov", available_range=span(0, 500, rate)
        )
        track.append(
            otio.schema.Clip(name=name, media_reference=reference, source_range=span(0, 500, rate))
        )
    mark = otio.schema.Marker(name="SCORE", marked_range=span(5, 0, rate))
    track[0].markers.append(mark)
    timeline.tracks.append(track)
    folder.mkdir(parents=True, exist_ok=True)
    otio.adapters.write_to_file(timeline, str(folder / "in.otio"))
    return read_cut(folder / "in.otio", Settings())


def cue(number: str, start: int, end: int, **changes: Any) -> Cue:
    options = CueOptions(
        style="both",
        strength=Fraction(1),
        seed=None,
        loudness_lufs=Fraction(-23),
        gain_db=Fraction(0),
        fade_in_s=changes.pop("fade_in", Fraction(1, 100)),
        fade_out_s=changes.pop("fade_out", Fraction(1)),
        handles_s=Fraction(1),
    )
    mark = Mark(
        locator=("tracks", 0, 0, "markers", 0), text="SCORE", owner="clip 'a'", record_frames=start,
        timecode="01:00:00:05", settings={}, note="",
    )  # fmt: skip
    shot = Shot(
        name=changes.pop("shot", "a"), track="V1", locator=changes.pop("at", ("tracks", 0, 0)),
        start_frames=0, end_frames=500,
    )  # fmt: skip
    return Cue(
        number=number, reel="R1", start_frames=start, end_frames=end, options=options,
        marks=(mark,), shots=(shot,), maestro=None, note="", lane=0,
    )  # fmt: skip


def take(cut: Cut, cue: Cue, folder: Path, number: int = 1, handle: int = 24) -> Take:
    """A take whose audio, sidecar and sketch lie in a folder."""
    wav = folder / f"R1_{cue.number}_t{number:02d}.wav"
    folder.mkdir(parents=True, exist_ok=True)
    length = round((cue.end_frames - cue.start_frames + 2 * handle) / cut.rate * SAMPLE_RATE)
    with wave.open(str(wav), "wb") as file:
        file.setparams((2, 3, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((cue.number + str(number)).encode().ljust(600, b"\1"))
    for suffix in BESIDE:
        wav.with_suffix(suffix).write_text(json.dumps({"of": wav.name, "kind": suffix}))
    return Take(
        cue=cue, take=number, wav=wav, sidecar=wav.with_suffix(".json"),
        sha256=hashlib.sha256(wav.read_bytes()).hexdigest(), fingerprint=f"{cue.number}/{number}",
        start_frames=cue.start_frames - handle, head_frames=handle, tail_frames=handle,
        length_samples=length, baked_fades=False,
    )  # fmt: skip


def scored(folder: Path, *cues: Cue, cut: Cut | None = None, takes: int = 1) -> Path:
    """A scored timeline `out.otio` with audio in `out_audio`; each cue has so many takes."""
    cut = cut or plain_cut(folder)
    wanted = cues or (cue("1m1", 48, 240), cue("1m2", 480, 720))
    output = folder / "out.otio"
    for number in range(1, takes + 1):
        made = [take(cut, one, folder / "out_audio", number) for one in wanted]
        output.unlink(missing_ok=True)
        write_scored(cut, made, output, music_only=False, overwrite=False)
        before = output.rename(folder / "before.otio") if number < takes else output
        cut = read_cut(before, Settings())
    (folder / "before.otio").unlink(missing_ok=True)
    return output
