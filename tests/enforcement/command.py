"""Calls the command as a user does: arguments in; exit code, output and messages out."""

from __future__ import annotations

import contextlib
import io
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock

from enforcement.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = "from enforcement.cli.main import main; main()"


class Outcome(NamedTuple):
    """What a user sees of a call."""

    code: int
    out: str
    err: str


def freightpass(*arguments: object) -> Outcome:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["freightpass", *(str(argument) for argument in arguments)]
    with (
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        signals_as_they_were(),
    ):
        try:
            main()
        except SystemExit as error:
            code = error.code
    assert isinstance(code, int)
    return Outcome(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def signals_as_they_were() -> Iterator[None]:
    """Give the tests' own Ctrl-C back, which a command makes its own."""
    numbers = signal.SIGINT, signal.SIGALRM
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


def refused(*arguments: object) -> str:
    """Run a command that must stop with one message and exit code 1; return the message."""
    outcome = freightpass(*arguments)
    assert outcome.code == 1, outcome
    assert outcome.err.startswith("error: "), outcome
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    return outcome.err.removeprefix("error: ").rstrip("\n")


def command_line(*arguments: object) -> list[str]:
    """Return how to start the command as a process of its own."""
    return [sys.executable, "-c", PROGRAM, *(str(argument) for argument in arguments)]


def process(*arguments: object, cwd: Path | None = None, **options: Any) -> Outcome:
    """Run the command in a process of its own, to its end."""
    done = subprocess.run(
        command_line(*arguments),
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
        text=True,
        check=False,
        cwd=cwd,
    )
    return Outcome(done.returncode, done.stdout or "", done.stderr)
