"""Runs a program as a process of its own and says what it took of the machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process.

    Attributes
    ----------
    said
        The JSON object that it printed last.
    wall_s, cpu_s
        Of the whole process, start-up included; CPU of all its threads, user and system.
    peak_mb
        Highest resident memory, in 1024 * 1024 bytes.
    """

    said: dict[str, Any]
    wall_s: float
    cpu_s: float
    peak_mb: float


class FailedRun(Exception):  # noqa: N818 - what failed is a run
    """A measured process ended with an error; the message is what it said."""


def run_module(module: str, *arguments: str) -> Run:
    """Run ``python -m module``, wait for it and measure it.

    Raises
    ------
    FailedRun
        It ended with another status than 0.
    """
    return run_program(sys.executable, "-m", module, *arguments)


def run_program(*command: str) -> Run:
    """Run a program, wait for it and measure it.

    Raises
    ------
    FailedRun
        It ended with another status than 0.
    """
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        text = process.stdout.read()
        # wait4 tells of this child alone; RUSAGE_CHILDREN keeps the highest peak of all children.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - began
    if process.returncode:
        raise FailedRun(f"{' '.join(command)} ended with {process.returncode}")
    return Run(
        said=json.loads(text[text.index("{") :]),
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall and CPU time of this process from when it was made."""

    wall: float
    cpu: float

    @classmethod
    def start(cls) -> Clock:
        """Start measuring."""
        return cls(time.perf_counter(), time.process_time())

    def read(self) -> dict[str, float]:
        """Return seconds since the start."""
        return {
            "wall_s": time.perf_counter() - self.wall,
            "cpu_s": time.process_time() - self.cpu,
        }


def machine() -> dict[str, Any]:
    """Describe the machine, without its name."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else ""
    return {
        "cores": os.cpu_count(),
        "cpu": model or platform.processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def table(head: list[str], rows: list[list[object]]) -> str:
    """Return a table as Markdown, columns aligned; all but the first are numbers."""
    texts = [head, *[[str(cell) for cell in row] for row in rows]]
    wide = [max(len(row[column]) for row in texts) for column in range(len(head))]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, wide, strict=True))
        )
        + " |"
        for row in texts
    ]
    rule = (
        "|"
        + "|".join(
            "-" * (width + 2) if column == 0 else "-" * (width + 1) + ":"
            for column, width in enumerate(wide)
        )
        + "|"
    )
    return "\n".join([lines[0], rule, *lines[1:]])
