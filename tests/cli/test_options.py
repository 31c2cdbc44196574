from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from marked_film import make_film

from otio_hpm.cli.options import setting_options, settings_from
from otio_hpm.errors import SettingsError
from otio_hpm.settings import Settings


def settings_of(*arguments: str, timeline: Path | None = None) -> Settings:
    found: list[Settings] = []

    @click.command()
    @setting_options
    def command(settings_file: Path | None, **options: Any) -> None:
        found.append(settings_from(options, timeline, settings_file))

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return found[0]


def test_no_options_change_nothing() -> None:
    assert settings_of() == Settings()


def test_every_setting_has_its_option() -> None:
    settings = settings_of(
        "--media-dir", "a", "--media-dir", "b", "--path-map", "C:\\x=/y", "--picture",
        "ref.mov@01:00:00:00", "--missing", "below", "--all-shots", "--mark", "^MX", "--mark-color",
        "RED", "--mark-color", "GREEN", "--only", "1m1", "--rate", "23.98", "--tc", "df",
        "--timeline", "2", "--maestro", "m.wav", "--sketch", "s.mid",
        "--style", "melody", "--strength", "0.5",
        "--window", "5", "--overlap", "0", "--join", "crossfade", "--handles", "2.5",
        "--loudness", "-16", "--bake-fades", "--model", "debug", "--device", "cpu",
        "--sampler", "ddim", "--steps", "7", "--guidance", "0", "--seed", "9",
    )  # fmt: skip
    assert settings.media.media_dirs == (Path("a"), Path("b"))
    assert settings.media.path_maps == (("C:\\x", "/y"),)
    assert settings.media.picture == "ref.mov@01:00:00:00"
    assert settings.media.missing == "below"
    spotting = settings.spotting
    assert (spotting.all_shots, spotting.mark, spotting.mark_colors) == (
        True,
        "^MX",
        ("RED", "GREEN"),
    )
    assert (spotting.only, spotting.rate) == (("1m1",), Fraction(24000, 1001))
    assert (spotting.tc, spotting.timeline) == ("df", "2")
    music = settings.music
    assert (music.maestro, music.sketch) == ("m.wav", "s.mid")
    assert (music.style, music.strength) == ("melody", Fraction(1, 2))
    assert (music.window_s, music.overlap_s, music.handles_s) == (5, 0, Fraction(5, 2))
    assert (music.join, music.loudness_lufs, music.bake_fades) == ("crossfade", -16, True)
    model = settings.model
    assert (model.model, model.device, model.sampler) == ("debug", "cpu", "ddim")
    assert (model.steps, model.guidance, model.seed) == (7, 0, 9)


@pytest.mark.parametrize("rate", ["23.976", "23.98", "24000/1001"])
def test_a_rate_may_be_spelled_in_any_way(rate: str) -> None:
    assert settings_of("--rate", rate).spotting.rate == Fraction(24000, 1001)


def test_options_override_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[music]\nhandles_s = 3\nstyle = 'melody'\n[model]\nseed = 4\n", "utf-8")
    settings = settings_of("--settings", str(file), "--seed", "0")
    assert (settings.music.handles_s, settings.music.style) == (3, "melody")
    assert settings.model.seed == 0


def test_a_file_that_is_not_understood_names_the_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[music]\nhandels_s = 3\n", "utf-8")
    with pytest.raises(SettingsError, match="handels_s"):
        settings_of("--settings", str(file))


@pytest.mark.parametrize(("text", "seconds"), [("12f", Fraction(1, 2)), ("00:00:02:12", 2.5)])
def test_frames_and_timecode_count_at_the_timeline_s_rate(
    tmp_path: Path, text: str, seconds: Fraction
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    assert settings_of("--handles", text, timeline=cut).music.handles_s == seconds


def test_frames_count_at_the_rate_that_is_given(tmp_path: Path) -> None:
    settings = settings_of(
        "--handles", "25f", "--rate", "25", timeline=tmp_path / "is not read.otio"
    )
    assert settings.music.handles_s == 1


@pytest.mark.parametrize(
    ("options", "free", "followed"),
    [
        ((), 20, 5), (("--steps", "8"), 8, 8), (("--sampler", "ddim"), 20, 20),
        (("--sampler", "dpm++"), 20, 5), (("--preset", "paper", "--sampler", "ddim"), 200, 100),
    ],
)  # fmt: skip
def test_fewer_steps_follow_something_unless_steps_are_named(
    options: tuple[str, ...], free: int, followed: int
) -> None:
    model = settings_of(*options).model.for_model(5)
    assert (model.steps_for(followed=False), model.steps_for(followed=True)) == (free, followed)


def test_options_override_a_preset_wherever_it_was_chosen(tmp_path: Path) -> None:
    model = settings_of("--preset", "paper", "--steps", "8").model
    assert (model.preset, model.sampler, model.guidance) == ("paper", "ddim", 7.5)
    assert (model.steps, model.followed_steps) == (8, 8)
    file = tmp_path / "mine.toml"
    file.write_text("[model]\npreset = 'paper'\n[music]\nstyle = 'none'\n", "utf-8")
    settings = settings_of("--settings", str(file), "--sampler", "dpm++")
    assert (settings.model.sampler, settings.model.steps) == ("dpm++", 200)
    assert settings.model.followed_steps == 200
    assert settings.music.style == "none"
    assert settings_of("--settings", str(file), "--preset", "default").model.sampler == "dpm++"
