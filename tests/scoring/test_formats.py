"""Scoring from and to every format: one score, written everywhere, scored again from each file."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from marked_film import make_film, make_maestro
from numpy.typing import NDArray

import otio_hpm.scoring.job as job
from otio_hpm.__main__ import main
from otio_hpm.errors import OutputError, SettingsError
from otio_hpm.scoring.relink import relink
from otio_hpm.settings import (
    DeliverySettings,
    MediaSettings,
    ModelSettings,
    MusicSettings,
    Settings,
    SpottingSettings,
)
from otio_hpm.timeline.exact import rational
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import existing_cues

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))
RATE = Fraction(30000, 1001)
SUFFIXES = ("otio", "edl", "fcpxml", "fcpxmld", "xml", "aaf", "otioz", "otiod")
FRAMES = 60
"""Length of each shot of the film, at its rate."""


class Hum:
    """Renders in no time."""

    def generate(self, request: Any, progress: Any) -> NDArray[np.float32]:
        time = np.arange(request.samples) / 48_000
        return (0.1 * np.sin(2 * np.pi * (220 + request.seed % 220) * time)).astype(np.float32)


def hum(name: str, device: str) -> Hum:
    return Hum()


def never(name: str, device: str) -> Hum:
    raise AssertionError("something is rendered again")


def reading(path: Path, **music: Any) -> Settings:
    """Settings that read a file: an EDL states neither rate nor folders."""
    settings = dataclasses.replace(DEBUG, music=MusicSettings(**music))
    if path.suffix != ".edl":
        return settings
    return dataclasses.replace(
        settings,
        spotting=SpottingSettings(rate=RATE),
        media=MediaSettings(media_dirs=(path.parent,)),
    )


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> job.ScoreResult:
    """A film of four shots, three of them scored, the last two touching, in every format."""
    folder = tmp_path_factory.mktemp("every format")
    cut = make_film(folder, ("SCORE", None, "SCORE warm", "SCORE seed=3"), rate=RATE)
    outputs = [folder / f"out.{suffix}" for suffix in SUFFIXES]
    return job.score(cut, outputs, DEBUG, load=hum)


def output(result: job.ScoreResult, suffix: str) -> Path:
    return next(file.path for file in result.written if file.path.suffix == f".{suffix}")


def music(path: Path) -> list[tuple[str, str, int, int]]:
    """Track, clip, in and out of all sound on an .otio, by OpenTimelineIO's own means."""
    timeline = otio.adapters.read_from_file(str(path))
    found = []
    for track in timeline.audio_tracks():
        for clip in track.find_clips():
            place = track.range_of_child(clip)
            first = round(place.start_time.to_seconds() * float(RATE))
            length = round(place.duration.to_seconds() * float(RATE))
            found.append((track.name, clip.name, first, first + length))
    return found


EVERYWHERE = [
    ("HPM Score", "R1_1m1_t01.wav", 0, FRAMES),
    ("HPM Score", "R1_1m2_t01.wav", 2 * FRAMES, 3 * FRAMES),
    ("HPM Score", "R1_1m3_t01.wav", 3 * FRAMES, 4 * FRAMES),
]


