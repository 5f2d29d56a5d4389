"""`freightpass demo`: the sample city swept, and held against what really happened."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pyarrow.parquet as pq

import enforcement
from enforcement.cli.summary import print_summary
from enforcement.cli.terminal import print_json, progress_bar
from enforcement.compiled_city import compile_city
from enforcement.errors import EnforcementError
from enforcement.sweep import SweepRequest, sweep


@click.command("demo")
@click.option("-o", "--out", default="out/demo", show_default=True, help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(out: str, *, as_json: bool) -> None:
    """Sweep a day of Qingtan, an invented city, and print what was found."""
    sample = sample_city()
    with progress_bar() as progress:
        compiled = compile_city(str(sample), progress)
        request = SweepRequest(
            sources=(str(sample / "hits"),), out=out, workers=os.cpu_count() or 1
        )
        summary = sweep(compiled, request, progress)
    truth = compare_with_truth(Path(out) / "violations.parquet", sample / "truth.parquet")
    if as_json:
        print_json({**summary, "truth": truth})
        return
    print_summary(summary, out)
    click.echo(
        f"The simulator knows what really happened: of {truth['suspected']:,} suspected violations "
        f"{truth['really_violations']:,} are real; {truth['missed']:,} real ones were not found."
    )


def sample_city() -> Path:
    """Return the folder of the sample city, in a checkout or in an installed wheel.

    Raises
    ------
    EnforcementError
        It is in neither.
    """
    package = Path(enforcement.__file__).parent
    for folder in (
        package / "samples" / "qingtan",
        package.parent / "data" / "samples" / "qingtan",
    ):
        if (folder / "city.toml").is_file():
            return folder
    raise EnforcementError("no_sample", "the sample city was not installed", str(package))


def compare_with_truth(violations: Path, truth: Path) -> dict[str, int]:
    """Count suspected violations that really happened, and real ones not suspected.

    Parameters
    ----------
    violations
        violations.parquet of a sweep.
    truth
        The simulator's table beside the sample city, with `hit_id` and `violation`.

    Returns
    -------
    dict
        `suspected`, `really_violations`, `missed`.
    """
    found = pq.read_table(violations, columns=["hit_id", "held"])
    suspected = set(found.filter(found["held"].is_null())["hit_id"].to_pylist())
    table = pq.read_table(truth, columns=["hit_id", "violation"])
    real = set(table.filter(table["violation"])["hit_id"].to_pylist())
    return {
        "suspected": len(suspected),
        "really_violations": len(suspected & real),
        "missed": len(real - suspected),
    }
