"""Timelines written as edit decision lists and read again: all in place, or named as lost."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange
from otio_cmx3600_adapter import cmx_3600

from otio_hpm.interchange.edl_writing import write_edl
from otio_hpm.interchange.exchange import Delivery, Written
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.exact import rational, seconds
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.tree import walk
from otio_hpm.timing import may_drop, nominal

NTSC = Fraction(30000, 1001)
RATES = [Fraction(24000, 1001), *map(Fraction, (24, 25, 30, 50)), NTSC, Fraction(60000, 1001)]
COLORS = sorted(name for name in dir(schema.MarkerColor) if name.isupper())
WORDS = st.text("abcXYZ 0189äß.,:()|*_-", min_size=1, max_size=12).map(str.strip).filter(bool)

LINES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A clip, or a gap where it has no name, and what joins it to the one before."""

    name: str
    length: int
    source: int
    speed: float
    mix: tuple[int, int]
    """Frames before and after its in."""
    marks: tuple[tuple[int, str, str, int], ...]
    """Offset, colour, text and length in record frames."""


def pieces() -> st.SearchStrategy[Piece]:
    """Long enough for a transition at both ends, which are even so that half speed fits."""
    length = st.integers(24, 200)
    marks = st.tuples(
        st.integers(0, 23), st.sampled_from(COLORS), WORDS, st.sampled_from([0, 0, 1, 30])
    )
    return st.builds(
        Piece,
        name=st.one_of(st.just(""), WORDS),
        length=length,
        source=st.integers(1000, 200_000),
        speed=st.sampled_from([1.0, 1.0, 2.0, 0.5, -1.0, 0.0]),
        mix=st.one_of(st.just((0, 0)), st.tuples(*[st.sampled_from([0, 2, 4, 10])] * 2)),
        marks=st.lists(marks, max_size=2).map(tuple),
    )


@st.composite
def cuts(draw: Any) -> tuple[Fraction, bool, int, list[list[Piece]]]:
    """Rate, counting, start and the tracks, picture first; at least one clip."""
    rate = draw(st.sampled_from(RATES))
    tracks = draw(st.lists(st.lists(pieces(), min_size=1, max_size=5), min_size=1, max_size=5))
    first = draw(pieces().filter(lambda piece: piece.name))
    return (
        rate,
        may_drop(rate) and draw(st.booleans()),
        draw(st.integers(0, 500_000) | st.integers(-1000, -1).map(lambda n: day_of(rate) + n)),
        [
            [first, *tracks[0]],
            *tracks[1:],
        ],
    )


def day_of(rate: Fraction) -> int:
    """Frames of a day of timecode that counts every frame."""
    return 86_400 * nominal(rate)


def built(rate: Fraction, tracks: list[list[Piece]]) -> Any:
    timeline = schema.Timeline(name="a cut")
    for number, track in enumerate(tracks):
        made = schema.Track(kind="Audio" if number else "Video")
        before = ""
        for piece in track:
            if sum(piece.mix) and (piece.name or before):
                made.append(
                    schema.Transition(
                        transition_type="SMPTE_Dissolve",
                        in_offset=rational(piece.mix[0] if len(made) else 0, rate),
                        out_offset=rational(piece.mix[1], rate),
                    )
                )
            made.append(item(piece, rate))
            before = piece.name
        timeline.tracks.append(made)
    return timeline


def item(piece: Piece, rate: Fraction) -> Any:
    span = TimeRange(rational(piece.source, rate), rational(piece.length, rate))
    if not piece.name:
        return schema.Gap(source_range=TimeRange(rational(0, rate), rational(piece.length, rate)))
    clip = schema.Clip(name=piece.name, source_range=span)
    if piece.speed == 0:
        clip.effects.append(schema.FreezeFrame())
    elif piece.speed != 1:
        clip.effects.append(schema.LinearTimeWarp(time_scalar=piece.speed))
    for offset, color, text, frames in piece.marks:
        start, length = float(piece.source + offset * (piece.speed or 1)), frames
        if piece.speed < 0:
            start = piece.source + piece.length - offset - max(1, length)
        elif piece.speed:
            length = frames * piece.speed
        marked = TimeRange(
            RationalTime(start, float(rate)), RationalTime(float(length), float(rate))
        )
        clip.markers.append(schema.Marker(name=text, color=color, marked_range=marked))
    return clip


