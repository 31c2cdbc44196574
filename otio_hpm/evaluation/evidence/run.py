"""The evidence for a model: measures in order, what they share generated once."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cattrs

from otio_hpm import __version__
from otio_hpm.errors import SettingsError
from otio_hpm.evaluation.embedding_network import SHIPPED, require_apart
from otio_hpm.evaluation.evidence.bench import Bench
from otio_hpm.evaluation.evidence.control import control
from otio_hpm.evaluation.evidence.gallery import gallery
from otio_hpm.evaluation.evidence.in_tune import in_tune
from otio_hpm.evaluation.evidence.joins import joins
from otio_hpm.evaluation.evidence.ladder import ladder
from otio_hpm.evaluation.evidence.markdown import document
from otio_hpm.evaluation.evidence.picture import picture
from otio_hpm.evaluation.evidence.report import Section
from otio_hpm.evaluation.evidence.round_trip import round_trip
from otio_hpm.evaluation.evidence.series import STEPS
from otio_hpm.evaluation.evidence.speed import speed
from otio_hpm.evaluation.evidence.takes import Takes, source_digest
from otio_hpm.files import sha256_of, write_text
from otio_hpm.model.request import CueRequest
from otio_hpm.model.windows import plan_windows
from otio_hpm.scoring.progress import Listener, Progress
from otio_hpm.scoring.sidecar import plain

_PACKAGES = ("torch", "numpy", "librosa", "diffusers")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One point of the evidence."""

    run: Callable[[Bench, Path], Section]
    needs: tuple[str, ...] = ()
    """Series of takes that it reads."""


MEASURES: dict[str, Measure] = {
    "round-trip": Measure(run=lambda bench, folder: round_trip(bench)),
    "in-tune": Measure(
        run=lambda bench, folder: in_tune(bench), needs=("none", "auto", "maestro")
    ),
    "control": Measure(
        run=lambda bench, folder: control(bench),
        needs=("auto", "maestro", "melody", "dynamics", "recordings"),
    ),
    "picture": Measure(
        run=lambda bench, folder: picture(bench),
        needs=("none", "auto", "footage", "footage auto"),
    ),
    "joins": Measure(
        run=lambda bench, folder: joins(bench), needs=("long", "long auto", "apart", "apart auto")
    ),
    "ladder": Measure(run=lambda bench, folder: ladder(bench), needs=("rungs", "free rungs")),
    "speed": Measure(
        run=lambda bench, folder: speed(bench),
        needs=("own steps", *(f"{steps} steps" for steps in STEPS)),
    ),
    "pictures": Measure(run=gallery, needs=("gallery",)),
}
"""By name, in the order in which they are printed."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a run will have to generate."""

    windows: int
    """Windows that are not kept from before."""
    kept: int
    """Windows that are."""
    minutes: float
    """Estimate for what is to be generated, by what a window was measured to take."""


def chosen_measures(text: str) -> list[str]:
    """Names of measures, separated by commas; all where the text is empty.

    Raises SettingsError for a name that is none.
    """
    names = [name.strip() for name in text.split(",") if name.strip()] or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise SettingsError(
            f"{', '.join(map(repr, unknown))} is no measure",
            hint=f"They are {', '.join(MEASURES)}.",
        )
    return [name for name in MEASURES if name in names]


def outlook(bench: Bench, measures: Sequence[str]) -> Outlook:
    """What the measures will take; composes the material.

    Raises SettingsError where the ladder's network was taught on the held-out cues' soundfont.
    """
    if "ladder" in measures:
        require_apart(SHIPPED, bench.corpus.held_out, "the held-out cues")
    windows = {True: 0, False: 0}
    seconds = 0.0
    for takes, request in _asked(bench, measures):
        count, kept = _windows(bench, request), takes.has(request)
        windows[kept] += count
        if not kept:
            seconds += bench.config.estimated_s(count * request.model.steps)
    return Outlook(windows=windows[False], kept=windows[True], minutes=seconds / 60)


def _asked(bench: Bench, measures: Sequence[str]) -> list[tuple[Takes, CueRequest]]:
    """Every request with the takes that keep it: ours, and those of the half-trained model."""
    asked = [(bench.takes, request) for _, request in _needed(bench, measures)]
    if bench.half is not None and "ladder" in measures:
        series = MEASURES["ladder"].needs
        asked += [(bench.half, request) for name in series for request in bench.requests(name)]
    return asked


