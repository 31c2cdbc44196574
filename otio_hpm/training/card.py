"""The model card of what a run has become: what the run's own files say, and nothing else.

No date and no path stands in it, so that the same run gives the same card.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from otio_hpm.film.published.parts import film_parts
from otio_hpm.model.config import ModelConfig
from otio_hpm.model.folders import CARD, CONFIG
from otio_hpm.model.information import parameters_in
from otio_hpm.model.licences import terms
from otio_hpm.training.beginning import base_of, name_of_base
from otio_hpm.training.journal import last_told
from otio_hpm.training.record import Given, read_given
from otio_hpm.training.run import Run
from otio_hpm.training.trainer_state import Progress, read_progress

_STAGES = {
    "vae": "`vae`",
    "decoder": "`vae`, its decoder",
    "vocoder": "`vocoder`",
    "base": "`film_encoder`, `vm_unet`",
    "joint": "`film_encoder`, `vm_unet`, `s_control`",
    "style": "`s_control`",
    "pacing": "`pacing`",
}
"""What each stage trains, in the order of training."""


def card(run: Run, title: str, folder: Path) -> str:
    """Markdown that tells of a model folder that the run has become."""
    config = ModelConfig.load(folder / CONFIG)
    stages = [(name, done) for name in _STAGES if (done := read_progress(run.folder / name))]
    lines = [
        f"# {title}",
        "",
        *_what(run, config),
        *_parts(folder),
        *_trained(run, stages),
        *_before(run),
    ]
    return "\n".join(lines) + "\n"


def _what(run: Run, config: ModelConfig) -> Iterator[str]:
    window_s = float(config.window_latents * config.latent_s)
    yield (
        f"A model of otio-hpm: {window_s:.2f} s of picture become as much music at "
        f"{config.sample_rate} Hz. Written by `otio-hpm train export`."
    )
    base = base_of(run)
    begun = f"the model `{name_of_base(run)}` (checksum {base[:12]})" if base else "nothing"
    yield f"\nIt began with {begun}. Licence of its weights: {terms(config.licence)}."
    yield "What the films and scores that it was trained on allow is not known here."
    if not config.film_trained:
        yield "\nNothing that listens to the film has been trained yet."


def _parts(folder: Path) -> Iterator[str]:
    yield "\n## Parts\n\n| file | parameters |\n|---|---|"
    encoders = {part.file: f", {part.licence}" for part in film_parts(folder).values()}
    for file in sorted(folder.glob("*.safetensors")):
        count = (parameters_in(file) or 0) / 1e6
        yield f"| `{file.name}` | {count:.2f} M{encoders.get(file.name, '')} |"


def _trained(run: Run, stages: list[tuple[str, Progress]]) -> Iterator[str]:
    yield "\n## Training\n"
    if not stages:
        yield "This run has trained nothing: all parts are what it began with."
        return
    yield "| stage | parts | steps | last loss | best validation |\n|---|---|---|---|---|"
    for name, done in stages:
        loss = last_told(run.folder / name).get("loss", "not told")
        yield f"| {name} | {_STAGES[name]} | {done.step} | {loss} | {_best(done)} |"
    yield (
        "\nWhat ships is a running average of the weights: that of the best validation, where there"
        " is one, else that of the last step. Losses of different stages are not comparable.\n"
    )
    for name, _ in stages:
        told = read_given(run.folder / name)
        yield from (f"- {name}, {_given(one)}" for one in told)
        if not told:
            yield f"- {name}: what it was given was not written down."
    yield "\nNothing here says how its music sounds: `otio-hpm evaluate` measures that."


def _best(done: Progress) -> str:
    return "none" if done.best_step is None else f"{done.best_loss:.5f}, step {done.best_step}"


def _given(given: Given) -> str:
    low_rank = f", low-rank updates of rank {given.lora_rank}" if given.lora_rank else ""
    return (
        f"from step {given.from_step}: batches of {given.batch}, peak rate "
        f"{given.learning_rate:g}, {given.precision}, seed {given.seed}{low_rank}; {given.data}"
    )


def _before(run: Run) -> Iterator[str]:
    """The card of the model that the run began with, its headings one level down."""
    path = run.folder / CARD
    if path.is_file():
        yield f"\n---\n\nThe card of `{name_of_base(run)}`, which it began with:\n"
        for line in path.read_text("utf-8").splitlines():
            yield f"#{line}" if line.startswith("#") else line