def expected(start: int, track: list[Piece]) -> set[tuple[int, int, float, str]]:
    """Record in and out, source in and name of each clip."""
    found = set()
    position = start
    for piece in track:
        if piece.name:
            found.add((position, position + piece.length, float(piece.source), piece.name))
        position += piece.length
    return found


def as_events(track: list[Piece]) -> set[tuple[int, int, float, str]]:
    """The same as the events of a list: each begins where its transition does."""
    found = set()
    position = 0
    reach = [before(track, index) for index in range(len(track))] + [0]
    for index, piece in enumerate(track):
        span = position - reach[index], position + piece.length - reach[index + 1]
        found.add((*span, float(piece.source - reach[index]), piece.name))
        position += piece.length
    return found


def before(track: list[Piece], index: int) -> int:
    """How far a piece reaches into the one before it."""
    is_mixed = index and sum(track[index].mix) and (track[index].name or track[index - 1].name)
    return track[index].mix[0] if is_mixed else 0


def written(timeline: Any, rate: Fraction, start: int = 0, drop_frame: bool = False) -> Written:
    path = Path("/film/list.edl")
    return write_edl(
        timeline, Delivery(path=path, rate=rate, start_frames=start, drop_frame=drop_frame)
    )


def read_again(data: bytes, rate: Fraction) -> Cut:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.edl"
        path.write_bytes(data)
        return read_cut(path, Settings().with_changes({"spotting": {"rate": rate}}))


@settings(max_examples=60, deadline=None)
@given(cuts())
def test_every_position_source_and_marker_comes_back(
    made: tuple[Fraction, bool, int, list[list[Piece]]],
) -> None:
    rate, drop_frame, start, tracks = made
    timeline = built(rate, tracks)
    was = timeline.to_json_string()
    result = written(timeline, rate, start, drop_frame)
    assert timeline.to_json_string() == was
    cut = read_again(result.data, rate)
    assert cut.warnings == (() if may_drop(rate) or not drop_frame else cut.warnings)
    assert cut.drop_frame == drop_frame
    found: dict[str, set[tuple[int, int, float, str]]] = {}
    for place in walk(cut):
        if place.is_clip and place.item.name != "BL":
            span = place.start_frames + cut.start_frames, place.end_frames + cut.start_frames
            source = place.item.source_range.start_time.value
            found.setdefault(place.track, set()).add((*span, source, place.item.name))
    sound = [track for track in tracks[1:] if any(piece.name for piece in track)]
    wanted = {"V": tracks[0]} | {f"A{n}": track for n, track in enumerate(sound, start=1)}
    assert found == {name: expected(start, track) for name, track in wanted.items()}
    assert sorted(marks_of(cut)) == sorted(marks_in(start, tracks))
    lost = [words for words in result.losses if "rate" not in words]
    named = ("list begins", "markers that are on no clip")
    assert all(any(part in words for part in named) for words in lost), lost


def marks_of(cut: Cut) -> list[tuple[int, str, str, int]]:
    found = []
    for place in walk(cut):
        for marker in place.item.markers:
            reach = marker.marked_range
            first, last = place.extent(seconds(reach.start_time), seconds(reach.duration))
            length = round(last - first) if reach.duration.value else 0
            found.append((round(first) + cut.start_frames, marker.color, marker.name, length))
    return found


def marks_in(start: int, tracks: list[list[Piece]]) -> list[tuple[int, str, str, int]]:
    found = []
    for track in tracks:
        position = start
        for piece in track:
            if piece.name:
                found += [(position + at, *told) for at, *told in piece.marks]
            position += piece.length
    return found


@settings(max_examples=20, deadline=None)
@given(st.lists(pieces().filter(lambda piece: piece.name), min_size=1, max_size=5))
def test_the_published_adapter_reads_the_same(track: list[Piece]) -> None:
    rate = Fraction(25)  # and no transition at the beginning, which the published adapter refuses
    plain = [
        replace(piece, name=f"clip {n}", speed=1.0, mix=piece.mix if n else (0, 0), marks=())
        for n, piece in enumerate(track)
    ]
    text = written(built(rate, [plain]), rate).data.decode()
    (read,) = cmx_3600.read_from_string(text, rate=25).tracks
    spans = [(child, read.range_of_child(child)) for child in read.find_clips()]
    found = {
        (span.start_time.value, span.end_time_exclusive().value, c.source_range.start_time.value)
        for c, span in spans
    }
    assert found == {values[:3] for values in as_events(plain)}


