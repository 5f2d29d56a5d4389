"""The HTTP application: one city, its routes and its judgement."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from enforcement.api import checks, drafts, problems
from enforcement.api.body_limit import BodyLimit

if TYPE_CHECKING:
    from enforcement.compiled_city import CompiledCity

_BODY_LIMIT = 4 << 20  # a line of 50,000 points is 2 MiB


def create_app(city: CompiledCity) -> FastAPI:
    """Build the application that serves one compiled city.

    Parameters
    ----------
    city
        Read and compiled; the application only looks at it.

    Returns
    -------
    fastapi.FastAPI
        With its OpenAPI page at ``/docs``.
    """
    app = FastAPI(
        title="freightpass",
        version=version("freightpass"),
        summary="Routes drawn, hits judged. 画线成路线，过车即核验。",
    )
    app.state.city = city
    problems.install(app)
    app.add_middleware(BodyLimit, limit=_BODY_LIMIT)

    @app.get("/healthz", tags=["service"])
    def healthz() -> dict[str, Any]:
        """Say that the service lives, and by which rules it judges."""
        return {
            "status": "ok",
            "city": city.definition.name,
            "rules_hash": city.rules.content_hash,
            "cameras": len(city.definition.cameras),
            "permits": len(city.definition.permits),
        }

    app.include_router(drafts.router)
    app.include_router(checks.router)
    return app
