"""`otio-hpm evidence`: what a model can be shown to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.printing import json_option, stderr, stdout
from otio_hpm.cli.progress import listening, progress_option

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("model", default="embedded")
@click.option("--cues", type=click.IntRange(2), default=64, show_default=True,
              help="Held-out composed cues; everything else scales with them.")  # fmt: skip
@click.option("--split", type=click.Choice(["development", "test"]), default="development",
              show_default=True,
              help="Which held-out cues; the test set is for before and after a change.")
@click.option("--media", type=_FOLDER, multiple=True,
              help="Folder of real footage and recordings. Repeatable.")  # fmt: skip
@click.option("--soundfont", type=_FILE,
              help="Plays the held-out cues; TimGM6mb where none is given.")  # fmt: skip
@click.option("--train-soundfont", type=_FILE,
              help="What the model was trained on; FluidR3 where none is given.")  # fmt: skip
@click.option("--scores", type=_FOLDER,
              help="Folder of parsed public-domain scores, as training keeps it; without one all "
                   "cues are the composing program's.")  # fmt: skip
@click.option("--half", metavar="MODEL", help="The same model with half the steps trained.")
@click.option("--measures", default="", metavar="A,B,...",
              help="round-trip, in-tune, control, picture, joins, ladder, speed, pictures; all "
                   "where none is named.")  # fmt: skip
@click.option("--preset", type=click.Choice(["default", "paper"]), default="default",
              show_default=True, help="How takes are sampled.")  # fmt: skip
@click.option("--steps", type=click.IntRange(1), help="Solver steps, where not the preset's.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
              show_default=True, help="Where it runs.")  # fmt: skip
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False),
              default=Path("evidence"), show_default=True,
              help="Folder of evidence.json, evidence.md, pictures and kept takes.")  # fmt: skip
@progress_option
@json_option
def evidence(model: str, folder: Path, progress_kind: str, as_json: bool, **options: Any) -> None:
    """Measure MODEL on held-out cues and real media, before any gain stage.

    A run that was stopped goes on where it was, and one more measure generates only what it lacks.
    """
    from otio_hpm.evaluation.evidence.run import chosen_measures, outlook, run_evidence

    measures = chosen_measures(options.pop("measures"))
    bench = _bench(model, folder, **options)
    ahead = outlook(bench, measures)
    stderr().print(
        f"{ahead.windows} windows to generate, about {ahead.minutes:.1f} min; {ahead.kept} kept"
    )
    with listening(progress_kind) as listener:
        run_evidence(bench, measures, folder, model, listener)
    written = folder / ("evidence.json" if as_json else "evidence.md")
    stdout().print(written.read_text("utf-8").rstrip())


def _bench(
    model: str, folder: Path, *, cues: int, split: Any, media: tuple[Path, ...],
    soundfont: Path | None, train_soundfont: Path | None, scores: Path | None, half: str | None,
    preset: Any, steps: int | None, device: Any,
) -> Any:  # fmt: skip
    from otio_hpm.evaluation.evidence.bench import Bench
    from otio_hpm.evaluation.evidence.material import find_corpus
    from otio_hpm.evaluation.evidence.sizes import Sizes
    from otio_hpm.evaluation.evidence.takes import Takes
    from otio_hpm.model.pipeline import HpmPipeline

    takes = folder / "takes"
    return Bench(
        Takes(takes, HpmPipeline.load(model, device)),
        find_corpus(split, soundfont, train_soundfont, scores),
        Sizes(cues=cues),
        media=media,
        sampling=_sampling(preset, steps),
        half=Takes(takes, HpmPipeline.load(half, device)) if half else None,
    )


def _sampling(preset: Any, steps: int | None) -> Any:
    from otio_hpm.settings import preset_settings

    said = {} if steps is None else {"steps": steps}
    return preset_settings(preset).with_explicit({"model": said}).model
