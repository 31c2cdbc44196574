"""House styles chosen per run and per cue: heard, recorded, rendered again when they change."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import soundfile
from house_style import make_adapter
from marked_film import make_film

import otio_hpm.scoring.job as job
from otio_hpm.errors import MaestroError, MarkError, ModelError
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.settings import MediaSettings, ModelSettings, MusicSettings, Settings

DEBUG = Settings(model=ModelSettings(model="debug", device="cpu", steps=1, followed_steps=1))
DEBUG_SUM = checksum(model_folder("debug"))


def with_lora(folder: Path) -> Settings:
    return dataclasses.replace(DEBUG, music=MusicSettings(maestro_lora=str(folder)))


def facts(cue: Any) -> Any:
    return json.loads(cue.sidecar.read_text("utf-8"))["cue"]["lora"]


def test_each_cue_has_the_style_that_its_mark_names(tmp_path: Path) -> None:
    house = make_adapter(tmp_path / "film" / "styles" / "house", base=DEBUG_SUM)
    other = make_adapter(tmp_path / "elsewhere", base=DEBUG_SUM, seed=1)
    marks = ("SCORE seed=1", "SCORE seed=1 lora=styles/house", "SCORE seed=1 style=none")
    cut = make_film(tmp_path / "film", marks)
    plain = job.score(cut, tmp_path / "plain.otio", DEBUG)
    assert [facts(cue) and facts(cue)["sha256"] for cue in plain.cues] == [
        None, house.digest(), None
    ]  # fmt: skip
    styled = job.score(cut, tmp_path / "styled.otio", with_lora(other.folder))
    assert [facts(cue) and facts(cue)["sha256"] for cue in styled.cues] == [
        other.digest(), house.digest(), None
    ]  # fmt: skip
    assert facts(styled.cues[0])["base"] == DEBUG_SUM
    words = "it follows the film alone, so it takes no account of the adapter"
    assert any(words in text for text in styled.warnings)
    heard = [[soundfile.read(cue.wav)[0] for cue in done.cues] for done in (plain, styled)]
    same = [bool((one == two).all()) for one, two in zip(*heard, strict=True)]
    assert same == [False, True, True]


def test_a_changed_adapter_renders_again_and_the_same_one_does_not(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    make_adapter(folder, base=DEBUG_SUM)
    cut = make_film(tmp_path, ("SCORE", "SCORE style=none"))

    def takes() -> list[tuple[int, bool]]:
        planned = job.plan(cut, tmp_path / "out.otio", with_lora(folder))
        return [(cue.take, cue.reuse) for cue in planned.cues]

    job.score(cut, tmp_path / "out.otio", with_lora(folder))
    shutil.move(folder, tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", folder)
    assert takes() == [(1, True), (1, True)]
    make_adapter(folder, base=DEBUG_SUM, seed=1)
    assert takes() == [(2, False), (1, True)]


def test_an_adapter_of_another_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    make_adapter(tmp_path / "house")
    make_adapter(tmp_path / "ours", base=DEBUG_SUM)
    cut = make_film(tmp_path, ("SCORE lora=house", "SCORE lora=ours"))
    with pytest.raises(ModelError, match="house was made for another model") as raised:
        job.score(cut, tmp_path / "out.otio", DEBUG)
    spotted = job.spot(cut, DEBUG).cues
    assert [cue.problems for cue in spotted] == [(raised.value.message,), ()]
    assert not (tmp_path / "out_audio").exists() and not (tmp_path / "out.otio").exists()


def test_a_mark_names_only_what_lies_in_the_folders_of_the_job(tmp_path: Path) -> None:
    make_adapter(tmp_path / "outside" / "house", base=DEBUG_SUM)
    film = tmp_path / "film"
    for name in ("../outside/house", str(tmp_path / "outside" / "house"), "http://x/house"):
        cut = make_film(film, (f"SCORE lora={name}",))
        with pytest.raises(MarkError, match="lora"):
            job.spot(cut, DEBUG)
    cut = make_film(film, ("SCORE lora=house",))
    with pytest.raises(MarkError, match="lora 'house' is not found"):
        job.spot(cut, DEBUG)
    media = MediaSettings(media_dirs=(tmp_path / "outside",))
    found = job.spot(cut, dataclasses.replace(DEBUG, media=media)).cues[0].lora
    assert found == tmp_path / "outside" / "house"
    (film / "linked").mkdir()
    for file in (tmp_path / "outside" / "house").iterdir():
        (film / "linked" / file.name).symlink_to(file)
    with pytest.raises(MarkError, match="outside"):
        job.spot(make_film(film, ("SCORE lora=linked",)), DEBUG)


def test_what_the_run_names_has_to_be_an_adapter(tmp_path: Path) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    with pytest.raises(MaestroError, match=r"lora .*adapter_config\.json"):
        job.spot(cut, with_lora(tmp_path))


def test_a_bundle_takes_the_style_along(tmp_path: Path) -> None:
    house = make_adapter(tmp_path / "film" / "house", base=DEBUG_SUM)
    cut = make_film(tmp_path / "film", ("SCORE lora=house",))
    job.score(cut, tmp_path / "out.otioz", DEBUG)
    shutil.rmtree(tmp_path / "film")
    planned = job.plan(tmp_path / "out.otioz", tmp_path / "again.otio", DEBUG)
    assert planned.cues[0].reuse
    assert planned.cues[0].cue.lora is not None
    assert planned.cues[0].cue.lora.name == house.folder.name
