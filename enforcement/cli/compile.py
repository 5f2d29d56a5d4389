"""`freightpass compile`: a city's rules as one file."""

from __future__ import annotations

import click

from enforcement.cli.instants import known_at_option, known_at_reader
from enforcement.cli.terminal import print_json, progress_bar
from enforcement.compiled_city import compile_city
from enforcement.rules_file import save_rules


@click.command("compile")
@click.argument("city")
@click.option("-o", "--out", required=True, help="File to write.")
@known_at_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(city: str, out: str, known_at: str | None, *, as_json: bool) -> None:
    """Compile the rules of CITY into one file and print their hash."""
    with progress_bar() as progress:
        rules = compile_city(city, progress, known_at_reader(known_at)).rules
    save_rules(rules, out)
    if as_json:
        print_json({"file": out, "rules_hash": rules.content_hash})
    else:
        click.echo(f"{rules.content_hash}  {out}")
