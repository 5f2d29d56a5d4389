"""`freightpass import-restrictions`: OpenStreetMap's rules for trucks into a city's restrictions."""

from __future__ import annotations

from typing import Any, Final

import click

from enforcement.city_import.restrictions import check_restrictions, restrictions_of
from enforcement.city_import.target import (
    collection_text,
    refuse_to_overwrite,
    target_settings,
    write_whole,
)
from enforcement.cli.terminal import counted, print_json, print_table
from enforcement.errors import CityError, EnforcementError
from roadnet.importers.osm_files import OSM_SUFFIXES
from roadnet.importers.restricted_ways import read_restricted_ways

_WAYS_SHOWN: Final = 5


@click.command("import-restrictions")
@click.argument("network", type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--out", required=True, help="restrictions.geojson to write.")
@click.option("--city", help="City folder that it is for: its coordinates and holidays.")
@click.option("--name", default="", help="Only streets whose name holds this text.")
@click.option("--unconditional", is_flag=True, help="Take hgv=no, goods=destination, ... too.")
@click.option("--weight-limits", is_flag=True, help="Take maxweight and maxweightrating too.")
@click.option(
    "--without-destination", is_flag=True, help="Leave out what lets in who has business there."
)
@click.option(
    "--width",
    type=click.FloatRange(1, 200),
    default=20,
    show_default=True,
    help="Metres of the area along a street.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--brief", is_flag=True, help="Leave out the lists.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    network: str,
    out: str,
    city: str | None,
    name: str,
    *,
    unconditional: bool,
    weight_limits: bool,
    without_destination: bool,
    width: float,
    force: bool,
    brief: bool,
    as_json: bool,
) -> None:
    """Turn the rules for trucks in NETWORK, an OpenStreetMap file, into a city's restrictions.geojson.

    What OpenStreetMap says and a restriction cannot is listed with its ways.
    """
    refuse_to_overwrite(out, force=force)
    settings = target_settings(city)
    if not network.lower().endswith(OSM_SUFFIXES):
        raise EnforcementError(
            "unknown_kind", f"unknown kind of file; expected {', '.join(OSM_SUFFIXES)}", network
        )
    found = restrictions_of(
        read_restricted_ways(network),
        settings,
        unconditional=unconditional,
        weight_limits=weight_limits,
        destination=not without_destination,
        name=name,
        width_m=width,
    )
    faults, warnings = check_restrictions(found.restrictions, settings)
    if faults:
        raise CityError(faults)
    if found.restrictions:
        features = [one.feature for one in found.restrictions]
        write_whole(out, collection_text(features), force=force)
    report: dict[str, Any] = {
        "file": out if found.restrictions else None,
        "restrictions": [
            {
                **one.feature["properties"],
                "level": one.level,
                "tags": one.source,
                "way_ids": list(one.way_ids),
            }
            for one in found.restrictions
        ],
        "not_expressed": [
            {"tag": one.tag, "reason": one.reason, "way_ids": list(one.way_ids)}
            for one in found.not_expressed
        ],
        "warnings": [f"{one.place}: {one.message}" for one in warnings],
    }
    if as_json:
        print_json(report)
    else:
        _print(report, brief=brief)


def _print(report: dict[str, Any], *, brief: bool) -> None:
    if not brief:
        rows = [
            (
                one["restriction_id"],
                one["schedule"],
                " ".join(one["vehicle_classes"]),
                str(len(one["way_ids"])),
                one["name"],
            )
            for one in report["restrictions"]
        ]
        headers = ("restriction_id", "schedule", "vehicle classes", "ways", "name")
        print_table("restrictions 限行", rows, headers=headers)
        for warning in report["warnings"]:
            click.echo(f"warning: {warning}")
        for one in report["not_expressed"]:
            shown = " ".join(map(str, one["way_ids"][:_WAYS_SHOWN]))
            more = len(one["way_ids"]) - _WAYS_SHOWN
            ways = f"{shown} and {more} more" if more > 0 else shown
            click.echo(f"not expressed: {one['tag']}: {one['reason']} (ways {ways})")
    restrictions, missing = len(report["restrictions"]), len(report["not_expressed"])
    where = report["file"] or "nothing was written, 未写入"
    click.echo(
        f"{counted(restrictions, 'restriction')}, "
        f"{counted(missing, 'kind of tag', 'kinds of tags')} not expressed; "
        f"{restrictions} 条限行, {missing} 种标签未能表达: {where}"
    )
