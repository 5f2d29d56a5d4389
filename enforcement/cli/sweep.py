"""`freightpass sweep`: files of hits in, violations and a report out."""

from __future__ import annotations

import click

from enforcement.cli.hits_options import from_option, hits_argument, to_option, workers_option
from enforcement.cli.instants import known_at_option, known_at_reader, time_range
from enforcement.cli.summary import print_summary
from enforcement.cli.terminal import print_json, progress_bar
from enforcement.rules_source import read_rules_source
from enforcement.sweep import SweepRequest, sweep


@click.command("sweep")
@hits_argument
@click.option("--city", required=True, help="City folder, or a rules file of `compile`.")
@click.option("-o", "--out", required=True, help="Folder for the results.")
@from_option
@to_option
@known_at_option
@click.option(
    "--previous",
    help="Results of an earlier sweep, to tell what is not suspected any more; those in --out when "
    "left out.",
)
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    hits: tuple[str, ...],
    city: str,
    out: str,
    begin: str | None,
    end: str | None,
    known_at: str | None,
    previous: str | None,
    workers: int,
    *,
    as_json: bool,
) -> None:
    """Judge HITS (Parquet, CSV or NDJSON files, folders or URLs) against a city, or by rules kept.

    Writes violations.parquet, cases.parquet, rejected.parquet, voided.parquet, camera_health.parquet,
    clones.parquet, over_speed.parquet, avoidance.parquet, summary.json and report.html. Times are
    RFC 3339, or local times and dates of the city.
    """
    with progress_bar() as progress:
        source = read_rules_source(city, progress, known_at_reader(known_at))
        from_us, until_us = time_range(begin, end, source.rules.timezone)
        request = SweepRequest(
            sources=hits,
            out=out,
            from_us=from_us,
            until_us=until_us,
            workers=workers,
            previous=previous,
        )
        summary = sweep(source, request, progress)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary, out)
