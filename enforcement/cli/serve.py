"""`freightpass serve`: the HTTP API of a city."""

from __future__ import annotations

import click
import uvicorn

from enforcement.api.app import create_app
from enforcement.cli.terminal import progress_bar
from enforcement.compiled_city import compile_city


@click.command("serve")
@click.option("--city", required=True, help="City folder.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def command(city: str, host: str, port: int) -> None:
    """Serve the routes and the judgement of a city over HTTP; the OpenAPI page is at /docs."""
    with progress_bar() as progress:
        compiled = compile_city(city, progress)
    uvicorn.run(create_app(compiled), host=host, port=port, log_level="info", server_header=False)
