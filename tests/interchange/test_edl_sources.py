"""Reels and paths that a written edit decision list names."""

from __future__ import annotations

from counted_work import work_of
from edl_timelines import clip, events, lines, timeline

from otio_hpm.interchange.edl_sources import Reels
from otio_hpm.interchange.losses import Losses


def test_reels_have_eight_characters_and_no_two_sources_share_one() -> None:
    long = [f"/m/A001_C00{n}_220201_ABCD.mov" for n in (1, 2)]
    own = clip("e", metadata={"cmx_3600": {"reel": "A TAPE WITH A NAME"}})
    made = [clip("a", url=long[0]), clip("b", url=long[1]), clip("c", url=long[0]), clip("d"), own]
    text, lost = lines(timeline(made))
    reels = [event[1] for event in events(text)]
    assert reels == ["A001C001", "A001C002", "A001C001", "AX", "ATAPEWIT"]
    assert "* SOURCE FILE: A001_C001_220201_ABCD.mov" in text
    assert "* SOURCE FILE: A TAPE WITH A NAME" in text
    assert "cut to 8 characters: A TAPE WITH A NAME is ATAPEWIT" in lost
    alike = [clip(n, url=f"/m/one_long_name_{n}.mov") for n in "abc"]
    text, _ = lines(timeline(alike))
    assert [event[1] for event in events(text)] == ["onelongn", "onelong1", "onelong2"]
    black = clip("BL", url="/m/BL.mov")
    assert events(lines(timeline([black]))[0])[0][1] == "BL1"


def test_many_reels_that_begin_alike_take_no_more_work_for_each() -> None:
    def lines_for(count: int) -> int:
        made = [clip(url=f"/m/A001C001_{n:04d}.mov") for n in range(count)]
        assert len({reel.upper() for reel in map(Reels(Losses()).of, made)}) == count
        reels = Reels(Losses())
        return work_of(lambda: [reels.of(one) for one in made]).lines

    assert lines_for(400) < 2.1 * lines_for(200)


def test_paths_are_those_asked_for() -> None:
    made = timeline([clip(url="file:///film/media/a%20b.mov"), clip(url="S:\\x\\c.mov")])
    text, _ = lines(made)
    assert "* SOURCE FILE: a b.mov" in text
    assert "* OTIO REFERENCE FROM: file:///film/media/a%20b.mov" in text
    text, _ = lines(made, paths="relative")
    assert "* OTIO REFERENCE FROM: ../media/a b.mov" in text
    assert "* OTIO REFERENCE FROM: S:\\x\\c.mov" in text
