"""`otio-hpm model`: what a user reads, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from audioldm_folder import save_audioldm
from hub import Hub, be_asked, serving
from marked_film import make_film
from tiny_encoders import seeing_model

from otio_hpm.__main__ import main
from otio_hpm.model.catalogue import offer_named
from otio_hpm.model.checkpoint import model_folder, save_part, write_checksums
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.pipeline import HpmPipeline

NAME = "audioldm-s-full-v2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    offer = offer_named(NAME)
    assert offer is not None
    files = {"vae/config.json": b"{}", "vae/diffusion_pytorch_model.bin": b"weights"}
    with serving(Hub(offer.repository, offer.revision, files)) as served:
        be_asked(served, monkeypatch)
        yield served


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The debug model with its random weights on disk, as if made of AudioLDM's."""
    folder = tmp_path_factory.mktemp("saved")
    pipeline = HpmPipeline.load("debug", "cpu")
    config = dataclasses.replace(pipeline.config, random_seed=None, licence="CC-BY-NC-SA-4.0")
    config.save(folder / "config.json")
    for name, module in pipeline.parts().items():
        save_part(module, folder / f"{name}.safetensors")
    write_checksums(folder)
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["model", *arguments]) == 0
    return capsys.readouterr().out


def test_list_shows_what_is_here_and_what_can_be_had(
    home: Path, saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(saved, home / "house")
    (home / "broken").mkdir()
    (home / "broken" / "config.json").write_text("{", "utf-8")
    assert main(["model", "list"]) == 0
    out, err = capsys.readouterr()
    assert "embedded  shipped, 41.5 M weights, 83 MB, 48 kHz, Apache-2.0" in out
    assert "house  installed" in out
    assert "48 kHz, CC-BY-NC-SA-4.0" in out
    assert f"{NAME}  1.7 GB, 16 kHz, CC-BY-NC-SA-4.0" in out
    assert f"otio-hpm model fetch {NAME}" in out
    assert "broken" in err
    document = json.loads(printed(capsys, "list", "--json"))
    origins = {model["name"]: model["origin"] for model in document["models"]}
    assert origins == {"debug": "shipped", "embedded": "shipped", "house": "installed"}
    assert len(document["unreadable"]) == 1


def test_info_adds_up(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "info", str(saved), "--json"))
    pipeline = HpmPipeline.load("debug", "cpu")
    counts = {
        f"{name}.safetensors": sum(tensor.numel() for tensor in module.state_dict().values())
        for name, module in pipeline.parts().items()
    }
    assert {part["file"]: part["parameters"] for part in document["parts"]} == counts
    assert document["parameters"] == sum(counts.values())
    memory = document["memory_bytes"]
    assert memory["float32"] == 4 * document["parameters"]
    large = counts["vm_unet.safetensors"] + counts["s_control.safetensors"]
    assert memory["fp16"] == memory["float32"] - 2 * large
    checksums = json.loads((saved / "checksums.json").read_text("utf-8"))
    assert all(part["checksum"] == checksums[part["file"]] for part in document["parts"])
    text = printed(capsys, "info", str(saved))
    assert "non-commercial" in text
    assert "in bf16" in text


def test_info_of_what_can_be_had_says_the_licence(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "info", f"cvssp/{NAME}")
    assert "not fetched" in text
    assert "revision bef13a4" in text
    assert "non-commercial" in text


def test_verify_names_every_fault(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(capsys, "verify", str(saved)).count("  right") == 13
    folder = tmp_path / "damaged"
    shutil.copytree(saved, folder)
    (folder / "vae.safetensors").write_bytes(b"no weights")
    (folder / "vm_unet.safetensors").unlink()
    assert main(["model", "verify", str(folder), "--json"]) == 8
    captured = capsys.readouterr()
    checks = json.loads(captured.out)["checks"]
    wrong = {(check["what"], check["name"]) for check in checks if check["problem"]}
    assert wrong == {
        ("checksum", "vae.safetensors"), ("checksum", "vm_unet.safetensors"),
        ("loads", "vae"), ("loads", "vm_unet"),
    }  # fmt: skip
    assert "4 faults" in captured.err


def test_fetch_says_the_licence_and_asks_nobody_who_is_not_there(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "fetch", NAME]) == 8
    err = capsys.readouterr().err
    assert "CC-BY-NC-SA-4.0: for non-commercial use" in err
    assert "--yes" in err
    assert hub.asked == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 8)])
