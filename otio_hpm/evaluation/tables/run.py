"""Compares systems on one reference and writes the tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from otio_hpm.dataset.index import SUMMARY
from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.embedding_network import require_apart, taught_on
from otio_hpm.evaluation.evidence.material import EvidenceSplit, find_corpus
from otio_hpm.evaluation.evidence.run import versions
from otio_hpm.evaluation.evidence.takes import source_digest
from otio_hpm.evaluation.intervals import RESAMPLES
from otio_hpm.evaluation.tables.chosen import chosen_systems
from otio_hpm.evaluation.tables.documents import as_csv, as_json, as_latex, as_markdown
from otio_hpm.evaluation.tables.drawing import chosen_clips, draw_clips, draw_styles
from otio_hpm.evaluation.tables.features import NETWORKS, Features, Weights
from otio_hpm.evaluation.tables.folder_reference import FolderReference
from otio_hpm.evaluation.tables.generator import Generator
from otio_hpm.evaluation.tables.measures import MEASURES, chosen_measures
from otio_hpm.evaluation.tables.naming import Followed
from otio_hpm.evaluation.tables.paired_reference import ComposedReference, DatasetReference
from otio_hpm.evaluation.tables.paper import PRINTED
from otio_hpm.evaluation.tables.reference import FirstClips, Reference
from otio_hpm.evaluation.tables.rows import Comparison, Row
from otio_hpm.evaluation.tables.systems import System
from otio_hpm.evaluation.tables.telling import Telling
from otio_hpm.files import make_folder, write_text
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.scoring.progress import Listener
from otio_hpm.settings import ModelSettings
from otio_hpm.training.pictures import can_draw

QUICK = 16
"""Clips of a quick run."""
_NOT_DRAWN = "figures: not drawn, since matplotlib is not installed"
_COMPOSED = re.compile(r"composed:([1-9]\d{0,4})")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be compared, as the user says it."""

    reference: str
    """A folder of clips, a dataset, or `composed:N`."""
    systems: tuple[str, ...] = ()
    """As `naming` reads them: `NAME=FOLDER`, `hpm`, `hpm:guidance=5`, `ditto`, `round-trip`."""
    table: Literal["2", "3", "4"] | None = None
    """The paper's table of this number; 4 adds the model told of only some features."""
    measures: str = ""
    """Names separated by commas; the table's where there are none."""
    style: Followed | None = None
    """What models follow whose names do not say it; None for `maestro` in table 3, else `none`."""
    weights: Weights = field(default_factory=Weights)
    sampling: ModelSettings = field(default_factory=ModelSettings)
    """The model, and how its music is sampled."""
    split: EvidenceSplit = "development"
    """Which held-out pairs are composed."""
    soundfont: Path | None = None
    """Plays them; one that no model was trained on is looked for where none is named."""
    scores: Path | None = None
    """Folder of parsed public-domain scores."""
    quick: bool = False
    """Only the first 16 clips."""
    clips: tuple[str, ...] = ()
    """Those that figures are drawn of; some where none is named."""


def evaluate(asked: Asked, folder: Path, listener: Listener | None = None) -> None:
    """Compare systems; writes table.csv, table.md, table.tex and table.json, after every system.

    Where a system makes only the first clips, it is in table-16 and so on, beside all others on
    these clips.

    What was generated or computed of a clip before is kept in the folder. Raises SettingsError,
    MediaError, DatasetError, ModelError and OutputError.
    """
    measures, unmeasured = _measures(asked)
    make_folder(folder)
    config = ModelConfig.load(model_folder(asked.sampling.model) / "config.json")
    features = Features(folder / "features", config, asked.weights)
    tables = _tables(asked, folder)
    shown = tables[-1]  # which has all systems
    clips = chosen_clips(shown.reference, asked.clips)
    remarks = unmeasured if can_draw() else [*unmeasured, _NOT_DRAWN]
    telling = Telling(listener, ((s, len(t.reference.names)) for t in tables for s in t.systems))
    for table in tables:
        comparison = Comparison(table.reference, features, measures)
        rows: list[Row] = []
        for system in table.systems:
            rows.append(comparison.row(system, telling.of(system)))
            told = [*remarks, *_remarks(rows, len(table.reference.names))]
            facts = _facts(asked, table.reference, config)
            seeds = {name: number for number, name in enumerate(table.reference.names)}
            _write(folder / table.name, rows, measures, facts, told, seeds, asked.table)
        if can_draw():
            draw_styles(folder / "figures" / f"figure-2-{table.name}", rows)
    if can_draw():
        draw_clips(folder / "figures", shown.reference, shown.systems, clips, config)


@dataclass(frozen=True, kw_only=True)
class _Table:
    """What is compared on the same clips."""

    name: str
    """Of its files."""
    reference: Reference
    systems: Sequence[System]


