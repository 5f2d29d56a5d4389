"""The HTTP API: answers, and every misuse as a problem document."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import urllib.request
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

from enforcement.api.app import create_app
from enforcement.api.openapi_page import openapi_page
from roadnet.datum import from_wgs84
from tests.enforcement.cities import corner, feature, line, write_city
from tests.enforcement.command import command_line
from tests.enforcement.days import toytown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

DRAWN = line(corner(0, 1), corner(3, 1))
HIT = {
    "plate": "赣C·12345",
    "plate_class": "01",
    "camera_id": "C-001",
    "captured_at": "2026-03-17T08:00:00",
}


class Client:
    """Calls an application as a server does, without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://freightpass"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(answer())

    def get(self, path: str) -> httpx.Response:
        return self._request("GET", path)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self._request("POST", path, **options)


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(create_app(toytown()))


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return a problem document after a look at its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:freightpass:problem:{code}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.request.url.path
    return body


def cameras(collection: dict[str, Any]) -> list[str]:
    found = [one["properties"] for one in collection["features"]]
    found = [one for one in found if one["role"] == "camera"]
    assert [one["order"] for one in found] == list(range(1, len(found) + 1))
    return [one["camera_id"] for one in found]


def converted(datum: str) -> dict[str, Any]:
    lonlat = np.array(DRAWN["coordinates"])
    lon, lat = from_wgs84(lonlat[:, 0], lonlat[:, 1], datum)
    return {"type": "LineString", "coordinates": np.column_stack((lon, lat)).tolist()}


def test_healthz_names_the_rules(client: Client) -> None:
    body = client.get("/healthz").json()
    assert body == {
        "status": "ok",
        "city": "Toytown",
        "rules_hash": toytown().rules.content_hash,
        "cameras": 3,
        "permits": 2,
    }


