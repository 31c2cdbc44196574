"""What a plan decides, and what makes a cue another one."""

from __future__ import annotations

import dataclasses
import shutil
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from coded_media import write_movie
from marked_film import make_film, make_maestro, save

import otio_hpm
from otio_hpm.errors import MediaError
from otio_hpm.scoring.plan import CuePlan, ScorePlan
from otio_hpm.scoring.source import steps_of
from otio_hpm.settings import (
    MediaSettings,
    ModelSettings,
    MusicSettings,
    Settings,
    SpottingSettings,
    preset_settings,
)

DEBUG = Settings(model=ModelSettings(model="debug"))


def planned(cut: Path, settings: Settings = DEBUG) -> ScorePlan:
    return otio_hpm.plan(cut, cut.with_name("out.otio"), settings)


def prints(cut: Path, settings: Settings = DEBUG) -> list[str]:
    return [cue.fingerprint for cue in planned(cut, settings).cues]


def only(cut: Path, settings: Settings = DEBUG) -> CuePlan:
    return planned(cut, settings).cues[0]


def test_moved_media_are_the_same_media(tmp_path: Path) -> None:
    cut = make_film(tmp_path / "here")
    before = prints(cut)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    (tmp_path / "here" / "roll.mp4").unlink()
    moved = MediaSettings(media_dirs=(tmp_path / "there",))
    assert prints(cut, dataclasses.replace(DEBUG, media=moved)) == before


def test_other_pictures_are_another_cue(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    before = prints(cut)
    (tmp_path / "roll.mp4").unlink()
    write_movie(tmp_path / "roll.mp4", 150)
    assert not set(before) & set(prints(cut))


@pytest.mark.parametrize(
    ("group", "change"),
    [
        ("model", {"seed": 1}),
        ("model", {"followed_steps": 21}),
        ("model", {"guidance": 2.0}),
        ("model", {"sampler": "ddim"}),
        ("music", {"handles_s": Fraction(1, 2)}),
        ("music", {"loudness_lufs": Fraction(-20)}),
        ("music", {"overlap_s": Fraction(1)}),
        ("music", {"join": "crossfade"}),
        ("music", {"bake_fades": True}),
        ("music", {"style": "none"}),
    ],
)
def test_what_decides_the_sound_decides_the_fingerprint(
    tmp_path: Path, group: str, change: dict[str, object]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    assert prints(cut) != prints(cut, DEBUG.with_changes({group: change}))


@pytest.mark.parametrize(
    ("group", "change"),
    [
        ("model", {"device": "cpu"}),
        ("media", {"missing": "black"}),
        ("music", {"fade_out_s": Fraction(3)}),
        ("spotting", {"mark_colors": ("RED",)}),
    ],
)
def test_what_does_not_decide_it_does_not(
    tmp_path: Path, group: str, change: dict[str, object]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    assert prints(cut) == prints(cut, DEBUG.with_changes({group: change}))


def test_a_maestro_counts_only_where_it_is_followed(tmp_path: Path) -> None:
    theme = str(make_maestro(tmp_path / "theme.wav"))
    cut = make_film(tmp_path, ("SCORE",))
    plain = prints(cut)
    followed = dataclasses.replace(DEBUG, music=MusicSettings(maestro=theme))
    ignored = dataclasses.replace(DEBUG, music=MusicSettings(maestro=theme, strength=Fraction(0)))
    assert prints(cut, followed) != plain
    alone = dataclasses.replace(DEBUG, music=MusicSettings(style="none"))
    assert prints(cut, ignored) == prints(cut, alone) != plain


def test_seeds_derive_from_the_number_and_the_mark_wins(tmp_path: Path) -> None:
    cues = planned(make_film(tmp_path, ("SCORE", "SCORE", "SCORE seed=7"))).cues
    assert cues[0].seed != cues[1].seed
    assert cues[2].seed == 7
    alone = make_film(tmp_path, (None, "SCORE cue=1m2"), name="alone")
    assert only(alone).seed == cues[1].seed


def test_windows_cover_the_file(tmp_path: Path) -> None:
    settings = dataclasses.replace(
        DEBUG,
        spotting=SpottingSettings(only=("long",)),
        music=MusicSettings(window_s=Fraction(5), overlap_s=Fraction(1)),
    )
    marks = ["SCORE cue=long"] * 6
    plan = only(make_film(tmp_path, marks), settings)
    assert plan.samples == 14 * 48_000
    assert len(plan.windows.starts) == 4
    assert plan.windows.length * 3072 >= plan.samples


def test_a_neighbour_s_missing_media_do_not_stop_a_cue(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE", None))
    timeline = otio.adapters.read_from_file(str(cut))
    missing = otio.schema.ExternalReference("nowhere.mov")
    timeline.tracks[0][1].media_reference = missing
    save(timeline, cut)
    plan = planned(cut)
    assert "black" in plan.warnings[0]
    assert plan.cues[0].picture.spans[-1].layers == ()
    everything = DEBUG.with_changes({"spotting": {"all_shots": True}})
    with pytest.raises(MediaError, match="sc02"):
        planned(cut, everything)
    skipping = everything.with_changes({"media": {"missing": "skip"}})
    assert [cue.number for cue in planned(cut, skipping).skipped] == ["1m2"]


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    cut = make_film(tmp_path)
    before = sorted(tmp_path.iterdir())
    planned(cut)
    assert sorted(tmp_path.iterdir()) == before


def test_the_paper_s_preset_samples_styled_cues_in_fewer_steps(tmp_path: Path) -> None:
    paper = preset_settings("paper").with_changes({"model": {"model": "debug"}})
    theme = make_maestro(tmp_path / "theme.wav")
    cut = make_film(tmp_path, ("SCORE", f"SCORE maestro={theme.name}"))
    assert [steps_of(cue.cue, paper.model) for cue in planned(cut, paper).cues] == [200, 100]
    whole = paper.with_changes({"model": {"followed_steps": 200}})
    kept, changed = zip(prints(cut, paper), prints(cut, whole), strict=True)
    assert kept[0] == kept[1]
    assert changed[0] != changed[1]
    both = paper.with_changes({"model": {"guided": "all"}})
    assert not set(prints(cut, paper)) & set(prints(cut, both))
