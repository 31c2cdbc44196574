"""Entry point, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys

import click

from otio_hpm.cli.group import cli
from otio_hpm.cli.printing import visible
from otio_hpm.errors import INTERRUPTED_EXIT_CODE, HpmError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        cli.main(arguments, prog_name="otio-hpm", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted", "Finished cues stay, and are reused by the next run.")
        return INTERRUPTED_EXIT_CODE
    except HpmError as error:
        _tell(error.message, error.hint)
        return error.exit_code
    except BrokenPipeError:  # the reader of stdout has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _tell(message: str, hint: str) -> None:
    click.echo(f"otio-hpm: {visible(message)}", err=True)
    if hint:
        click.echo(f"hint: {visible(hint)}", err=True)


if __name__ == "__main__":
    sys.exit(main())
