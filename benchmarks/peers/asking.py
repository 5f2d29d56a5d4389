"""Starts a peer as a process and asks it, one question after the other."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

FOLDER = Path(__file__).resolve().parents[1] / ".peers"
PYTHON = FOLDER / "venv/bin/python"
LEFT_OUT = "not installed (make peers): left out"


def installed() -> bool:
    """Say whether `make peers` has been run to its end."""
    return (FOLDER / "ready").exists()


class PeerFailed(Exception):  # noqa: N818 - what failed is a peer
    """A peer could not answer; the message is its own."""


class Peer:
    """A running peer that reads a line of JSON and writes one.

    Parameters
    ----------
    script
        File name beside this module, run by the Python of the peers.
    arguments
        Given to it.
    """

    def __init__(self, script: str, *arguments: str) -> None:
        command = [str(PYTHON), str(Path(__file__).with_name(script)), *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def ask(self, question: Any) -> dict[str, Any]:
        """Ask what JSON can say, and wait.

        Raises
        ------
        PeerFailed
            The peer says `error`, or has ended.
        """
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:  # never: pipes were asked for
            raise PeerFailed("no pipe")
        pipe_in.write(json.dumps(question) + "\n")
        pipe_in.flush()
        line = pipe_out.readline()
        if not line:
            raise PeerFailed(f"ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerFailed(str(answer["error"]))
        return answer
