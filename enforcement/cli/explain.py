"""`freightpass explain`: one verdict, step by step, in words."""

from __future__ import annotations

import os

import click

from enforcement.cli.instants import instant_option, known_at_option, known_at_reader
from enforcement.cli.terminal import print_json, progress_bar
from enforcement.explained_violations import Wanted, explain_in_hits, explain_in_result
from enforcement.explaining.full_explanation import explain_by_rules
from enforcement.matching.single_hit import Hit
from enforcement.rules_source import read_rules_source
from ingest.hits import NO_PLATE_CLASS, VEHICLE_CLASSES
from ingest.plate_classes import plate_class_code


@click.command("explain")
@click.option("--city", required=True, help="City folder, or a rules file of `compile`.")
@click.option("--plate", help="Plate, in any spelling.")
@click.option("--plate-class", help="Two digits of GA 24.7; unknown when left out.")
@click.option(
    "--vehicle-class",
    type=click.Choice(VEHICLE_CLASSES),
    help="What the camera saw; the registry overrides it.",
)
@click.option("--camera", help="camera_id.")
@click.option("--at", help="RFC 3339, or the city's civil time.")
@click.option("--violation", help="violation_id or hit_id, instead of plate, camera and time.")
@click.option("--result", help="Results of a sweep: what it found of the violation.")
@click.option(
    "--hits",
    multiple=True,
    help="Hits of the period, a file, folder or URL; may be given again. Judged as a sweep does.",
)
@known_at_option
@click.option("--confidence", type=click.FloatRange(0, 1), help="Of the read; 1 when left out.")
@click.option(
    "--language", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def command(
    city: str,
    plate: str | None,
    plate_class: str | None,
    vehicle_class: str | None,
    camera: str | None,
    at: str | None,
    violation: str | None,
    result: str | None,
    hits: tuple[str, ...],
    known_at: str | None,
    confidence: float | None,
    language: str,
    *,
    as_json: bool,
) -> None:
    """Judge one hit, ask every doubt about it, and say why, in English and Chinese.

    What only other hits can tell is asked of --hits, or taken from the --result of a sweep.
    """
    _check_usage({"--plate": plate, "--camera": camera, "--at": at}, violation, result, hits)
    if plate_class is not None and plate_class_code(plate_class) == NO_PLATE_CLASS:
        raise click.UsageError(
            f"--plate-class: {plate_class!r} is no class of GA 24.7; write two digits such as 01"
        )
    with progress_bar() as progress:
        source = read_rules_source(city, progress, known_at_reader(known_at))
        hit = Hit(
            camera_id=camera,
            plate=plate,
            plate_class=plate_class,
            vehicle_class=vehicle_class,
            captured_at_us=instant_option("--at", at, source.rules.timezone),
            confidence=confidence,
        )
        wanted = Wanted(violation, None if violation else hit)
        if result:
            explanation = explain_in_result(source, result, wanted)
        elif hits:
            explanation = explain_in_hits(source, hits, wanted, os.cpu_count() or 1, progress)
        else:
            explanation = explain_by_rules(source.rules, hit, source.coverage)
    if as_json:
        print_json(explanation.to_dict())
        return
    for one in ("zh", "en") if language == "both" else (language,):
        click.echo(explanation.as_text(one))


def _check_usage(
    hit: dict[str, str | None], violation: str | None, result: str | None, hits: tuple[str, ...]
) -> None:
    """Check that one hit is named, and one place where it is to be looked for."""
    if result and hits:
        raise click.UsageError("--result and --hits: give one of them")
    if violation is None:
        missing = next((name for name, value in hit.items() if value is None), None)
        if missing:
            raise click.UsageError(
                f"Missing option '{missing}': give --plate, --camera and --at, or --violation"
            )
    elif not (result or hits):
        raise click.UsageError("--violation: say where it was found, by --result or --hits")