def test_fetch_asks_on_a_terminal(hub: Hub, home: Path, answer: str, code: int) -> None:
    """In a process of its own, which knows the mirror by HF_ENDPOINT."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "otio_hpm", "model", "fetch", NAME],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True,
        env={**os.environ, "HF_ENDPOINT": hub.endpoint, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = ""
    while "Fetch it under this licence?" not in shown:
        shown += os.read(ours, 4096).decode()
    assert "for non-commercial use" in shown
    assert hub.asked == []
    os.write(ours, f"{answer}\n".encode())
    out, _ = process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == code
    fetched = home / "sources" / NAME / "fetched.json"
    assert fetched.exists() == bool(hub.asked) == ("Next: otio-hpm" in out) == (code == 0)


def test_fetch_verify_and_info_of_what_was_fetched(
    hub: Hub, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(printed(capsys, "fetch", NAME, "--yes", "--json"))
    assert document["downloaded"] == ["vae/config.json", "vae/diffusion_pytorch_model.bin"]
    assert document["folder"] == str(home / "sources" / NAME)
    assert f"Next: otio-hpm model convert audioldm {NAME}" in printed(
        capsys, "fetch", NAME, "--yes"
    )
    assert printed(capsys, "verify", NAME).count("right") == 2
    assert "pickled weights" in printed(capsys, "info", NAME)
    assert "here; otio-hpm model convert" in printed(capsys, "list")
    (home / "sources" / NAME / "vae" / "config.json").write_bytes(b"[]")
    assert main(["model", "verify", NAME]) == 8
    assert "not what was fetched" in capsys.readouterr().err


def test_weights_that_were_copied_by_hand_serve_as_well(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_audioldm(home / "sources" / NAME)
    assert f"here; otio-hpm model convert audioldm {NAME}" in printed(capsys, "list")
    assert "M weights" in printed(capsys, "info", NAME)
    assert main(["model", "verify", NAME]) == 8
    assert "no checksums of them" in capsys.readouterr().err
    assert main(["model", "convert", "audioldm", NAME]) == 0
    assert (home / f"{NAME}-hpm" / "config.json").is_file()


def test_convert_tells_what_became_of_the_weights(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save_audioldm(tmp_path / "published")
    out = tmp_path / "made"
    text = printed(capsys, "convert", "audioldm", str(source), "-o", str(out), "--verbose")
    assert re.search(r"^vae: \d+ tensors kept, ", text, re.M)
    assert re.search(r"^vm_unet  unet.conv_in.weight  32x8x3x3  kept$", text, re.M)
    assert f"AudioLDM (other) in {out}" in text
    assert main(["model", "convert", "audioldm", str(source), "-o", str(out)]) == 7
    assert "exists already" in capsys.readouterr().err
    arguments = ("convert", "audioldm", str(source), "--film", "replaced", "--sees", "measured")
    document = json.loads(printed(capsys, *arguments, "--json"))
    assert document["folder"] == str(home / "published-hpm")
    changed = [t for t in document["coverage"]["tensors"] if t["state"] == "changed shape"]
    assert {tensor["name"].rpartition("attn2.")[2] for tensor in changed} == {
        "to_k.weight", "to_v.weight"
    }  # fmt: skip
    config = ModelConfig.load(model_folder("published-hpm") / "config.json")
    assert (config.film_attention, config.licence) == ("replaced", "CC-BY-NC-SA-4.0")


def test_convert_refuses_what_is_not_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "convert", "audioldm", NAME]) == 8
    assert f"otio-hpm model fetch {NAME}" in capsys.readouterr().err
    assert main(["model", "convert", "audioldm-bridge", "no/such"]) == 8
    assert "there are no weights no/such" in capsys.readouterr().err


def test_the_licence_is_in_the_sidecar_and_said_once(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE", "SCORE"))
    out = tmp_path / "out.otio"
    quick = ["--device", "cpu", "--steps", "1"]
    assert main(["score", str(cut), "-o", str(out), "--model", str(saved), *quick]) == 0
    assert capsys.readouterr().err.count("bound by their licence, CC-BY-NC-SA-4.0") == 1
    told = [
        json.loads(path.read_text("utf-8"))["model"]["licence"]
        for path in (tmp_path / "out_audio").glob("*_t01.json")
    ]
    assert told == ["CC-BY-NC-SA-4.0"] * 2
    assert main(["score", str(cut), "-o", str(out), "--model", "debug", "--overwrite", *quick]) == 0
    assert "licence" not in capsys.readouterr().err


def test_spot_says_the_model_its_licence_and_the_preset(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = make_film(tmp_path, ("SCORE",))
    assert main(["spot", str(cut), "--model", str(saved), "--preset", "paper"]) == 0
    out, err = capsys.readouterr()
    assert "(CC-BY-NC-SA-4.0), preset paper: ddim, 200 steps, 100 where something is" in out
    assert "guidance 7.5 on the film alone" in out
    assert "bound by their licence" in err


def test_a_shipped_model_is_free(capsys: pytest.CaptureFixture[str]) -> None:
    assert ModelConfig.load(model_folder("embedded") / "config.json").licence == "Apache-2.0"
    assert "commercial use allowed" in printed(capsys, "info", "embedded")


def test_verify_loads_the_film_encoders_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = seeing_model(tmp_path / "seeing", tmp_path / "sources")
    text = printed(capsys, "verify", str(folder))
    assert all(f"loads     {name}  right" in text for name in ("clip", "tavar", "cten"))
    (folder / "tavar.safetensors").write_bytes((folder / "clip.safetensors").read_bytes())
    assert main(["model", "verify", str(folder)]) == 8
    assert "tavar.safetensors" in capsys.readouterr().err
