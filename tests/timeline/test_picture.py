"""The picture under a range is what a viewer would see; checked on decoded frame numbers."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coded_media import numbers, write_image, write_movie
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentimelineio import core, schema
from seen_pictures import (
    BLACK,
    HOUR,
    cut_of,
    disabled,
    dissolve,
    every,
    gap,
    look,
    read,
    seen,
    shot,
    span,
    track,
    with_media,
)

from otio_hpm.errors import MediaError
from otio_hpm.settings import MediaSettings
from otio_hpm.timeline.media import MediaFinder
from otio_hpm.timeline.picture import MissingMedia
from otio_hpm.timeline.visible import picture_under


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_media(tmp_path_factory.mktemp("media"))


def test_the_topmost_enabled_picture_is_seen_and_gaps_show_what_is_below(folder):
    cut = cut_of(
        folder,
        track(shot("a.mp4", 50, 30)),
        track(gap(10), shot("b.mp4", 100, 10), gap(10)),
        disabled(track(shot("a.mp4", 1, 30))),
        track(disabled(shot("a.mp4", 1, 30))),
        track(shot("sound.wav", 0, 30), kind="Audio"),
    )
    assert seen(cut) == [*range(50, 60), *range(100, 110), *range(70, 80)]
    assert look(cut).looked_through == ()


def test_titles_and_clips_without_media_are_looked_through_and_listed(folder):
    def without(name: str, reference: Any) -> schema.Track:
        return track(schema.Clip(name, reference, span(0, 30)), name=name[:2])

    cut = cut_of(
        folder,
        track(shot("a.mp4", 50, 30)),
        without("T1 Main Title", schema.GeneratorReference(generator_kind="Text")),
        without("T2 bars", schema.GeneratorReference(generator_kind="SMPTEBars")),
        without("T3 Adjustment Clip", schema.MissingReference()),
        without("T4 offline", schema.MissingReference()),
        track(shot("A_title.png", 0, 30), name="T5"),
    )
    picture = look(cut)
    assert numbers(every(picture, cut.rate)) == list(range(50, 80))
    assert set(picture.looked_through) == {
        "title 'T1 Main Title' on T1",
        "generator 'T2 bars' on T2",
        "adjustment layer 'T3 Adjustment Clip' on T3",
        "clip without media 'T4 offline' on T4",
        "title 'A_title.png' on T5",
    }
    assert len(picture.spans) == 1


def test_a_title_card_with_nothing_below_is_the_picture(folder):
    picture = look(cut_of(folder, track(shot("A_title.png", 0, 24)), track(gap(24))))
    assert picture.looked_through == ()
    assert [layer.name for layer in picture.spans[0].layers] == ["A_title.png"]


def test_a_clip_cut_in_two_by_a_layer_above_goes_on_where_it_was(folder):
    overlay = track(gap(7), shot("overlay.png", 0, 3))
    picture = look(cut_of(folder, track(shot("a.mp4", 50, 20)), overlay))
    assert [len(s.layers) for s in picture.spans] == [1, 2, 1]
    frames = every(picture, Fraction(24))
    assert numbers(frames[10:]) == list(range(60, 70))
    assert frames[7:10].min() in range(126, 131)


def test_a_dissolve_mixes_both_shots_and_their_handles(folder):
    cut = cut_of(folder, track(shot("a.mp4", 50, 10), dissolve(3, 2), shot("b.mp4", 100, 10)))
    picture = look(cut)
    assert [(s.start_frames, s.end_frames) for s in picture.spans] == [(0, 7), (7, 12), (12, 20)]
    old, new = picture.spans[1].layers
    assert old.at(Fraction(0)) * 24 == 57 and new.at(Fraction(0)) * 24 == 97
    assert (old.opacity_start, old.opacity_end) == (1, 1)
    assert (new.opacity_start, new.opacity_end) == (0, 1)
    assert numbers(every(picture, cut.rate)[12:]) == list(range(102, 110))


def test_a_fade_uncovers_what_is_below_or_black(folder):
    below = track(shot("b.mp4", 1, 20))
    fading = track(shot("still.png", 0, 10), dissolve(10, 0), gap(10))
    frames = every(look(cut_of(folder, track(gap(20)), fading)), Fraction(24))[..., 0]
    assert frames[:, 0, 0].tolist() == [200 - 20 * k for k in range(10)] + [0] * 10
    over = look(cut_of(folder, below, fading))
    assert [layer.name for layer in over.spans[0].layers] == ["b.mp4", "still.png"]
    assert numbers(every(over, Fraction(24))[10:]) == list(range(11, 21))


def test_part_of_a_dissolve_has_its_part_of_the_mix(folder):
    cut = cut_of(folder, track(shot("a.mp4", 50, 10), dissolve(4, 4), shot("b.mp4", 100, 10)))
    (only,) = look(cut, start=8, end=12).spans
    assert (only.layers[1].opacity_start, only.layers[1].opacity_end) == (
        Fraction(1, 4),
        Fraction(3, 4),
    )


def test_handles_outside_the_timeline_are_black(folder):
    picture = look(cut_of(folder, track(shot("a.mp4", 50, 10))), start=-3, end=14)
    spans = [(s.start_frames, s.end_frames, len(s.layers)) for s in picture.spans]
    assert spans == [(-3, 0, 0), (0, 10, 1), (10, 14, 0)]


@pytest.mark.parametrize("sound", [10, 11, 13, 20])
def test_black_is_the_same_wherever_the_sound_ends(folder, sound):
    longer = schema.Track(kind="Audio", children=[gap(sound)])
    cut = cut_of(folder, track(shot("a.mp4", 50, 10)), longer)
    picture = look(cut, start=0, end=14)
    spans = [(s.start_frames, s.end_frames, len(s.layers)) for s in picture.spans]
    assert spans == [(0, 10, 1), (10, 14, 0)]


def test_a_still_is_held_whatever_its_range(folder):
    still = shot("still.png", 5000, 100)
    still.media_reference.available_range = span(0, 1)
    frames = every(look(cut_of(folder, track(still))), Fraction(24))
    assert len(frames) == 100 and (frames == 200).all()


@pytest.mark.parametrize(
    ("media", "available", "start", "words"),
    [
        ("tc.mp4", span(HOUR + 10, 50), HOUR + 30, "the timeline says it starts at 01:00:00:10"),
        ("tc.mp4", None, HOUR + 20, "its own timecode, 01:00:00:00"),
        ("a.mp4", None, 20, "so 0"),
    ],
)
def test_the_file_offset_is_said(folder, media, available, start, words):
    clip = shot(media, start, 10)
    clip.media_reference.available_range = available
    cut = cut_of(folder, track(clip))
    assert seen(cut) == list(range(20, 30))
    (offset,) = look(cut).offsets
    assert offset.startswith(media) and words in offset


def test_media_that_count_alike_play_frame_for_frame(folder):
    clip = shot("film.mp4", 20, 60)
    assert seen(cut_of(folder, track(clip))) == list(range(20, 80))


def test_edit_points_at_other_rates_go_to_the_nearest_frame(folder):
    first = shot("a.mp4", 0, 1)
    first.source_range = span(Fraction(50, 24) * 30, 13, 30)
    cut = cut_of(folder, track(first, shot("b.mp4", 100, 10)))
    assert seen(cut, end=14) == [*range(50, 60), *range(100, 104)]


def test_a_small_overrun_holds_the_last_frame_with_a_warning(folder):
    cut = cut_of(folder, track(shot("a.mp4", 190, 22)))
    picture = look(cut)
    assert numbers(every(picture, cut.rate)) == [*range(190, 200), *[199] * 12]
    assert picture.warnings == ("clip 'a.mp4': the last frame of its media is held for 12 frames",)
    early = look(cut_of(folder, track(shot("a.mp4", -4, 22))))
    assert numbers(every(early, cut.rate)) == [0, 0, 0, 0, *range(18)]
    assert "first frame" in early.warnings[0]


@pytest.mark.parametrize(("start", "where"), [(190, "after the end"), (-13, "before the beg")])
def test_a_larger_one_is_an_error(folder, start, where):
    cut = cut_of(folder, track(gap(24), shot("a.mp4", start, 23)))
    with pytest.raises(MediaError, match=rf"'a\.mp4' at 01:00:01:00 needs picture 13 .* {where}"):
        look(cut)


@pytest.mark.parametrize("speed", [-1.0, -2.0, 0.5, 3.0])
def test_retimed_clips_that_fit_their_media_give_no_warning(folder, speed):
    start = {-1.0: 0, -2.0: 0, 0.5: 190, 3.0: 140}[speed]
    assert look(cut_of(folder, track(shot("a.mp4", start, 20, speed)))).warnings == ()
    beyond = look(
        cut_of(folder, track(shot("a.mp4", start - 3 if speed < 0 else start + 3, 20, speed)))
    )
    assert len(beyond.warnings) == 1


def test_missing_media_stop_look_below_go_black_or_skip(folder):
    cut = cut_of(
        folder, track(shot("a.mp4", 50, 10)), track(gap(4), shot("gone.mov", 0, 4), gap(2))
    )
    with pytest.raises(MediaError, match=r"'gone\.mov' on V2 .* at 01:00:00:04") as error:
        look(cut)
    assert not isinstance(error.value, MissingMedia)
    with pytest.raises(MissingMedia):
        look(cut, "skip")
    assert seen(cut, missing="below") == list(range(50, 60))
    black = look(cut, "black")
    assert numbers(every(black, cut.rate)) == [50, 51, 52, 53, 0, 0, 0, 0, 58, 59]
    assert "gone.mov" in black.warnings[0]


def test_a_clip_without_media_and_nothing_below_is_missing(folder):
    cut = cut_of(folder, track(schema.Clip("SC1", schema.MissingReference(), span(0, 10))))
    with pytest.raises(MediaError, match="SC1"):
        look(cut)
    assert look(cut, "black").spans[0].layers == ()
    assert look(cut, "below").warnings


def test_missing_media_that_nobody_sees_do_not_matter(folder):
    cut = cut_of(folder, track(shot("gone.mov", 0, 10)), track(shot("a.mp4", 50, 10)))
    assert seen(cut) == list(range(50, 60))


def test_sound_where_picture_is_needed_is_said(folder):
    with pytest.raises(MediaError, match=r"'sound\.wav'.*sound only"):
        look(cut_of(folder, track(shot("sound.wav", 0, 10))))


ITEMS = st.tuples(
    st.sampled_from(["a.mp4", "b.mp4", "gap", "off", "none"]),
    st.integers(1, 12),
    st.integers(60, 100),
    st.sampled_from([None, 1.0, 2.0, 0.5, -1.0, 0.0]),
)


def naive(tracks: list[list[tuple[str, int, int, float | None]]], frame: int) -> int:
    """The number seen at a record frame, found one track after another."""
    for items in reversed(tracks):
        position = 0
        for kind, duration, start, speed in items:
            inside = frame - position
            position += duration
            if kind in ("a.mp4", "b.mp4") and 0 <= inside < duration:
                if speed is not None and speed < 0:
                    return start + duration - 1 - inside
                return start + math.floor(inside * (1 if speed is None else speed))
    return BLACK


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(ITEMS, min_size=1, max_size=5), min_size=1, max_size=3))
def test_any_stack_of_tracks_looks_as_it_would_frame_by_frame(folder, tracks):
    def item(kind: str, duration: int, start: int, speed: float | None) -> Any:
        if kind == "gap":
            return gap(duration)
        if kind == "none":
            return schema.Clip("x", schema.GeneratorReference(), span(0, duration))
        if kind == "off":
            return disabled(shot("a.mp4", start, duration, speed))
        return shot(kind, start, duration, speed)

    cut = cut_of(folder, *(track(*(item(*i) for i in items)) for items in tracks))
    assert seen(cut) == [naive(tracks, frame) for frame in range(cut.duration_frames)]


def stand_in(folder: Path, timeline: Any) -> MediaSettings:
    """A file of its own for everything that a timeline's picture names."""
    clips = [c for t in timeline.video_tracks() for c in t if isinstance(c, schema.Clip)]
    for clip in clips:
        name = Path(getattr(clip.media_reference, "target_url", None) or "").name
        if name.endswith(".png"):
            write_image(folder / name, np.full((8, 8, 3), 255 if "title" in name else 90, np.uint8))
        elif name:
            write_movie(folder / name, 400, 30)
    return MediaSettings(media_dirs=(folder,))


