"""`freightpass check`: every fault of a city, and what was linked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from enforcement.camera_links import link_row
from enforcement.cli.terminal import print_json, print_table, progress_bar
from enforcement.compiled_city import compile_city
from enforcement.cut_routes import closure_row, closure_warnings, find_cut_routes
from enforcement.errors import CityError, Fault
from roadnet.cameras import INTERSECTION, MID_BLOCK, UNLINKED

if TYPE_CHECKING:
    from enforcement.compiled_city import CompiledCity


@click.command("check")
@click.argument("city")
@click.option("--brief", is_flag=True, help="Leave out the lists of cameras and routes.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(ctx: click.Context, city: str, *, brief: bool, as_json: bool) -> None:
    """Read CITY, print every fault with its place, link its cameras, match its routes, compile.

    Exits with 1 if there is any fault.
    """
    try:
        with progress_bar() as progress:
            compiled = compile_city(city, progress)
    except CityError as error:
        if as_json:
            print_json({"faults": [_fault_row(fault) for fault in error.faults]})
        else:
            for fault in error.faults:
                click.echo(f"fault: {fault}")
            count = len(error.faults)
            click.echo(f"{count} {'fault' if count == 1 else 'faults'}, {count} 处错误: {city}")
        ctx.exit(1)
    report = city_report(compiled)
    if as_json:
        print_json(report)
        return
    for warning in report["warnings"]:
        click.echo(f"warning: {Fault(**warning)}")
    if not brief:
        _print_links(report)
    _print_counts(report)


def city_report(city: CompiledCity) -> dict[str, Any]:
    """Return what was read, linked and compiled, as JSON values.

    Parameters
    ----------
    city
        The compiled city.

    Returns
    -------
    dict
        `counts`, `cameras` (each with its link), `routes` (each with its cameras), `closures` (each
        with the routes that it cuts), `warnings`.
    """
    definition, coverage = city.definition, city.coverage
    closures = find_cut_routes(coverage)
    warnings = (*city.warnings, *closure_warnings(coverage, closures))
    links, graph = coverage.links, coverage.graph
    kinds = Counter(links.kind.tolist())
    cameras = [
        link_row(camera, graph, coverage.intersections, links, site)
        for site, camera in enumerate(definition.cameras)
    ]
    routes = [
        {
            "route_id": route.route_id,
            "matched": route.route_id in coverage.routes,
            "cameras": [
                definition.cameras[site].camera_id
                for site in coverage.route_cameras[route.route_id]
            ],
        }
        for route in definition.routes
    ]
    return {
        "city": definition.name,
        "faults": [],
        "rules_hash": city.rules.content_hash,
        "counts": {
            "nodes": graph.node_count,
            "edges": graph.edge_count,
            "intersections": coverage.intersections.count,
            "cameras": len(definition.cameras),
            "cameras_at_intersections": kinds[INTERSECTION],
            "cameras_in_mid_block": kinds[MID_BLOCK],
            "cameras_not_linked": kinds[UNLINKED],
            "cameras_doubtful": sum(bool(doubts) for doubts in links.doubts),
            "restrictions": len(definition.restrictions),
            "routes": len(definition.routes),
            "routes_matched": len(coverage.routes),
            "routes_doubtful": sum(bool(line.warnings) for line in coverage.routes.values()),
            "permits": len(definition.permits),
            "permits_granting_nothing": sum(
                warning.code == "no_effect" for warning in city.warnings
            ),
            "vehicles": len(definition.vehicles),
            "closures": len(closures),
            "closures_cutting_routes": sum(bool(one.routes) for one in closures),
            "warnings": len(warnings),
        },
        "cameras": cameras,
        "routes": routes,
        "closures": [closure_row(coverage, one) for one in closures],
        "warnings": [_fault_row(warning) for warning in warnings],
    }


def _fault_row(fault: Fault) -> dict[str, str]:
    """Return a fault or warning as JSON values."""
    return {
        "file": fault.file,
        "place": fault.place,
        "field": fault.field,
        "code": fault.code,
        "message": fault.message,
    }


def _print_links(report: dict[str, Any]) -> None:
    """Print a line for each camera, with the way ids of its approaches, and for each route."""
    print_table(
        "cameras 摄像机",
        [
            (
                camera["camera_id"],
                camera["linked_to"] or "not linked",
                camera["street"] or "-",
                "-" if camera["distance_m"] is None else f"{camera['distance_m']} m",
                " ".join(map(str, camera["approach_way_ids"])) or "-",
                " ".join(camera["doubts"]),
            )
            for camera in report["cameras"]
        ],
        headers=("camera_id", "linked to", "street", "distance", "approach ways", "doubts"),
    )
    print_table(
        "routes 路线",
        [
            (route["route_id"], " ".join(route["cameras"]) if route["matched"] else "not matched")
            for route in report["routes"]
        ],
        headers=("route_id", "cameras in order"),
    )


def _print_counts(report: dict[str, Any]) -> None:
    """Print the counts and the hash."""
    rows = [(name.replace("_", " "), f"{count:,}") for name, count in report["counts"].items()]
    print_table(report["city"], rows)
    click.echo(f"no faults, 没有错误; rules {report['rules_hash']}")
