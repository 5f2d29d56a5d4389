"""A city's files bent at random: the answer is a city, or faults that each name a file."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from enforcement.city import read_city
from enforcement.errors import CityError
from tests.enforcement.cities import SETTINGS, good_city, write_city

FILES = {
    "city.toml",
    "network.osm",
    "cameras.geojson",
    "restrictions.geojson",
    "routes.geojson",
    "permits.jsonl",
    "permits.parquet",
    "vehicles.parquet",
    "closures.geojson",
}
PARTS = ("cameras", "restrictions", "routes", "permits", "closures")

odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(10**400),
    st.text(max_size=8),
    st.sampled_from(["114.39", "24/7", "Mo-Fr", "2026-01-01", "NaN", "C-001", "Polygon"]),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([None, {}, "", 1]),
    st.just({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [0, 0]]]}),
)
bends = st.tuples(
    st.sampled_from(PARTS),
    st.integers(0, 10_000),
    st.sampled_from(["drop", "double", "replace", "as text", "wrap"]),
    odd_values,
)


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Return the path of every value inside a JSON value."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return [path] if path else []
    found = [path] if path else []
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def bend(city: dict[str, Any], part: str, where: int, how: str, value: Any) -> None:
    """Change one value of a part: drop it, double it, replace it, write it as text, wrap it."""
    found = places(city[part])
    if not found:
        return
    *path, key = found[where % len(found)]
    container = city[part]
    for step in path:
        container = container[step]
    if how == "drop":
        del container[key]
    elif how == "double":
        if isinstance(container, list):
            container.append(deepcopy(container[key]))
        else:
            container[f"{key}_"] = deepcopy(container[key])
    elif how == "as text":
        container[key] = json.dumps(container[key])
    else:
        container[key] = [container[key]] if how == "wrap" else deepcopy(value)


def read_or_faults(folder: Path) -> bool:
    """Return whether the folder is a city; what it raises otherwise must be usable."""
    try:
        city, warnings = read_city(str(folder))
    except CityError as error:
        assert error.faults  # noqa: PT017 - either outcome is right
        for fault in error.faults:
            assert fault.file in FILES
            assert fault.message
            assert fault.code
        return False
    assert {warning.file for warning in warnings} <= FILES
    assert all(permit.vehicles and permit.grants and permit.status for permit in city.permits)
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(bends, max_size=4))
@example([])
def test_bent_values_give_a_city_or_faults(bent):
    city = json.loads(json.dumps(good_city()))
    for part, where, how, value in bent:
        bend(city, part, where, how, value)
    with TemporaryDirectory() as folder:
        good = read_or_faults(write_city(Path(folder), **city))
    assert good or bent


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(FILES - {"network.osm", "permits.parquet"})),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=3), st.integers(0, 3)), max_size=5),
)
def test_bent_bytes_give_a_city_or_faults(name, cuts):
    with TemporaryDirectory() as folder:
        path = write_city(Path(folder)) / name
        content = path.read_bytes()
        for somewhere, inserted, removed in cuts:
            at = somewhere % (len(content) + 1)
            content = content[:at] + inserted + content[at + removed :]
        path.write_bytes(content)
        read_or_faults(Path(folder))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.text(max_size=4), st.integers(0, 6)), max_size=4))
def test_bent_settings_give_a_city_or_faults(cuts):
    text = SETTINGS + "[judgement]\ngrace_minutes = 5\nmin_confidence = 0.8\n"
    for somewhere, inserted, removed in cuts:
        at = somewhere % (len(text) + 1)
        text = text[:at] + inserted + text[at + removed :]
    with TemporaryDirectory() as folder:
        write_city(Path(folder), settings=None, files={"city.toml": text.encode(errors="replace")})
        read_or_faults(Path(folder))
