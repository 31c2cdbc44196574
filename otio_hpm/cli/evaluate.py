"""`otio-hpm evaluate`: systems side by side on the same clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from otio_hpm.cli.listening_test import listening_test
from otio_hpm.cli.printing import json_option, stdout
from otio_hpm.cli.progress import listening, progress_option

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class _Evaluate(click.Command):
    """Compares systems, or asks listeners where the first word is `listening-test`."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:  # fmt: skip
        if args[:1] == [listening_test.name]:
            name = f"{info_name} {listening_test.name}"
            return listening_test.make_context(name, args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=_Evaluate)
@click.argument("reference", metavar="DATASET")
@click.option("--system", "systems", multiple=True, metavar="NAME=FOLDER|MAKER[:KEY=VALUE,...]",
              help="Anybody's output, whose files are named as the clips; or the model (hpm, "
                   "hpm:guidance=5,...), its base followed by ditto, or the truth through its "
                   "autoencoder (round-trip). Repeatable.")  # fmt: skip
@click.option("--table", type=click.Choice(["2", "3", "4"]),
              help="The paper's table: music to picture, a style that is followed, or the model "
                   "told of only some features of the film.")  # fmt: skip
@click.option("--measures", default="", metavar="A,B,...",
              help="rhythm, beats, control, is, kl, fad, fad-embedded, levels, in-tune, picture, "
                   "sync, styles, copies, joins, time; the table's where none is named, or all.",
              )  # fmt: skip
@click.option("--style", type=click.Choice(["none", "auto", "maestro", "melody", "dynamics"]),
              help="What models follow; `maestro` in table 3, else `none`.")  # fmt: skip
@click.option("--vggish", type=_FILE, help="VGGish's weights, for FAD.")
@click.option("--cnn14", type=_FILE, help="Weights of PANN's Cnn14 at 16 kHz, for IS and KL.")
@click.option("--embedding", type=_FILE, metavar="NETWORK.safetensors",
              help="A network of `train embedding`, for FAD-embedded and styles; the one that "
                   "ships where none is named.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Only the first 16 clips.")
@click.option("--clip", "clips", multiple=True, metavar="NAME",
              help="A clip that figures are drawn of; three where none is named. Repeatable.")
@click.option("--model", default="embedded", show_default=True, metavar="MODEL",
              help="The model that `hpm` is, and whose frames melody and dynamics are read on.")
@click.option("--preset", type=click.Choice(["default", "paper"]), default="default",
              show_default=True, help="How it samples.")  # fmt: skip
@click.option("--steps", type=click.IntRange(1), help="Solver steps, where not the preset's.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
              show_default=True, help="Where it runs.")  # fmt: skip
@click.option("--split", type=click.Choice(["development", "test"]), default="development",
              show_default=True, help="Which held-out pairs composed:N takes.")  # fmt: skip
@click.option("--soundfont", type=_FILE,
              help="Plays composed:N; TimGM6mb where none is given.")  # fmt: skip
@click.option("--scores", type=_FOLDER,
              help="Folder of parsed public-domain scores, for composed:N.")  # fmt: skip
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False),
              required=True, help="Folder of the tables and of what was computed before.")
@progress_option
@json_option
def evaluate(folder: Path, progress_kind: str, as_json: bool, **options: Any) -> None:
    """Compare systems on DATASET, beside floors and ceilings: tables and the paper's figures.

    DATASET is a folder of clips, a dataset's folder, whose test split is taken, or composed:N. A
    folder of clips holds NAME.wav for each (or FLAC, Ogg, MP3, AIFF), NAME.style.wav where a style
    was to be followed, and NAME.mp4 for models to see. Writes table.csv, table.md, table.tex and
    table.json, and figures as PNG and SVG.

    `evaluate listening-test` asks people instead: see `evaluate listening-test --help`.
    """
    from otio_hpm.evaluation.tables.run import evaluate as compare

    with listening(progress_kind) as listener:
        compare(_asked(**options), folder, listener)
    written = folder / ("table.json" if as_json else "table.md")
    stdout().print(written.read_text("utf-8").rstrip())


def _asked(
    *, vggish: Path | None, cnn14: Path | None, embedding: Path | None, model: str, preset: Any,
    steps: int | None, device: Any, **options: Any,
) -> Any:  # fmt: skip
    from otio_hpm.evaluation.tables.features import Weights
    from otio_hpm.evaluation.tables.run import Asked
    from otio_hpm.settings import preset_settings

    said = {"model": model, "device": device} | ({} if steps is None else {"steps": steps})
    named = {"vggish": vggish, "cnn14": cnn14, "embedding": embedding}
    return Asked(
        weights=Weights(**{name: path for name, path in named.items() if path}),
        sampling=preset_settings(preset).with_explicit({"model": said}).model,
        **options,
    )
