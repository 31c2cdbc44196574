"""Whether a model, or published weights that were fetched, are whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from otio_hpm.errors import ModelError
from otio_hpm.model.catalogue import offer_named
from otio_hpm.model.checkpoint import check_file, listed_checksums, load_part, model_folder
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CONFIG, installed_models
from otio_hpm.model.published import read_record, source_folder


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    what: str
    """`checksum` or `loads`."""
    name: str
    """The file or part."""
    problem: str
    """What is wrong with it; empty where nothing is."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """All checks of a model."""

    name: str
    folder: Path
    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        return tuple(check.problem for check in self.checks if check.problem)


def verify(name: str) -> Verification:
    """Compare every checksum, and load each part of a model on the CPU.

    Raises ModelError where there is no such model or its own lists cannot be read.
    """
    offer = offer_named(name)
    if offer is not None and name not in installed_models():
        folder = source_folder(name)
        checks = tuple(_fetched(folder))
    else:
        folder = model_folder(name)
        checks = (*_files(folder), *_loads(folder))
    return Verification(name=name, folder=folder, checks=checks)


def _fetched(folder: Path) -> Iterator[Check]:
    for file in read_record(folder):
        whole = file.is_at(folder / file.name)
        problem = "" if whole else f"{folder / file.name} is missing, or not what was fetched"
        yield Check(what="checksum", name=file.name, problem=problem)


def _files(folder: Path) -> Iterator[Check]:
    for file, expected in listed_checksums(folder).items():
        yield Check(
            what="checksum", name=file, problem=_problem(check_file, folder, file, expected)
        )


def _loads(folder: Path) -> Iterator[Check]:
    """Each part by itself, so that all that are damaged are named."""
    from otio_hpm.film.published.encoders import FilmEncoder
    from otio_hpm.film.published.parts import film_parts
    from otio_hpm.model.loading import pipeline_kind

    config = ModelConfig.load(folder / CONFIG)
    for part, module in pipeline_kind(config)(config, "cpu", "").parts().items():
        problem = _problem(load_part, module, folder, part, config)
        yield Check(what="loads", name=part, problem=problem)
    for encoder, film_part in film_parts(folder).items():
        problem = _problem(FilmEncoder.load, folder, film_part, "cpu")
        yield Check(what="loads", name=encoder, problem=problem)


def _problem(check: Callable[..., object], *arguments: Any) -> str:
    """What a check says is wrong; empty where nothing is."""
    try:
        check(*arguments)
    except ModelError as error:
        return error.message
    return ""
