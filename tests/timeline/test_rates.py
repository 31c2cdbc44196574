"""Where a timeline's frame rate comes from, in order."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from coded_media import write_movie
from opentimelineio.opentime import RationalTime, TimeRange

from otio_hpm.errors import SettingsError, TimelineError
from otio_hpm.settings import Settings
from otio_hpm.timeline.rates import find_rate

FILM = Fraction(24000, 1001)


def asked(rate: Fraction | None = None, **media: Any) -> Settings:
    return Settings().with_changes({"spotting": {"rate": rate}, "media": media})


def clip(rate: float, url: str = "") -> Any:
    reference = otio.schema.ExternalReference(url) if url else None
    reach = TimeRange(RationalTime(0, rate), RationalTime(rate, rate))
    return otio.schema.Clip("shot", media_reference=reference, source_range=reach)


def timeline(*video: Any, audio: tuple[Any, ...] = (), start: float | None = None) -> Any:
    made = otio.schema.Timeline()
    made.global_start_time = None if start is None else RationalTime(0, start)
    made.tracks.append(otio.schema.Track(kind="Video", children=list(video)))
    made.tracks.append(otio.schema.Track(kind="Audio", children=list(audio)))
    return made


def rate_of(made: Any, settings: Settings = Settings(), folder: Path = Path()) -> Fraction:  # noqa: B008
    return find_rate(made, folder / "cut.otio", settings)[0]


def test_the_order_of_what_tells_the_rate() -> None:
    made = timeline(clip(25), clip(30), clip(25), audio=(clip(50),) * 5)
    assert rate_of(made) == 25
    made.global_start_time = RationalTime(0, 30)
    assert rate_of(made) == 30
    made.tracks.metadata["PremierePro_OTIO"] = {"VideoFrameRate": 23.976}
    assert rate_of(made) == FILM
    assert rate_of(made, asked(Fraction(50))) == 50


def test_values_that_are_no_frame_rates_are_passed_over() -> None:
    assert rate_of(timeline(clip(24000), clip(1), clip(25), start=48000)) == 25


@pytest.mark.parametrize("rate", [23.976, 23.98, 24000 / 1001])
def test_floats_are_snapped(rate: float) -> None:
    assert rate_of(timeline(clip(rate), start=rate)) == FILM


def test_items_inside_nested_stacks_count() -> None:
    inner = otio.schema.Track(kind="Video", children=[clip(30), clip(30)])
    nested = otio.schema.Stack(children=[inner])
    assert rate_of(timeline(nested, clip(24))) == 30


def test_sound_alone_tells_where_there_is_no_picture() -> None:
    assert rate_of(timeline(audio=(clip(25),))) == 25


@pytest.mark.parametrize(
    ("rate", "ntsc", "expected"),
    [("30", "TRUE", Fraction(30000, 1001)), ("24", "TRUE", FILM), ("25", "FALSE", 25)],
)
def test_final_cut_pro_rates(rate: str, ntsc: str, expected: Fraction) -> None:
    made = timeline(start=50)
    made.metadata["fcp_xml"] = {"rate": {"timebase": rate, "ntsc": ntsc}}
    assert rate_of(made) == expected


@pytest.mark.parametrize("odd", ["thirty", None, 3, ["30"], {"timebase": []}])
def test_odd_metadata_is_passed_over(odd: object) -> None:
    made = timeline(start=25)
    made.metadata["fcp_xml"] = {"rate": odd}
    made.metadata["PremierePro_OTIO"] = odd
    assert rate_of(made) == 25


def test_media_that_agree_settle_it(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.mp4", 4, 25)
    write_movie(tmp_path / "b.mp4", 4, 25)
    made = timeline(clip(24000, "a.mp4"), clip(24000, "b.mp4"), clip(24000, "missing.mp4"))
    assert rate_of(made, folder=tmp_path) == 25


def test_media_that_disagree_are_listed(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.mp4", 4, 25)
    write_movie(tmp_path / "b.mp4", 4, 30)
    made = timeline(clip(24000, "a.mp4"), clip(24000, "b.mp4"))
    with pytest.raises(TimelineError, match="disagree; candidates: 25, 30"):
        rate_of(made, folder=tmp_path)


def test_a_damaged_file_has_no_say(tmp_path: Path) -> None:
    write_movie(tmp_path / "a.mp4", 4, 25)
    (tmp_path / "b.mp4").write_bytes(b"damaged")
    made = timeline(clip(24000, "a.mp4"), clip(24000, "b.mp4"))
    assert rate_of(made, folder=tmp_path) == 25


def test_an_unknown_rate_lists_what_fits(fixture: Callable[[str], Path]) -> None:
    """Its clips are 2.5 s and 4 s long, in ticks of 1/24000 s."""
    from otio_hpm.timeline.reading import read_cut

    path = fixture("OpenTimelineIO-AVFoundation/Assets/Timeline_23.98.otio")
    with pytest.raises(TimelineError, match="candidates: 24, 30, 48") as error:
        read_cut(path, Settings())
    assert "--rate" in error.value.hint
    assert read_cut(path, asked(Fraction(24))).duration_frames == 156


def test_an_asked_rate_must_be_a_frame_rate() -> None:
    with pytest.raises(SettingsError, match="7 is no frame rate"):
        rate_of(timeline(clip(24)), asked(Fraction(7)))
