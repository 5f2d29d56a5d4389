"""`freightpass route`: a drawn line in, streets, cameras and blind stretches out."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import numpy as np

from enforcement.city import read_city
from enforcement.cli.instants import instant_option
from enforcement.cli.terminal import print_geojson, progress_bar
from enforcement.coverage import survey_city
from enforcement.errors import EnforcementError
from enforcement.reports.png import png_of, writes_chinese
from enforcement.reports.route_picture import draw_route
from enforcement.route_drafts import RouteDrafter
from enforcement.route_features import draft_features
from roadnet.errors import MatchError
from roadnet.importers import read_network

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.route_drafts import RouteDraft

_PICTURES: Final = {".png", ".svg"}
_ZOOM: Final = 1.5  # pixels a unit of the drawing: 2,160 by 1,200


@click.command("route")
@click.argument("city")
@click.argument("line", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--coordinates",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="System of LINE and of the answer; the city's when left out.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True),
    help="Also draw it, as .png or .svg. 另存审批图。",
)
@click.option(
    "--departures", is_flag=True, help="Also print each street by which the route may be left."
)
@click.option(
    "--at",
    metavar="TIME",
    help="Look at the cameras in service then; now when left out. 按此时在用的摄像机。",
)
@click.option("--via", is_flag=True, help="Route through the points of LINE. 依次经过各点。")
def command(
    city: str,
    line: str,
    coordinates: str | None,
    picture: str | None,
    at: str | None,
    *,
    departures: bool,
    via: bool,
) -> None:
    """Match LINE (a GeoJSON LineString, Feature or collection of one) to the streets of CITY.

    Prints a GeoJSON FeatureCollection: the path, its cameras in order, trap cameras that it does
    not cover but will or may trip, blind stretches, and doubts.
    """
    if picture is not None and Path(picture).suffix.lower() not in _PICTURES:
        raise EnforcementError(
            "unknown_picture", "its name ends neither in .png nor in .svg", picture
        )
    lonlat, name = read_line(line)
    with progress_bar() as progress:
        definition, _ = read_city(city)
        at_us = instant_option("--at", at, definition.timezone)
        if at_us is None:
            at_us = time.time_ns() // 1000
        progress("network", 0, 1)
        graph = read_network(
            definition.network_file, datum=definition.coordinates, country=definition.holidays
        )
        # The city's own routes need not be matched to draw another one.
        coverage = survey_city(dataclasses.replace(definition, routes=()), graph, progress)
    datum = coordinates or definition.coordinates
    try:
        draft = RouteDrafter(coverage).draft(lonlat, datum, via=via, at_us=at_us)
    except MatchError as error:
        raise EnforcementError(error.code, error.message, line) from error
    if picture is not None:
        _write_picture(picture, coverage, draft, name)
    print_geojson(draft_features(coverage, draft, datum, departures=departures))


def _write_picture(picture: str, coverage: CityCoverage, draft: RouteDraft, title: str) -> None:
    """Draw a draft into a file, by its suffix; say what the fonts of this machine cannot write."""
    if Path(picture).suffix.lower() == ".svg":
        content = draw_route(coverage, draft, title).encode()
    else:
        chinese = writes_chinese()
        if not chinese:
            click.echo(
                "no font here has Chinese characters: the picture is in English alone; "
                "an .svg keeps them",
                err=True,
            )
        content = png_of(draw_route(coverage, draft, title, chinese=chinese), zoom=_ZOOM)
    try:
        Path(picture).write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnforcementError("unwritable", f"cannot be written: {reason}", picture) from error


def read_line(path: str) -> tuple[np.ndarray, str]:
    """Read the one LineString of a GeoJSON file, and its name.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    tuple
        (k, 2) degrees, and the feature's ``name`` or ``route_id``, empty if it has neither.

    Raises
    ------
    EnforcementError
        It is not GeoJSON, or holds no or several LineStrings.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnforcementError("unreadable", f"cannot be read: {reason}", path) from error
    except (ValueError, RecursionError) as error:
        raise EnforcementError("broken_json", f"is no JSON: {error}", path) from error
    lines = list(_lines(value))
    if len(lines) != 1:
        raise EnforcementError(
            "no_line", f"holds {len(lines)} LineStrings; expected one drawn line", path
        )
    try:
        lonlat = np.array([[float(place[0]), float(place[1])] for place in lines[0][0]], np.float64)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise EnforcementError(
            "broken_line", "its coordinates are no list of [lon, lat] numbers", path
        ) from error
    return lonlat.reshape(-1, 2), lines[0][1]


def _lines(value: Any, name: str = "") -> list[tuple[Any, str]]:
    """Return the coordinates of every LineString in a GeoJSON value, with its feature's name."""
    if not isinstance(value, dict):
        return []
    match value.get("type"):
        case "LineString":
            return [(value.get("coordinates"), name)]
        case "Feature":
            stated = value.get("properties")
            stated = stated if isinstance(stated, dict) else {}
            return _lines(
                value.get("geometry"), str(stated.get("name") or stated.get("route_id") or "")
            )
        case "FeatureCollection":
            features = value.get("features")
            features = features if isinstance(features, list) else []
            return [line for one in features for line in _lines(one)]
    return []