def run_evidence(
    bench: Bench, measures: Sequence[str], folder: Path, model: str,
    listener: Listener | None = None,
) -> None:  # fmt: skip
    """Generate what is missing, measure, and write evidence.json and evidence.md.

    Written after every measure. Sections of an earlier run stay where they were measured on the
    same model, material and code. Raises OutputError.
    """
    needed = _needed(bench, measures)
    for index, (name, request) in enumerate(needed):
        if listener is not None:
            listener(Progress(cue=name, index=index, count=len(needed), stage="denoise",
                              fraction=0.0))  # fmt: skip
        bench.takes.take(request)
    facts = _facts(bench, model)
    sections = _earlier(folder / "evidence.json", facts)
    for index, name in enumerate(measures):
        if listener is not None:
            listener(Progress(cue=name, index=index, count=len(measures), stage="measuring",
                              fraction=0.0))  # fmt: skip
        sections[name] = MEASURES[name].run(bench, folder)
        _write(folder, facts, [sections[n] for n in MEASURES if n in sections])


def _needed(bench: Bench, measures: Sequence[str]) -> list[tuple[str, CueRequest]]:
    """Every request that the measures read, once, with its series' name."""
    series = dict.fromkeys(name for measure in measures for name in MEASURES[measure].needs)
    found = ((name, request) for name in series for request in bench.requests(name))
    # Some series are parts of others and share their requests.
    return list({id(request): (name, request) for name, request in found}.values())


def _windows(bench: Bench, request: CueRequest) -> int:
    music = request.music
    plan = plan_windows(request.samples, bench.config, music.window_s, music.overlap_s)
    return len(plan.starts)


def _facts(bench: Bench, model: str) -> dict[str, Any]:
    """What the figures hang on: the same facts, the same figures."""
    corpus = bench.corpus
    return {
        "model": model,
        "checksum": bench.takes.pipeline.checksum,
        "half-trained model": bench.half.pipeline.checksum if bench.half else "not given",
        "cues": bench.sizes.cues,
        "split": corpus.split,
        "steps": bench.sampling.steps_for(followed=False),
        "steps where something is followed": bench.sampling.steps_for(followed=True),
        "preset": bench.sampling.preset,
        "held-out soundfont": f"{corpus.held_out.name} {sha256_of(corpus.held_out)}",
        "training soundfont": f"{corpus.training.name} {sha256_of(corpus.training)}",
        "embedding network": f"{SHIPPED.name} {sha256_of(SHIPPED)}",
        "public-domain scores": "held-out pieces" if corpus.scores else "none",
        "footage": ", ".join(f.name for f in bench.footage) or "none",
        "recordings": ", ".join(e.name for e in bench.excerpts) or "none",
        "code": source_digest("model", "film", "music", "sketch", "training", "evaluation"),
        "versions": versions(),
    }


def versions() -> str:
    """Versions of this package and of those that figures hang on."""
    others = (f"{name} {version(name)}" for name in _PACKAGES)
    return ", ".join([f"otio-hpm {__version__}", *others])


def _earlier(path: Path, facts: dict[str, Any]) -> dict[str, Section]:
    """Sections that an earlier run left, if it measured the same."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["facts"] != facts:
            return {}
        sections = _converter().structure(found["sections"], list[Section])
        return {section.name: section for section in sections}
    except (OSError, ValueError, KeyError, TypeError, cattrs.BaseValidationError):
        return {}  # none, or not one of ours


def _write(folder: Path, facts: dict[str, Any], sections: list[Section]) -> None:
    found = {"facts": facts, "sections": strict(plain(sections))}
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(folder / "evidence.json", text, overwrite=True)
    write_text(folder / "evidence.md", document(facts, sections), overwrite=True)


def strict(value: Any) -> Any:
    """Plain values with null for nan and infinity, which JSON has no words for."""
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _converter() -> cattrs.Converter:
    """Reads sections back as they were written."""
    converter = cattrs.Converter()
    converter.register_structure_hook(
        float, lambda value, _: math.nan if value is None else float(value)
    )
    return converter
