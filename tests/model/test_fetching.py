"""Fetching from a hub on this machine: what is taken, taken up again, checked and refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub import Hub, be_asked, serving
from huggingface_hub import constants

from otio_hpm.errors import ModelError, OutputError
from otio_hpm.model.catalogue import OFFERS, offer_named
from otio_hpm.model.fetching import fetch
from otio_hpm.model.folders import sources_home
from otio_hpm.model.published import read_record, source_folder, wanted

NAME = "audioldm-s-full-v2"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
FILES = {
    "README.md": b"read me",
    "model_index.json": b"{}",
    "unet/config.json": b'{"unet": 1}',
    WEIGHTS: bytes(range(256)) * 4000,
    "unet/diffusion_pytorch_model.bin": b"the same, pickled",
    "vae/config.json": b'{"vae": 1}',
    "vae/diffusion_pytorch_model.bin": b"only pickled",
    "vae/diffusion_pytorch_model.fp16.bin": b"halved",
    "tokenizer/vocab.json": b"{}",
    "tokenizer/merges.txt": b"#version",
    "safety/config.json": b"{}",
    "unet/../../escaped.json": b"{}",
}
TAKEN = {
    "model_index.json",
    "unet/config.json",
    WEIGHTS,
    "vae/config.json",
    "vae/diffusion_pytorch_model.bin",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    offer = offer_named(NAME)
    assert offer is not None
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    with serving(Hub(offer.repository, offer.revision, FILES)) as served:
        be_asked(served, monkeypatch)
        yield served


def files_in(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix() for path in found}


def test_only_what_is_needed_is_fetched_and_noted(hub: Hub, tmp_path: Path) -> None:
    lengths = []
    done = fetch(NAME, agreed=True, told=lambda name, there, whole: lengths.append((there, whole)))
    assert done.folder == source_folder(NAME) == tmp_path / "models" / "sources" / NAME
    assert set(done.files) == set(done.downloaded) == TAKEN
    assert files_in(done.folder) == TAKEN | {"fetched.json"}
    for name in TAKEN:
        assert (done.folder / name).read_bytes() == FILES[name]
    assert lengths[-1] == (sum(len(FILES[name]) for name in TAKEN),) * 2
    assert {file.name for file in read_record(done.folder)} == TAKEN
    assert json.loads((done.folder / "fetched.json").read_text())["licence"] == "CC-BY-NC-SA-4.0"


def test_what_is_there_is_not_fetched_again(hub: Hub) -> None:
    folder = fetch(NAME, agreed=True).folder
    (folder / "vae" / "config.json").write_bytes(b'{"vae": 2}')
    hub.asked.clear()
    assert fetch(NAME, agreed=True).downloaded == ("vae/config.json",)
    assert [path.rpartition("/")[2] for path, _ in hub.asked[1:]] == ["config.json"]


def test_a_download_that_broke_off_goes_on_in_the_next_run(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 50_000)
    hub.break_at[WEIGHTS] = 500_000
    with pytest.raises(ModelError, match="status 503") as error:
        fetch(NAME, agreed=True)
    assert "the next run goes on" in error.value.message
    with pytest.raises(ModelError, match=NAME):
        source_folder(NAME)
    hub.break_at.clear()
    hub.asked.clear()
    done = fetch(NAME, agreed=True)
    assert (f"/{hub.repository}/resolve/{hub.revision}/{WEIGHTS}", "bytes=500000-") in hub.asked
    assert (done.folder / WEIGHTS).read_bytes() == FILES[WEIGHTS]
    assert files_in(done.folder) == TAKEN | {"fetched.json"}


@pytest.mark.parametrize("name", [WEIGHTS, "unet/config.json"])
def test_bytes_that_are_not_what_is_listed_are_refused(hub: Hub, name: str) -> None:
    hub.spoil.add(name)
    with pytest.raises(ModelError, match=f"{name} came without the checksum"):
        fetch(NAME, agreed=True)
    hub.spoil.clear()
    assert (fetch(NAME, agreed=True).folder / name).read_bytes() == FILES[name]


def test_nothing_is_asked_of_the_hub_before_the_licence_is_agreed_to(hub: Hub) -> None:
    with pytest.raises(ModelError, match="non-commercial") as error:
        fetch(NAME, agreed=False)
    assert "--yes" in error.value.hint
    assert hub.asked == []


def test_the_user_s_token_is_sent(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_user")
    fetch(NAME, agreed=True)
    assert hub.tokens == {"Bearer hf_of_the_user"}


@pytest.mark.parametrize(("status", "words"), [(401, "HF_TOKEN"), (500, "Run it again later")])
def test_a_hub_that_refuses_is_told(hub: Hub, status: int, words: str) -> None:
    hub.status = status
    with pytest.raises(ModelError) as error:
        fetch(NAME, agreed=True)
    assert words in error.value.hint


def test_another_revision_than_the_pinned_one_is_refused(hub: Hub) -> None:
    pinned = hub.revision
    listing = hub.listing()
    hub.listing = lambda: {**listing, "sha": "0" * 40}  # type: ignore[method-assign]
    with pytest.raises(ModelError, match=f"at revision {pinned}"):
        fetch(NAME, agreed=True)


def test_offline_mode_and_no_network_say_how_it_is_done_by_hand(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setattr(constants, "ENDPOINT", nowhere)
    with pytest.raises(ModelError, match="cannot be reached") as error:
        fetch(NAME, agreed=True)
    assert f"huggingface.co/cvssp/{NAME}/tree/bef13a4" in error.value.hint
    assert "otio-hpm model convert audioldm" in error.value.hint
    folder = sources_home() / NAME
    assert f"copy the folder to {folder}" in error.value.hint
    with pytest.raises(ModelError):
        source_folder(NAME)
    folder.mkdir(parents=True)
    assert source_folder(NAME) == folder
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE") as error:
        fetch(NAME, agreed=True)
    assert "copy the folder" in error.value.hint


def test_a_full_disk_is_told_before_anything_is_fetched(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 10

    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage)
    with pytest.raises(OutputError, match="MB are needed"):
        fetch(NAME, agreed=True)
    assert len(hub.asked) == 1


def test_names_that_are_not_offered_are_refused_with_those_that_are() -> None:
    with pytest.raises(ModelError, match="nothing named some/model") as error:
        fetch("some/model", agreed=True)
    assert all(offer.name in error.value.hint for offer in OFFERS)
    with pytest.raises(ModelError, match="its authors share the weights"):
        fetch("tavar", agreed=True)


def test_every_offer_is_pinned_to_a_commit() -> None:
    for offer in OFFERS:
        assert len(offer.revision) == 40
        assert int(offer.revision, 16)


def test_clip_is_taken_from_the_top_folder() -> None:
    clip = offer_named("openai/clip-vit-base-patch32")
    assert clip is not None
    names = ["config.json", "pytorch_model.bin", "tf_model.h5", "vocab.json", "onnx/model.bin"]
    assert set(wanted(clip, names)) == {"config.json", "pytorch_model.bin", "vocab.json"}
