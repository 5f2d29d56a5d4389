"""From a city folder to rules: read, look at the roads, compile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from enforcement.camera_driving import camera_travel
from enforcement.city import read_city
from enforcement.coverage import CityCoverage, survey_city
from enforcement.cut_routes import find_closed_routes
from enforcement.errors import CityError, Fault
from enforcement.index.compiler import compile_rules
from enforcement.progress import quiet
from enforcement.rules.knowledge import as_known_at
from roadnet.importers import read_network_with_notes

if TYPE_CHECKING:
    from collections.abc import Callable

    from enforcement.index.layout import Rules
    from enforcement.progress import Progress
    from enforcement.rules.definition import CityDefinition


@dataclass(frozen=True, slots=True, eq=False)
class CompiledCity:
    """A city as stated, as it lies on its roads, and as it is judged by.

    `known_at_us` is the instant, microseconds UTC, after which nothing that was recorded counts;
    None where everything does.
    """

    definition: CityDefinition
    coverage: CityCoverage
    rules: Rules
    warnings: tuple[Fault, ...]
    known_at_us: int | None = None


def compile_city(
    path: str,
    progress: Progress = quiet,
    known_at: Callable[[str], int | None] | None = None,
) -> CompiledCity:
    """Read a city folder, link its cameras and routes to the roads, and compile its rules.

    Parameters
    ----------
    path
        Folder or object-store URL.
    progress
        Told ``(stage, done, total)``.
    known_at
        Given the city's time zone, the instant as of whose knowledge to compile; None for now.

    Returns
    -------
    CompiledCity
        With every warning; never with a fault.

    Raises
    ------
    CityError
        Carries every fault found in the folder, or, when the folder has none, every route of a
        permit that lies on no road: judging without it would accuse whoever drives it.
    NetworkError
        The network cannot be read.
    """
    progress("read", 0, 1)
    definition, warnings = read_city(path)
    known_at_us = None if known_at is None else known_at(definition.timezone)
    if known_at_us is not None:
        definition = as_known_at(definition, known_at_us)
    progress("network", 0, 1)
    graph, notes = read_network_with_notes(
        definition.network_file, datum=definition.coordinates, country=definition.holidays
    )
    network = PurePosixPath(definition.network_file).name
    warnings += tuple(Fault(network, "", "", note, "network_note") for note in notes)
    coverage = survey_city(definition, graph, progress)
    if coverage.faults:
        raise CityError(coverage.faults)
    progress("compile", 0, 1)
    rules = compile_rules(
        definition,
        coverage.route_cameras,
        camera_travel(coverage),
        find_closed_routes(coverage),
    )
    progress("compile", 1, 1)
    return CompiledCity(definition, coverage, rules, warnings + coverage.warnings, known_at_us)