def test_every_file_is_written_and_says_what_it_lacks(scored: job.ScoreResult) -> None:
    assert [file.path.suffix[1:] for file in scored.written] == list(SUFFIXES)
    assert all(file.path.exists() for file in scored.written)
    assert scored.timeline.suffix == ".otio"
    assert scored.audio_folder.name == "out_audio"
    losses = {file.path.suffix: " ".join(file.losses) for file in scored.written}
    assert losses[".otio"] == ""
    assert "rate" in losses[".edl"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_scoring_a_written_file_renders_nothing_and_moves_nothing(
    scored: job.ScoreResult, tmp_path: Path, suffix: str
) -> None:
    source = output(scored, suffix)
    again = job.score(source, tmp_path / "again.otio", reading(source), load=never)
    assert [(cue.number, cue.take, cue.reused) for cue in again.cues] == [
        (number, 1, True) for number in ("1m1", "1m2", "1m3")
    ]
    assert music(again.timeline) == EVERYWHERE
    assert not any("kept" in change for change in again.changes)
    home = again.audio_folder if suffix == "otioz" else source if suffix == "otiod" else None
    for cue in again.cues:
        assert cue.wav.is_relative_to(home or scored.audio_folder) and cue.sidecar.exists()
        assert cue.wav.as_uri() in again.timeline.read_text("utf-8")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_what_changed_is_replaced(
    scored: job.ScoreResult, tmp_path: Path, suffix: str
) -> None:
    source = output(scored, suffix)
    settings = reading(source, loudness_lufs=Fraction(-20))
    one = dataclasses.replace(
        settings, spotting=dataclasses.replace(settings.spotting, only=("1m2",))
    )
    again = job.score(source, tmp_path / "again.otio", one, load=hum)
    assert [(cue.number, cue.take, cue.reused) for cue in again.cues] == [("1m2", 2, False)]
    names = [clip for _, clip, *_ in music(again.timeline)]
    assert names == ["R1_1m1_t01.wav", "R1_1m2_t02.wav", "R1_1m3_t01.wav"]
    assert len(otio.adapters.read_from_file(str(again.timeline)).audio_tracks()) == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_fades_come_back_as_they_were(scored: job.ScoreResult, suffix: str) -> None:
    source = output(scored, suffix)
    cut = read_cut(source, reading(source))
    assert [cue.touched for cue in existing_cues(cut)] == [(), (), ()]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> job.ScoreResult:
    """Cues shorter than their fade, of a shot and of a track, under a long one of the timeline."""
    folder = tmp_path_factory.mktemp("short cues")
    film = otio.adapters.read_from_file(str(make_film(folder, (None, None, None), rate=RATE)))
    for item, start, length, text in (
        (film.tracks[0][0], 6, 9, "SCORE range=mark"),
        (film.tracks, FRAMES, FRAMES + 20, "SCORE over the cut"),
        (film.tracks[0], 2 * FRAMES + 9, 3, "SCORE on the track"),
    ):
        reach = otio.opentime.TimeRange(*(rational(n, RATE) for n in (start, length)))
        item.markers.append(otio.schema.Marker(text, marked_range=reach))
    otio.adapters.write_to_file(film, str(folder / "cut.otio"))
    outputs = [folder / f"out.{suffix}" for suffix in SUFFIXES]
    return job.score(folder / "cut.otio", outputs, DEBUG, load=hum)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_short_cues_and_long_marks_come_back(
    short: job.ScoreResult, tmp_path: Path, suffix: str
) -> None:
    source = output(short, suffix)
    again = job.score(source, tmp_path / "again.otio", reading(source), load=never)
    assert music(again.timeline) == [
        ("HPM Score", "R1_1m1_t01.wav", 6, 15),
        ("HPM Score", "R1_1m2_t01.wav", FRAMES, 2 * FRAMES + 20),
        ("HPM Score 2", "R1_1m3_t01.wav", 2 * FRAMES + 9, 2 * FRAMES + 12),
    ]


@pytest.mark.parametrize("suffix", ["otio", "edl", "fcpxml", "xml", "aaf"])
def test_relinking_writes_any_format_that_is_one_file(
    short: job.ScoreResult, tmp_path: Path, suffix: str
) -> None:
    """Also where no picture is there that would tell the rate of a list."""
    source = tmp_path / "there" / "out.edl"
    source.parent.mkdir()
    lines = output(short, "edl").read_text("utf-8").splitlines(keepends=True)
    source.write_text("".join(line for line in lines if "roll" not in line), "utf-8")
    target = tmp_path / f"moved.{suffix}"
    done = relink(source, tmp_path / "music", target, reading(source), copy=True)
    assert done.timeline == target
    again = read_cut(target, reading(target))
    assert list(map(str, done.audio)) == [
        str(tmp_path / "music" / f"R1_1m{n}_t01.wav") for n in (1, 2, 3)
    ]
    assert [cue.take for cue in existing_cues(again)] == [1, 1, 1]


def test_what_an_editor_moved_is_kept(scored: job.ScoreResult, tmp_path: Path) -> None:
    text = output(scored, "fcpxml").read_text("utf-8")
    moved, count = re.subn(
        r'(<asset-clip [^>]*name="R1_1m1_t01\.wav"[^>]*offset=)"0s"', r'\1"10010/30000s"', text
    )
    assert count == 1
    source = tmp_path / "moved.fcpxml"
    source.write_text(moved, "utf-8")
    settings = reading(source, loudness_lufs=Fraction(-20))
    again = job.score(source, tmp_path / "again.otio", settings, load=hum)
    assert "was moved and is kept; take 2 is on" in again.changes[0]
    assert ("HPM Score", "R1_1m1_t01.wav", 10, FRAMES + 10) in music(again.timeline)
    assert [cue.take for cue in again.cues] == [2, 2, 2]


def test_numbers_stay_when_a_mark_before_is_gone(scored: job.ScoreResult, tmp_path: Path) -> None:
    text = output(scored, "fcpxml").read_text("utf-8")
    source = tmp_path / "fewer.fcpxml"
    source.write_text(re.sub(r'<marker\b[^>]*value="SCORE"[^>]*/>', "", text), "utf-8")
    again = job.score(source, tmp_path / "again.otio", DEBUG, load=never)
    assert [(cue.number, cue.reused) for cue in again.cues] == [("1m2", True), ("1m3", True)]
    assert "1m1" in again.warnings[-1]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_music_only_holds_our_tracks_alone_in_every_format(
    scored: job.ScoreResult, tmp_path: Path, suffix: str
) -> None:
    cut = scored.timeline.with_name("cut.otio")
    wanted = tmp_path / f"music.{suffix}"
    settings = dataclasses.replace(DEBUG)
    result = job.score(cut, wanted, settings, music_only=True, load=hum)
    found = read_cut(wanted, reading(wanted))
    clips = [clip.name for clip in found.timeline.find_clips() if clip.name]
    assert sorted(set(clips)) == [cue.wav.name for cue in result.cues]
    assert found.start_frames == read_cut(cut, DEBUG).start_frames


def test_an_otio_is_written_beside_every_other_file(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    result = job.score(cut, tmp_path / "out.edl", DEBUG, load=hum)
    assert result.timeline == tmp_path / "out.otio"
    assert [file.path.name for file in result.written] == ["out.edl", "out.otio"]
    named = job.score(cut, [tmp_path / "two.edl", tmp_path / "mine.otio"], DEBUG, load=hum)
    assert named.timeline == tmp_path / "mine.otio"
    assert named.audio_folder.name == "two_audio"
    assert not (tmp_path / "two.otio").exists()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["cut.edl"], "cut.otio is the timeline that is read"),
        (["there.edl"], "there.edl exists already"),
        (["new.xml", "there.edl"], "there.edl exists already"),
        (["new.mov"], "format that is not written"),
        (["new.edl", "new.edl"], "named twice"),
        (["no/new.edl"], "does not exist"),
        (["folder.edl"], "is a folder"),
        (["folder.fcpxmld"], "is a folder"),
        ([], "no output"),
    ],
)
def test_outputs_are_refused_before_anything_is_rendered(
    tmp_path: Path, names: list[str], said: str
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    (tmp_path / "there.edl").write_text("mine")
    (tmp_path / "folder.edl").mkdir()
    (tmp_path / "folder.fcpxmld").mkdir()
    with pytest.raises(OutputError, match=said):
        job.score(cut, [tmp_path / name for name in names], DEBUG, load=never)
    assert (tmp_path / "there.edl").read_text() == "mine"


def test_a_bundle_of_final_cut_is_replaced_only_if_asked_and_never_the_input(
    tmp_path: Path,
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    bundle = tmp_path / "out.fcpxmld"
    result = job.score(cut, bundle, DEBUG, load=hum)
    (document,) = bundle.iterdir()
    before = document.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        job.score(cut, bundle, DEBUG, load=never)
    job.score(cut, bundle, DEBUG, load=never, overwrite=True)
    assert [document] == list(bundle.iterdir()) and document.read_bytes() == before
    assert not list(tmp_path.glob(".*"))
    for source, output in ((bundle, document), (document, bundle), (bundle, bundle)):
        with pytest.raises(OutputError, match="never changed"):
            job.score(source, output, reading(source), load=never, overwrite=True)
    with pytest.raises(OutputError, match="is a folder"):
        relink(result.timeline, tmp_path / "new", bundle, overwrite=True)
    assert document.read_bytes() == before


def test_media_named_from_a_bundle_are_found_there(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    settings = dataclasses.replace(DEBUG, delivery=DeliverySettings(paths="relative"))
    job.score(cut, tmp_path / "out.fcpxmld", settings, load=hum)
    text = (tmp_path / "out.fcpxmld" / "Info.fcpxml").read_text("utf-8")
    assert 'src="./../out_audio/R1_1m1_t01.wav"' in text
    again = job.score(tmp_path / "out.fcpxmld", tmp_path / "b.otio", DEBUG, load=never)
    assert [cue.reused for cue in again.cues] == [True]


def test_files_of_marks_that_stay_behind_are_named(tmp_path: Path) -> None:
    cut = make_film(tmp_path / "film", ('SCORE maestro="theme.wav"',))
    make_maestro(cut.with_name("theme.wav"))
    (tmp_path / "other").mkdir()
    beside = job.score(cut, cut.with_name("out.fcpxml"), DEBUG, load=hum)
    assert not any("--media-dir" in words for words in beside.changes)
    outputs = [tmp_path / "other" / name for name in ("out.fcpxml", "out.otiod")]
    result = job.score(cut, outputs, DEBUG, load=hum)
    (said,) = [words for words in result.changes if "theme.wav" in words]
    assert f"add --media-dir {cut.parent}" in said
    found = dataclasses.replace(DEBUG, media=MediaSettings(media_dirs=(cut.parent,)))
    again = job.score(outputs[0], tmp_path / "again.otio", found, load=never)
    assert [cue.reused for cue in again.cues] == [True]
    alone = job.score(cut, tmp_path / "alone.fcpxml", DEBUG, load=hum, music_only=True)
    assert not any("theme.wav" in words for words in alone.changes)


def test_a_version_that_is_not_written_is_refused_before_rendering(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    wrong = (
        (DeliverySettings(fcpxml_version="9.9"), OutputError),
        (DeliverySettings(otio_version="9.9"), SettingsError),
    )
    for delivery, error in wrong:
        settings = dataclasses.replace(DEBUG, delivery=delivery)
        with pytest.raises(error, match=r"9\.9"):
            job.score(cut, tmp_path / "out.fcpxml", settings, load=never)
    assert not (tmp_path / "out.fcpxml").exists()


def test_how_files_are_written_is_chosen(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    delivery = DeliverySettings(
        paths="relative", dialect="resolve", otio_version="0.14.0", fcpxml_version="1.9"
    )
    settings = dataclasses.replace(DEBUG, delivery=delivery)
    result = job.score(cut, tmp_path / "out.fcpxml", settings, load=hum)
    assert [file.dialect for file in result.written] == ["", "resolve"]
    text = (tmp_path / "out.otio").read_text("utf-8")
    assert '"Clip.1"' in text and "Resolve_OTIO" in text
    assert f'"{tmp_path.as_uri()}/out_audio' not in text and "out_audio/R1_1m1_t01.wav" in text
    assert '<fcpxml version="1.9">' in (tmp_path / "out.fcpxml").read_text("utf-8")


def test_the_command_line_lists_files_and_losses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    both = ["-o", str(tmp_path / "a.edl"), "-o", str(tmp_path / "b.otio")]
    command = ["score", str(cut), *both, "--model", "debug", "--device", "cpu", "--steps", "1"]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "1 cue in" in shown and "not carried: " in shown and shown.count("not carried") >= 1
    assert main([*command, "--overwrite", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["timeline"].endswith("b.otio")
    losses = {Path(file["path"]).suffix: file["losses"] for file in document["written"]}
    assert losses[".otio"] == [] and any("rate" in loss for loss in losses[".edl"])
    assert main(command) == 7


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("otio-fcp-adapter/premiere_example.xml", None),
        ("OpenFCPXMLKit/CutSample.fcpxml", None),
        ("otio-aaf-adapter/simple.aaf", None),
        ("otio-cmx3600-adapter/premiere_example.edl", Fraction(24)),
        ("OpenTimelineIO/effects.otio", None),
    ],
)
def test_real_timelines_of_every_format_are_scored(
    tmp_path: Path, fixture: Callable[[str], Path], name: str, rate: Fraction | None
) -> None:
    source = fixture(name)
    before = source.read_bytes()
    spotting = SpottingSettings(all_shots=True, rate=rate)
    media = MediaSettings(missing="black")
    shots = job.spot(source, Settings(spotting=spotting, media=media)).cues
    chosen = dataclasses.replace(spotting, only=(shots[0].number,))
    settings = dataclasses.replace(DEBUG, spotting=chosen, media=media)
    outputs = [tmp_path / f"out.{suffix}" for suffix in SUFFIXES if suffix != "otiod"]
    result = job.score(source, outputs, settings, load=hum)
    assert [cue.number for cue in result.cues] == [shots[0].number]
    assert source.read_bytes() == before
    timeline = otio.adapters.read_from_file(str(result.timeline))
    track = timeline.audio_tracks()[-1]
    assert [clip.name for clip in track.find_clips()] == [result.cues[0].wav.name]
