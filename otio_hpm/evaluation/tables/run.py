"""Compares systems on one reference and writes the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.evidence.material import EvidenceSplit, file_checksum, find_corpus
from otio_hpm.evaluation.evidence.run import versions
from otio_hpm.evaluation.evidence.sizes import Sizes
from otio_hpm.evaluation.evidence.takes import Takes, source_digest
from otio_hpm.evaluation.intervals import RESAMPLES
from otio_hpm.evaluation.tables.documents import as_csv, as_json, as_latex, as_markdown
from otio_hpm.evaluation.tables.features import Features, Weights
from otio_hpm.evaluation.tables.measures import MEASURES, chosen_measures
from otio_hpm.evaluation.tables.reference import ComposedReference, FolderReference, Reference
from otio_hpm.evaluation.tables.rows import Comparison, Row
from otio_hpm.evaluation.tables.systems import (
    System,
    bounds,
    folder_system,
    model_systems,
    round_trip_system,
)
from otio_hpm.files import make_folder, write_text
from otio_hpm.model.checkpoint import checksum, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.pipeline import HpmPipeline
from otio_hpm.scoring.progress import Listener, Progress
from otio_hpm.settings import ModelSettings

QUICK = 16
"""Clips of a quick run."""
_BY_MODEL = ("hpm", "round-trip")
_COMPOSED = re.compile(r"composed:([1-9]\d{0,4})")
_NAME = re.compile(r"\w[\w .+-]*")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be compared, as the user says it."""

    reference: str
    """A folder of clips, or `composed:N`."""
    systems: tuple[str, ...] = ()
    """`NAME=FOLDER`, `hpm` or `round-trip`."""
    table: Literal["2", "3", "4"] | None = None
    """The paper's table of this number; 4 adds the model told of only some features."""
    measures: str = ""
    """Names separated by commas; the table's where there are none."""
    style: Literal["none", "auto", "maestro"] | None = None
    """What `hpm` follows; None for `maestro` in table 3 and `none` elsewhere."""
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


def evaluate(asked: Asked, folder: Path, listener: Listener | None = None) -> None:
    """Compare systems; writes table.csv, table.md, table.tex and table.json, after every system.

    What was generated or computed of a clip before is kept in the folder. Raises SettingsError,
    MediaError, ModelError and OutputError.
    """
    named, unmeasured = _measures(asked)
    make_folder(folder)
    bench, reference = _material(asked, folder)
    systems = list(_systems(asked, bench, reference))
    config = ModelConfig.load(model_folder(asked.sampling.model) / "config.json")
    comparison = Comparison(reference, Features(folder / "features", config, asked.weights), named)
    columns = [column for name in named for column in MEASURES[name].columns]
    facts = _facts(asked, bench, reference)
    rows: list[Row] = []
    clips = len(reference.names)
    for number, system in enumerate(systems):
        told = _telling(listener, system.name, number * clips, len(systems) * clips)
        rows.append(comparison.row(system, told))
        _write(folder, rows, columns, facts, [*unmeasured, *_remarks(rows, clips)])


def _telling(
    listener: Listener | None, system: str, before: int, count: int
) -> Callable[[int], None]:
    """Tells a listener of a system's clips by number, `before` of `count` being done."""

    def told(clip: int) -> None:
        if listener is not None:
            listener(Progress(cue=system, index=before + clip, count=count,
                              stage="measuring", fraction=0.0))  # fmt: skip

    return told


def _measures(asked: Asked) -> tuple[list[str], list[str]]:
    """Measures that can be computed, and a sentence for each of the others.

    Raises SettingsError for one that was asked for by name and lacks its weights.
    """
    names = chosen_measures(asked.measures, asked.table)
    lacking = {
        name: MEASURES[name].feature for name in names
        if MEASURES[name].feature in ("vggish", "cnn14")
        and MEASURES[name].feature not in asked.weights.checksums
    }  # fmt: skip
    if lacking and asked.measures:
        name, network = next(iter(lacking.items()))
        raise SettingsError(f"{name} is measured by {network}, whose weights are not named",
                            hint=f"Name them with --{network} FILE.")  # fmt: skip
    told = [
        f"{', '.join(MEASURES[name].columns)}: not measured, since no --{network} was named"
        for name, network in lacking.items()
    ]
    return [name for name in names if name not in lacking], told


