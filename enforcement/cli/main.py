"""The command `freightpass`: finds the command's file, and turns errors into one message."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import Any, Final

import click

from enforcement.interrupts import obey_interrupts
from enforcement.kernel_cache import use_kernel_cache

_COMMANDS: Final = {
    "demo": "Sweep the sample city and print what was found.",
    "check": "Read a city, print every fault, and what was linked.",
    "compile": "Compile a city's rules into one file.",
    "sweep": "Judge files of plate hits against a city.",
    "compare": "Tell what another city or other rules would change.",
    "explain": "Judge one hit, step by step, in words.",
    "route": "Match a drawn line: streets, cameras, blind stretches.",
    "rematch": "Tell what a new edition of the network changes.",
    "import-cameras": "Turn a table or OpenStreetMap's devices into cameras.",
    "import-restrictions": "Turn OpenStreetMap's rules for trucks into restrictions.",
    "serve": "Serve the HTTP API of a city.",
}


class _ReaderGoneError(Exception):
    """Whoever read the output has gone away (`| head`)."""


class _Commands(click.Group):
    """Commands whose files are imported only when they are called."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; see to it that all it printed has left, while errors are still told."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise _ReaderGoneError from error  # before click makes a failure of it
        return answer

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a command by its name."""
        del ctx
        if name not in _COMMANDS:
            return None
        use_kernel_cache()
        command: click.Command = importlib.import_module(
            f"enforcement.cli.{name.replace('-', '_')}"
        ).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing a single command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="freightpass")
def cli() -> None:
    """Turn freight passes into something cameras can check.

    货车通行证执法：把通行证变成摄像头能核对的规则。
    """


def _known_errors() -> tuple[type[Exception], ...]:
    """Return the roots of the errors that tell a user what to do; imported once one was raised."""
    from enforcement.errors import EnforcementError  # noqa: PLC0415 - keeps --help fast
    from ingest.errors import IngestError  # noqa: PLC0415
    from roadnet.errors import RoadnetError  # noqa: PLC0415

    return EnforcementError, IngestError, RoadnetError


def _message(error: Exception) -> str:
    """Return what a user is told of an error."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason}" if error.filename else f"cannot write: {reason}"
    faults = str(error).splitlines()
    return faults[0] if len(faults) == 1 else "\n  ".join((f"{len(faults)} faults:", *faults))


def _forget_output() -> None:
    """Drop what could not be printed, so that the interpreter does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):  # a stream that is no file of the system
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the command line; exit 1 on bad input, 2 on bad usage, 130 on Ctrl-C."""
    obey_interrupts()
    try:
        code = cli(prog_name="freightpass", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was changed", err=True)
        code = 130
    except _ReaderGoneError:
        _forget_output()  # that is the reader's right
        code = 0
    except Exception as error:
        if not isinstance(error, (OSError, *_known_errors())):
            raise
        click.echo(f"error: {_message(error)}", err=True)
        if isinstance(error, OSError):
            _forget_output()
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
