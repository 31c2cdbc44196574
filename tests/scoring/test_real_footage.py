"""Real footage and music, scored and read back by other programs' readers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
import soundfile
from marked_film import save
from wavinfo import WavInfoReader

from otio_hpm.music.loudness import measure
from otio_hpm.scoring.job import score
from otio_hpm.settings import MediaSettings, ModelSettings, Settings, SpottingSettings

NTSC = Fraction(1000, 1001)
CLOCKS = [(Fraction(24), None), (24 * NTSC, None), (Fraction(25), None), (30 * NTSC, "df")]


def footage(movie: Path, rate: Fraction, folder: Path) -> Path:
    """Four shots from one hour on; three cues, the second over a cut, the third with a maestro."""
    timeline = otio.schema.Timeline("bunny", global_start_time=time(round(3600 * rate), rate))
    track = otio.schema.Track("V1", kind="Video")
    for index, frames in enumerate((60, 100, 75, 90)):
        track.append(shot(movie, f"sh{index}", index * 130, frames, rate))
    timeline.tracks.append(track)
    mark(track[0], "SCORE quiet", 5, 0, rate)
    mark(timeline.tracks, "SCORE over a cut", 90, 100, rate)
    mark(track[3], "SCORE maestro=brahms_hungarian_dance_5.ogg", 400, 0, rate)
    return save(timeline, folder / "bunny.otio")


def shot(movie: Path, name: str, start: int, frames: int, rate: Fraction) -> Any:
    media = otio.schema.ExternalReference(movie.as_uri())
    extent = otio.opentime.TimeRange(time(start, rate), time(frames, rate))
    return otio.schema.Clip(name, media_reference=media, source_range=extent)


def mark(item: Any, text: str, start: int, frames: int, rate: Fraction) -> None:
    extent = otio.opentime.TimeRange(time(start, rate), time(frames, rate))
    item.markers.append(otio.schema.Marker(text, marked_range=extent))


def time(frames: int, rate: Fraction) -> Any:
    return otio.opentime.RationalTime(frames, float(rate))


@pytest.mark.parametrize(("rate", "tc"), CLOCKS)
def test_what_is_written_is_exact(
    rate: Fraction, tc: Any, tmp_path: Path, media: Callable[[str], Path]
) -> None:
    movie = media("big_buck_bunny_0_30.webm")
    cut = footage(movie, rate, tmp_path)
    settings = Settings(
        media=MediaSettings(media_dirs=(media("brahms_hungarian_dance_5.ogg").parent,)),
        spotting=SpottingSettings(tc=tc),
        model=ModelSettings(model="debug", device="cpu", steps=1),
    )
    result = score(cut, tmp_path / "out.otio", settings)
    timeline = otio.adapters.read_from_file(str(result.timeline))
    clips = list(timeline.audio_tracks()[0].find_clips())
    assert [clip.metadata["otio_hpm"]["cue"] for clip in clips] == ["1m1", "1m2", "1m3"]
    assert [frames_of(clip.source_range.duration) for clip in clips] == [60, 100, 90]
    assert [shot["name"] for shot in clips[1].metadata["otio_hpm"]["shots"]] == ["sh1", "sh2"]
    for clip, cue in zip(clips, result.cues, strict=True):
        check_file(clip, cue.wav, rate)
    check_placing(timeline)


def check_file(clip: Any, wav: Path, rate: Fraction) -> None:
    """Length, place, level and format of one file, against the clip that plays it."""
    extent = clip.media_reference.available_range
    assert clip.name == wav.name
    assert clip.media_reference.target_url == wav.absolute().as_uri()
    info = soundfile.info(wav)
    assert (info.samplerate, info.subtype) == (48_000, "PCM_24")
    assert info.frames == round(frames_of(extent.duration) / rate * 48_000)
    read = WavInfoReader(str(wav))
    assert read.bext.time_reference == round(frames_of(extent.start_time) / rate * 48_000)
    assert read.fmt.audio_format == 1
    audio = soundfile.read(wav, dtype="float32")[0].T
    head = frames_of(clip.source_range.start_time) - frames_of(extent.start_time)
    first = round(head / rate * 48_000)
    length = round(frames_of(clip.source_range.duration) / rate * 48_000)
    found = measure(audio[:, first : first + length])
    assert found.integrated_lufs == pytest.approx(-23, abs=0.5)
    assert measure(audio).true_peak_dbtp <= -1


def check_placing(timeline: Any) -> None:
    """Each clip stands on the timeline where its own timecode says."""
    track = timeline.audio_tracks()[0]
    zero = frames_of(timeline.global_start_time)
    for clip in track.find_clips():
        place = frames_of(track.trimmed_range_of_child(clip).start_time)
        assert zero + place == frames_of(clip.source_range.start_time)


def frames_of(moment: Any) -> int:
    assert moment.value == round(moment.value)
    return round(moment.value)
