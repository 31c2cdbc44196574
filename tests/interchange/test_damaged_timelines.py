"""Damaged files of every format: read, or refused in words, in little time and memory."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from damaged import LIMIT_S, MARKERS, Sound, attempt, own_files, peak_memory_mb, real_files
from scored_timelines import scored

import otio_hpm
from otio_hpm.settings import ModelSettings, Settings
from otio_hpm.timeline.reading import read_cut
from otio_hpm.timeline.writing import existing_cues

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
COUNTS = {
    "otio": 45, "edl": 45, "fcpxml": 45, "xml": 45, "aaf": 8, "otioz": 22, "otiod": 20,
    "fcpxmld": 20, MARKERS: 50,
}  # fmt: skip
"""How many of each kind, 300 in all; an AAF takes longest, in a process of its own."""
MEMORY_MB = 500


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.fixture(scope="module")
def sounds(folder: Path) -> list[Sound]:
    """Files of our own writers, and those of real systems where they are beside this checkout."""
    return [*own_files(folder), *real_files(FIXTURES)]


@pytest.mark.parametrize("kind", COUNTS)
def test_damage_is_read_or_refused_in_words(kind: str, sounds: list[Sound], folder: Path) -> None:
    whole = [sound for sound in sounds if sound.kind == kind]
    chance, before = random.Random(kind), peak_memory_mb()
    found = [attempt(chance.choice(whole), seed, folder) for seed in range(COUNTS[kind])]
    for outcome in found:
        assert outcome.cpu_s < LIMIT_S, outcome
    assert {outcome.is_read for outcome in found} == {False, True}
    assert peak_memory_mb() - before < MEMORY_MB


@pytest.mark.parametrize(
    "odd", [None, True, -1, 1e300, "x", [], [None], ["x"], {}, {"out_s": 1e300}]
)
def test_metadata_of_ours_may_be_anything(odd: Any, tmp_path: Path) -> None:
    path = scored(tmp_path)
    document = json.loads(path.read_text("utf-8"))
    keys = {key for one in _facts(document) for key in one} - {"cue", "role"}
    assert keys >= {"shots", "marks", "takes", "fades", "lane", "in_samples"}
    for key in sorted(keys):
        changed = json.loads(json.dumps(document))
        for one in _facts(changed):
            one.update({key: odd} if key in one else {})
        path.write_text(json.dumps(changed), "utf-8")
        otio_hpm.spot(path, Settings(model=ModelSettings(model="debug")))
        assert [cue.number for cue in existing_cues(read_cut(path, Settings()))] == ["1m1", "1m2"]


def _facts(node: Any) -> Iterator[dict[str, Any]]:
    """All that our metadata tell in parsed JSON."""
    if isinstance(node, dict):
        if isinstance(node.get("otio_hpm"), dict):
            yield node["otio_hpm"]
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from _facts(child)