DROP_FRAME = """TITLE: mixed
FCM: DROP FRAME

001  TAPE1    V     C        01:00:00;00 01:00:02;00 10:00:00;00 10:00:02;00
FCM: NON-DROP FRAME
002  TAPE2    V     C        01:00:00:00 01:00:02:00 10:00:02;00 10:00:04;00
003  TAPE2    V     C        01:00:02:00 01:00:02:00 10:00:04;00 10:00:04;00
FCM: DROP FRAME
003  TAPE1    V     D    012 02:00:00;00 02:00:02;00 10:00:04;00 10:00:06;00
FCM: NON-DROP FRAME
004  AX       V     C        03:00:00:00 03:00:01:00 10:00:06;00 10:00:07;00
"""
NON_DROP_FRAME = """TITLE: mixed
FCM: NON-DROP FRAME

001  TAPE1    V     C        01:00:00;00 01:00:02;00 10:00:00:00 10:00:02:00
002  TAPE2    V     C        01:00:00:00 01:00:02:00 10:00:02:00 10:00:04:00
"""


@pytest.mark.parametrize("fcm", ["DROP", "NON-DROP"])
def test_record_timecode_counts_in_otio_as_in_the_list(tmp_path: Path, fcm: str) -> None:
    times = "01:00:00:00 01:00:02:00 00:59:58:13 01:00:00:13"  # a whole second in neither counting
    path, kept = tmp_path / "in.edl", tmp_path / "kept.otio"
    path.write_text(f"FCM: {fcm} FRAME\n001  AX  V  C  {times}\n")
    timeline = otio.adapters.read_from_file(str(path), "hpm_edl", rate="29.97")
    timeline.to_json_file(str(kept))
    assert read_cut(kept, Settings()).timecode(0).replace(";", ":") == "00:59:58:13"
    for adapter, ending in (("hpm_edl", "edl"), ("hpm_fcp_xml", "xml"), ("hpm_fcpxml", "fcpxml")):
        again = tmp_path / f"again.{ending}"
        otio.adapters.write_to_file(timeline, str(again), adapter)
        settings = Settings().with_changes({"spotting": {"rate": NTSC}})
        assert read_cut(again, settings).timecode(0).replace(";", ":") == "00:59:58:13"


@pytest.mark.parametrize("text", [DROP_FRAME, NON_DROP_FRAME])
def test_source_timecode_counts_as_each_reel_does(tmp_path: Path, text: str) -> None:
    (tmp_path / "in.edl").write_text(text)
    settings = Settings().with_changes({"spotting": {"rate": NTSC}})
    cut = read_cut(tmp_path / "in.edl", settings)
    first, second = [place.item for place in walk(cut) if place.is_clip][:2]
    assert first.source_range.start_time.value == 107_892
    assert second.source_range.start_time.value == 108_000
    again = written(cut.timeline, NTSC, cut.start_frames, cut.drop_frame).data.decode()
    told = [line for line in again.splitlines() if not line.startswith("*")]
    assert told == text.splitlines()


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, LINES)
def test_any_text_is_kept_or_named_as_lost(title: str, name: str, mark: str) -> None:
    rate = Fraction(24)
    marks = ((0, "RED", mark, 0),)
    named = Piece(name="x", length=24, source=0, speed=1.0, mix=(0, 0), marks=marks)
    timeline = built(rate, [[named]])
    timeline.name = title
    timeline.tracks[0][0].name = name
    result = written(timeline, rate)
    cut = read_again(result.data, rate)
    clip = cut.timeline.tracks[0][0]
    said = "; ".join(result.losses)
    assert clip.name == name or not name.strip() or "names are cut" in said
    assert clip.markers[0].name == mark or "names of markers are cut" in said
    assert cut.timeline.name == title or "names are cut" in said
    assert len(cut.timeline.find_clips()) == 1
