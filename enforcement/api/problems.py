"""Errors as RFC 9457 problem details: one place turns every error into a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from enforcement.errors import EnforcementError
from roadnet.errors import RoadnetError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE: Final = "application/problem+json"

# How OpenAPI documents describe the answer to a request that got something wrong.
IN_OPENAPI: Final[dict[str, Any]] = {
    "description": "What was wrong, as a problem document (RFC 9457).",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "title": "Problem",
                "required": ["type", "title", "status", "detail", "instance"],
                "properties": {
                    "type": {
                        "type": "string",
                        "description": "urn:freightpass:problem: and a code",
                    },
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string", "description": "What was found and expected."},
                    "instance": {"type": "string", "description": "Path of the request."},
                    "errors": {
                        "type": "array",
                        "description": "Each value that cannot be used: pointer, detail, code.",
                        "items": {"type": "object"},
                    },
                },
            }
        }
    },
}


class Problem(Exception):  # noqa: N818 - the word of the standard
    """Something a request got wrong.

    Parameters
    ----------
    status
        HTTP status.
    code
        Short stable name; the problem's `type` is ``urn:freightpass:problem:`` and the code.
    title
        What kind of problem it is.
    detail
        What was found and what was expected.
    more
        Further members, ``errors`` for one.
    """

    def __init__(self, status: int, code: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.more = more

    def response(self, instance: str) -> JSONResponse:
        """Return the problem as a response; `instance` is the path of the request."""
        body = {
            "type": f"urn:freightpass:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.more,
        }
        return JSONResponse(body, status_code=self.status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> JSONResponse:
        return error.response(request.url.path)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {
                "pointer": "/" + "/".join(str(part) for part in fault["loc"]),
                "detail": fault["msg"],
                "code": fault["type"],
            }
            for fault in jsonable_encoder(error.errors())
        ]
        broken = any(fault["code"] == "json_invalid" for fault in errors)
        detail = "; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in errors)
        problem = (
            Problem(400, "broken_json", "The body is not JSON", detail)
            if broken
            else Problem(422, "invalid_request", "A value cannot be used", detail, errors=errors)
        )
        return problem.response(request.url.path)

    @app.exception_handler(RoadnetError)
    @app.exception_handler(EnforcementError)
    def _unusable(request: Request, error: RoadnetError | EnforcementError) -> JSONResponse:
        problem = Problem(422, error.code, "The input cannot be used", str(error))
        return problem.response(request.url.path)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        names = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
        code = names.get(error.status_code, "http_error")
        problem = Problem(error.status_code, code, str(error.detail), str(error.detail))
        answer = problem.response(request.url.path)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> JSONResponse:
        del error  # it is in the server's log, and may hold what a client must not see
        problem = Problem(500, "internal_error", "The server failed", "see the server's log")
        return problem.response(request.url.path)