def _tables(asked: Asked, folder: Path) -> list[_Table]:
    """All clips; and where systems make only the first ones, every system on these again."""
    reference = _reference(asked)
    require_apart(asked.weights.embedding, reference.soundfont, reference.name)
    generator = cache(lambda: Generator(folder / "takes", reference, asked.sampling))
    systems = chosen_systems(asked.systems, asked.table, _style(asked), reference, generator)
    most = min(system.most or len(reference.names) for system in systems)
    if most >= len(reference.names):
        return [_Table(name="table", reference=reference, systems=systems)]
    whole = [system for system in systems if system.most is None]
    return [
        _Table(name="table", reference=reference, systems=whole),
        _Table(name=f"table-{most}", reference=FirstClips(reference, most), systems=systems),
    ]


def _measures(asked: Asked) -> tuple[list[str], list[str]]:
    """Measures that can be computed, and a sentence for each of the others.

    Raises SettingsError for one that was asked for by name and lacks its weights.
    """
    names = chosen_measures(asked.measures, asked.table)
    features = {name: MEASURES[name].feature for name in names}
    unnamed = set(NETWORKS) - set(asked.weights.checksums)
    lacking = {name: feature for name, feature in features.items() if feature in unnamed}
    if lacking and asked.measures:
        name, network = next(iter(lacking.items()))
        raise SettingsError(f"{name} is measured by {network}, whose weights are not named",
                            hint=f"Name them with --{network} FILE.")  # fmt: skip
    told = [
        f"{', '.join(MEASURES[name].columns)}: not measured, since no --{network} was named"
        for name, network in lacking.items()
    ]
    return [name for name in names if name not in lacking], told


def _reference(asked: Asked) -> Reference:
    """Raises MediaError, DatasetError and ModelError."""
    config = ModelConfig.load(model_folder(asked.sampling.model) / "config.json")
    most = QUICK if asked.quick else None
    composed = _COMPOSED.fullmatch(asked.reference)
    if composed:
        count = max(2, min(int(composed[1]), most or int(composed[1])))
        corpus = find_corpus(asked.split, asked.soundfont, asked.soundfont, asked.scores)
        return ComposedReference(corpus, config, count)
    folder = Path(asked.reference)
    if (folder / SUMMARY).exists():
        return DatasetReference(folder, config, most)
    return FolderReference(folder, config.sample_rate, most)


def _style(asked: Asked) -> Followed:
    return asked.style or ("maestro" if asked.table == "3" else "none")


def _facts(asked: Asked, reference: Reference, config: ModelConfig) -> dict[str, Any]:
    """What the figures hang on."""
    sampling = asked.sampling.for_model(config.followed_steps)
    return {
        "reference": reference.name,
        "clips": len(reference.names),
        **reference.facts(),
        "model": f"{sampling.model} {checksum(model_folder(sampling.model))}",
        "style of models": _style(asked),
        "steps": sampling.steps_for(followed=_style(asked) != "none"),
        "sampler": sampling.sampler,
        "guidance": sampling.guidance,
        "guided": sampling.guided,
        "preset": sampling.preset,
        "device": sampling.device,
        "precision": sampling.precision,
        "bootstrap": f"{RESAMPLES} resamples of clips, seed 0",
        **{f"weights of {name}": value for name, value in asked.weights.checksums.items()},
        **_teaching(asked.weights.embedding),
        "code": source_digest("model", "film", "music", "sketch", "training", "evaluation"),
        "versions": versions(),
    }


def _teaching(network: Path | None) -> dict[str, str]:
    if network is None:
        return {}
    return {"embedding taught on soundfont": taught_on(network) or "not told by its file"}


def _remarks(rows: Sequence[Row], clips: int) -> list[str]:
    missing = [
        f"{row.system} has no music for {len(row.missing)} of {clips} clips: "
        f"{', '.join(row.missing)}" for row in rows if row.missing
    ]  # fmt: skip
    short = [
        f"{row.system} ends before its reference in {len(row.short)} clips, which are compared as "
        f"far as they go: {', '.join(row.short)}" for row in rows if row.short
    ]  # fmt: skip
    return missing + short


def _write(
    path: Path, rows: Sequence[Row], measures: Sequence[str], facts: dict[str, Any],
    remarks: Sequence[str], seeds: dict[str, int], number: str | None,
) -> None:  # fmt: skip
    columns = [column for name in measures for column in MEASURES[name].columns]
    printed = PRINTED[number] if number else ()
    texts = {
        "csv": as_csv(rows, columns),
        "md": as_markdown(rows, columns, facts, remarks, printed),
        "tex": as_latex(rows, columns, printed),
        "json": as_json(rows, facts, remarks, seeds),
    }
    for ending, text in texts.items():
        write_text(path.with_name(f"{path.name}.{ending}"), text, overwrite=True)
