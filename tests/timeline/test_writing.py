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

from otio_hpm.errors import OutputError
from otio_hpm.settings import Settings
from otio_hpm.timeline.cue import Cue, CueOptions, Mark, Shot
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import frames, rational, seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import Take, WriteReport, existing_cues, write_scored
from otio_hpm.timing import SAMPLE_RATE, frames_to_samples

NTSC_24 = Fraction(24000, 1001)
RATES = [NTSC_24, *map(Fraction, (24, 25, 30, 50)), Fraction(30000, 1001), Fraction(60000, 1001)]
RangeOf = otio.opentime.TimeRange


def picture(rate: Fraction, length: int, name: str = "shot") -> Any:
    span = RangeOf(rational(0, rate), rational(length, rate))
    reference = otio.schema.ExternalReference(target_url=f"{name}.mov", available_range=span)
    return otio.schema.Clip(name=name, media_reference=reference, source_range=span)


def cut_of(
    folder: Path, rate: Fraction = Fraction(24), start: int = 86400, length: int = 1000
) -> Cut:
    """A cut of two shots with a mark on the first, written to `in.otio` and read back."""
    timeline = otio.schema.Timeline(name="Film", global_start_time=rational(start, rate))
    track = otio.schema.Track(name="V1", kind="Video")
    shots = [picture(rate, length // 2, "a"), picture(rate, length - length // 2, "b")]
    marked = otio.schema.Marker(name="SCORE", metadata={"mine": 1})
    marked.marked_range = RangeOf(rational(5, rate), rational(0, rate))
    shots[0].markers.append(marked)
    track.extend(shots)
    timeline.tracks.append(track)
    path = folder / "in.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return read_cut(path, Settings())


def cue_of(number: str, start: int, end: int, lane: int = 0, **changes: Any) -> Cue:
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
        locator=("tracks", 0, 0, "markers", 0), text="SCORE", owner="clip 'a'", record_frames=5,
        timecode="01:00:00:05", settings={}, note="",
    )  # fmt: skip
    shot = Shot(name="a", track="V1", locator=("tracks", 0, 0), start_frames=0, end_frames=500)
    return Cue(
        number=number, reel="R1", start_frames=start, end_frames=end, options=options,
        marks=(mark,), shots=(shot,), maestro=None, note="", lane=lane,
    )  # fmt: skip


def take_of(cut: Cut, cue: Cue, take: int = 1, *, handle: int = 24, baked: bool = False) -> Take:
    head = min(handle, cue.start_frames + cut.start_frames)
    wav = cut.path.parent / "out_audio" / f"R1_{cue.number}_t{take:02d}.wav"
    length = cue.end_frames - cue.start_frames + head + handle
    return Take(
        cue=cue, take=take, wav=wav, sidecar=wav.with_suffix(".json"), sha256="0" * 64,
        fingerprint=f"{cue.number}/{take}", start_frames=cue.start_frames - head, head_frames=head,
        tail_frames=handle, length_samples=frames_to_samples(length, cut.rate), baked_fades=baked,
    )  # fmt: skip


class Bench:
    """A cut, and scoring it again and again."""

    def __init__(self, folder: Path, **arguments: Any) -> None:
        self.cut = cut_of(folder, **arguments)
        self.output = folder / "out.otio"

    def write(self, *takes: Take, cut: Cut | None = None, **options: Any) -> WriteReport:
        chosen = {"music_only": False, "overwrite": True, **options}
        return write_scored(cut or self.cut, takes, self.output, **chosen)

    def take(self, number: str, start: int, end: int, take: int = 1, **changes: Any) -> Take:
        kept = {key: changes.pop(key) for key in ("handle", "baked") if key in changes}
        return take_of(self.cut, cue_of(number, start, end, **changes), take, **kept)

    @property
    def timeline(self) -> Any:
        return otio.adapters.read_from_file(str(self.output))

    def tracks(self) -> list[Any]:
        self.written = self.timeline  # its tracks live as long as it does
        return [track for track in self.written.tracks if "otio_hpm" in track.metadata]

    def edit(self, change: Callable[[Any], None]) -> Cut:
        """The scored timeline as an editor would send it back."""
        timeline = self.timeline
        change(timeline)
        path = self.output.with_name("edited.otio")
        otio.adapters.write_to_file(timeline, str(path))
        return read_cut(path, Settings())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def kinds(track: Any) -> list[str]:
    return [type(child).__name__ for child in track]


def clips(track: Any) -> dict[str, tuple[int, int]]:
    """Record range of each clip of a 24 fps track, by name."""
    rate = Fraction(24)
    return {
        clip.name: (frames(span.start_time, rate), frames(span.end_time_exclusive(), rate))
        for clip in track
        if isinstance(clip, otio.schema.Clip)
        for span in [track.range_of_child(clip)]
    }


def without_ours(timeline: Any) -> str:
    """A timeline as text, without our tracks and metadata."""
    timeline = timeline.deepcopy()
    timeline.tracks[:] = [t.deepcopy() for t in timeline.tracks if "otio_hpm" not in t.metadata]
    document = json.loads(timeline.to_json_string())

    def strip(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: strip(value) for key, value in node.items() if key != "otio_hpm"}
        return [strip(value) for value in node] if isinstance(node, list) else node

    return json.dumps(strip(document), sort_keys=True)


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
