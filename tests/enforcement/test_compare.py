"""`freightpass compare`: which vehicles a change of the city would accuse, and which it would clear."""

from __future__ import annotations

import json
import re

import pytest

from tests.enforcement.cities import SETTINGS, permit, restriction, route, write_city
from tests.enforcement.command import freightpass, refused
from tests.enforcement.days import hit, write_hits
from tests.enforcement.test_report import assert_self_contained

STRANGER = {"plate": "粤B66778", "vehicle_class": "heavy_truck"}
DAY = [
    hit("10:00:00"),  # permitted by P-1
    hit("17:00:00"),  # outside its hours
    hit("10:00:00", camera_id="C-003", **STRANGER),  # no permit
    hit("10:30:00", camera_id="C-002", **STRANGER),
    hit("11:00:00", plate="无车牌"),
]
NO_TRUCKS = restriction("X-0", cameras=["C-001"], permits_exempt=False)
OLD_TOWN = restriction("X-1", name="Old town", schedule="07:00-21:00")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give a folder with hits and the city as it is."""
    folder = tmp_path_factory.mktemp("compare")
    write_hits(folder / "hits.csv", DAY)
    write_city(folder / "city", restrictions=[OLD_TOWN])
    return folder


def compared(place, tmp_path, *more, **bent):
    """Compare the city with a bent one; return what is printed as JSON."""
    other = write_city(tmp_path / "other", **({"restrictions": [OLD_TOWN]} | bent))
    call = ("compare", "--city", place / "city", "--against", other, place / "hits.csv")
    outcome = freightpass(*call, "--json", *more)
    assert outcome.code == 0, outcome
    return json.loads(outcome.out)


def test_a_new_ban_accuses_whom_a_permit_let_pass(place, tmp_path):
    said = compared(place, tmp_path, restrictions=[OLD_TOWN, NO_TRUCKS])
    assert said["suspected"] == {"absolute_ban": 1}
    assert said["cleared"] == {}
    assert said["other_reason"] == [
        {"from": "outside_hours", "to": "absolute_ban", "violations": 1}
    ]
    (vehicle,) = said["vehicles"]
    assert vehicle == {
        "plate": "赣C12345",
        "plate_class": "01",
        "change": "other_violations",
        "suspected": {"absolute_ban": 1},
        "cleared": {},
        "cameras": ["C-001"],
    }
    assert said["cameras"] == [
        {"camera_id": "C-001", "suspected": {"absolute_ban": 1}, "cleared": {}}
    ]
    assert (said["city"]["suspected"], said["against"]["suspected"]) == (3, 4)
    assert said["city"]["hits"] == said["against"]["hits"] == len(DAY)
    assert said["city"]["rules_hash"] != said["against"]["rules_hash"]


def test_a_route_moved_and_a_permit_given(place, tmp_path):
    given = permit("P-9", vehicles=[{"plate": "粤B66778", "plate_class": None}])
    said = compared(
        place, tmp_path, routes=[route("R-1", (0, 2), (3, 2))], permits=[permit("P-1"), given]
    )
    assert said["suspected"] == {"off_route": 1}
    assert said["cleared"] == {"no_permit": 1}
    assert said["other_reason"] == [
        {"from": "no_permit", "to": "off_route", "violations": 1},
        {"from": "outside_hours", "to": "off_route", "violations": 1},
    ]
    assert {one["plate"]: one["change"] for one in said["vehicles"]} == {
        "赣C12345": "other_violations",
        "粤B66778": "other_violations",
    }
    assert said["counts"] == {
        "suspected": 1,
        "cleared": 1,
        "other_reason": 2,
        "warned_anew": 0,
        "accused_anew": 0,
        "vehicles_suspected": 0,
        "vehicles_cleared": 0,
    }


def test_a_vehicle_that_stays_suspected_is_listed_with_what_comes_and_goes(place, tmp_path):
    other = write_city(tmp_path / "other", restrictions=[NO_TRUCKS | at_camera("C-003")])
    call = ("compare", "--city", place / "city", "--against", other, place / "hits.csv")
    out = freightpass(*call).out
    assert "仍有嫌疑的车辆 still suspected: 1 vehicle\n" in out
    assert "  粤B66778 01: cleared no_permit 1 @ C-002\n" in out
    assert "  赣C12345 01: outside_hours 1 @ C-001\n" in out


def at_camera(camera_id):
    return {"properties": NO_TRUCKS["properties"] | {"cameras": [camera_id]}}


def test_both_directions_are_told_on_the_terminal_and_on_the_page(place, tmp_path):
    free = write_city(tmp_path / "free", restrictions=[restriction("X-1", schedule="off")])
    rules = tmp_path / "rules"
    assert freightpass("compile", place / "city", "-o", rules).code == 0
    for city, against, kind in ((rules, free, "cleared"), (free, rules, "suspected")):
        page = tmp_path / f"{kind}.html"
        call = ("compare", "--city", city, "--against", against, place / "hits.csv", "-o", page)
        outcome = freightpass(*call)
        assert outcome.code == 0, outcome
        assert "2 vehicles" in outcome.out
        assert "粤B66778 01: no_permit 2 @ C-002 C-003" in outcome.out
        text = page.read_text("utf-8")
        assert_self_contained(text)
        colour = {"suspected": "#c2413b", "cleared": "#2c7a4b"}[kind]
        assert text.count(f'fill="{colour}"') == 3
        assert "C-002: 无通行证 1" in text
        assert 'id="road-' in text


def test_a_doubt_clears_too(place, tmp_path):
    settings = SETTINGS + "[judgement]\nclock_error_seconds = 3600\n"
    said = compared(place, tmp_path, settings=settings)
    assert said["cleared"] == {"outside_hours": 1}
    assert said["cleared_by_doubt"] == {"clock": 1}
    assert said["counts"]["vehicles_cleared"] == 1


def test_a_warning_period_changes_what_stays_suspected(place, tmp_path):
    new = write_city(tmp_path / "new", restrictions=[OLD_TOWN | warned_until("2026-03-17")])
    page = tmp_path / "page.html"
    for city, against, name in (
        (place / "city", new, "warned_anew"),
        (new, place / "city", "accused_anew"),
    ):
        call = ("compare", "--city", city, "--against", against, place / "hits.csv")
        counts = json.loads(freightpass(*call, "--json").out)["counts"]
        assert {name: count for name, count in counts.items() if count} == {name: 3}
        outcome = freightpass(*call, "-o", page)
        words = {"warned_anew": "only warned of by", "accused_anew": "no longer only warned of by"}
        assert f" {words[name]} the other rules: 3" in outcome.out
        for text in (outcome.out, page.read_text("utf-8")):
            assert "Nothing changes" not in text
            assert words[name] in text


def warned_until(day):
    return {"properties": OLD_TOWN["properties"] | {"warning_until": day}}


def test_another_case_policy_counts_other_cases(place, tmp_path):
    page = tmp_path / "page.html"
    settings = SETTINGS + '[judgement.case_policy]\nname = "<i>"\ngap_minutes = 20\n'
    said = compared(place, tmp_path, "-o", page, settings=settings)
    totals = [(said[side]["case_policy"], said[side]["cases"]) for side in ("city", "against")]
    assert totals == [("continuous", 2), ("<i>", 3)]
    cells = '<td class="n">continuous</td><td class="n">&lt;i&gt;</td>'
    assert f"<tr><td>案件合并规则 case policy</td>{cells}</tr>" in page.read_text("utf-8")
    assert said["vehicles"] == []


def test_the_same_city_changes_nothing(place, tmp_path):
    page = tmp_path / "page.html"
    call = ("compare", "--city", place / "city", "--against", place / "city", place / "hits.csv")
    outcome = freightpass(*call, "-o", page)
    assert "没有变化。 Nothing changes." in outcome.out
    assert re.search(r"case policy +continuous +continuous", outcome.out)
    assert "没有变化。 Nothing changes." in page.read_text("utf-8")


def test_a_cut_by_time_and_faults_are_as_in_a_sweep(place, tmp_path):
    bent = {"restrictions": [OLD_TOWN, NO_TRUCKS]}
    said = compared(place, tmp_path, "--from", "2026-03-17T11:00", **bent)
    assert said["counts"]["suspected"] == 0
    assert said["counts"]["other_reason"] == 1
    call = ("compare", "--city", place / "city", "--against")
    assert "there is no such folder" in refused(*call, tmp_path / "none", place / "hits.csv")
    wrong = freightpass(*call, place / "city", place / "hits.csv", "--from", "2026", "--to", "x")
    assert wrong.code == 2
