"""How systems are named, and what is said of names that mean nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.tables.naming import named


def test_a_name_with_a_folder_is_anybodys() -> None:
    found = named("D2M-GAN v1=C:/out=put")
    assert (found.name, found.maker, found.folder) == ("D2M-GAN v1", "folder", Path("C:/out=put"))


def test_keys_are_settings_of_the_model_and_of_its_windows(tmp_path: Path) -> None:
    text = f"hpm:guidance=7.5,sampler=ddim,steps=200,without=semantic+emotion,lora={tmp_path}"
    found = named(text)
    assert (found.name, found.maker, found.lora) == (text, "hpm", tmp_path)
    assert found.model == {
        "guidance": 7.5, "sampler": "ddim", "steps": 200, "without": ("semantic", "emotion"),
    }  # fmt: skip
    apart = named("hpm:window=2.5,join=crossfade,style=auto")
    assert apart.music == {"window_s": Fraction(5, 2), "join": "crossfade"}
    assert apart.style == "auto"


def test_ditto_is_an_engine_with_steps_of_its_own() -> None:
    assert named("ditto").model == {"style_engine": "ditto"}
    assert named("ditto:ditto-steps=3,style=melody").model["ditto_steps"] == 3
    assert named("hpm").model == named("round-trip").model == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nobody", "'nobody' is no system"),
        ("hpm=folder", "'hpm' cannot name a system"),
        ("../x=folder", "'../x' cannot name a system"),
        ("hpm:", "'' is not understood"),
        ("hpm:guidance", "'guidance' is not understood"),
        ("hpm:guidance=3,guidance=4", "'guidance=4' is not understood"),
        ("hpm:ditto-steps=3", "'ditto-steps=3' is not understood"),
        ("ditto:lora=.", "'lora=.' is not understood"),
        ("round-trip:steps=3", "'steps=3' is not understood"),
        ("hpm:guidance=0.5", "guidance cannot be '0.5'"),
        ("hpm:guidance=nan", "guidance cannot be 'nan'"),
        ("hpm:steps=2.5", "steps cannot be '2.5'"),
        ("hpm:sampler=euler", "sampler cannot be 'euler'"),
        ("hpm:without=emotion+emotion", "without cannot be 'emotion+emotion'"),
        ("hpm:window=1/0", "window cannot be '1/0'"),
        ("hpm:lora=/nowhere/at/all", "lora cannot be '/nowhere/at/all'"),
    ],
)
def test_names_that_mean_nothing_are_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        named(text)
    assert words in caught.value.message
    assert caught.value.hint
