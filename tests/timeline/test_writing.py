"""What is written: our tracks exactly in place, and everything else as it was."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing_bench import Bench, RangeOf, clips, cue_of, kinds, take_of, without_ours

from otio_hpm.errors import OutputError
from otio_hpm.settings import Settings
from otio_hpm.timeline.exact import frames, rational, seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import existing_cues, write_scored
from otio_hpm.timing import SAMPLE_RATE, frames_to_samples

NTSC_24 = Fraction(24000, 1001)
RATES = [NTSC_24, *map(Fraction, (24, 25, 30, 50)), Fraction(30000, 1001), Fraction(60000, 1001)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class TestPlace:
    def test_a_cue_in_the_middle(self, bench: Bench) -> None:
        report = bench.write(bench.take("1m1", 100, 300))
        (track,) = bench.tracks()
        assert (track.name, track.kind) == ("HPM Score", "Audio")
        assert kinds(track) == ["Gap", "Transition", "Clip", "Transition", "Gap"]
        assert clips(track) == {"R1_1m1_t01.wav": (100, 300)}
        assert frames(track.duration(), Fraction(24)) == 1000
        clip, fade_in, fade_out = track[2], track[1], track[3]
        assert clip.source_range == RangeOf(
            rational(86500, Fraction(24)), rational(200, Fraction(24))
        )
        available = clip.media_reference.available_range
        assert (available.start_time.value, available.duration.value) == (86476, 248)
        assert seconds(fade_in.in_offset) == 0 and seconds(fade_in.out_offset) == Fraction(1, 100)
        assert (fade_in.out_offset.value, fade_in.out_offset.rate) == (480, 48000)
        assert seconds(fade_out.in_offset) == 1 and seconds(fade_out.out_offset) == 0
        assert report.added == ("1m1",) and report.new_tracks == ("HPM Score",)
        assert report.changes == ("1m1: take 1 is on HPM Score",)

    def test_settings_in_a_mark_s_metadata_stay(self, bench: Bench) -> None:
        marker = bench.cut.timeline.tracks[0][0].markers[0]
        marker.metadata["otio_hpm"] = "style=none"
        bench.write(bench.take("1m1", 100, 300))
        linked = bench.timeline.tracks[0][0].markers[0].to_json_string()
        facts = json.loads(linked)["metadata"]["otio_hpm"]
        assert facts == {"settings": "style=none", "clip": "R1_1m1_t01.wav", "cue": "1m1"}

    def test_what_the_clip_says(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300))
        timeline = bench.timeline
        (track,) = bench.tracks()
        clip = track[2]
        facts = clip.metadata["otio_hpm"]
        assert dict(track.metadata["otio_hpm"]) == {"role": "score", "lane": 0}
        assert clip.media_reference.target_url.endswith("/out_audio/R1_1m1_t01.wav")
        assert clip.active_media_reference_key == "take_01"
        assert facts["sidecar"] == "out_audio/R1_1m1_t01.json"
        assert (facts["cue"], facts["take"], facts["fingerprint"]) == ("1m1", 1, "1m1/1")
        assert (facts["record_start_frames"], facts["record_end_frames"]) == (100, 300)
        assert dict(facts["fades"]) == {"in_s": 0.01, "out_s": 1.0, "baked": False}
        assert list(facts["shots"][0]["locator"]) == ["tracks", 0, 0]
        assert facts["marks"][0]["timecode"] == "01:00:00:05"
        marker = timeline.tracks[0][0].markers[0]
        assert dict(marker.metadata["otio_hpm"]) == {"clip": clip.name, "cue": "1m1"}
        assert marker.metadata["mine"] == 1
        assert timeline.metadata["otio_hpm"]["audio_folder"] == "out_audio"

    def test_at_head_and_end(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 1000))
        (track,) = bench.tracks()
        assert kinds(track) == ["Transition", "Clip", "Transition"]
        assert clips(track) == {"R1_1m1_t01.wav": (0, 1000)}
        assert track.available_range() == RangeOf(
            rational(0, Fraction(24)), rational(1000, Fraction(24))
        )

    def test_touching_cues_cross_over_their_handles(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 100, handle=12), bench.take("1m2", 100, 200, handle=12))
        (track,) = bench.tracks()
        assert kinds(track) == ["Transition", "Clip", "Transition", "Clip", "Transition", "Gap"]
        assert clips(track) == {"R1_1m1_t01.wav": (0, 100), "R1_1m2_t01.wav": (100, 200)}
        assert seconds(track[2].in_offset) == Fraction(1, 2)  # all there is of the handle
        assert seconds(track[2].out_offset) == Fraction(1, 100)

    def test_baked_fades_have_no_transitions(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 10, 100, handle=0, baked=True))
        (track,) = bench.tracks()
        assert kinds(track) == ["Gap", "Clip", "Gap"]
        assert track[1].metadata["otio_hpm"]["fades"]["baked"]

    def test_fades_fit_a_short_cue(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 10, 22, fade_in=Fraction(1, 4)))
        (track,) = bench.tracks()
        assert seconds(track[1].out_offset) == Fraction(1, 4)
        assert seconds(track[3].in_offset) == Fraction(1, 4)

    def test_overlapping_cues_have_tracks_of_their_own(self, bench: Bench) -> None:
        bench.write(bench.take("1m2", 50, 150, lane=1), bench.take("1m1", 0, 100))
        first, second = bench.tracks()
        assert (first.name, second.name) == ("HPM Score", "HPM Score 2")
        assert clips(first) == {"R1_1m1_t01.wav": (0, 100)}
        assert clips(second) == {"R1_1m2_t01.wav": (50, 150)}

    def test_on_a_timeline_that_is_trimmed_as_a_whole(self, bench: Bench) -> None:
        timeline = bench.cut.timeline.deepcopy()
        rate = Fraction(24)
        timeline.tracks.source_range = RangeOf(rational(200, rate), rational(400, rate))
        cut = dataclasses.replace(bench.cut, timeline=timeline, duration_frames=400)
        bench.write(bench.take("1m1", 10, 60), cut=cut)
        assert clips(bench.tracks()[0]) == {"R1_1m1_t01.wav": (210, 260)}

    @settings(max_examples=60, deadline=None)
    @given(
        rate=st.sampled_from(RATES),
        start=st.integers(0, 10 * 3600 * 24),
        pieces=st.lists(
            st.tuples(st.integers(0, 400), st.integers(1, 400)), min_size=1, max_size=5
        ),
        handle=st.integers(0, 60),
    )
    def test_all_clocks_agree(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        rate: Fraction,
        start: int,
        pieces: list[tuple[int, int]],
        handle: int,
    ) -> None:
        bench = Bench(tmp_path_factory.mktemp("clocks"), rate=rate, start=start, length=5000)
        takes, position = [], 0
        for index, (gap, length) in enumerate(pieces):
            begin = position + gap
            position = begin + length
            takes.append(bench.take(f"1m{index}", begin, position, handle=handle))
        bench.write(*takes)
        (track,) = bench.tracks()
        found = [child for child in track if isinstance(child, otio.schema.Clip)]
        for clip, take in zip(found, takes, strict=True):
            place = track.range_of_child(clip)
            available = clip.media_reference.available_range
            assert frames(place.start_time, rate) == take.cue.start_frames
            assert frames(place.duration, rate) == take.cue.end_frames - take.cue.start_frames
            assert clip.source_range.start_time.value == take.cue.start_frames + start
            assert clip.source_range.start_time - available.start_time == rational(
                take.head_frames, rate
            )
            assert available.end_time_exclusive() - clip.source_range.end_time_exclusive() == (
                rational(handle, rate)
            )
            reference = frames_to_samples(take.start_frames + start, rate)
            assert round(seconds(available.start_time) * SAMPLE_RATE) == reference
            assert round(seconds(available.duration) * SAMPLE_RATE) == take.length_samples
        reread = read_cut(bench.output, Settings())
        assert (reread.rate, reread.start_frames, reread.duration_frames) == (rate, start, 5000)
        assert not any(existing.touched for existing in existing_cues(reread))


class TestTheRestStays:
    @pytest.mark.parametrize(
        "name",
        [
            "OpenTimelineIO/effects.otio",
            "OpenTimelineIO/multitrack.otio",
            "OpenTimelineIO/nested_example.otio",
            "OpenTimelineIO/premiere_example.otio",
            "OpenTimelineIO/screening_example.otio",
            "OpenTimelineIO/transition.otio",
            "OpenTimelineIO-history/premiere_example_oldschema.otio",
        ],
    )
    def test_real_timelines(
        self, tmp_path: Path, fixture: Callable[[str], Path], name: str
    ) -> None:
        source = fixture(name)
        before = source.read_bytes()
        cut = read_cut(source, Settings())
        as_read = cut.timeline.to_json_string()
        cue = dataclasses.replace(cue_of("1m1", 10, 20), marks=())
        take = dataclasses.replace(
            take_of(cut, cue, handle=0), wav=tmp_path / "a" / "R1_1m1_t01.wav"
        )
        output = tmp_path / "out.otio"
        write_scored(cut, [take], output, music_only=False, overwrite=False)
        again = read_cut(output, Settings())
        assert without_ours(again.timeline) == without_ours(cut.timeline)
        assert cut.timeline.to_json_string() == as_read
        assert source.read_bytes() == before
        ours = {"Clip", "Gap", "Track", "Transition", "ExternalReference", "Color"}
        assert ("Color" in again.schema_versions) == (again.schema_versions["Clip"] > 1)
        for schema, version in again.schema_versions.items():
            if schema not in ours or schema in cut.schema_versions:
                assert cut.schema_versions[schema] == version, schema
        assert (again.rate, again.start_frames) == (cut.rate, cut.start_frames)

    def test_the_old_clip_schema_has_the_colours_that_an_editor_gave(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 0, 100))

        def paint(timeline: Any) -> None:
            timeline.tracks[-1].color = otio.core.Color.RED

        cut = dataclasses.replace(bench.edit(paint), schema_versions={"Clip": 1, "Timeline": 1})
        write_scored(cut, [], bench.output, music_only=False, overwrite=True)
        track = bench.tracks()[0]
        assert (track.color.name, track.find_clips()[0].color) == ("Red", None)

    def test_the_old_clip_schema_names_all_takes(self, bench: Bench) -> None:
        old = dataclasses.replace(bench.cut, schema_versions={"Clip": 1, "Timeline": 1})
        bench.write(bench.take("1m1", 0, 100), cut=old)
        text = bench.output.read_text("utf-8")
        assert '"Clip.1"' in text and '"Clip.2"' not in text
        again = read_cut(bench.output, Settings())
        assert again.schema_versions["Clip"] == 1
        (existing,) = existing_cues(again)
        assert existing.touched == ()
        bench.write(bench.take("1m1", 0, 100, take=2), cut=bench.edit(lambda _: None))
        (existing,) = existing_cues(read_cut(bench.output, Settings()))
        assert existing.takes == ("R1_1m1_t01.wav", "R1_1m1_t02.wav")
        assert (existing.take, existing.touched) == (2, ())

    def test_equal_input_gives_equal_bytes(self, bench: Bench) -> None:
        takes = [bench.take("1m1", 0, 100), bench.take("1m2", 50, 150, lane=1)]
        bench.write(*takes)
        first = bench.output.read_bytes()
        bench.write(*reversed(takes))
        assert bench.output.read_bytes() == first

    def test_music_only(self, bench: Bench) -> None:
        bench.write(bench.take("1m1", 100, 300), music_only=True)
        timeline = bench.timeline
        assert timeline.name == "Film - HPM Score"
        assert [track.name for track in timeline.tracks] == ["HPM Score"]
        assert timeline.global_start_time == bench.cut.timeline.global_start_time
        assert timeline.duration() == bench.cut.timeline.duration()
        assert clips(timeline.tracks[0]) == {"R1_1m1_t01.wav": (100, 300)}
        assert read_cut(bench.output, Settings()).rate == bench.cut.rate


class TestOutput:
    def test_the_input_is_never_written(self, bench: Bench, tmp_path: Path) -> None:
        before = bench.cut.path.read_bytes()
        hard, soft = tmp_path / "hard.otio", tmp_path / "soft.otio"
        os.link(bench.cut.path, hard)
        soft.symlink_to(bench.cut.path)
        for output in (bench.cut.path, hard, soft, tmp_path / "x" / ".." / "in.otio"):
            with pytest.raises(OutputError, match="never changed"):
                write_scored(bench.cut, [], output, music_only=False, overwrite=True)
        assert bench.cut.path.read_bytes() == before

    def test_an_output_is_replaced_only_if_asked(self, bench: Bench) -> None:
        bench.output.write_text("mine")
        with pytest.raises(OutputError, match="exists already"):
            bench.write(bench.take("1m1", 0, 100), overwrite=False)
        assert bench.output.read_text() == "mine"
        bench.write(bench.take("1m1", 0, 100))
        assert bench.tracks()

    def test_where_nothing_can_be_written(self, bench: Bench, tmp_path: Path) -> None:
        for output in (tmp_path / "no" / "out.otio", bench.cut.path / "out.otio"):
            with pytest.raises(OutputError, match="does not exist"):
                write_scored(bench.cut, [], output, music_only=False, overwrite=False)
        with pytest.raises(OutputError, match="format that is not written"):
            write_scored(bench.cut, [], tmp_path / "out.mov", music_only=False, overwrite=False)
