"""What commands that judge files of hits have in common on the command line."""

from __future__ import annotations

import os

import click

hits_argument = click.argument("hits", nargs=-1, required=True)
from_option = click.option("--from", "begin", help="Only hits captured at or after this time.")
to_option = click.option("--to", "end", help="Only hits captured before this time.")
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Threads to use.",
)
