"""`otio-hpm dataset`: pairs of picture and score for training, from a user's own films."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.cli import parameters
from otio_hpm.cli.options import media_options, reading_options, settings_from
from otio_hpm.cli.printing import counted, json_option, print_json, stderr, stdout, warn

if TYPE_CHECKING:
    from otio_hpm.dataset.build import BuildOptions, Listener
    from otio_hpm.dataset.splitting import Splitting
    from otio_hpm.dataset.summary import Summary
    from otio_hpm.settings import Device

_PATH = click.Path(path_type=Path)
_TOP = 20


@click.group()
def dataset() -> None:
    """Make a dataset of your own films and scores, look at one, check one."""


@dataset.command()
@click.argument("films", metavar="FILMS...", type=_PATH, nargs=-1, required=True)
@click.option("-o", "--output", "folder", type=_PATH, required=True, metavar="FOLDER",
              help="Folder of the dataset, new or not finished.")  # fmt: skip
@click.option("--keep-dialogue", is_flag=True,
              help="Leave the sound alone; else Demucs takes the voices out.")  # fmt: skip
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
              show_default=True, help="Where Demucs runs.")  # fmt: skip
@click.option("--validation", type=parameters.number, metavar="0..1",
              help="Share of films that validate.  [default: 0.089, the paper's]")  # fmt: skip
@click.option("--test", type=parameters.number, metavar="0..1",
              help="Share of films that test.  [default: 0.089, the paper's]")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True,
              help="Of the draw of films.")  # fmt: skip
@click.option("--shard-mb", type=click.IntRange(1, 4096), default=256, show_default=True,
              help="Longest shard, in MiB.")  # fmt: skip
@media_options
@reading_options
@json_option
def build(
    films: tuple[Path, ...], folder: Path, keep_dialogue: bool, device: Device,
    validation: Fraction | None, test: Fraction | None, seed: int, shard_mb: int, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Make a dataset of FILMS: lists (.csv), marked timelines, folders of music videos.

    A list has the columns film, composer, title, genres, media, in, out, audio, audio in. On a
    timeline each mark is a segment, with settings of these names. Segments are cut into clips of
    10 s; shorter ones, silence and duplicates are dropped. A build that was stopped goes on.
    """
    from otio_hpm.dataset.build import build as build_dataset
    from otio_hpm.dataset.inputs import read_films
    from otio_hpm.dataset.splitting import PAPER_SHARE, Splitting, empty_splits

    shares = (PAPER_SHARE if share is None else share for share in (validation, test))
    splitting = Splitting(validation=next(shares), test=next(shares), seed=seed)
    chosen = _options(splitting, keep_dialogue, device, shard_mb)
    found = read_films(films, settings_from(options))
    # Said before hours of work, and not only after.
    amiss = empty_splits(splitting, (s.facts.film for s in found.segments if s.clips))
    warn((*found.warnings, *filter(None, [amiss])))
    with _listening() as listener:
        summary = build_dataset(found.segments, folder, chosen, listener)
    _print(summary, as_json)
    stderr().print(f"report in {folder / 'report.html'}")
    _require_clips(summary, folder)


@dataset.command()
@click.argument("folder", type=_PATH)
@json_option
def info(folder: Path, as_json: bool) -> None:
    """Show what is in the dataset in FOLDER."""
    from otio_hpm.dataset.index import read_summary
    from otio_hpm.dataset.summary import Summary

    _print(Summary.of_json(read_summary(folder)), as_json)


@dataset.command()
@click.argument("folder", type=_PATH)
@click.option("--decode", is_flag=True, help="Decode every clip, too.")
@json_option
def verify(folder: Path, decode: bool, as_json: bool) -> None:
    """Check that the dataset in FOLDER is whole: checksums, splits, what belongs to it."""
    from otio_hpm.dataset.verifying import verify as verify_dataset
    from otio_hpm.errors import DatasetError

    wrong = verify_dataset(folder, decode=decode)
    if as_json:
        print_json({"wrong": wrong})
    for words in () if as_json else wrong:
        stdout().print(words)
    if wrong:
        raise DatasetError(
            f"{counted(len(wrong), 'thing')} wrong with {folder}",
            hint="Copy it again, or build it again in another folder.",
        )
    if not as_json:
        stdout().print(f"{folder} is whole")


def _require_clips(summary: Summary, folder: Path) -> None:
    from otio_hpm.errors import DatasetError

    if not any(summary.clips.values()):
        raise DatasetError(
            f"nothing of the films became a clip, so {folder} is empty",
            hint="Its report tells why each stretch was dropped; a clip takes 10 s of music.",
        )


def _options(
    splitting: Splitting, keep_dialogue: bool, device: Device, shard_mb: int
) -> BuildOptions:
    from otio_hpm.dataset.build import BuildOptions

    remover = None
    if not keep_dialogue:
        from otio_hpm.dataset.vocals import load_demucs
        from otio_hpm.model.precision import choose_device

        remover = load_demucs(choose_device(device))
    return BuildOptions(splitting=splitting, remover=remover, shard_bytes=shard_mb * 2**20)


@contextlib.contextmanager
def _listening() -> Iterator[Listener | None]:
    """A bar on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=stderr(), transient=True) as bar:
        task = bar.add_task("clips", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(summary: Summary, as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    console = stdout()
    console.print(f"{counted(sum(summary.clips.values()), 'clip')}, {summary.hours:.2f} hours")
    for split, clips in summary.clips.items():
        films = counted(summary.films[split], "film")
        console.print(f"  {split:<12}{clips:>7}  of {films}")
        if not clips:
            needed = "" if split == "test" else ", and training needs it"
            stderr().print(f"warning: the {split} split is empty{needed}", style="yellow")
    for title, counts in (("composers", summary.composers), ("genres", summary.genres)):
        console.print(title)
        for name, clips in list(counts.items())[:_TOP]:
            console.print(f"  {clips:>7}  {name}")
    _print_dropped(summary)


def _print_dropped(summary: Summary) -> None:
    from otio_hpm.dataset.report import REASONS

    for reason, count in summary.dropped.items():
        lost_s = summary.seconds_dropped(reason)
        stdout().print(f"dropped {count} {REASONS.get(reason, reason)}, {lost_s:.1f} s")