def _material(asked: Asked, folder: Path) -> tuple[Bench | None, Reference]:
    composed = _COMPOSED.fullmatch(asked.reference)
    if composed:
        count = int(composed[1])
        bench = _bench(asked, folder, max(2, min(count, QUICK) if asked.quick else count))
        return bench, ComposedReference(bench)
    config = ModelConfig.load(model_folder(asked.sampling.model) / "config.json")
    most = QUICK if asked.quick else None
    return None, FolderReference(Path(asked.reference), config.sample_rate, most)


def _bench(asked: Asked, folder: Path, count: int) -> Bench:
    pipeline = HpmPipeline.load(asked.sampling.model, asked.sampling.device)
    corpus = find_corpus(asked.split, asked.soundfont, asked.soundfont, asked.scores)
    return Bench(
        Takes(folder / "takes", pipeline), corpus, Sizes(cues=count), sampling=asked.sampling
    )


def _systems(asked: Asked, bench: Bench | None, reference: Reference) -> Iterator[System]:
    """Bounds, then what was named, in its order. Raises SettingsError."""
    yield from bounds(reference)
    taken = {system.name for system in bounds(reference)}
    always = ("hpm",) if asked.table == "4" and "hpm" not in asked.systems else ()
    for text in (*asked.systems, *always):
        name, given, folder = text.partition("=")
        if name in taken or (given and name in _BY_MODEL) or not _NAME.fullmatch(name):
            raise SettingsError(f"{name!r} cannot name a system: it is taken, or not a plain name")
        taken.add(name)
        if given:
            yield folder_system(name, Path(folder), reference)
        else:
            yield from _by_model(name, asked, bench, reference)


def _by_model(
    name: str, asked: Asked, bench: Bench | None, reference: Reference
) -> Iterator[System]:
    if name not in _BY_MODEL:
        raise SettingsError(f"{name!r} is no system", hint="Name NAME=FOLDER, hpm or round-trip.")
    if bench is None:
        raise SettingsError(
            f"{name} is compared only on composed:N",
            hint=f"Name a folder of what the model made instead: --system {name}-made=FOLDER.",
        )
    if name == "hpm":
        yield from model_systems(bench, _style(asked), subsets=asked.table == "4")
    else:
        yield round_trip_system(bench, reference)


def _style(asked: Asked) -> str:
    return asked.style or ("maestro" if asked.table == "3" else "none")


def _facts(asked: Asked, bench: Bench | None, reference: Reference) -> dict[str, Any]:
    """What the figures hang on."""
    sampling = asked.sampling
    facts = {
        "reference": reference.name,
        "clips": len(reference.names),
        "controls analysed as by": f"{sampling.model} {checksum(model_folder(sampling.model))}",
        "bootstrap": f"{RESAMPLES} resamples of clips, seed 0",
        **{f"weights of {name}": value for name, value in asked.weights.checksums.items()},
    }
    if bench is not None:
        soundfont = bench.corpus.held_out
        facts |= {
            "split": asked.split,
            "style of hpm": _style(asked),
            "steps": sampling.steps_for(followed=_style(asked) != "none"),
            "sampler": sampling.sampler,
            "guidance": sampling.guidance,
            "soundfont": f"{soundfont.name} {file_checksum(soundfont)}",
            "public-domain scores": "held-out pieces" if asked.scores else "none",
        }
    code = source_digest("model", "film", "music", "sketch", "training", "evaluation")
    return facts | {"code": code, "versions": versions()}


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
    folder: Path, rows: Sequence[Row], columns: Sequence[str], facts: dict[str, Any],
    remarks: Sequence[str],
) -> None:  # fmt: skip
    texts = {
        "csv": as_csv(rows, columns),
        "md": as_markdown(rows, columns, facts, remarks),
        "tex": as_latex(rows, columns),
        "json": as_json(rows, facts, remarks),
    }
    for ending, text in texts.items():
        write_text(folder / f"table.{ending}", text, overwrite=True)
