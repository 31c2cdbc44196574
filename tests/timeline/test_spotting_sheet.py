"""The spotting of a timeline, saved as a list and merged again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from listed_timelines import essence, film, stripped
from small_timelines import clip, cut_of, marker, ranges, spot, track

from otio_hpm.errors import MarkError
from otio_hpm.settings import SpottingSettings
from otio_hpm.timeline.cue import CueSheet
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.listed_markers import with_listed_markers
from otio_hpm.timeline.spotting_sheet import spotting_file


def there_and_back(cut: Cut, folder: Path, ending: str, **asked: Any) -> tuple[CueSheet, CueSheet]:
    """The spotting of a cut, and that of the cut without markers but with the list saved of it."""
    first = spot(cut, **asked)
    path = folder / f"saved{ending}"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(**asked), path).data)
    stripped(cut)
    again = with_listed_markers(cut, SpottingSettings(markers=(path,), **asked))
    assert not again.warnings
    return first, spot(again, **asked)


@pytest.mark.parametrize("ending", [".csv", ".edl", ".txt"])
def test_a_stripped_timeline_with_its_list_gives_the_same_cues(tmp_path: Path, ending: str) -> None:
    """Marks on sound and under a title, several of one cue, keyframes, quotes, and wishes."""
    (tmp_path / "the theme.wav").touch()
    quoted = 'SCORE cue=1m3 maestro="the theme.wav" dynamics="0s:-6 12f:+3" "a = b", she\'s off'
    cut = cut_of(
        track(
            clip("a", 0, 48, marker("SCORE cue=x fade_in=12f", 5)),
            clip("b", 0, 48, marker("SCORE cue=x slow", 5, color="PINK")),
            clip("c", 0, 48, marker(quoted, 5)),
        ),
        track(clip("title", 0, 30)),
        track(clip("s", 0, 100, marker("SCORE seed=7 HIT", 3)), kind="Audio"),
        folder=tmp_path,
        markers=(
            marker("HIT", 20, comment="the door; slams"),
            marker("LEVEL -6 dB", 60),
            marker("", 130, comment="HIT"),
        ),
    )
    first, again = there_and_back(cut, tmp_path, ending)
    assert len(first.cues) == 3
    in_text = ending != ".csv"
    assert [essence(cue, in_text=in_text) for cue in again.cues] == [
        essence(cue, in_text=in_text) for cue in first.cues
    ]


@pytest.mark.parametrize("ending", [".csv", ".edl", ".txt"])
@pytest.mark.parametrize("asked", [{"mark": r"(?i)mx\d*"}, {"mark_colors": ("pink",)}])
def test_marks_that_were_chosen_are_chosen_again(
    tmp_path: Path, ending: str, asked: dict[str, Any]
) -> None:
    chosen = marker("MX12 style=none tender", 5, color="PINK")
    cut = cut_of(track(clip("a", 0, 48, chosen), clip("b", 0, 48, marker("other", 5))))
    first, again = there_and_back(cut, tmp_path, ending, **asked)
    assert [essence(cue) for cue in again.cues] == [essence(cue) for cue in first.cues]
    assert [cue.options.style for cue in again.cues] == ["none"]


def test_all_shots_as_a_sheet_are_marks(tmp_path: Path) -> None:
    first = spot(film(), all_shots=True)
    path = tmp_path / "sheet.csv"
    path.write_bytes(spotting_file(film(), first, SpottingSettings(), path).data)
    again = spot(with_listed_markers(film(), SpottingSettings(markers=(path,))))
    assert ranges(again) == ranges(first) == {"1m1": (0, 48), "1m2": (48, 96), "1m3": (96, 144)}


def test_the_sheet_itself_on_its_own_timeline_changes_nothing(tmp_path: Path) -> None:
    cut = film(marker("SCORE slow", 58), marker("HIT", 60), marker("LEVEL 3", 70))
    first = spot(cut)
    path = tmp_path / "sheet.csv"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(), path).data)
    again = with_listed_markers(cut, SpottingSettings(markers=(path,)))
    assert [essence(cue) for cue in spot(again).cues] == [essence(cue) for cue in first.cues]
    twice = with_listed_markers(again, SpottingSettings(markers=(path,)))
    assert len(twice.timeline.tracks.markers) == len(again.timeline.tracks.markers) == 4


@pytest.mark.parametrize("ending", [".edl", ".txt"])
def test_a_list_on_the_timeline_it_was_saved_of_makes_the_same_cues(
    tmp_path: Path, ending: str
) -> None:
    shots = [clip(name, 0, 48, marker("SCORE cue=1m2 slow", 9)) for name in "ab"]
    cut = cut_of(track(*shots, clip("c", 0, 48, marker("SCORE style=none", 9))))
    first = spot(cut)
    path = tmp_path / f"saved{ending}"
    path.write_bytes(spotting_file(cut, first, SpottingSettings(), path).data)
    again = spot(with_listed_markers(cut, SpottingSettings(markers=(path,))))
    assert [essence(cue) for cue in again.cues] == [essence(cue) for cue in first.cues]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12
).map(lambda text: " ".join(text.split()))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    note=WORDS,
    number=WORDS.filter(lambda text: any(map(str.isalnum, text))),
    style=st.sampled_from(["none", "melody"]),
    at=st.integers(0, 47),
)
def test_whatever_a_mark_says_comes_back_or_is_told(
    tmp_path: Path, note: str, number: str, style: str, at: int
) -> None:
    said = {"settings": {"cue": number, "style": style}}
    mark = marker("SCORE", at, comment=f'"{note}"' if "=" in note else note)
    mark.metadata["otio_hpm"] = said
    cut = cut_of(track(clip("a", 0, 48, mark), clip("b", 0, 48)))
    try:
        first = spot(cut)
    except MarkError:
        reject()
    path = tmp_path / "sheet.csv"
    written = spotting_file(cut, first, SpottingSettings(), path)
    path.write_bytes(written.data)
    stripped(cut)
    again = spot(with_listed_markers(cut, SpottingSettings(markers=(path,))))
    assert written.losses or [essence(c) for c in again.cues] == [essence(c) for c in first.cues]