@pytest.mark.parametrize(
    "body",
    [
        DRAWN,
        feature(DRAWN, name="as drawn"),
        {"type": "Feature", "geometry": DRAWN},
        {"line": DRAWN},
        {"line": feature(DRAWN), "coordinates": "wgs84"},
        {"type": "LineString", "coordinates": [[*at, 12.5] for at in DRAWN["coordinates"]]},
    ],
)
def test_a_line_may_come_in_any_form(client: Client, body: dict[str, Any]) -> None:
    answer = client.post("/routes/draft", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    assert cameras(answer.json()) == ["C-001", "C-002"]
    path, *_ = answer.json()["features"]
    assert path["properties"]["role"] == "path"
    assert path["properties"]["streets"] == ["Street 1002"]


def test_the_points_of_a_line_may_be_clicks_to_route_through(client: Client) -> None:
    clicks = line(corner(0, 1), corner(1, 0), corner(3, 1))
    as_query = client.post("/routes/draft?mode=via", json=clicks)
    as_field = client.post("/routes/draft", json={"line": clicks, "mode": "via"})
    assert as_query.status_code == 200, as_query.text
    assert as_query.json() == as_field.json()
    path, *_ = as_query.json()["features"]
    assert path["properties"]["streets"] != ["Street 1002"]
    assert client.post("/routes/draft?mode=guess", json=clicks).status_code == 422


@pytest.mark.parametrize(
    ("kind", "media", "begins"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
def test_a_line_is_answered_by_a_picture_when_asked(
    client: Client, kind: str, media: str, begins: bytes
) -> None:
    answer = client.post(f"/routes/draft?picture={kind}", json=DRAWN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media
    assert answer.content.startswith(begins)


def test_departures_are_answered_when_asked(client: Client) -> None:
    roles = {
        query: [
            one["properties"]["role"]
            for one in client.post(f"/routes/draft{query}", json=DRAWN).json()["features"]
        ]
        for query in ("", "?departures=true")
    }
    assert "departure" not in roles[""]
    assert roles["?departures=true"].count("departure") == 4


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_line_is_answered_in_the_system_it_was_drawn_in(client: Client, datum: str) -> None:
    by_query = client.post(f"/routes/draft?coordinates={datum}", json=converted(datum)).json()
    by_body = client.post(
        "/routes/draft", json={"line": converted(datum), "coordinates": datum}
    ).json()
    assert by_query == by_body
    assert cameras(by_query) == ["C-001", "C-002"]
    plain = client.post("/routes/draft", json=DRAWN).json()
    for feature_, reference in zip(by_query["features"], plain["features"], strict=True):
        there = np.atleast_2d(feature_["geometry"]["coordinates"])
        lon, lat = from_wgs84(*np.atleast_2d(reference["geometry"]["coordinates"]).T, datum)
        assert np.abs(there - np.column_stack((lon, lat))).max() < 2e-6
    far = np.abs(np.array(by_query["features"][0]["geometry"]["coordinates"][0]) - corner(0, 1))
    assert (far.max() > 0.002) == (datum != "wgs84")


def test_a_check_is_what_explain_says(client: Client) -> None:
    body = client.post("/check", json=HIT).json()
    assert (body["verdict"], body["reason"], body["permit_id"]) == (
        "violation",
        "outside_hours",
        "P-1",
    )
    same = client.post("/check", json=HIT | {"captured_at": "2026-03-17T00:00:00Z"}).json()
    assert same == body
    noon = client.post("/check", json=HIT | {"captured_at": "2026-03-17T12:00:00+08:00"}).json()
    assert noon["verdict"] == "permitted"
    assert client.post("/check", json=HIT | {"confidence": 0.1}).json()["verdict"] == "unreadable"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/routes/draft", line(corner(0, 1)), "422 "),
        ("/routes/draft", line((116.0, 20.0), (116.1, 20.0)), "422 no road within 150 m"),
        ("/routes/draft", line(corner(0, 1)[::-1], corner(3, 1)[::-1]), "422 swapped"),
        ("/routes/draft", {"type": "LineString", "coordinates": []}, "422 coordinates"),
        ("/routes/draft", {"type": "LineString", "coordinates": [["a", "b"]]}, "422 coordinates"),
        ("/routes/draft", {"type": "LineString", "coordinates": [[1], [2]]}, "422 coordinates"),
        ("/routes/draft", {"type": "Point", "coordinates": [1, 2]}, "422 type"),
        ("/routes/draft", {"line": DRAWN, "coordinates": "wgs72"}, "422 coordinates"),
        ("/routes/draft?coordinates=wgs72", DRAWN, "422 coordinates"),
        ("/routes/draft?picture=gif", DRAWN, "422 picture"),
        ("/routes/draft", [DRAWN], "422 body"),
        ("/routes/draft", None, "422 body"),
        ("/check", {}, "422 plate"),
        ("/check", HIT | {"captured_at": "yesterday"}, "422 captured_at"),
        ("/check", HIT | {"captured_at": "9999-12-31T23:59:59-12:00"}, "422 captured_at"),
        ("/check", HIT | {"confidence": 2}, "422 confidence"),
        ("/check", HIT | {"plate": 5}, "422 plate"),
        ("/check", HIT | {"plate": "x" * 10_000}, "422 plate"),
        ("/check", HIT | {"camera": "C-001"}, "422 camera"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_used(client: Client, path: str, body: Any, code: str) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    said = problem(answer, 422, answer.json()["type"].rpartition(":")[2])
    assert code.removeprefix("422 ") in said["detail"]
    assert len(said["detail"]) < 2000


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(client: Client, value: str) -> None:
    text = json.dumps(DRAWN).replace(str(DRAWN["coordinates"][0][0]), value)
    answer = client.post(
        "/routes/draft", content=text, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, answer.json()["type"].rpartition(":")[2])


def test_a_body_that_is_no_json(client: Client) -> None:
    for content in (b"{", b"\xff\xfe", b'{"line": ' + b"[" * 100_000):
        answer = client.post(
            "/routes/draft", content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422), answer.text[:300]
        problem(answer, answer.status_code, answer.json()["type"].rpartition(":")[2])


def test_a_body_that_is_too_large_is_refused_declared_or_not(client: Client) -> None:
    large = b" " * (5 << 20)

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 1 << 16):
            yield large[start : start + (1 << 16)]

    problem(client.post("/routes/draft", content=large), 413, "body_too_large")
    problem(client.post("/routes/draft", content=in_chunks()), 413, "body_too_large")
    lying = client.post("/routes/draft", content=large, headers={"content-length": "7"})
    assert lying.status_code in (400, 413, 422)


def test_a_long_honest_line_is_taken(client: Client) -> None:
    lon = np.linspace(corner(0, 1)[0], corner(3, 1)[0], 20_000).round(7)
    body = {"type": "LineString", "coordinates": [[x, corner(0, 1)[1]] for x in lon.tolist()]}
    answer = client.post("/routes/draft", json=body)
    assert cameras(answer.json()) == ["C-001", "C-002"]


def test_unknown_paths_and_wrong_methods(client: Client) -> None:
    problem(client.get("/nowhere"), 404, "not_found")
    answer = client.get("/check")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


class _Page(HTMLParser):
    """What a page links to and runs."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_openapi_page_needs_nothing_else(client: Client) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/healthz", "/routes/draft", "/check"}
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        assert list(operation["responses"]["4XX"]["content"]) == ["application/problem+json"]
    page = _Page()
    answer = client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    page.feed(answer.text)
    names = {f"#{name}" for name in document["components"]["schemas"]}
    assert set(page.links) <= {"openapi.json", *names}
    assert not page.tags & {"script", "link", "img", "iframe"}
    for word in ("/routes/draft", "gcj02", "赣C12345", "captured_at *", "application/problem+json"):
        assert word in page.text


def test_the_openapi_page_escapes_every_text() -> None:
    hostile = "<script>alert('\"&')</script>"
    schema = {
        "type": hostile,
        "description": hostile,
        "required": [hostile],
        "properties": {
            hostile: {"enum": [hostile], "description": hostile},
            "list": {"type": "array", "items": {"$ref": f"#/components/schemas/{hostile}"}},
            "some": {"anyOf": [{"const": hostile}, {"type": "number", "maximum": hostile}]},
        },
        "examples": [{hostile: hostile}],
    }
    operation = {
        "description": hostile,
        "parameters": [{"name": hostile, "in": hostile, "schema": schema}],
        "requestBody": {"content": {hostile: {"schema": schema}}},
        "responses": {hostile: {"description": hostile, "content": {hostile: {}}}},
    }
    text = openapi_page(
        {
            "info": {"title": hostile, "version": hostile, "summary": hostile},
            "paths": {hostile: {hostile: operation}},
            "components": {"schemas": {hostile: schema}},
        }
    )
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert text.count("<script") == 0
    assert page.text.count(hostile) > 10


def test_a_real_server_answers_on_loopback(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    process = subprocess.Popen(
        command_line("serve", "--city", city, "--port", "0"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    guard = threading.Timer(120, process.kill)
    guard.start()
    try:
        assert process.stderr is not None
        address = ""
        for said in process.stderr:
            if "running on http://" in said:
                address = said.split("running on ")[1].split(" ")[0]
                break
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            assert json.load(answer)["status"] == "ok"
        request = urllib.request.Request(
            f"{address}/routes/draft",
            json.dumps(DRAWN).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert cameras(json.load(answer)) == ["C-001", "C-002"]
    finally:
        guard.cancel()
        process.terminate()
        process.communicate()
    assert process.returncode in (0, -15)
