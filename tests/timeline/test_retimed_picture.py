"""The picture of retimed clips and nested stacks, frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from coded_media import numbers
from opentimelineio import schema
from seen_pictures import (
    cut_of,
    dissolve,
    every,
    gap,
    look,
    nest,
    ramped,
    remapped,
    seen,
    shot,
    span,
    track,
    with_media,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_media(tmp_path_factory.mktemp("media"))


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (2.0, range(60, 100, 2)),
        (0.5, [60 + k // 2 for k in range(20)]),
        (1.25, [60 + k * 5 // 4 for k in range(20)]),
        (-1.0, range(79, 59, -1)),
        (-2.0, range(99, 59, -2)),
        (-0.5, [69 - k // 2 for k in range(20)]),
        (0.0, [60] * 20),
    ],
)
def test_the_source_range_of_a_retimed_clip_lasts_as_long_as_the_clip(folder, speed, expected):
    assert seen(cut_of(folder, track(shot("a.mp4", 60, 20, speed)))) == list(expected)


EVEN, FAST, HELD = range(48, 72), range(72, 120, 2), [48] * 24


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (ramped([(0, 2), (1, 3), (2, 5)], 48), [*EVEN, *FAST]),
        (ramped([(0, 1), (1, 2), (2, 3), (3, 5)], 48, own="1s"), [*EVEN, *FAST]),
        (ramped([(0, 2), (1, 2), (2, 4)], 48, own="0s"), [*HELD, *range(48, 96, 2)]),
        (ramped([(0, 2), (1, 3), (2, 2)], 48), [*EVEN, *range(71, 47, -1)]),
        (ramped([(0, 2), (1, 3)], 48), [*EVEN, *[72] * 24]),
        (remapped([(0, 24), (24, 48), (48, 72), (72, 120)], 48), [*EVEN, *FAST]),
    ],
)
def test_speeds_that_change_are_followed_from_point_to_point(folder, made, expected):
    assert seen(cut_of(folder, track(made))) == list(expected)


def test_a_ramp_goes_on_under_a_dissolve_and_where_it_is_cut_in_two(folder):
    made = ramped([(0, 2), (1, 3), (2, 5)], 48)
    over = track(gap(10), shot("b.mp4", 50, 5))
    spans = look(cut_of(folder, track(made, dissolve(4, 0), shot("b.mp4", 60, 24)), over)).spans
    layers = [layer for one in spans for layer in one.layers if layer.media.path.name == "a.mp4"]
    assert [(layer.media_start_s, layer.speed) for layer in layers] == [
        (2, 1), (2 + Fraction(15, 24), 1), (3, 2), (5 - Fraction(8, 24), 2)
    ]  # fmt: skip


def test_freeze_frames_and_disabled_or_other_effects(folder):
    frozen, plain = shot("a.mp4", 60, 5), shot("a.mp4", 60, 5, 3.0)
    frozen.effects.append(schema.FreezeFrame())
    plain.effects[0].enabled = False
    plain.effects.append(schema.Effect(effect_name="Blur"))
    assert seen(cut_of(folder, track(frozen, plain))) == [60] * 5 + list(range(60, 65))


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        (None, [*range(55, 60), *range(120, 125)]),
        (2.0, [*range(55, 60, 2), *range(121, 135, 2)]),
        (-1.0, [*range(124, 119, -1), *range(59, 54, -1)]),
        (0.0, [55] * 10),
    ],
)
def test_nested_stacks_have_their_own_range_and_speed(folder, speed, expected):
    inner = shot("a.mp4", 50, 10), shot("b.mp4", 120, 30)
    below = track(shot("b.mp4", 1, 14))
    cut = cut_of(
        folder, below, track(gap(2), nest(*inner, start=5, duration=10, speed=speed), gap(2))
    )
    assert seen(cut) == [1, 2, *expected, 13, 14]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 10), (1, 11), (2, 13)], [*EVEN, *FAST]),
        ([(0, 10), (1, 11), (2, 10)], [*EVEN, *range(71, 47, -1)]),
        ([(0, 10), (1, 10), (2, 12)], [*HELD, *range(48, 96, 2)]),
    ],
)
def test_speeds_that_change_are_followed_in_nested_stacks(folder, points, expected):
    """FCPXML counts inside from the sequence's own start, here 8 seconds; xmeml from its first."""
    times = "".join(f'<timept time="{own}s" value="{value}s"/>' for own, value in points)
    made = nest(shot("a.mp4", 0, 200), start=48, duration=48)
    kept = {"timeMap": f"<timeMap>{times}</timeMap>", "origin": "8s", "own": "0s"}
    made.metadata["fcpxml"] = kept
    assert seen(cut_of(folder, track(made))) == list(expected)
    if expected[0] != expected[1]:  # xmeml finds its place by the media frame, the first that fits
        other = nest(shot("a.mp4", 0, 200), start=48, duration=48)
        graph = [(own * 24, (value - 8) * 24) for own, value in points]
        other.effects.extend(remapped(graph, 0).effects)
        assert seen(cut_of(folder, track(other))) == list(expected)


def test_holes_in_nested_stacks_show_what_is_below(folder):
    nested = nest(gap(3), shot("a.mp4", 70, 4), gap(3), start=0, duration=10)
    cut = cut_of(folder, track(shot("b.mp4", 100, 10)), track(nested))
    assert seen(cut) == [100, 101, 102, 70, 71, 72, 73, 107, 108, 109]


def test_an_empty_sequence_is_listed_and_an_empty_track_is_not(folder):
    hollow = schema.Stack("hollow", source_range=span(0, 10))
    picture = look(cut_of(folder, track(shot("a.mp4", 50, 10)), track(hollow), track()))
    assert picture.looked_through == ("empty sequence 'hollow' on V2",)
    assert numbers(every(picture, Fraction(24))) == list(range(50, 60))


def test_a_track_may_be_trimmed(folder):
    trimmed = track(shot("a.mp4", 50, 10), shot("b.mp4", 100, 10), source_range=span(6, 8))
    assert seen(cut_of(folder, trimmed)) == [56, 57, 58, 59, 100, 101, 102, 103]
