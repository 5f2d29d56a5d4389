"""What commands share of the terminal: progress for people, JSON for machines, time options."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

import click

from enforcement.progress import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enforcement.progress import Progress

_STAGES = {
    "read": "reading the city",
    "network": "reading the roads",
    "cameras": "linking cameras",
    "routes": "matching routes",
    "compile": "compiling rules",
    "judge": "judging hits",
    "settle": "duplicates and cases",
    "report": "writing the report",
}


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give a progress callback: bars on a terminal's standard error, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield quiet
        return
    from rich.console import Console  # noqa: PLC0415 - not needed in a pipe
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (
        TextColumn("{task.description:22}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_STAGES.get(stage, stage), total=max(total, 1))
            bars.update(tasks[stage], completed=done if total else 1, total=max(total, 1))

        yield show


def counted(number: int, one: str, several: str = "") -> str:
    """Return `1 camera` or `2 cameras`; `several` where an `s` does not make it."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def print_json(value: object) -> None:
    """Write a value as JSON on standard output, Chinese as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_geojson(collection: dict[str, Any]) -> None:
    """Write a FeatureCollection on standard output, one feature a line."""
    features = [json.dumps(one, ensure_ascii=False) for one in collection["features"]]
    rest = {name: value for name, value in collection.items() if name != "features"}
    head = json.dumps(rest, ensure_ascii=False)[:-1]
    click.echo(head + ', "features": [\n' + ",\n".join(features) + "\n]}")


def print_table(
    title: str, rows: Sequence[tuple[str, ...]], *, headers: tuple[str, ...] = ()
) -> None:
    """Write a small table on standard output: rich on a terminal, aligned text in a pipe."""
    from rich.console import Console  # noqa: PLC0415 - only commands that print tables pay for it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, show_header=bool(headers), title_justify="left", box=None)
    for place in range(max((len(row) for row in rows), default=len(headers))):
        name = headers[place] if place < len(headers) else ""
        table.add_column(
            name, justify="left" if headers or place == 0 else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: nothing in it is markup
    Console(highlight=False).print(table)
