"""`otio-hpm model fetch`: published weights, when a user asks and agrees to their licence."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from otio_hpm.cli.model.sizes import size
from otio_hpm.cli.printing import json_option, print_json, stderr, stdout

if TYPE_CHECKING:
    from otio_hpm.model.catalogue import Offer
    from otio_hpm.model.fetching import Told


@click.command()
@click.argument("name")
@click.option("--yes", "agreed", is_flag=True, help="Agree to the licence without being asked.")
@json_option
def fetch(name: str, agreed: bool, as_json: bool) -> None:
    """Fetch published weights from the Hugging Face hub.

    `model list` shows which can be had. Says their licence first, and asks. A fetch that broke off
    goes on where it stopped. HF_ENDPOINT names a mirror, HF_TOKEN an account's token,
    HF_HUB_OFFLINE=1 forbids the network.
    """
    from otio_hpm.model.fetching import fetch as fetch_offer
    from otio_hpm.model.fetching import offer_to_fetch

    _tell(offer_to_fetch(name))
    agreed = agreed or _ask()
    with _bar() as told:
        done = fetch_offer(name, agreed=agreed, told=told)
    if as_json:
        print_json(done)
    else:
        stdout().print(f"{done.name} is in {done.folder}.\nNext: otio-hpm {done.next_step}")


def _tell(offer: Offer) -> None:
    """Say what would be fetched, and its licence."""
    from otio_hpm.model.licences import terms

    stderr().print(
        f"{offer.name}: {offer.title}\n"
        f"about {size(offer.size_bytes)} from {offer.repository}, revision {offer.revision}\n"
        f"licence: {terms(offer.licence)}; it is noted beside all music that is made with it"
    )


def _ask() -> bool:
    """Whether the user agrees; no where nobody can be asked."""
    return sys.stdin.isatty() and click.confirm("Fetch it under this licence?", err=True)


@contextlib.contextmanager
def _bar() -> Iterator[Told]:
    """A bar over all bytes, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda name, there, whole: None
        return
    from rich import progress as rich_progress

    columns = (
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task("asking the hub", total=None)

        def told(name: str, there: int, whole: int) -> None:
            bar.update(task, description=name, completed=there, total=whole)

        yield told
