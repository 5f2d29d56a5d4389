"""A new edition of the network: what `rematch` says of routes and cameras."""

from __future__ import annotations

import json

from tests.enforcement.cities import camera, network, route, write_city
from tests.enforcement.command import freightpass, refused


def edition(folder, *, without=(), swap=()):
    """Write a new edition of the town: `without` loses stretches (way, first, second node)."""
    text = network()
    for way, first, second in without:
        start = text.index(f'<way id="{way}">')
        end = text.index("</way>", start)
        cut = f'<nd ref="{first}"/>\n<nd ref="{second}"/>'
        assert cut in text[start:end]
        split = (
            f'<nd ref="{first}"/>\n<tag k="highway" v="secondary"/><tag k="name" v="Street {way}"/>'
            f'</way>\n<way id="{way}0">\n<nd ref="{second}"/>'
        )
        text = text[:start] + text[start:end].replace(cut, split) + text[end:]
    for old, new in swap:
        text = text.replace(old, new)
    path = folder / "new.osm"
    path.write_text(text, encoding="utf-8")
    return path


def rematched(city, new, *more):
    outcome = freightpass("rematch", city, "--network", new, "--json", *more)
    assert outcome.code == 0, outcome
    return json.loads(outcome.out)


def test_the_same_edition_changes_nothing(tmp_path):
    city = write_city(tmp_path / "city")
    said = rematched(city, edition(tmp_path))
    assert said["counts"]["routes"] == 1
    assert sum(said["counts"].values()) == 1
    assert said["routes"][0]["changed"] is False
    assert "Nothing changed" in report(tmp_path, city, edition(tmp_path))


def report(tmp_path, city, new):
    page = tmp_path / "rematch.html"
    outcome = freightpass("rematch", city, "--network", new, "-o", page)
    assert outcome.code == 0, outcome
    return page.read_text(encoding="utf-8")


def test_a_street_that_is_gone_leads_the_route_elsewhere(tmp_path):
    routes = [route("R-1", name="Through <1>"), route("R-2", (0, 3), (3, 3))]
    city = write_city(tmp_path / "city", routes=routes)
    new = edition(tmp_path, without=[(1002, 6, 7)])
    said = rematched(city, new)
    assert said["counts"]["paths_changed"] == 1
    one, other = said["routes"]
    assert one["route_id"] == "R-1"
    assert one["share_changed"] > 0.2
    assert one["changed"]
    assert not other["changed"]
    page = report(tmp_path, city, new)
    assert "R-1 Through &lt;1&gt;" in page
    assert page.count('stroke="#c2413b"') == page.count('stroke="#2c7a4b"') == 1
    plain = freightpass("rematch", city, "--network", new)
    assert plain.out.startswith("R-1: ")


def test_a_stored_reference_is_written_and_looked_at(tmp_path):
    city = write_city(tmp_path / "city")
    written = tmp_path / "routes.geojson"
    rematched(city, edition(tmp_path), "--write", written)
    collection = json.loads(written.read_text(encoding="utf-8"))
    (feature,) = collection["features"]
    assert feature["properties"]["name"] == "Through"
    assert feature["properties"]["openlr"].startswith("C")
    again = write_city(tmp_path / "again", routes=collection)
    assert rematched(again, edition(tmp_path))["routes"][0]["openlr"] == "agrees"
    gone = edition(tmp_path, without=[(1002, 6, 7)])
    assert rematched(again, gone)["routes"][0]["openlr"] != "agrees"
    feature["properties"]["openlr"] = "not base64"
    broken = write_city(tmp_path / "broken", routes=collection)
    assert rematched(broken, edition(tmp_path))["routes"][0]["openlr"] == "not_found"


def test_routes_are_written_in_place_whole_and_those_without_a_reference_are_told(tmp_path):
    beside = route("R-2", (0, 0), (3, 0))
    beside["geometry"]["coordinates"] = [[0.0, 0.0], [0.001, 0.0]]
    city = write_city(tmp_path / "city", routes=[route("R-1"), beside])
    file = city / "routes.geojson"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    said = rematched(city, edition(tmp_path), "--write", file)
    assert said["without_reference"] == {"R-2": "its line lies on no road"}
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert ["openlr" in feature["properties"] for feature in features] == [True, False]
    assert sorted(one.name for one in city.iterdir() if "partial" in one.name) == []
    plain = freightpass("rematch", city, "--network", edition(tmp_path), "--write", file)
    assert "R-2: no OpenLR reference was written: its line lies on no road" in plain.out
    nowhere = file / "routes.geojson"
    words = refused("rematch", city, "--network", edition(tmp_path), "--write", nowhere)
    assert "cannot be written" in words


def test_what_check_would_refuse_on_the_new_edition_is_told(tmp_path):
    pinned = camera("C-001", way=1002)
    elsewhere = camera("C-002", way=987654321)  # a fault on either edition
    city = write_city(tmp_path / "city", cameras=[pinned, elsewhere], restrictions=[], permits=[])
    new = edition(tmp_path, swap=[('<way id="1002">', '<way id="5002">')])
    said = rematched(city, new)
    words = "cameras.geojson: feature 1 (C-001): way: 1002 is no road of the network"
    assert said["counts"]["faults"] == len(said["faults"]) == 1
    assert said["faults"][0].startswith(words)
    assert words in freightpass("rematch", city, "--network", new).out
    assert words in report(tmp_path, city, new)


def test_a_network_that_cannot_be_read_is_refused(tmp_path):
    junk = tmp_path / "junk.osm"
    junk.write_text("junk")
    assert "junk.osm" in refused("rematch", write_city(tmp_path / "city"), "--network", junk)