@pytest.mark.parametrize(
    ("file", "rate", "title", "missing"),
    [
        ("OpenTimelineIO-history/premiere_example_oldschema.otio", 30, "test_title", set()),
        ("OpenTimelineIO/effects.otio", 24, "A_title.png", {"sq0100"}),
    ],
)
def test_real_timelines_show_picture_and_no_title(fixture, tmp_path, file, rate, title, missing):
    timeline = core.deserialize_json_from_file(str(fixture(file)))
    settings = stand_in(tmp_path, timeline)
    cut = dataclasses.replace(read(timeline, fixture(file), Fraction(rate)), start_frames=0)
    finder = MediaFinder(cut.path.parent, settings)
    picture = picture_under(cut, 0, cut.duration_frames, finder, "error")
    names = [layer.name for span in picture.spans for layer in span.layers]
    assert not any("title" in name for name in names)
    assert any(title in words for words in picture.looked_through)
    assert all(any(m in words for words in picture.looked_through) for m in missing)
    edges = [(s.start_frames, s.end_frames) for s in picture.spans]
    assert edges[0][0] == 0 and edges[-1][1] == cut.duration_frames
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    frames = every(picture, cut.rate)
    assert frames.max(axis=(1, 2, 3))[:400].any() and len(frames) == cut.duration_frames
