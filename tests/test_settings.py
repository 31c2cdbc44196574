"""Settings files: what is left out keeps its default, what is not understood is refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from otio_hpm.errors import SettingsError
from otio_hpm.settings import ModelSettings, Settings, load_settings, preset_settings


def _write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(_write(tmp_path, "")) == Settings()


def test_each_table_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        _write(
            tmp_path,
            """
            [media]
            media_dirs = ["rushes", "sound"]
            path_maps = [["X:/", "/mnt/x/"]]
            missing = "black"
            [spotting]
            rate = "24000/1001"
            only = ["1m1"]
            all_shots = true
            [music]
            strength = 0.1
            loudness_lufs = -16
            style = "melody"
            [model]
            steps = 12
            guidance = 2
            """,
        )
    )
    assert settings.media.media_dirs == (Path("rushes"), Path("sound"))
    assert settings.media.path_maps == (("X:/", "/mnt/x/"),)
    assert settings.media.missing == "black"
    assert settings.spotting.rate == Fraction(24000, 1001)
    assert settings.spotting.only == ("1m1",)
    assert settings.spotting.all_shots is True
    assert settings.music.strength == Fraction(1, 10)
    assert settings.music.loudness_lufs == -16
    assert settings.music.style == "melody"
    assert settings.model.steps == 12
    assert settings.model.guidance == 2.0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[musik]\na = 1", "unknown key 'musik'"),
        ("[music]\nloud = 1", "unknown key 'loud' @ settings.music"),
        ("music = 3", "expected a table @ settings.music"),
        ('[music]\nstyle = "loud"', "expected one of auto, both, melody, dynamics, none"),
        ('[music]\nstrength = "much"', "settings.music.strength"),
        ("[music]\nstrength = nan", "settings.music.strength"),
        ('[spotting]\nrate = "1/0"', "settings.spotting.rate"),
        ('[spotting]\nall_shots = "no"', "settings.spotting.all_shots"),
        ("[model]\nsteps = 2.7", "settings.model.steps"),
        ('[media]\nmedia_dirs = "rushes"', "settings.media.media_dirs"),
        ('[media]\npath_maps = [["X:/"]]', "settings.media.path_maps"),
        ("[music", "settings.toml"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(_write(tmp_path, text))
    assert named in error.value.message
    assert "settings.toml" in error.value.message
    assert error.value.exit_code == 2


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(SettingsError, match=r"binary\.toml"):
        load_settings(binary)


def test_changes_make_a_copy() -> None:
    settings = Settings()
    changed = settings.with_changes({"music": {"style": "none"}, "model": {"steps": 5}})
    assert (changed.music.style, changed.model.steps) == ("none", 5)
    assert settings == Settings()
    assert changed.media is settings.media


def test_the_paper_s_preset_gives_way_to_what_a_file_says(tmp_path: Path) -> None:
    text = '[model]\npreset = "paper"\nguidance = 2\n[music]\nwindow_s = 5\n'
    settings = load_settings(_write(tmp_path, text))
    model, music = settings.model, settings.music
    assert (model.preset, model.sampler, model.guided) == ("paper", "ddim", "film")
    assert (model.steps, model.followed_steps, model.guidance) == (200, 100, 2.0)
    assert (music.style, music.join, music.window_s) == ("both", "crossfade", 5)


def test_a_file_may_name_both_numbers_of_steps(tmp_path: Path) -> None:
    settings = load_settings(_write(tmp_path, "[model]\nsteps = 30\nfollowed_steps = 15\n"))
    assert (settings.model.steps, settings.model.followed_steps) == (30, 15)


def test_steps_that_are_named_are_those_of_every_cue(tmp_path: Path) -> None:
    settings = load_settings(_write(tmp_path, '[model]\npreset = "paper"\nsteps = 12\n'))
    assert (settings.model.steps, settings.model.followed_steps) == (12, 12)


def test_steps_that_are_left_to_the_model_are_none_until_it_is_known() -> None:
    left = Settings().model
    assert left.steps_for(followed=False) == left.steps
    with pytest.raises(ValueError, match="which model's"):
        left.steps_for(followed=True)
    assert left.for_model(3).steps_for(followed=True) == 3
    assert left.for_model(3).for_model(4).steps_for(followed=True) == 3


def test_a_model_s_own_steps_are_of_its_solver_and_never_more_than_all() -> None:
    ddim, few = ModelSettings(sampler="ddim", steps=50), ModelSettings(steps=2)
    assert ddim.for_model(5).steps_for(followed=True) == 50
    assert few.for_model(5).steps_for(followed=True) == 2


def test_a_preset_that_is_given_goes_before_the_file_s(tmp_path: Path) -> None:
    file = _write(tmp_path, '[model]\npreset = "paper"\nseed = 3\n')
    settings = load_settings(file, "default")
    assert settings == Settings().with_changes({"model": {"seed": 3}})


def test_there_are_only_so_many_presets(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected one of default, paper"):
        load_settings(_write(tmp_path, '[model]\npreset = "fast"\n'))
    with pytest.raises(SettingsError, match="no preset 'fast'"):
        preset_settings("fast")  # type: ignore[arg-type]
