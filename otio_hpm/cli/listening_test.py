"""`otio-hpm evaluate listening-test`: a blind test for people, and what they answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from otio_hpm.cli.printing import counted, json_option, print_json, stderr, stdout, warn

if TYPE_CHECKING:
    from otio_hpm.evaluation.listening.page import ListeningTest
    from otio_hpm.evaluation.listening.results import Listener, Results

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _system(value: str) -> tuple[str, Path]:
    """`NAME=FOLDER`."""
    name, _, folder = value.partition("=")
    if not (name and folder):
        raise click.BadParameter(f"{value!r} is not NAME=FOLDER")
    return name, Path(folder)


@click.group(name="listening-test")
def listening_test() -> None:
    """Ask listeners blindly which music is better, and tell what they answered."""


@listening_test.command()
@click.option("--system", "systems", type=_system, multiple=True, required=True,
              metavar="NAME=FOLDER",
              help="Music of a system, one file a clip. Repeatable.")  # fmt: skip
@click.option("--reference", type=_FOLDER, required=True, metavar="FOLDER",
              help="The real music, which is hidden among the others.")  # fmt: skip
@click.option("--picture", "pictures", type=_FOLDER, metavar="FOLDER",
              help="Movies to be shown with it (.mp4, .webm), without their own sound; then "
                   "`fit` is asked for too.")  # fmt: skip
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path), required=True,
              metavar="PAGE_FOLDER", help="The folder that listeners get.")  # fmt: skip
@click.option("--title", default="Listening test", show_default=True, help="Of the page.")
@click.option("--listeners", type=click.IntRange(1, 10_000), default=24, show_default=True,
              help="How many get a code.")  # fmt: skip
@click.option("--clips", "most_clips", type=click.IntRange(1),
              help="At most so many clips, drawn at random; all where not given.")  # fmt: skip
@click.option("--seed", type=int,
              help="Of all that is drawn. Whoever knows it can tell what the pieces are; drawn "
                   "where not given.")  # fmt: skip
@json_option
def make(
    systems: tuple[tuple[str, Path], ...], reference: Path, pictures: Path | None, folder: Path,
    title: str, listeners: int, most_clips: int | None, seed: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a page on which listeners rate music without knowing whose it is.

    Files of one clip have the same name in each folder. They are made equally long and loud; the
    reference and a dull copy of it are hidden among them. The key, which tells what is what, is
    written beside PAGE_FOLDER: keep it to yourself.
    """
    from otio_hpm.evaluation.listening.page import make_listening_test

    named = dict(systems)
    if len(named) < len(systems):
        raise click.BadParameter("two systems have the same name", param_hint="--system")
    made = make_listening_test(
        folder, reference, named, pictures=pictures, title=title, listeners=listeners,
        most_clips=most_clips, seed=seed,
    )  # fmt: skip
    if as_json:
        print_json(made)
    else:
        _show_test(made)


def _show_test(made: ListeningTest) -> None:
    warn(made.warnings)
    console = stdout()
    console.print(
        f"{made.page}: {counted(made.pieces, 'piece')} of {counted(len(made.clips), 'clip')}, "
        f"{made.seconds / 60:.1f} min of music"
    )
    console.print(f"{made.key}: the key, for `evaluate listening-test results`; not for listeners")
    console.print(f"codes, one for each listener: {' '.join(made.listeners)}")


@listening_test.command()
@click.argument("files", metavar="FILES...", type=_FILE, nargs=-1, required=True)
@click.option("--key", "key_file", type=_FILE, required=True, metavar="KEY.json",
              help="The key that `make` wrote.")  # fmt: skip
@json_option
def results(files: tuple[Path, ...], key_file: Path, as_json: bool) -> None:
    """Tell what listeners answered in FILES, one a listener.

    Mean opinion scores and the share of pairs in which one system is rated above another, both
    with 95 % intervals over listeners and clips. Listeners who do not know the hidden reference
    for good are named, and counted like all others: leave out their files to see what changes.
    """
    from otio_hpm.evaluation.listening.results import read_results

    found = read_results(key_file, files)
    if as_json:
        print_json(found)
    else:
        _show_results(found)


def _show_results(found: Results) -> None:
    console = stdout()
    console.print(counted(len(found.listeners), "listener"))
    for scale, systems in found.opinions.items():
        console.print(f"\n{scale}, 1 to 5: mean, 95 % interval, answers", style="bold")
        for name, opinion in sorted(systems.items(), key=lambda item: -item[1].mean):
            figures = f"{opinion.mean:5.2f}  {opinion.low:5.2f} to {opinion.high:4.2f}"
            console.print(f"  {figures}  {opinion.ratings:6}  {name}")
        for one in found.preferences[scale]:
            console.print(
                f"  {one.system} above {one.other}: {one.share:.0%} "
                f"({one.low:.0%} to {one.high:.0%}) of {counted(one.pairs, 'pair')}"
            )
    for listener in found.listeners:
        _remark(listener)


def _remark(listener: Listener) -> None:
    console = stderr()
    if listener.doubtful:
        console.print(
            f"{listener.code} rated the quality of the hidden reference below good on "
            f"{listener.reference_missed} of {counted(listener.clips, 'clip')}, and the dull copy "
            f"above it on {listener.anchor_preferred}; counted like all others",
            style="yellow",
        )  # fmt: skip
    if listener.answered < listener.asked:
        console.print(f"{listener.code} answered {listener.answered} of {listener.asked}")
