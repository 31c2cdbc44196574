"""The README's way from AudioLDM's weights and films to a score, command by command, tiny."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from audioldm_folder import save_audioldm
from hub import Hub, be_asked, serving
from marked_film import make_film
from readback import read_back
from small_films import write_film
from tiny_clap import make_audible

from otio_hpm.__main__ import main
from otio_hpm.model.catalogue import offer_named

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
NAME = "audioldm-s-full-v2"
_TRAINED = "--steps 1 --batch 1 --device cpu --precision float32"
TOY = {
    "model fetch": "--yes",
    "dataset build": "--keep-dialogue --validation 0.4 --test 0",
    "train base": _TRAINED,
    "train style": _TRAINED,
    "score": "--steps 1 --device cpu --precision float32",
}
"""What makes each command quick, and keeps it from asking."""


def commands() -> list[str]:
    block = README.partition("### From AudioLDM and your films")[2].partition("```\n")[2]
    return block.partition("```")[0].splitlines()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has tiny random weights under the name of the published ones."""
    offer = offer_named(NAME)
    assert offer is not None
    published = save_audioldm(tmp_path / "published")
    make_audible(published / "vocoder")
    files = {
        path.relative_to(published).as_posix(): path.read_bytes()
        for path in published.rglob("*")
        if path.is_file()
    }
    with serving(Hub(offer.repository, offer.revision, files)) as served:
        be_asked(served, monkeypatch)
        yield served


def test_the_readme_s_commands_lead_from_audioldm_to_a_score(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTIO_HPM_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    rows = ["film,composer,title,genres,media"]
    for number in range(3):
        write_film(tmp_path / f"film{number}.mov", 11, number)
        rows.append(f"film {number},C. M.,Theme,drama,film{number}.mov")
    (tmp_path / "films.csv").write_text("\n".join(rows) + "\n", "utf-8")
    make_film(tmp_path, ("SCORE", "SCORE"))
    told = commands()
    assert [re.match(r"otio-hpm (\S+)", line)[1] for line in told] == [  # type: ignore[index]
        "model", "model", "dataset", "train", "train", "train", "score"
    ]  # fmt: skip
    for line in told:
        toy = next((more for verb, more in TOY.items() if line.startswith(f"otio-hpm {verb}")), "")
        assert main([*shlex.split(line)[1:], *shlex.split(toy)]) == 0, line
    assert [reading.problems for reading in read_back(tmp_path / "scored.otio")] == [(), ()]
    facts = json.loads((tmp_path / "scored_audio" / "R1_1m1_t01.json").read_text("utf-8"))
    assert facts["model"]["licence"] == "CC-BY-NC-SA-4.0"
    assert facts["settings"]["model"]["preset"] == "paper"
    assert facts["steps"] == 1
