"""The README's way from AudioLDM's weights and films to a score, command by command, tiny."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from audioldm_folder import save_audioldm
from hub import Hub, be_asked, serving
from marked_film import make_film
from readback import read_back
from small_films import write_film
from tiny_clap import make_audible
from tiny_encoders import save_clip, save_cten, save_tavar

from otio_hpm.__main__ import main
from otio_hpm.model.catalogue import offer_named
from otio_hpm.training import train_diffusion

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
NAMES = ("audioldm-s-full-v2", "clip-vit-base-patch32")
_TRAINED = "--steps 1 --batch 1 --device cpu --precision float32"
TOY = {
    "model fetch": "--yes",
    "dataset build": "--keep-dialogue --seed 2",
    "train base": _TRAINED,
    "train style": _TRAINED,
    "train pacing": "--steps 1 --device cpu --precision float32",
    "score": "--steps 1 --device cpu --precision float32",
}
"""What makes each command quick, and keeps it from asking."""


def commands() -> list[str]:
    block = README.partition("### From AudioLDM and your films")[2].partition("```\n")[2]
    return block.partition("```")[0].splitlines()


@pytest.fixture
def hubs(tmp_path: Path) -> Iterator[dict[str, Hub]]:
    """Hubs that have tiny random weights under the names of the published ones."""
    audioldm = save_audioldm(tmp_path / "audioldm")
    make_audible(audioldm / "vocoder")
    clip = save_clip(tmp_path / "clip", 512)
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(hub_of(name, folder)))
            for name, folder in zip(NAMES, (audioldm, clip), strict=True)
        }


def hub_of(name: str, published: Path) -> Hub:
    offer = offer_named(name)
    assert offer is not None
    files = {
        path.relative_to(published).as_posix(): path.read_bytes()
        for path in published.rglob("*")
        if path.is_file()
    }
    return Hub(offer.repository, offer.revision, files)


def test_the_readme_s_commands_lead_from_audioldm_to_a_score(
    hubs: dict[str, Hub], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_diffusion, "save_samples", lambda *_: None)
    monkeypatch.setattr(train_diffusion, "VALIDATION_DRAWS", 2)
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    rows = ["film,composer,title,genres,media"]
    for number in range(2):
        write_film(tmp_path / f"film{number}.mov", 11, number)
        rows.append(f"film {number},C. M.,Theme,drama,film{number}.mov")
    (tmp_path / "films.csv").write_text("\n".join(rows) + "\n", "utf-8")
    make_film(tmp_path, ("SCORE",))
    save_tavar(tmp_path / "TAVAR_weight.pt")
    save_cten(tmp_path / "cten.pth")
    told = commands()
    assert [re.match(r"otio-hpm (\S+)", line)[1] for line in told] == [  # type: ignore[index]
        "model", "model", "model", "film", "film", "film", "dataset", "train", "train", "train",
        "train", "score",
    ]  # fmt: skip
    for line in told:
        for name in NAMES:
            if f"model fetch {name}" in line:
                be_asked(hubs[name], monkeypatch)
        toy = next((more for verb, more in TOY.items() if line.startswith(f"otio-hpm {verb}")), "")
        assert main([*shlex.split(line)[1:], *shlex.split(toy)]) == 0, line
    assert [reading.problems for reading in read_back(tmp_path / "scored.otio")] == [()]
    facts = json.loads((tmp_path / "scored_audio" / "R1_1m1_t01.json").read_text("utf-8"))
    assert facts["model"]["licence"] == "CC-BY-NC-SA-4.0 AND MIT AND LicenseRef-unstated"
    assert list(facts["film"]["by"]) == ["clip", "tavar", "cten"]
    assert facts["settings"]["model"]["preset"] == "paper"
    assert facts["steps"] == 1
    assert json.loads((tmp_path / "house" / "config.json").read_text("utf-8"))["has_pacing"]
