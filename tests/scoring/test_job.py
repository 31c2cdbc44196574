"""The job end to end on a small film, with the tiny random model."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from marked_film import make_film, make_maestro, save
from wavinfo import WavInfoReader

import otio_hpm.scoring.job as job
import otio_hpm.scoring.rendering as rendering
from otio_hpm.errors import HpmError, MediaError, OutputError, PartialError
from otio_hpm.music.loudness import measure
from otio_hpm.scoring.plan import CuePlan
from otio_hpm.scoring.progress import Progress
from otio_hpm.settings import (
    MediaSettings,
    ModelSettings,
    MusicSettings,
    Settings,
    SpottingSettings,
)
from otio_hpm.timing import frames_to_samples

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))


def with_music(**changes: object) -> Settings:
    return dataclasses.replace(DEBUG, music=MusicSettings(**changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[job.ScoreResult]:
    folder = tmp_path_factory.mktemp("film")
    make_maestro(folder / "theme.wav")
    cut = make_film(folder, ("SCORE", None, "SCORE cue=1m7 maestro=theme.wav loudness=-18"))
    yield job.score(cut, folder / "out.otio", DEBUG)


def audio_clips(path: Path) -> list[otio.schema.Clip]:
    timeline = otio.adapters.read_from_file(str(path))
    return [clip for track in timeline.audio_tracks() for clip in track.find_clips()]


def test_every_marked_shot_has_its_music(scored: job.ScoreResult) -> None:
    assert [(cue.number, cue.take, cue.reused) for cue in scored.cues] == [
        ("1m1", 1, False),
        ("1m7", 1, False),
    ]
    assert [cue.timecode_in for cue in scored.cues] == ["01:00:00:00", "01:00:04:00"]
    assert [clip.name for clip in audio_clips(scored.timeline)] == [
        cue.wav.name for cue in scored.cues
    ]


def test_files_are_as_long_as_cue_and_handles(scored: job.ScoreResult) -> None:
    for cue in scored.cues:
        info = soundfile.info(cue.wav)
        assert (info.samplerate, info.channels, info.subtype) == (48_000, 2, "PCM_24")
        assert info.frames == 4 * 48_000


def test_time_reference_is_where_the_media_begin(scored: job.ScoreResult) -> None:
    for cue, clip in zip(scored.cues, audio_clips(scored.timeline), strict=True):
        start = clip.media_reference.available_range.start_time
        samples = round(Fraction(start.value) / 24 * 48_000)
        assert WavInfoReader(str(cue.wav)).bext.time_reference == samples


@pytest.mark.parametrize(("index", "target"), [(0, -23), (1, -18)])
def test_loudness_is_that_of_the_cue_without_handles(
    scored: job.ScoreResult, index: int, target: float
) -> None:
    audio, _ = soundfile.read(scored.cues[index].wav, dtype="float32")
    found = measure(audio.T[:, 48_000:-48_000])
    assert found.integrated_lufs == pytest.approx(target, abs=0.5)
    assert found.true_peak_dbtp <= -1
    assert scored.cues[index].integrated_lufs == pytest.approx(target, abs=0.5)


def test_both_channels_are_equal_and_end_softly(scored: job.ScoreResult) -> None:
    audio, _ = soundfile.read(scored.cues[0].wav)
    assert np.array_equal(audio[:, 0], audio[:, 1])
    assert abs(audio[0, 0]) < 1e-3
    assert abs(audio[-1, 0]) < 1e-3


def test_sidecars_tell_what_was_done(scored: job.ScoreResult) -> None:
    facts = json.loads(scored.cues[1].sidecar.read_text("utf-8"))
    assert facts["cue"]["number"] == "1m7"
    assert facts["cue"]["in"] == "01:00:04:00"
    assert facts["cue"]["maestro"]["path"].endswith("theme.wav")
    assert facts["marks"][0]["text"] == "SCORE cue=1m7 maestro=theme.wav loudness=-18"
    assert facts["shots"][0]["name"] == "sc03"
    assert facts["windows"]["starts"] == [0]
    assert len(facts["model"]["checksum"]) == 64
    assert facts["settings"]["model"]["steps"] == 1
    assert facts["audio"]["samples"] == 4 * 48_000
    assert facts["figures"]["integrated_lufs"] == pytest.approx(-18, abs=0.5)


def test_unchanged_cues_are_not_rendered_again(scored: job.ScoreResult) -> None:
    def never(name: str, device: str) -> NoReturn:
        raise AssertionError("the model was loaded")

    cut = scored.timeline.with_name("cut.otio")
    before = scored.timeline.read_bytes()
    again = job.score(cut, scored.timeline, DEBUG, overwrite=True, load=never)
    assert [cue.reused for cue in again.cues] == [True, True]
    assert scored.timeline.read_bytes() == before


def test_scoring_a_scored_timeline_reuses_its_takes(scored: job.ScoreResult) -> None:
    output = scored.timeline.with_name("out2.otio")
    again = job.score(scored.timeline, output, DEBUG)
    assert [cue.reused for cue in again.cues] == [True, True]
    assert [c.wav for c in again.cues] == [c.wav for c in scored.cues]
    assert not (output.parent / "out2_audio").exists()
    assert len(audio_clips(output)) == 2


def test_what_changes_a_cue_makes_a_new_take_of_that_cue_alone(tmp_path: Path) -> None:
    output = tmp_path / "out.otio"
    first = job.score(make_film(tmp_path, ("SCORE", "SCORE")), output, DEBUG)
    kept = {cue.wav: cue.wav.read_bytes() for cue in first.cues}
    cut = make_film(tmp_path, ("SCORE", "SCORE seed=5"))
    second = job.score(cut, output, DEBUG, overwrite=True)
    assert [(cue.take, cue.reused) for cue in second.cues] == [(1, True), (2, False)]
    assert {path: path.read_bytes() for path in kept} == kept
    third = job.score(make_film(tmp_path, ("SCORE", "SCORE")), output, DEBUG, overwrite=True)
    assert [(cue.take, cue.reused) for cue in third.cues] == [(1, True), (1, True)]


def test_what_the_editor_moved_is_kept(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE", None))
    first = job.score(cut, tmp_path / "out.otio", DEBUG).timeline
    timeline = otio.adapters.read_from_file(str(first))
    track = timeline.audio_tracks()[0]
    extent = otio.opentime.TimeRange(duration=otio.opentime.RationalTime(10, 24))
    track.insert(0, otio.schema.Gap(source_range=extent))
    save(timeline, first)
    edited = [clip.name for clip in track.find_clips()]
    louder = with_music(loudness_lufs=Fraction(-20))
    again = job.score(first, tmp_path / "out2.otio", louder)
    names = [clip.name for clip in audio_clips(again.timeline)]
    assert names == [*edited, "R1_1m1_t02.wav"]
    assert again.cues[0].wav.parent.name == "out2_audio"
    assert "1m1" in again.changes[0]


def test_music_whose_mark_is_gone_stays_and_is_named(tmp_path: Path) -> None:
    first = job.score(make_film(tmp_path, ("SCORE", "SCORE")), tmp_path / "out.otio", DEBUG)
    timeline = otio.adapters.read_from_file(str(first.timeline))
    timeline.video_tracks()[0][0].markers.clear()
    save(timeline, tmp_path / "fewer.otio")
    again = job.score(tmp_path / "fewer.otio", tmp_path / "out2.otio", DEBUG)
    assert [clip.name for clip in audio_clips(again.timeline)] == [c.wav.name for c in first.cues]
    assert again.warnings == ("no mark asks for the music of 1m1 any more; its clips stay",)
    rest = dataclasses.replace(DEBUG, spotting=SpottingSettings(only=("1m2",)))
    assert job.plan(first.timeline, tmp_path / "out3.otio", rest).warnings == ()


def test_overlapping_cues_go_to_two_tracks(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE", None))
    timeline = otio.adapters.read_from_file(str(cut))
    extent = otio.opentime.TimeRange(
        otio.opentime.RationalTime(24, 24), otio.opentime.RationalTime(48, 24)
    )
    timeline.tracks.markers.append(otio.schema.Marker("SCORE over", marked_range=extent))
    save(timeline, cut)
    result = job.score(cut, tmp_path / "out.otio", DEBUG)
    tracks = otio.adapters.read_from_file(str(result.timeline)).audio_tracks()
    assert [len(track.find_clips()) for track in tracks] == [1, 1]
    assert any("overlap" in warning for warning in result.warnings)


def test_a_damaged_take_is_not_reused(tmp_path: Path) -> None:
    output = tmp_path / "out.otio"
    cut = make_film(tmp_path, ("SCORE",))
    wav = job.score(cut, output, DEBUG).cues[0].wav
    wav.write_bytes(wav.read_bytes()[:-6])
    again = job.score(cut, output, DEBUG, overwrite=True)
    assert [(cue.take, cue.reused) for cue in again.cues] == [(2, False)]


def test_one_cue_never_changes_another(tmp_path: Path) -> None:
    alone = job.score(make_film(tmp_path / "a", ("SCORE cue=1m1",)), tmp_path / "a.otio", DEBUG)
    pair = make_film(tmp_path / "b", ("SCORE cue=1m1", "SCORE cue=1m2"))
    both = job.score(
        pair,
        tmp_path / "b.otio",
        dataclasses.replace(DEBUG, music=MusicSettings(handles_s=Fraction(0))),
    )
    solo = job.score(
        make_film(tmp_path / "a", ("SCORE cue=1m1",)),
        tmp_path / "c.otio",
        dataclasses.replace(DEBUG, music=MusicSettings(handles_s=Fraction(0))),
    )
    assert alone.cues[0].wav.exists()
    assert both.cues[0].wav.read_bytes() == solo.cues[0].wav.read_bytes()


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001)]
)
def test_lengths_are_exact_at_every_rate(tmp_path: Path, rate: Fraction) -> None:
    cut = make_film(tmp_path, ("SCORE",), rate=rate)
    plan = job.plan(cut, tmp_path / "out.otio", DEBUG)
    result = job.score(cut, tmp_path / "out.otio", DEBUG)
    frames = plan.cues[0].end_frames - plan.cues[0].start_frames
    assert frames == round(2 * rate) + 2 * round(rate)
    assert soundfile.info(result.cues[0].wav).frames == frames_to_samples(frames, rate)
    clip = audio_clips(result.timeline)[0]
    start = round(clip.media_reference.available_range.start_time.value)
    bext = WavInfoReader(str(result.cues[0].wav)).bext
    assert bext.time_reference == frames_to_samples(start, rate)


def test_handles_never_reach_below_timecode_zero(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",), start_frames=5)
    planned = job.plan(cut, tmp_path / "out.otio", DEBUG).cues[0]
    assert (planned.head_frames, planned.tail_frames) == (5, 24)
    assert planned.time_reference_samples == 0


def test_baked_fades_leave_no_handles(tmp_path: Path) -> None:
    settings = with_music(bake_fades=True, fade_in_s=Fraction(1, 2))
    result = job.score(make_film(tmp_path, ("SCORE",)), tmp_path / "out.otio", settings)
    audio, _ = soundfile.read(result.cues[0].wav)
    assert len(audio) == 2 * 48_000
    ends = np.abs(audio[:1000]).max(), np.abs(audio[-1000:]).max()
    assert max(ends) < 0.01 < np.abs(audio[24_000:48_000]).max()


def test_music_only_holds_our_tracks_alone(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    result = job.score(cut, tmp_path / "out.otio", DEBUG, music_only=True)
    timeline = otio.adapters.read_from_file(str(result.timeline))
    assert [track.name for track in timeline.tracks] == ["HPM Score"]
    assert timeline.global_start_time == otio.opentime.RationalTime(86_400, 24)


def test_a_failing_cue_does_not_cost_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = rendering.render_cue

    def failing(planned: CuePlan, *others: object) -> None:
        if planned.cue.number == "1m2":
            raise RuntimeError("out of luck")
        render(planned, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "render_cue", failing)
    with pytest.raises(PartialError) as caught:
        job.score(make_film(tmp_path), tmp_path / "out.otio", DEBUG)
    result = caught.value.result
    assert caught.value.exit_code == 9
    assert [cue.number for cue in result.cues] == ["1m1", "1m3"]
    assert [(cue.number, cue.timecode) for cue in result.failed] == [("1m2", "01:00:02:00")]
    assert "out of luck" in result.failed[0].message
    assert len(audio_clips(tmp_path / "out.otio")) == 2


def test_another_run_s_take_keeps_its_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    write = rendering.render_cue

    def overtaken(planned: CuePlan, *others: object) -> None:
        job.score(cut, tmp_path / "out.otio", with_music(loudness_lufs=Fraction(-20)))
        write(planned, *others)  # type: ignore[arg-type]

    render = [overtaken, write]
    monkeypatch.setattr(rendering, "render_cue", lambda *a: render.pop(0)(*a))
    with pytest.raises(OutputError, match="by another run"):
        job.score(cut, tmp_path / "out.otio", DEBUG)
    folder = tmp_path / "out_audio"
    facts = json.loads((folder / "R1_1m1_t01.json").read_text("utf-8"))
    assert facts["figures"]["integrated_lufs"] == pytest.approx(-20, abs=0.5)
    assert sorted(path.name for path in folder.iterdir()) == [
        f"R1_1m1_t01.{suffix}" for suffix in ("json", "sketch.json", "sketch.mid", "wav")
    ]


def test_if_every_cue_fails_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: object) -> None:
        raise MediaError("the disk is gone")

    monkeypatch.setattr(rendering, "render_cue", failing)
    with pytest.raises(MediaError, match="the disk is gone"):
        job.score(make_film(tmp_path), tmp_path / "out.otio", DEBUG)
    assert not (tmp_path / "out.otio").exists()


def test_missing_media_skip_their_cue_where_asked(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "roll.mp4").unlink()
    settings = dataclasses.replace(DEBUG, media=MediaSettings(missing="skip"))
    with pytest.raises(MediaError, match="every cue"):
        job.plan(cut, tmp_path / "out.otio", settings)


def test_progress_tells_cue_and_stage(tmp_path: Path) -> None:
    heard: list[Progress] = []
    job.score(make_film(tmp_path), tmp_path / "out.otio", DEBUG, progress=heard.append)
    assert {(p.cue, p.index, p.count) for p in heard} == {
        ("1m1", 0, 3), ("1m2", 1, 3), ("1m3", 2, 3)
    }  # fmt: skip
    stages = [p.stage for p in heard if p.cue == "1m1"]
    assert stages[0] == "model"
    assert "denoise" in stages
    assert heard[-1].stage == "write"
    assert heard[-1].fraction == 1.0


def test_the_input_is_not_changed(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    before = cut.read_bytes()
    job.score(cut, tmp_path / "out.otio", DEBUG)
    assert cut.read_bytes() == before
    with pytest.raises(OutputError):
        job.score(cut, cut, DEBUG, overwrite=True)


def test_errors_are_of_one_family() -> None:
    assert issubclass(PartialError, HpmError)


def test_where_a_reference_movie_was_placed_is_said(tmp_path: Path) -> None:
    settings = dataclasses.replace(
        DEBUG, media=MediaSettings(picture=f"{tmp_path / 'roll.mp4'}@01:00:00:00")
    )
    result = job.score(make_film(tmp_path), tmp_path / "out.otio", settings)
    assert len(result.reference) == 1
    assert "roll.mp4" in result.reference[0]
    assert "01:00:00:00" in result.reference[0]
