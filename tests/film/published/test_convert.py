"""Published weights become parts of a model folder, and nothing in them is run."""

from __future__ import annotations

import pickle
import shutil
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_encoders import (
    bare_model,
    licence_of,
    save_clip,
    save_cten,
    save_tavar,
    tiny_cten,
    tiny_tavar,
)

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.film.published.parts import film_parts
from otio_hpm.film.published.weights import read_weights
from otio_hpm.model.checkpoint import checksum
from otio_hpm.scoring.film_parts import add_encoder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return bare_model(tmp_path / "model")


def test_the_authors_file_becomes_a_part(model: Path, tmp_path: Path) -> None:
    before = checksum(model)
    added = add_encoder("tavar", save_tavar(tmp_path / "TAVAR_weight.pt"), model)
    kept = load_file(model / "tavar.safetensors")
    state = tiny_tavar().state_dict()
    assert set(kept) == set(state)
    assert all(torch.equal(kept[name], value) for name, value in state.items())
    assert added.weights == sum(value.numel() for value in state.values())
    assert checksum(model) != before
    part = film_parts(model)["tavar"]
    assert (part.size, part.options) == (7, {"crop": "published"})


def test_a_checkpoint_of_parallel_training_is_unwrapped(model: Path, tmp_path: Path) -> None:
    add_encoder("cten", save_cten(tmp_path / "save_3.pth"), model)
    kept = load_file(model / "cten.safetensors")
    assert set(kept) == set(tiny_cten().state_dict())


def test_counters_that_older_files_leave_out_are_not_missed(model: Path, tmp_path: Path) -> None:
    state = {
        name: value
        for name, value in tiny_cten().state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    torch.save(state, tmp_path / "old.pth")
    assert add_encoder("cten", tmp_path / "old.pth", model).encoder == "cten"


def test_clip_is_read_from_either_kind_of_file(model: Path, tmp_path: Path) -> None:
    folder = save_clip(tmp_path / "clip")
    add_encoder("clip", folder, model)
    first = (model / "clip.safetensors").read_bytes()
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    state["vision_model.embeddings.position_ids"] = torch.arange(5)[None]
    torch.save(state, folder / "pytorch_model.bin")
    add_encoder("clip", folder, model, overwrite=True)
    assert (model / "clip.safetensors").read_bytes() == first


def test_licences_are_joined_and_said(model: Path, tmp_path: Path) -> None:
    assert licence_of(model) == "Apache-2.0"
    add_encoder("clip", save_clip(tmp_path / "clip"), model)
    assert licence_of(model) == "Apache-2.0 AND MIT"
    added = add_encoder("tavar", save_tavar(tmp_path / "t.pt"), model)
    assert licence_of(model) == "Apache-2.0 AND MIT AND LicenseRef-unstated"
    assert "no licence file" in added.note


def test_what_is_there_is_replaced_only_where_asked(model: Path, tmp_path: Path) -> None:
    source = save_tavar(tmp_path / "t.pt")
    add_encoder("tavar", source, model)
    before = (model / "film.json").read_bytes()
    with pytest.raises(OutputError, match=r"tavar\.safetensors exists"):
        add_encoder("tavar", source, model, crop="whole")
    assert (model / "film.json").read_bytes() == before
    add_encoder("tavar", source, model, crop="whole", overwrite=True)
    assert film_parts(model)["tavar"].options == {"crop": "whole"}


class Harmful:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return Path.touch, (self.path,)


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    torch.save({"state_dict": Harmful(made)}, tmp_path / "bad.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Harmful(made)))
    for name in ("bad.pt", "plain.pt"):
        with pytest.raises(ModelError, match=f"{name} cannot be read"):
            read_weights(tmp_path / name)
    assert not made.exists()


def other_weights(folder: Path) -> Path:
    save_file({"weight": torch.zeros(3)}, folder / "other.safetensors")
    return folder / "other.safetensors"


def hearing(folder: Path) -> Path:
    state = {"module.a_resnet.0.weight": torch.zeros(1), **tiny_cten().state_dict()}
    torch.save({"state_dict": state}, folder / "hearing.pth")
    return folder / "hearing.pth"


def cut_short(folder: Path) -> Path:
    path = save_tavar(folder / "short.pt")
    path.write_bytes(path.read_bytes()[:5000])
    return path


def no_weights(folder: Path, content: bytes) -> Path:
    (folder / "other.pt").write_bytes(content)
    return folder / "other.pt"


def no_vector(folder: Path) -> Path:
    save_file({"fc.bias": torch.tensor(1.0)}, folder / "scalar.safetensors")
    return folder / "scalar.safetensors"


def no_state(folder: Path) -> Path:
    torch.save([1, 2], folder / "list.pt")
    return folder / "list.pt"


@pytest.mark.parametrize(
    ("encoder", "source", "message"),
    [
        ("tavar", other_weights, "not the weights of tavar"),
        ("cten", other_weights, "not the weights of cten: 'resnet.* is missing"),
        ("cten", no_vector, "not the weights of cten"),
        ("cten", hearing, "also hears"),
        ("tavar", cut_short, "short.pt cannot be read"),
        *(
            ("tavar", partial(no_weights, content=content), "other.pt cannot be read as weights")
            for content in (b"", b"notes on TAVAR\n", b"<html>", b"(", b"\x80\x02.")
        ),
        ("clip", partial(save_clip, size=24), r"clip gives 24 values.* was made for 16"),
        ("tavar", no_state, "list.pt holds no state dict"),
        ("tavar", lambda folder: folder / "gone.pt", "gone.pt is not there"),
        ("tavar", lambda folder: folder / "model", "no file of weights"),
        ("clip", lambda folder: folder, "no folder of CLIP"),
    ],
)
def test_what_is_not_an_encoder_is_refused(encoder, source, message, model, tmp_path) -> None:
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    with pytest.raises(ModelError, match=message):
        add_encoder(encoder, source(tmp_path), model)
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


def test_a_model_that_measures_takes_no_encoder(tmp_path: Path) -> None:
    from otio_hpm.model.folders import SHIPPED

    folder = shutil.copytree(SHIPPED / "debug", tmp_path / "debug")
    with pytest.raises(ModelError, match=r"tavar gives 7 values.*made for 6"):
        add_encoder("tavar", save_tavar(tmp_path / "t.pt"), folder)
    assert not (folder / "tavar.safetensors").exists()


@pytest.mark.parametrize(
    "told",
    ["{", "[1]", '{"clip": 3}', '{"clip": {"licence": "MIT", "size": 16}}',
     '{"tavar": {"licence": "MIT", "size": 7, "options": {}}}',
     '{"cten": {"licence": "MIT", "size": "8"}}', '{"cten": {"size": 8, "run": "rm"}}'],
)  # fmt: skip
def test_a_list_of_encoders_that_is_not_understood_is_refused(model: Path, told: str) -> None:
    (model / "film.json").write_text(told, "utf-8")
    with pytest.raises(ModelError, match=r"film\.json cannot be read"):
        film_parts(model)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json"):
        add_encoder("tavar", save_tavar(tmp_path / "t.pt"), tmp_path)
