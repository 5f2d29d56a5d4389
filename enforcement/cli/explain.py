"""`freightpass explain`: one verdict, step by step, in words."""

from __future__ import annotations

import click

from enforcement.cli.instants import instant_option, known_at_option, known_at_reader
from enforcement.cli.terminal import print_json, progress_bar
from enforcement.explaining.full_explanation import explain_by_rules
from enforcement.matching.single_hit import Hit
from enforcement.rules_source import read_rules_source
from ingest.hits import NO_PLATE_CLASS, VEHICLE_CLASSES
from ingest.plate_classes import plate_class_code


@click.command("explain")
@click.option("--city", required=True, help="City folder, or a rules file of `compile`.")
@click.option("--plate", required=True, help="Plate, in any spelling.")
@click.option("--plate-class", help="Two digits of GA 24.7; unknown when left out.")
@click.option(
    "--vehicle-class",
    type=click.Choice(VEHICLE_CLASSES),
    help="What the camera saw; the registry overrides it.",
)
@click.option("--camera", required=True, help="camera_id.")
@click.option("--at", required=True, help="RFC 3339, or the city's civil time.")
@known_at_option
@click.option("--confidence", type=click.FloatRange(0, 1), help="Of the read; 1 when left out.")
@click.option(
    "--language", type=click.Choice(["en", "zh", "both"]), default="both", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON.")
def command(
    city: str,
    plate: str,
    plate_class: str | None,
    vehicle_class: str | None,
    camera: str,
    at: str,
    known_at: str | None,
    confidence: float | None,
    language: str,
    *,
    as_json: bool,
) -> None:
    """Judge one hit and say why, in English and Chinese."""
    if plate_class is not None and plate_class_code(plate_class) == NO_PLATE_CLASS:
        raise click.UsageError(
            f"--plate-class: {plate_class!r} is no class of GA 24.7; write two digits such as 01"
        )
    with progress_bar() as progress:
        source = read_rules_source(city, progress, known_at_reader(known_at))
    explanation = explain_by_rules(
        source.rules,
        Hit(
            camera_id=camera,
            plate=plate,
            plate_class=plate_class,
            vehicle_class=vehicle_class,
            captured_at_us=instant_option("--at", at, source.rules.timezone),
            confidence=confidence,
        ),
        source.coverage,
    )
    if as_json:
        print_json(explanation.to_dict())
        return
    for one in ("zh", "en") if language == "both" else (language,):
        click.echo(explanation.as_text(one))
