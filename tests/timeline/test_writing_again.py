"""What is written onto a timeline that was scored before, and what an editor changed there."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing_bench import Bench, RangeOf, clips, kinds, picture, without_ours

from otio_hpm.timeline.exact import frames, rational, seconds
from otio_hpm.timeline.writing import Take, existing_cues


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class TestAgain:
    def test_nothing_changed(self, bench: Bench) -> None:
        takes = [bench.take("1m1", 0, 100), bench.take("1m2", 100, 200)]
        bench.write(*takes)
        before = bench.output.read_bytes()
        report = bench.write(*takes, cut=bench.edit(lambda _: None))
        assert report.unchanged == ("1m1", "1m2")
        assert report.new_tracks == ()
        assert bench.output.read_bytes() == before

    def test_a_new_take_is_a_reference_of_the_same_clip(self, bench: Bench) -> None:
        other = bench.take("1m2", 100, 200)
        bench.write(bench.take("1m1", 0, 100), other)
        report = bench.write(bench.take("1m1", 0, 100, take=2), cut=bench.edit(lambda _: None))
        (track,) = bench.tracks()
        assert clips(track) == {"R1_1m1_t02.wav": (0, 100), "R1_1m2_t01.wav": (100, 200)}
        assert kinds(track) == ["Transition", "Clip", "Transition", "Clip", "Transition", "Gap"]
        clip = track[1]
        assert list(clip.media_references()) == ["take_01", "take_02"]
        assert clip.active_media_reference_key == "take_02"
        assert clip.media_reference.target_url.endswith("t02.wav")
        assert report.replaced == ("1m1",)
        assert report.changes == ("1m1: take 2 on HPM Score replaces take 1",)

    def test_other_fades_are_brought_up_to_date(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))
        take = bench.take("1m1", 100, 300, fade_out=Fraction(2))
        report = bench.write(take, cut=bench.edit(lambda _: None))
        (track,) = bench.tracks()
        assert kinds(track) == ["Gap", "Transition", "Clip", "Transition", "Gap"]
        assert seconds(track[3].in_offset) == 2
        assert report.replaced == ("1m1",)
        assert report.changes == ("1m1: take 1 on HPM Score is brought up to date",)
        assert list(track[2].media_references()) == ["take_01"]

    def test_cues_that_change_places(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 100), bench.take("1m2", 200, 300))
        bench.write(
            bench.take("1m1", 200, 320, take=2),
            bench.take("1m2", 50, 90, take=2),
            cut=bench.edit(lambda _: None),
        )
        (track,) = bench.tracks()
        assert clips(track) == {"R1_1m2_t02.wav": (50, 90), "R1_1m1_t02.wav": (200, 320)}
        pattern = ["Gap", "Transition", "Clip", "Transition", "Gap"]
        assert kinds(track) == [*pattern, *pattern[1:]]
        assert not any(e.touched for e in existing_cues(bench.edit(lambda _: None)))

    def test_a_neighbour_that_leaves_gives_its_fades_back(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 100), bench.take("1m2", 100, 200))
        bench.write(bench.take("1m2", 300, 400, take=2), cut=bench.edit(lambda _: None))
        (track,) = bench.tracks()
        assert kinds(track)[:4] == ["Transition", "Clip", "Transition", "Gap"]
        assert seconds(track[2].in_offset) == 1 and seconds(track[2].out_offset) == 0

    EDITS: dict[str, Callable[[Any], None]] = {  # noqa: RUF012
        "renamed": lambda clip: setattr(clip, "name", "theme.wav"),
        "disabled": lambda clip: setattr(clip, "enabled", False),
        "given effects": lambda clip: clip.effects.append(otio.schema.Effect(effect_name="EQ")),
        "given markers": lambda clip: clip.markers.append(otio.schema.Marker(name="hit")),
        "coloured": lambda clip: setattr(clip, "color", otio.core.Color(1.0, 0.0, 0.0, 1.0)),
        "slipped": lambda clip: setattr(
            clip, "source_range", RangeOf(rational(86510, Fraction(24)), clip.source_range.duration)
        ),
        "trimmed": lambda clip: setattr(
            clip, "source_range", RangeOf(clip.source_range.start_time, rational(150, Fraction(24)))
        ),
    }

    def test_ours_have_a_colour_of_their_own(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))
        (track,) = bench.tracks()
        assert [item.color.name for item in (track, track[2])] == ["Orange", "Orange"]
        (cue,) = existing_cues(bench.edit(lambda _: None))
        assert cue.touched == ()

    @pytest.mark.parametrize("edit", EDITS)
    def test_what_an_editor_changed_is_kept(self, bench: Bench, edit: str) -> None:
        bench.write(bench.take("1m1", 100, 300), bench.take("1m2", 500, 600))
        cut = bench.edit(lambda timeline: self.EDITS[edit](timeline.tracks[1][2]))
        assert existing_cues(cut)[0].touched == (edit,)
        edited = cut.timeline.tracks[1].to_json_string()
        report = bench.write(bench.take("1m1", 100, 300, take=2), cut=cut)
        first, second = bench.tracks()
        assert first.to_json_string() == edited
        assert clips(second) == {"R1_1m1_t02.wav": (100, 300)}
        assert second.name == "HPM Score 2"
        assert (report.kept, report.new_tracks) == (("1m1",), ("HPM Score 2",))
        assert report.changes == (
            f"1m1: its clip on HPM Score was {edit} and is kept; take 2 is on HPM Score 2",
        )
        # The take after that replaces only what nobody touched.
        bench.write(bench.take("1m1", 100, 300, take=3), cut=bench.edit(lambda _: None))
        first, second = bench.tracks()
        assert first.to_json_string() == edited
        assert clips(second) == {"R1_1m1_t03.wav": (100, 300)}
        assert len(second[2].media_references()) == 3

    def test_a_moved_clip_with_the_same_music_needs_no_other(self, bench: Bench) -> None:
        take = bench.take("1m1", 100, 300)
        bench.write(take)

        def move(timeline: Any) -> None:
            timeline.tracks[1][0].source_range = RangeOf(
                rational(0, Fraction(24)), rational(120, Fraction(24))
            )

        cut = bench.edit(move)
        assert existing_cues(cut)[0].touched == ("moved",)
        report = bench.write(take, cut=cut)
        assert report.changes == ("1m1: its clip on HPM Score was moved and is kept",)
        assert clips(bench.tracks()[0]) == {"R1_1m1_t01.wav": (120, 320)}

    def test_other_fades_are_an_edit(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))

        def longer(timeline: Any) -> None:
            timeline.tracks[1][3].in_offset = rational(36, Fraction(24))

        def removed(timeline: Any) -> None:
            del timeline.tracks[1][3]

        for change in (longer, removed):
            assert existing_cues(bench.edit(change))[0].touched == ("given other fades",)

    def test_what_hosts_do_to_fades_is_no_edit(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))

        def rounded(timeline: Any) -> None:
            timeline.tracks[1][1].out_offset = rational(0, Fraction(24))
            timeline.tracks[1][3].metadata.clear()

        def dropped(timeline: Any) -> None:
            del timeline.tracks[1][1]

        for change in (rounded, dropped):
            assert existing_cues(bench.edit(change))[0].touched == ()

    def test_an_earlier_take_chosen_by_the_editor_stays(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))
        bench.write(bench.take("1m1", 100, 300, take=2), cut=bench.edit(lambda _: None))

        def choose(timeline: Any) -> None:
            timeline.tracks[1][2].active_media_reference_key = "take_01"

        cut = bench.edit(choose)
        assert existing_cues(cut)[0].touched == ("switched to another take",)
        bench.write(bench.take("1m1", 100, 300, take=3), cut=cut)
        assert len(bench.tracks()) == 2

    def test_what_an_editor_laid_on_our_track_is_not_covered(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 100))

        def lay(timeline: Any) -> None:
            track = timeline.tracks[1]
            del track[3]
            track.append(picture(Fraction(24), 50, "atmosphere"))

        cut = bench.edit(lay)
        bench.write(bench.take("1m2", 120, 200), cut=cut)
        first, second = bench.tracks()
        assert clips(first) == {"R1_1m1_t01.wav": (0, 100), "atmosphere": (100, 150)}
        assert clips(second) == {"R1_1m2_t01.wav": (120, 200)}


def laned(bench: Bench, ranges: dict[str, tuple[int, int]], take: int) -> list[Take]:
    """Takes of cues that may overlap, each on the first track with room."""
    ends: list[int] = []
    takes = []
    for number, (start, length) in sorted(ranges.items(), key=lambda item: item[1]):
        lane = next((i for i, end in enumerate(ends) if end <= start), len(ends))
        ends[lane : lane + 1] = [start + length]
        takes.append(bench.take(number, start, start + length, take=take, lane=lane))
    return takes


def check_transitions(track: Any) -> None:
    """Every transition is between two items, or at an end, and fits into what it mixes."""
    rate = Fraction(24)
    reach: dict[int, Fraction] = {}
    for index, child in enumerate(track):
        if isinstance(child, otio.schema.Transition):
            for beside, offset in ((index - 1, child.in_offset), (index + 1, child.out_offset)):
                reach[beside] = reach.get(beside, Fraction(0)) + seconds(offset)
                if 0 <= beside < len(track):
                    assert not isinstance(track[beside], otio.schema.Transition)
    for index, length in reach.items():
        inside = 0 <= index < len(track)
        assert length <= (seconds(track[index].duration()) if inside else 0)
    for child in track:
        if isinstance(child, otio.schema.Gap):
            assert frames(child.duration(), rate) > 0


RANGES = st.dictionaries(
    st.sampled_from(["1m1", "1m2", "1m3", "1m4"]),
    st.tuples(st.integers(0, 60), st.integers(1, 40)),
    min_size=1,
)


@settings(max_examples=100, deadline=None)
@given(rounds=st.lists(RANGES, min_size=1, max_size=4))
def test_any_course_of_scorings(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[dict[str, tuple[int, int]]]
) -> None:
    bench = Bench(tmp_path_factory.mktemp("rounds"), length=90)
    expected: dict[str, tuple[int, int]] = {}
    cut = bench.cut
    for number, ranges in enumerate(rounds, start=1):
        takes = laned(bench, ranges, number)
        bench.write(*takes, cut=cut)
        expected |= {t.cue.number: (t.cue.start_frames, t.cue.end_frames) for t in takes}
        cut = bench.edit(lambda _: None)
        existing = existing_cues(cut)
        assert {e.number: (e.start_frames, e.end_frames) for e in existing} == expected
        assert len(existing) == len(expected)
        assert not any(e.touched for e in existing)
        for track in bench.tracks():
            check_transitions(track)
    assert without_ours(cut.timeline) == without_ours(bench.cut.timeline)
    once = bench.output.read_bytes()
    report = bench.write(*takes, cut=cut)
    assert set(report.unchanged) == set(ranges)
    assert bench.output.read_bytes() == once
