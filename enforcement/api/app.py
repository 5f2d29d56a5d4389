"""The HTTP application: one city, its routes and its judgement."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from enforcement.api import checks, drafts, problems
from enforcement.api.body_limit import BodyLimit
from enforcement.api.openapi_page import openapi_page
from enforcement.route_drafts import RouteDrafter

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
        With its OpenAPI document at ``/openapi.json`` and a page of it at ``/docs``.
    """
    app = FastAPI(
        title="freightpass",
        version=version("freightpass"),
        summary="Routes drawn, hits judged. 画线成路线，过车即核验。",
        docs_url=None,  # FastAPI's pages load their programs from the internet
        redoc_url=None,
        responses={"4XX": problems.IN_OPENAPI, 422: problems.IN_OPENAPI},
    )
    app.state.city = city
    app.state.drafter = RouteDrafter(city.coverage)
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

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(openapi_page(app.openapi()))

    return app
