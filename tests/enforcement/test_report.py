"""The report: self-contained, nothing unescaped, readable on a screen and in print."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from enforcement.cli.demo import sample_city
from enforcement.compiled_city import compile_city
from tests.enforcement.cities import (
    SETTINGS,
    camera,
    network,
    permit,
    restriction,
    route,
    square,
    write_city,
)
from tests.enforcement.days import hit, quiet, swept, toytown, write_hits

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert("1")</script>\'&<img src=x onerror=alert(1)>'
VOID = {"meta", "link", "br", "img", "input", "hr"}
CHROMIUM = shutil.which("chromium")


class Page(HTMLParser):
    """Reads a page strictly: every element that opens must close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def assert_self_contained(text: str) -> Page:
    """Nothing runs, nothing is loaded, nothing leads out of the page."""
    page = Page(text)
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
    for name, value in page.attributes:
        assert not name.startswith("on"), (name, value)
        if name in ("href", "src", "xlink:href", "action", "data"):
            assert value.startswith("#"), (name, value)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    assert "@media print" in style
    return page


@pytest.fixture(scope="module")
def sample_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "out"
    sample = sample_city()
    swept(compile_city(str(sample), quiet), out, sample / "hits", workers=2)
    return out / "report.html"


def test_the_sample_city_is_reported_whole(sample_report: Path) -> None:
    text = sample_report.read_text(encoding="utf-8")
    page = assert_self_contained(text)
    words = "".join(page.text)
    assert "疑似违规" in words
    assert "must" in words or "confirm" in words
    for heading in ("在哪里", "为什么", "什么时候", "最多的摄像机", "最多的路线", "案件"):
        assert heading in words
    assert "案件合并规则 continuous：同一车辆、相邻间隔不超过 30 分钟的疑似违规为一案。" in words
    assert "Case policy continuous: suspected violations of one vehicle, each at most 30" in words
    assert text.count('class="case"') > 40
    assert text.count("<circle") >= 300
    assert len(text) < 3_000_000


def hostile_out(tmp_path: Path) -> Path:
    """Sweep a city in which every name is an attack."""
    permits = [
        permit(
            HOSTILE,
            holder=HOSTILE,
            grants=[{"route": HOSTILE, "schedule": "Mo-Fr 09:00-16:00"}],
        )
    ]
    folder = write_city(
        tmp_path / "city",
        settings='name = """' + HOSTILE.replace('"', "'") + '"""\ntimezone = "Asia/Shanghai"\n',
        network_osm=network().replace("Street", "&lt;script&gt;&quot;Street"),
        cameras=[camera(HOSTILE, 1, 1, name=HOSTILE), camera("C-2", 2, 1), camera("'\"", 2, 2)],
        restrictions=[restriction(HOSTILE, square(0.5, 0.5, 2.5, 2.5), name=HOSTILE)],
        routes=[route(HOSTILE, (0, 1), (3, 1), name=HOSTILE)],
        permits=permits,
    )
    times = {HOSTILE: "08:00:00", "'\"": "09:00:00"}
    hits = [hit(at, camera_id=name, hit_id=HOSTILE + name) for name, at in times.items()]
    hits += [hit("08:01:00", plate=HOSTILE), hit("08:02:00", camera_id=HOSTILE + "?")]
    file = write_hits(tmp_path / "h'\"<b>.ndjson", hits)
    swept(compile_city(str(folder), quiet), tmp_path / "out", file)
    return tmp_path / "out"


def test_hostile_names_stay_words(tmp_path: Path) -> None:
    text = (hostile_out(tmp_path) / "report.html").read_text(encoding="utf-8")
    page = assert_self_contained(text)
    assert "<script" not in text.lower()
    assert "<img" not in text.lower()
    words = "".join(page.text)
    assert words.count(HOSTILE) >= 5
    assert '<script>"Street' in words


def test_a_day_without_violations_is_a_report_too(tmp_path: Path) -> None:
    out = tmp_path / "out"
    swept(toytown(), out, write_hits(tmp_path / "h.csv", [hit("12:00:00")]))
    page = assert_self_contained((out / "report.html").read_text(encoding="utf-8"))
    assert "没有疑似违规" in "".join(page.text)


def test_periods_say_what_they_are_of_and_a_case_of_days_has_both_dates(tmp_path: Path) -> None:
    city = compile_city(
        str(
            write_city(
                tmp_path / "city",
                settings=SETTINGS + '[judgement.case_policy]\nname = "week"\ngap_minutes = 10080\n',
                restrictions=[restriction("X-1", cameras=["C-001"])],
                permits=[],
            )
        ),
        quiet,
    )
    at = ("2026-03-16T10:00:00+08:00", "2026-03-17T23:50:00+08:00", "2026-03-18T00:10:00+08:00")
    day = [hit(one, vehicle_class="heavy_truck") for one in at]
    early = hit("2026-03-15T10:00:00+08:00", vehicle_class="car", plate="赣C99999")
    swept(city, tmp_path / "out", write_hits(tmp_path / "hits.csv", [early, *day]))
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "suspected violations 2026-03-16 10:00 – 2026-03-18 00:10 (Asia/Shanghai)" in text
    assert '<span class="when">2026-03-16 10:00:00 – 2026-03-18 00:10:00 · 01 · 3 ×' in text


def test_one_camera_at_one_corner_is_a_map_too(tmp_path: Path) -> None:
    folder = write_city(
        tmp_path / "city",
        cameras=[camera("C-001")],
        restrictions=[restriction("X", cameras=["C-001"])],
        permits=[],
        network_osm=network(2, 1),
    )
    hits = write_hits(tmp_path / "h.csv", [hit("08:00:00")])
    swept(compile_city(str(folder), quiet), tmp_path / "out", hits)
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert_self_contained(text)
    assert "nan" not in re.sub(r"<title>.*?</title>", "", text)


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_shows_and_prints_it(sample_report: Path, tmp_path: Path) -> None:
    common = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu"]
    url = sample_report.as_uri()
    shot, paper = tmp_path / "screen.png", tmp_path / "print.pdf"
    subprocess.run(
        [*common, "--window-size=1200,2400", f"--screenshot={shot}", url],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    subprocess.run(
        [*common, f"--print-to-pdf={paper}", url], check=True, capture_output=True, timeout=120
    )
    assert shot.read_bytes().startswith(b"\x89PNG")
    assert shot.stat().st_size > 100_000  # an empty page has a few kilobytes
    assert paper.read_bytes().startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 30
