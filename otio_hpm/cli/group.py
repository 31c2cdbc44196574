"""The command group: verbs are imported when they are called, so that help comes at once."""

from __future__ import annotations

import importlib

import click

from otio_hpm import __version__

_VERBS = {
    "score": "Score a marked timeline.",
    "spot": "Show what would be scored, and why not.",
    "relink": "Move the music of a scored timeline into another folder.",
    "demo": "Make a short film with marks, and score it.",
    "film": "Show what a model sees, or give it the paper's film encoders.",
    "doctor": "Show versions, devices, model and codecs.",
    "model": "List, fetch, check and convert models.",
    "train": "Train a model, or go on training it.",
    "dataset": "Make pairs of picture and score of your own films.",
    "evidence": "Measure what a model can do.",
    "evaluate": "Compare systems by measures, or by people who listen blindly.",
}


class Verbs(click.Group):
    """Verb `x-y` is the command `x_y` of the module `otio_hpm.cli.x_y`."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _VERBS:
            return None
        verb = name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"otio_hpm.cli.{verb}"), verb)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="otio-hpm")
def cli() -> None:
    """Film scores from the editor's own timeline.

    Mark shots with markers that begin with the word SCORE, export the timeline, and run
    `otio-hpm score cut.otio -o scored.otio`.

    Exit codes: 0 done, 1 internal error, 2 usage, 3 timeline, 4 marks, 5 media, 6 maestro cue,
    7 output, 8 model, 9 some cues failed, 130 interrupted.
    """
