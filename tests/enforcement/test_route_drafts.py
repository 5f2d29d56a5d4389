"""A drawn line before approval: features, picture, command and API, on a small town."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.coverage import survey_city
from enforcement.reports import png
from enforcement.reports.badges import place_badges
from enforcement.reports.route_marks import letter
from enforcement.reports.route_picture import draw_route
from enforcement.route_drafts import RouteDrafter
from enforcement.route_features import draft_features, part_of
from enforcement.route_words import KINDS, reason_of
from roadnet.importers import read_network
from roadnet.traps import TRAP_KINDS, TrapCamera
from tests.enforcement.cities import camera, corner, feature, line, read, write_city
from tests.enforcement.command import freightpass

# West to east along row 1, then north along column 3.
DRAWN = np.array([corner(0, 1), corner(3, 1), corner(3, 3)])
CAMERAS = [
    camera("C-on", 0.97, 1, name="东进口 <&>", bearing=90),
    camera("C-turn", 3, 0.95, bearing=0),
    camera("C-opposite", 2.05, 1, bearing=270),
    camera("C-off", 1, 2.5, bearing=0),
    camera("C-far", 0, 3.0, bearing=180),
]
CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


@cache
def city() -> Path:
    return write_city(
        Path(mkdtemp()) / "city", cameras=CAMERAS, restrictions=[], permits=[], routes=[]
    )


@cache
def drafter() -> RouteDrafter:
    definition, _ = read(city())
    return RouteDrafter(survey_city(definition, read_network(definition.network_file)))


def features(role, **options):
    draft = drafter().draft(DRAWN, "wgs84")
    collection = draft_features(drafter().coverage, draft, "wgs84", **options)
    return [one for one in collection["features"] if one["properties"]["role"] == role]


def test_the_path_tells_its_length_cameras_traps_and_observability():
    ((path,), cameras, traps) = (features(role) for role in ("path", "camera", "trap_camera"))
    told = path["properties"]
    assert told["length_m"] == pytest.approx(2072, abs=5)
    assert told["cameras"] == len(cameras) == 1
    assert told["trap_cameras"] == len(traps)
    assert 0.0 < told["observability"] < 1.0
    assert "off the route" in told["observability_means"]


def test_cameras_that_are_not_in_service_are_none(tmp_path):
    years = {"valid_from": "2024-01-01", "valid_until": "2025-12-31", "warning_until": "2024-03-31"}
    gone = [feature | {"properties": feature["properties"] | years} for feature in CAMERAS]
    folder = write_city(tmp_path / "c", cameras=gone, restrictions=[], permits=[], routes=[])
    definition, _ = read(folder)
    drafts = RouteDrafter(survey_city(definition, read_network(definition.network_file)))

    def at(day):
        return int(np.datetime64(day, "us").astype(np.int64))

    during, always = (
        drafts.draft(DRAWN, "wgs84", at_us=at("2025-06-01")),
        drafts.draft(DRAWN, "wgs84"),
    )
    assert draft_features(drafts.coverage, during, "wgs84") == draft_features(
        drafts.coverage, always, "wgs84"
    )
    (told,) = (
        one["properties"]
        for one in draft_features(drafts.coverage, during, "wgs84")["features"]
        if one["properties"]["role"] == "camera"
    )
    periods = {name: told[name] for name in years}
    assert periods == {
        "valid_from": "2023-12-31T16:00:00.000000Z",
        "valid_until": "2025-12-31T16:00:00.000000Z",
        "warning_until": "2024-03-31T16:00:00.000000Z",
    }
    after = drafts.draft(DRAWN, "wgs84", at_us=at("2026-06-01"))
    assert after.cameras.site.size == 0
    assert after.traps == ()
    assert after.departures.observability == 0.0
    assert [(one.from_m, one.to_m) for one in after.stretches] == [
        (0.0, pytest.approx(2072, abs=5))
    ]
    line_file = tmp_path / "line.geojson"
    line_file.write_text(json.dumps({"type": "LineString", "coordinates": DRAWN.tolist()}))
    for options, cameras in (((), 0), (("--at", "2025-06-01"), 1)):
        told = json.loads(freightpass("route", folder, line_file, *options).out)
        assert told["features"][0]["properties"]["cameras"] == cameras


def test_trap_cameras_tell_kind_certainty_and_reason_in_two_languages():
    traps = {one["properties"]["camera_id"]: one["properties"] for one in features("trap_camera")}
    turn, opposite = traps["C-turn"], traps["C-opposite"]
    assert (turn["kind"], turn["tripped"]) == ("cross_street", "will")
    assert turn["distance_m"] == pytest.approx(1182, abs=5)
    assert turn["angle_deg"] == pytest.approx(0, abs=1)
    assert (opposite["kind"], opposite["tripped"]) == ("opposite", "may")
    assert CHINESE.search(opposite["reason_zh"])
    assert not CHINESE.search(opposite["reason"])


def test_departures_are_told_when_asked_for():
    assert features("departure") == []
    told = features("departure", departures=True)
    (path,) = features("path")
    assert len(told) == path["properties"]["departures"] > 3
    seen = [one["properties"]["seen"] for one in told]
    assert np.mean(seen) == pytest.approx(path["properties"]["observability"], abs=2e-3)
    assert all(one["geometry"]["type"] == "LineString" for one in told)


def test_blind_stretches_tell_how_likely_a_departure_there_is_unseen():
    stretches = [one["properties"] for one in features("blind_stretch")]
    assert sum(one["length_m"] for one in stretches) == pytest.approx(2072, abs=5)
    assert sum(one["departures"] for one in stretches) == len(
        features("departure", departures=True)
    )
    for one in stretches:
        assert (one["unseen_departures"] is None) == (one["departures"] == 0)
        assert one["departures"] == 0 or 0.0 <= one["unseen_departures"] <= 1.0


def test_every_kind_has_its_words():
    for kind in TRAP_KINDS:
        assert KINDS[kind].zh
        assert reason_of(TrapCamera(0, kind, False, 1.0, 0.0, None)).en
    for kind in ("cross_street", "slip_road", "first_mile", "last_mile"):
        certain = [reason_of(TrapCamera(0, kind, True, 1.0, beyond, None)) for beyond in (0.0, 9.0)]
        assert all(words.zh and words.en for words in certain)
    assert certain[0] != certain[1]


@given(st.floats(0, 900), st.floats(0, 900))
def test_a_part_of_a_line_is_as_long_as_asked(one, other):
    lonlat = np.array([[114.39, 27.81], [114.395, 27.81], [114.395, 27.815]])
    from_m, to_m = sorted((one, other))
    part = part_of(lonlat, from_m, to_m)
    plane = (part - lonlat[0]) * [98_350, 111_195]
    assert np.hypot(*np.diff(plane, axis=0).T).sum() == pytest.approx(to_m - from_m, abs=1.0)


# -- the picture -------------------------------------------------------------------------------


def picture(**options):
    return draw_route(
        drafter().coverage, drafter().draft(DRAWN, "wgs84"), "甲 <乙> & 丙", **options
    )


def test_the_picture_is_a_document_with_every_camera_on_it_and_every_trap():
    root = ET.fromstring(picture())
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    titles = [node.text for node in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "甲 <乙> & 丙" in texts
    assert {"C-on", "C-turn", "C-opposite"} <= set(titles)
    assert texts.count("1") == 3  # on the map, in the list, and how many there are
    assert texts.count("a") == 2
    assert any("东进口 <&>" in text for text in texts)
    assert any("Street" in text for text in texts)


def test_without_chinese_no_character_needs_a_chinese_font():
    assert CHINESE.search(picture())
    assert not CHINESE.search(picture(chinese=False))


def test_a_route_without_cameras_or_junctions_has_a_picture_too():
    short = np.array([corner(0.2, 0), corner(0.8, 0)])
    ET.fromstring(draw_route(drafter().coverage, drafter().draft(short, "wgs84")))


def test_a_png_is_as_large_as_asked():
    content = png.png_of('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"/>', zoom=2)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (40, 20)


def test_letters_go_on_after_z():
    assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "a",
        "z",
        "aa",
        "az",
        "ba",
        "zz",
        "aaa",
    ]


@given(
    st.lists(
        st.tuples(st.integers(60, 940), st.integers(60, 740)), min_size=1, max_size=12, unique=True
    )
)
def test_badges_stay_on_the_drawing_and_off_each_other(points):
    badges = place_badges(np.array(points, dtype=float), 8.0, np.empty((0, 2)), 1000.0, 800.0)
    assert ((badges >= 8.0) & (badges <= (992.0, 792.0))).all()
    apart = np.hypot(*(badges[:, None] - badges[None]).transpose(2, 0, 1))
    assert (apart[np.triu_indices(len(points), 1)] >= 16.0).all()


# -- command and API ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "line.geojson"
    path.write_text(json.dumps(feature(line(*DRAWN.tolist()), name="Gate to depot")))
    return path


def test_the_command_draws_svg_and_png(drawn, tmp_path):
    for name, begins in (("a.svg", b"<svg"), ("b.PNG", b"\x89PNG")):
        call = freightpass("route", city(), drawn, "--picture", tmp_path / name, "--departures")
        assert call.code == 0, call.err
        assert (tmp_path / name).read_bytes().startswith(begins)
        roles = {one["properties"]["role"] for one in json.loads(call.out)["features"]}
        assert {"path", "camera", "trap_camera", "blind_stretch", "departure"} <= roles
    assert "Gate to depot" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_the_command_says_when_no_font_writes_chinese(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr("enforcement.cli.route.writes_chinese", lambda: False)
    call = freightpass("route", city(), drawn, "--picture", tmp_path / "a.png")
    assert call.code == 0
    assert "no font here has Chinese characters" in call.err


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.gif", "neither in .png nor in .svg"), ("none/a.svg", "cannot be written")],
)
def test_a_picture_that_cannot_be_is_told(drawn, tmp_path, name, says):
    call = freightpass("route", city(), drawn, "--picture", tmp_path / name)
    assert call.code == 1
    assert says in call.err
    assert "Traceback" not in call.err
