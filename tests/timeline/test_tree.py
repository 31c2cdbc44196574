from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio import schema
from small_timelines import clip, cut_of, gap, marker, span, track

from otio_hpm.errors import TimelineError
from otio_hpm.timeline.tree import Place, locate, walk
from otio_hpm.timing import FRAME_RATES


def places(cut) -> dict[str, Place]:
    return {place.item.name: place for place in walk(cut) if place.is_clip}


def record(place: Place) -> tuple[int, int]:
    return place.start_frames, place.end_frames


def test_items_stand_where_opentimelineio_puts_them():
    dissolve = schema.Transition(in_offset=span(0, 6).duration, out_offset=span(0, 6).duration)
    cut = cut_of(
        track(clip("a", 10, 48), dissolve, clip("b", 0, 24), gap(12), clip("c", 5, 5)),
        track(gap(30), clip("d", 0, 20)),
    )
    found = places(cut)
    assert {name: record(place) for name, place in found.items()} == {
        "a": (0, 48),
        "b": (48, 72),
        "c": (84, 89),
        "d": (30, 50),
    }
    for place in found.values():
        expected = place.item.transformed_time_range(
            place.item.trimmed_range(), cut.timeline.tracks
        )
        assert place.start == Fraction(expected.start_time.value)
        assert place.end == Fraction(expected.end_time_exclusive().value)


def test_a_locator_leads_back_to_its_item_and_to_its_marker():
    shot = clip("b", 0, 24, marker("one"), marker("two"))
    cut = cut_of(track(clip("a", 0, 24), shot), track(gap(2)))
    place = places(cut)["b"]
    assert place.locator == ("tracks", 0, 1)
    assert locate(cut.timeline, place.locator).name == "b"
    assert locate(cut.timeline, (*place.locator, "markers", 1)).name == "two"
    assert locate(cut.timeline, ("tracks",)).schema_name() == "Stack"


def test_a_trimmed_track_and_a_trimmed_nest_shift_and_cut_what_is_inside():
    nest = schema.Stack(name="nest", children=[track(clip("a", 100, 20), clip("b", 0, 20))])
    nest.source_range = span(15, 10)
    offset = track(clip("d", 0, 48))
    offset.source_range = span(-7, 30)
    found = places(cut_of(track(gap(8), nest, clip("c", 0, 4)), offset))
    assert record(found["a"]) == (8, 13)
    assert record(found["b"]) == (13, 18)
    assert record(found["c"]) == (18, 22)
    assert record(found["d"]) == (7, 30)
    assert found["a"].record(Fraction(115, 24)) == 8


@pytest.mark.parametrize(
    ("speed", "source_frame", "record_frame"),
    [(2, 140, 20), (Fraction(1, 2), 110, 20), (-1, 109, 90), (-2, 101, 99.0)],
)
def test_source_time_of_a_retimed_clip_is_found_on_the_timeline(speed, source_frame, record_frame):
    retimed = clip("a", 100, 100)
    retimed.effects.append(schema.LinearTimeWarp(time_scalar=float(speed)))
    place = places(cut_of(track(retimed)))["a"]
    assert record(place) == (0, 100)
    start, _ = place.extent(Fraction(source_frame, 24), Fraction(0))
    assert start == record_frame


def test_the_other_end_of_a_reversed_clip_comes_first():
    retimed = clip("a", 100, 50)
    retimed.effects.append(schema.LinearTimeWarp(time_scalar=-1.0))
    place = places(cut_of(track(retimed)))["a"]
    assert place.extent(Fraction(100, 24), Fraction(0)) == (49, 49)
    assert place.extent(Fraction(100, 24), Fraction(10, 24)) == (40, 50)


def test_a_retimed_nest_bends_the_time_of_what_is_inside():
    nest = schema.Stack(children=[track(clip("a", 0, 48), clip("b", 0, 48))])
    nest.source_range = span(0, 48)
    nest.effects.append(schema.LinearTimeWarp(time_scalar=2.0))
    found = places(cut_of(track(nest)))
    assert record(found["a"]) == (0, 24)
    assert record(found["b"]) == (24, 48)


def test_a_frozen_clip_still_has_its_length():
    frozen = clip("a", 100, 50)
    frozen.effects.append(schema.FreezeFrame())
    assert record(places(cut_of(track(gap(5), frozen)))["a"]) == (5, 55)


def test_tracks_without_a_name_are_counted_by_kind():
    cut = cut_of(
        track(clip("a", 0, 2)),
        track(clip("b", 0, 2), kind="Audio"),
        track(clip("c", 0, 2), name="B roll"),
        track(clip("d", 0, 2), kind="Audio"),
    )
    assert {name: place.track for name, place in places(cut).items()} == {
        "a": "V1",
        "b": "A1",
        "c": "B roll",
        "d": "A2",
    }


def test_what_is_disabled_hides_all_that_is_inside():
    off = track(clip("a", 0, 2))
    off.enabled = False
    found = places(cut_of(off, track(clip("b", 0, 2))))
    assert not found["a"].enabled
    assert found["b"].enabled


def test_score_tracks_are_left_out():
    ours = track(clip("R1_1m1_t01.wav", 0, 2), kind="Audio", name="HPM Score")
    ours.metadata["otio_hpm"] = {"role": "score", "lane": 0}
    assert set(places(cut_of(track(clip("a", 0, 2)), ours))) == {"a"}


def test_a_clip_without_any_range_is_an_error_that_names_it():
    cut = cut_of(track(clip("a", 0, 2)))
    cut.timeline.tracks[0].append(schema.Clip(name="lost"))
    with pytest.raises(TimelineError, match="'lost'"):
        list(walk(cut))


@given(
    rate=st.sampled_from(FRAME_RATES),
    lengths=st.lists(st.integers(1, 100_000), min_size=1, max_size=12),
    drawn=st.data(),
)
def test_neighbours_meet_exactly_at_every_rate(rate, lengths, drawn):
    clips = [clip(f"{i}", 7, length, rate=float(rate)) for i, length in enumerate(lengths)]
    found = list(places(cut_of(track(*clips), rate=rate)).values())
    assert [place.end_frames - place.start_frames for place in found] == lengths
    assert all(a.end == b.start for a, b in pairwise(found))
    chosen = drawn.draw(st.sampled_from(found))
    offset = drawn.draw(st.integers(0, 100))
    assert chosen.record(Fraction(7 + offset) / rate) == chosen.start + offset
