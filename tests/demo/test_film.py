"""The demo film: its media, its timeline, and that moods differ as its plan says."""

import wave
from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest
from plain_timeline import differences
from readback import read_back

from otio_hpm.__main__ import main
from otio_hpm.demo.cut import media_path
from otio_hpm.demo.film import make_demo
from otio_hpm.demo.scenes import EDITS, FEET, FPS, HANDLE_FRAMES, ROLLS
from otio_hpm.errors import OutputError
from otio_hpm.film.descriptors import DESCRIPTOR_NAMES, describe
from otio_hpm.film.frames import read_frames
from otio_hpm.settings import Settings
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.spotting import spot_cues
from otio_hpm.timeline.visible import picture_under


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return make_demo(tmp_path_factory.mktemp("demo film"))


@pytest.fixture(scope="module")
def cut(demo):
    return read_cut(demo, Settings())


@pytest.fixture(scope="module")
def finder(demo):
    return MediaFinder(demo.parent, Settings().media)


@pytest.fixture(scope="module")
def cues(cut, finder):
    return {cue.number: cue for cue in spot_cues(cut, Settings(), finder).cues}


@pytest.fixture(scope="module")
def seen(cut, finder):
    """Mean of each descriptor under each clip of at least four seconds, by clip name."""
    picture = picture_under(cut, 0, cut.duration_frames, finder, "error")
    rows = describe(read_frames(picture, 0, cut.duration_frames, cut.rate)).stacked()
    means, start = {}, 0
    for edit in EDITS:
        if edit.frames >= 4 * FPS:
            inside = rows[start // FPS + 1 : (start + edit.frames) // FPS]
            means[edit.name] = dict(zip(DESCRIPTOR_NAMES, inside.mean(axis=0), strict=True))
        start += edit.frames
    return means


def test_the_folder_is_small_and_holds_the_film(demo):
    files = list(demo.parent.iterdir())
    assert len(files) == len(ROLLS) + 2
    assert sum(file.stat().st_size for file in files) < 25e6


@pytest.mark.parametrize("roll", ROLLS, ids=lambda roll: roll.name)
def test_media_are_what_the_plan_says(demo, roll):
    with av.open(str(media_path(demo.parent, roll))) as movie:
        video, audio = movie.streams.video[0], movie.streams.audio[0]
        assert (video.average_rate, video.frames) == (FPS, roll.seconds * FPS)
        assert (video.width, video.height) == (640, 360)
        minute = roll.start_frames // (60 * FPS) - 600
        assert video.metadata["timecode"] == f"10:{minute:02d}:00:00"
        sound = np.concatenate([frame.to_ndarray()[0] for frame in movie.decode(audio)]) / 32768
    assert len(sound) == roll.seconds * 48_000
    assert 0.001 < np.sqrt(np.mean(sound**2)) < 0.2
    assert np.abs(sound).max() < 0.99


def test_every_clip_cuts_into_media_with_handles(demo):
    timeline = otio.adapters.read_from_file(str(demo))
    assert timeline.global_start_time.to_timecode() == "01:00:00:00"
    clips = [
        clip for clip in timeline.find_clips() if not clip.media_reference.is_missing_reference
    ]
    films = [c for c in clips if isinstance(c.media_reference, otio.schema.ExternalReference)]
    assert len(films) == 2 * len(EDITS)
    for clip in films:
        before = clip.source_range.start_time - clip.available_range().start_time
        after = clip.available_range().end_time_exclusive() - clip.source_range.end_time_exclusive()
        assert before.value >= HANDLE_FRAMES
        assert after.value >= HANDLE_FRAMES


def test_timeline_has_a_dissolve_a_title_and_production_sound(demo):
    picture, titles, sound = otio.adapters.read_from_file(str(demo)).tracks
    transitions = [one for one in picture if isinstance(one, otio.schema.Transition)]
    assert [one.transition_type for one in transitions] == ["SMPTE_Dissolve"]
    assert isinstance(titles[1].media_reference, otio.schema.GeneratorReference)
    assert sound.kind == "Audio"
    assert sound.duration() == otio.opentime.RationalTime(58 * FPS, FPS)


def test_marks_make_the_cues_that_were_meant(cut, cues):
    assert cut.rate == Fraction(FPS)
    spans = {n: (cut.timecode(c.start_frames), cut.timecode(c.end_frames)) for n, c in cues.items()}
    assert spans == {
        "1m1": ("01:00:00:00", "01:00:07:00"),
        "1m2": ("01:00:07:00", "01:00:12:00"),
        "1m3": ("01:00:12:00", "01:00:21:00"),
        "1m4": ("01:00:27:00", "01:00:39:00"),
        "1m5": ("01:00:39:00", "01:00:46:00"),
        "1m6": ("01:00:46:00", "01:00:52:00"),
    }
    assert [shot.name for shot in cues["1m4"].shots] == ["walk", "forest"]
    assert len(cues["1m5"].shots) == 8
    assert cues["1m2"].options.loudness_lufs == -26


def test_one_cue_follows_the_theme(demo, cues):
    assert cues["1m3"].maestro.path == demo.parent / "demo_theme.wav"
    assert [number for number, cue in cues.items() if cue.maestro] == ["1m3"]


def test_hit_points_are_where_lightning_strikes(cut, cues, finder):
    assert [number for number, cue in cues.items() if cue.hits_frames] == ["1m2"]
    for hit in cues["1m2"].hits_frames:
        picture = picture_under(cut, hit - 1, hit + 1, finder, "error")
        panes = [
            read_frames(picture, at, at + 1, cut.rate)[0, 7:23, 10:24] for at in (hit - 1, hit)
        ]
        assert panes[1].mean() > 2 * panes[0].mean()


def test_the_walk_is_drawn_to_grow(cues):
    assert [point.level_db for point in cues["1m4"].levels] == [-6, 6]


def test_the_theme_grows_and_dies_away(demo):
    with wave.open(str(demo.parent / "demo_theme.wav")) as file:
        assert file.getframerate() == 48_000
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert len(sound) == 12.5 * 48_000
    level = 20 * np.log10(np.sqrt((sound[: 12 * 48_000].reshape(4, -1) ** 2).mean(axis=1)))
    assert level[0] + 5 < level[1] < level[2] - 5
    assert level[3] < level[2] - 5
    assert 0.5 < np.abs(sound).max() < 0.9


def test_the_title_is_looked_through(cut, finder):
    picture = picture_under(cut, 0, 7 * FPS, finder, "error")
    assert "The Keeper" in picture.looked_through[0]
    assert {layer.name for span in picture.spans for layer in span.layers} == {"lighthouse"}


def test_moods_differ_as_intended(seen):
    def order(name, *clips):
        values = [seen[clip][name] for clip in clips]
        assert values == sorted(values), (name, dict(zip(clips, values, strict=True)))

    order("arousal", "meadow", "walk", "kites")
    order("arousal", "lighthouse", "snow", "forest")
    order("arousal", "meadow", "sunrise", "forest")
    order("valence", "lighthouse", "lamp", "sunrise", "meadow", "kites")
    order("valence", "forest", "walk")
    order("vivid_color", "lighthouse", "snow", "walk", "kites")
    order("flicker", "kites", "lighthouse", "lamp")
    assert seen["meadow"]["trust"] > 0.5
    assert seen["lighthouse"]["sadness"] > 0.4


def test_the_forest_builds_up_and_the_sun_rises(cut, finder):
    def course(name, start_s, end_s):
        picture = picture_under(cut, start_s * FPS, end_s * FPS, finder, "error")
        frames = read_frames(picture, start_s * FPS, end_s * FPS, cut.rate)
        return describe(frames).stacked()[:, DESCRIPTOR_NAMES.index(name)]

    forest = course("shift_speed", 33, 39) + course("motion_area", 33, 39)
    assert forest[-2:].mean() > 1.2 * forest[:2].mean()
    assert np.all(np.diff(course("valence", 13, 21)) > 0)


def test_the_chase_is_cut_ever_faster(cut, finder):
    picture = picture_under(cut, 38 * FPS, 46 * FPS, finder, "error")
    rows = describe(read_frames(picture, 38 * FPS, 46 * FPS, cut.rate)).stacked()
    cuts = rows[:, DESCRIPTOR_NAMES.index("cuts")]
    assert 6 <= cuts.sum() <= 8
    assert cuts[4:].sum() > cuts[:4].sum()


def test_its_score_reads_back_right(demo, tmp_path):
    output = tmp_path / "out.otio"
    quick = ("--model", "debug", "--device", "cpu", "--steps", "2", "--progress", "none")
    assert main(["score", str(demo), "-o", str(output), *quick]) == 0
    readings = read_back(output)
    assert [reading.cue for reading in readings] == [f"1m{number}" for number in range(1, 7)]
    assert [reading.problems for reading in readings] == [()] * 6
    assert differences(demo, output) == []
    assert readings[1].target == -26


def test_a_second_call_keeps_everything(demo):
    before = {file: file.stat().st_mtime_ns for file in demo.parent.iterdir()}
    assert make_demo(demo.parent) == demo
    assert {file: file.stat().st_mtime_ns for file in demo.parent.iterdir()} == before


def test_missing_media_come_back_with_the_same_bytes(demo):
    path = media_path(demo.parent, FEET)
    before = path.read_bytes()
    path.unlink()
    make_demo(demo.parent)
    assert path.read_bytes() == before


def test_a_changed_timeline_is_left_alone(demo):
    original = demo.read_bytes()
    demo.write_bytes(original + b"\n")
    try:
        with pytest.raises(OutputError, match="was changed"):
            make_demo(demo.parent)
        assert demo.read_bytes() == original + b"\n"
    finally:
        demo.write_bytes(original)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(OutputError):
        make_demo(tmp_path / "taken")
