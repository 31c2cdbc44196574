"""Results as text for people or one JSON document for programs, on stdout; remarks on stderr."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from otio_hpm.interchange.losses import short

if TYPE_CHECKING:
    from rich.console import Console

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != 10}

_MOST_WARNINGS = 20

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def print_json(result: Any) -> None:
    """A dataclass as JSON: fractions as `n/d`, paths as text."""
    from otio_hpm.scoring.sidecar import plain

    click.echo(json.dumps(plain(result), indent=2, ensure_ascii=False))


def stdout() -> Console:
    """For data; colours only on a terminal, and not where NO_COLOR is set."""
    return _console(stderr=False)


def stderr() -> Console:
    """For everything else."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class Plain(Console):
        """Prints text as it is: names on a timeline may hold markup, emoji codes or escapes."""

        def print(self, *objects: Any, **options: Any) -> None:
            super().print(*(visible(str(text)) for text in objects), **options)

    return Plain(stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)


def visible(text: str) -> str:
    """`text` with control characters written out, so that none reaches a terminal."""
    return text.translate(_CONTROLS)


def counted(number: int, noun: str) -> str:
    """`1 cue`, `2 cues`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def warn(warnings: tuple[str, ...]) -> None:
    """Print warnings to stderr, the first ones where there are very many."""
    console = stderr()
    for warning in warnings[:_MOST_WARNINGS]:
        console.print(f"warning: {short(warning)}", style="yellow")
    if len(warnings) > _MOST_WARNINGS:
        more = len(warnings) - _MOST_WARNINGS
        console.print(f"warning: and {more} more; --json lists them all", style="yellow")
