"""`freightpass import-cameras`: cameras of OpenStreetMap or of a table into a city's file."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from enforcement.city_import.cameras import CameraImport, Rejected, camera_features, check_cameras
from enforcement.city_import.csv_cameras import COLUMNS, CSV_SUFFIXES, csv_cameras
from enforcement.city_import.osm_cameras import osm_cameras
from enforcement.city_import.target import (
    collection_text,
    refuse_to_overwrite,
    target_settings,
    write_whole,
)
from enforcement.cli.terminal import counted, print_json, print_table
from enforcement.errors import EnforcementError
from roadnet.importers.osm_files import OSM_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN: Final = 20  # of what is left out, before the rest is only counted


@click.command("import-cameras")
@click.argument("source", type=click.Path(exists=True, dir_okay=False))
@click.option("-o", "--out", required=True, help="cameras.geojson to write.")
@click.option("--city", help="City folder that it is for: its coordinates and time zone.")
@click.option(
    "--coordinates",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="Of a table; wgs84 when left out. OpenStreetMap has WGS-84.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=NAME", help="Column of a table to read."
)
@click.option(
    "--looks",
    type=click.Choice(["against", "along"]),
    help="How cameras look at the vehicles they read, against their travel (as OpenStreetMap's "
    "are taken to) or along it. For a table: its bearings say where cameras look.",
)
@click.option("--surveillance", is_flag=True, help="Take surveillance cameras of any kind.")
@click.option(
    "--skip-faulty", is_flag=True, help="Write the rows that are good beside faulty ones."
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--brief", is_flag=True, help="Leave out the lists.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    source: str,
    out: str,
    city: str | None,
    coordinates: str | None,
    columns: Sequence[str],
    looks: str | None,
    *,
    surveillance: bool,
    skip_faulty: bool,
    force: bool,
    brief: bool,
    as_json: bool,
) -> None:
    """Turn the cameras of SOURCE into a city's cameras.geojson.

    SOURCE is an OpenStreetMap file (.pbf, .osm, .osm.gz, .osm.bz2) or a table (.csv, .tsv, .txt). With
    a faulty row nothing is written and the exit code is 1, unless --skip-faulty.
    """
    refuse_to_overwrite(out, force=force)
    settings = target_settings(city)
    found = _read(source, _named_columns(columns), looks, coordinates, surveillance=surveillance)
    rejected = list(found.rejected)
    cameras = list(found.cameras)
    features = camera_features(cameras, coordinates or "wgs84", settings)
    faults = check_cameras(cameras, features, settings)
    rejected += [Rejected(fault.place, fault.field, fault.message) for fault in faults]
    faulty = {fault.place.partition(" (")[0] for fault in faults}
    kept = [n for n, camera in enumerate(cameras) if camera.place.partition(" (")[0] not in faulty]
    refused = bool(rejected) and not skip_faulty
    if not kept and not rejected:
        raise EnforcementError("no_cameras", "there is no camera in it", source)
    written = [] if refused else kept
    if written:
        write_whole(out, collection_text([features[n] for n in written]), force=force)
    report = {
        "file": out if written else None,
        "cameras": [
            {
                **features[n]["properties"],
                "lon": features[n]["geometry"]["coordinates"][0],
                "lat": features[n]["geometry"]["coordinates"][1],
                "place": cameras[n].place,
                "bearing_by": cameras[n].bearing_by,
                "doubts": list(cameras[n].doubts),
            }
            for n in kept
        ],
        "rejected": [asdict(one) for one in rejected],
        "left_out": [{"place": one.place, "reason": one.message} for one in found.left_out],
        "notes": list(found.notes),
    }
    if as_json:
        print_json(report)
    else:
        _print(report, brief=brief)
    if refused or not written:
        ctx.exit(1)


def _named_columns(columns: Sequence[str]) -> dict[str, str]:
    named = {}
    for text in columns:
        field, equals, name = text.partition("=")
        if not equals or field not in COLUMNS:
            raise click.BadParameter(
                f"{text!r}: expected FIELD=NAME with one of {', '.join(COLUMNS)}",
                param_hint="--column",
            )
        named[field] = name
    return named


def _read(
    source: str,
    columns: dict[str, str],
    looks: str | None,
    coordinates: str | None,
    *,
    surveillance: bool,
) -> CameraImport:
    name = source.lower()
    if name.endswith(CSV_SUFFIXES):
        return csv_cameras(source, columns, looks=looks)
    if not name.endswith(OSM_SUFFIXES):
        known = ", ".join((*OSM_SUFFIXES, *CSV_SUFFIXES))
        raise EnforcementError("unknown_kind", f"unknown kind of file; expected {known}", source)
    if coordinates not in {None, "wgs84"}:
        raise click.BadParameter("OpenStreetMap has WGS-84", param_hint="--coordinates")
    return osm_cameras(source, looks_along_travel=looks == "along", surveillance=surveillance)


def _print(report: dict[str, Any], *, brief: bool) -> None:
    for note in report["notes"]:
        click.echo(f"note: {note}")
    for one in report["rejected"]:
        words = (part for part in (one["place"], one["field"], one["message"]) if part)
        click.echo(f"fault: {': '.join(words)}")
    cameras = report["cameras"]
    if not brief:
        rows = [
            (
                camera["camera_id"],
                camera.get("name", ""),
                "-" if "bearing" not in camera else f"{camera['bearing']:g}",
                camera["bearing_by"],
                "; ".join(camera["doubts"]),
            )
            for camera in cameras
        ]
        print_table(
            "cameras 摄像机", rows, headers=("camera_id", "name", "bearing", "told by", "doubts")
        )
        for one in report["left_out"][:_SHOWN]:
            click.echo(f"left out: {one['place']}: {one['reason']}")
        more = len(report["left_out"]) - _SHOWN
        if more > 0:
            click.echo(f"left out: {more} more; --json lists them all")
    doubtful = sum(bool(camera["doubts"]) for camera in cameras)
    counts = (
        f"{counted(len(cameras), 'camera')} ({doubtful} doubtful), "
        f"{counted(len(report['rejected']), 'fault')}, "
        f"{len(report['left_out'])} left out"
    )
    chinese = f"{len(cameras)} 台摄像机 (存疑 {doubtful}), {len(report['rejected'])} 处错误"
    where = report["file"] or "nothing was written, 未写入"
    click.echo(f"{counts}; {chinese}: {where}")
