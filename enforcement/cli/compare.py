"""`freightpass compare`: the same hits judged by two cities, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import pyarrow.compute as pc

from enforcement.cli.hits_options import from_option, hits_argument, to_option, workers_option
from enforcement.cli.instants import time_range
from enforcement.cli.terminal import counted, print_json, print_table, progress_bar
from enforcement.reports.comparison_report import WARNINGS_CHANGED, write_comparison
from enforcement.reports.words import REASONS
from enforcement.rules_source import read_rules_source
from enforcement.sweep import judge_hits
from enforcement.violation_changes import compare_violations

if TYPE_CHECKING:
    import pyarrow as pa

    from enforcement.rules_source import RulesSource
    from enforcement.sweep import JudgedHits
    from enforcement.violation_changes import ViolationChanges

_SHOWN: Final = 20  # vehicles of each kind, before the rest is only counted
_CAMERAS_SHOWN: Final = 6  # of a vehicle
_KINDS: Final = {
    "suspected": "新增车辆 suspected anew",
    "cleared": "解除车辆 cleared",
    "other_violations": "仍有嫌疑的车辆 still suspected",
}


@click.command("compare")
@hits_argument
@click.option("--city", required=True, help="City folder or rules file to begin with. 原方案。")
@click.option("--against", required=True, help="The one that it is held against. 对比方案。")
@from_option
@to_option
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Report, as HTML. 报告。"
)
@workers_option
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    hits: tuple[str, ...],
    city: str,
    against: str,
    begin: str | None,
    end: str | None,
    output: str | None,
    workers: int,
    *,
    as_json: bool,
) -> None:
    """Judge HITS by --city and by --against, and tell which vehicles only one of them suspects.

    Suspected anew: by --against and not by --city. Cleared: by --city and not by --against. Doubts and
    duplicates count as in a sweep; nothing is written but the report.

    同一批过车记录分别按两个方案核验，列出新增与解除的疑似违规。
    """
    sources, judged = [], []
    with progress_bar() as progress:
        for path in (city, against):
            source = read_rules_source(path, progress)
            from_us, until_us = time_range(begin, end, source.rules.timezone)
            sources.append(source)
            judged.append(
                judge_hits(
                    source.rules,
                    hits,
                    from_us=from_us,
                    until_us=until_us,
                    workers=workers,
                    keep_rejected=_forget,
                    progress=progress,
                )
            )
    changes = compare_violations(judged[0].violations, judged[1].violations)
    report = {
        "city": _totals(city, sources[0], judged[0]),
        "against": _totals(against, sources[1], judged[1]),
        **changes_report(changes),
    }
    if output is not None:
        write_comparison(Path(output), sources[0], sources[1], report, changes)
    if as_json:
        print_json(report)
    else:
        _print(report)


def changes_report(changes: ViolationChanges) -> dict[str, Any]:
    """Return what differs as JSON values.

    Returns
    -------
    dict
        `counts`; `suspected` and `cleared` by reason; `other_reason`; `cleared_by_doubt` by code;
        `vehicles` and `cameras`, those with most changes first.
    """
    return {
        "counts": {
            "suspected": changes.all.suspected.total(),
            "cleared": changes.all.cleared.total(),
            "other_reason": changes.other_reason.total(),
            "warned_anew": changes.warned_anew,
            "accused_anew": changes.accused_anew,
            "vehicles_suspected": len(changes.vehicles_suspected),
            "vehicles_cleared": len(changes.vehicles_cleared),
        },
        "suspected": dict(changes.all.suspected.most_common()),
        "cleared": dict(changes.all.cleared.most_common()),
        "other_reason": [
            {"from": before, "to": after, "violations": count}
            for (before, after), count in sorted(changes.other_reason.items())
        ],
        "cleared_by_doubt": dict(sorted(changes.held.items())),
        "vehicles": [
            {
                "plate": vehicle[0],
                "plate_class": vehicle[1],
                "change": _kind(changes, vehicle),
                "suspected": dict(one.suspected.most_common()),
                "cleared": dict(one.cleared.most_common()),
                "cameras": list(changes.at[vehicle]),
            }
            for vehicle, one in changes.vehicles.items()
        ],
        "cameras": [
            {
                "camera_id": camera_id,
                "suspected": dict(one.suspected.most_common()),
                "cleared": dict(one.cleared.most_common()),
            }
            for camera_id, one in changes.cameras.items()
        ],
    }


def _kind(changes: ViolationChanges, vehicle: tuple[str, str | None]) -> str:
    """Say whether a vehicle comes, goes, or stays with other violations."""
    if vehicle in changes.vehicles_suspected:
        return "suspected"
    return "cleared" if vehicle in changes.vehicles_cleared else "other_violations"


def _totals(path: str, source: RulesSource, judged: JudgedHits) -> dict[str, Any]:
    """Return what one of the two says of all hits."""
    held = judged.violations["held"]
    suspected = judged.violations.filter(pc.is_null(held))
    return {
        "path": path,
        "name": source.rules.name,
        "rules_hash": source.rules.content_hash,
        "hits": judged.hits,
        "suspected": held.null_count,
        "warnings": int(pc.sum(suspected["warning"]).as_py() or 0),
        "held": len(held) - held.null_count,
        "cases": judged.cases.num_rows,
        "case_policy": source.rules.judgement.case_policy.name,
        "vehicles": _vehicles(suspected),
    }


def _vehicles(violations: pa.Table) -> int:
    """Return the number of different vehicles."""
    return int(violations.group_by(["plate", "plate_class"]).aggregate([]).num_rows)


def _forget(rejected: pa.Table) -> None:
    """Keep nothing of the hits that cannot be judged."""


def _print(report: dict[str, Any]) -> None:
    """Print totals, reasons and vehicles."""
    names = ("suspected", "warnings", "held", "cases", "vehicles")
    sides = report["city"], report["against"]
    print_table(
        "疑似违规 suspected violations",
        [
            *((name, *(f"{side[name]:,}" for side in sides)) for name in names),
            ("case policy", *(side["case_policy"] for side in sides)),
        ],
        headers=("", report["city"]["path"], report["against"]["path"]),
    )
    reasons = [name for name in REASONS if name in report["suspected"] or name in report["cleared"]]
    print_table(
        "变化 what changes",
        [
            (
                f"{REASONS[name].zh} {REASONS[name].en}",
                f"{report['suspected'].get(name, 0):,}",
                f"{report['cleared'].get(name, 0):,}",
            )
            for name in reasons
        ],
        headers=("reason", "新增 suspected anew", "解除 cleared"),
    )
    for one in report["other_reason"]:
        click.echo(f"{one['violations']:,} × {one['from']} → {one['to']}")
    for code, count in report["cleared_by_doubt"].items():
        click.echo(f"{count:,} of those cleared are held: {code}")
    for name, warned in WARNINGS_CHANGED.items():
        if count := report["counts"][name]:
            click.echo(f"{warned.zh} {warned.en}: {count:,}")
    for kind, words in _KINDS.items():
        _print_vehicles([one for one in report["vehicles"] if one["change"] == kind], words)
    if not any(report["counts"].values()):
        click.echo("没有变化。 Nothing changes.")


def _print_vehicles(vehicles: list[dict[str, Any]], words: str) -> None:
    if not vehicles:
        return
    click.echo(f"{words}: {counted(len(vehicles), 'vehicle')}")
    for one in vehicles[:_SHOWN]:
        mixed = one["change"] == "other_violations"
        reasons = ", ".join(
            f"{f'{kind} ' if mixed else ''}{reason} {count:,}"
            for kind in ("suspected", "cleared")
            for reason, count in one[kind].items()
        )
        plate = " ".join(filter(None, (one["plate"], one["plate_class"])))
        where = " ".join(one["cameras"][:_CAMERAS_SHOWN])
        more = " …" if len(one["cameras"]) > _CAMERAS_SHOWN else ""
        click.echo(f"  {plate}: {reasons} @ {where}{more}")
    if len(vehicles) > _SHOWN:
        click.echo(f"  … {len(vehicles) - _SHOWN:,} more; --json lists them all")
