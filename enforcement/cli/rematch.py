"""`freightpass rematch`: what a new edition of the network changes for a city's routes and cameras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from enforcement.city import read_city
from enforcement.city_files.folder import CityFolder
from enforcement.city_files.json_text import decode_json
from enforcement.city_files.routes import ROUTES_FILE
from enforcement.city_import.target import write_whole
from enforcement.cli.terminal import print_json, print_table, progress_bar
from enforcement.coverage import survey_city
from enforcement.rematches import compare_editions, references
from enforcement.reports.rematch_report import write_rematch
from roadnet.importers import read_network

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.rematches import CityRematch


@click.command("rematch")
@click.argument("city")
@click.option(
    "--network",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="The new edition of the network. 新版路网文件。",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Report, as HTML. 报告。"
)
@click.option(
    "--write",
    "routes_file",
    type=click.Path(dir_okay=False, writable=True),
    help="Write the routes with their OpenLR references on the new edition. 写入 OpenLR 参考。",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    city: str, network: str, output: str | None, routes_file: str | None, *, as_json: bool
) -> None:
    """Match the routes of CITY on its network and on a new edition of it, and tell what changed.

    路网更新后，重新匹配各路线的手绘线，列出改变的路径与摄像机。
    """
    definition, _ = read_city(city)
    surveys = []
    with progress_bar() as progress:
        for file in (definition.network_file, network):
            progress("network", 0, 1)
            graph = read_network(file, datum=definition.coordinates, country=definition.holidays)
            surveys.append(survey_city(definition, graph, progress))
    rematch = compare_editions(*surveys)
    if output is not None:
        write_rematch(Path(output), rematch)
    report = rematch_report(rematch)
    if routes_file is not None:
        report["without_reference"] = _write_routes(city, routes_file, surveys[1])
    if as_json:
        print_json(report)
        return
    for row in report["routes"]:
        if row["changed"]:
            gains = f", gains {' '.join(row['gained'])}" if row["gained"] else ""
            loses = f", loses {' '.join(row['lost'])}" if row["lost"] else ""
            lost = "" if row["matched"] else ", lies on no road any more"
            click.echo(
                f"{row['route_id']}: {100 * row['share_changed']:.1f} % of the path "
                f"changed{gains}{loses}{lost}"
            )
    for fault in report["faults"]:
        click.echo(f"fault on the new edition, 新路网上的错误: {fault}")
    for route_id, reason in report.get("without_reference", {}).items():
        click.echo(f"{route_id}: no OpenLR reference was written: {reason}")
    rows = [(name.replace("_", " "), f"{count:,}") for name, count in report["counts"].items()]
    print_table(report["city"], rows)


def rematch_report(rematch: CityRematch) -> dict[str, Any]:
    """Return what changed as JSON values: `counts`, `routes`, `cameras_linked_elsewhere`, `faults`."""
    routes = rematch.routes
    return {
        "city": rematch.after.definition.name,
        "counts": {
            "routes": len(routes),
            "paths_changed": sum(route.path_changed for route in routes),
            "camera_sets_changed": sum(route.cameras_changed for route in routes),
            "routes_not_matched_any_more": sum(
                route.matched_before and not route.matched_after for route in routes
            ),
            "cameras_linked_elsewhere": len(rematch.relinked),
            "faults": len(rematch.faults),
        },
        "routes": [
            {
                "route_id": route.route_id,
                "changed": route.changed,
                "matched": route.matched_after,
                "share_changed": round(route.change.share, 4),
                "gained": list(route.gained),
                "lost": list(route.lost),
                "openlr": route.reference or None,
            }
            for route in routes
        ],
        "cameras_linked_elsewhere": [camera.camera_id for camera in rematch.relinked],
        "faults": [str(fault) for fault in rematch.faults],
    }


def _write_routes(city: str, path: str, coverage: CityCoverage) -> dict[str, str]:
    """Write routes.geojson again, each matched route with its reference, all else as it stands.

    Returns why a route has none, by route_id.
    """
    found, missing = references(coverage)
    folder = CityFolder(city)
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    if ROUTES_FILE in folder:
        collection = decode_json(folder.read(ROUTES_FILE))
    for feature in collection["features"]:
        route_id = str(feature["properties"]["route_id"])
        feature["properties"].pop("openlr", None)
        if route_id in found:
            feature["properties"]["openlr"] = found[route_id]
    write_whole(path, json.dumps(collection, ensure_ascii=False, indent=1) + "\n", force=True)
    return missing
