"""Tables of cameras: any usual names, encodings and separators; every fault with its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement.city_import.csv_cameras import csv_cameras
from enforcement.errors import EnforcementError

if TYPE_CHECKING:
    from pathlib import Path

    from enforcement.city_import.cameras import CameraImport


def read(folder: Path, text: str | bytes, **options: object) -> CameraImport:
    path = folder / "cameras.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return csv_cameras(str(path), **options)


def faults(found: CameraImport) -> list[str]:
    return [f"{one.place}: {one.field}: {one.message}" for one in found.rejected]


CHINESE = (
    "摄像机编号\t名称\t经度\t纬度\t方向\t启用时间\n"
    "卡口-01\t清潭北路北进口\t114.387958\t27.862344\t由北向南\t2026/1/5\n"
    "卡口-02\t竹亭线\t114.456842\t27.857766\t双向\t\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_chinese_tables(tmp_path: Path, encoding: str, separator: str, line_end: str) -> None:
    text = CHINESE.replace("\t", separator).replace("\n", line_end)
    found = read(tmp_path, text.encode(encoding))
    first, second = found.cameras
    assert first.properties == {
        "camera_id": "卡口-01",
        "name": "清潭北路北进口",
        "bearing": 180.0,
        "valid_from": "2026-01-05",
    }
    assert (first.lon, first.lat, first.place) == (114.387958, 27.862344, "line 2")
    assert second.properties == {"camera_id": "卡口-02", "name": "竹亭线"}
    assert second.doubts == ("nothing says in which direction it reads: it counts for all",)
    assert (found.rejected, found.notes) == ((), ())


def test_names_of_columns_in_any_dress(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Device ID;Longitude (WGS84);LATITUDE;Heading [deg];clock-error;owner;Valid Until;Warning until\n"
        '7;"8,6875";49,3755;"90,5";1,5;city;2026-12-31;2026/3/31\n',
    )
    (camera,) = found.cameras
    assert camera.properties == {
        "camera_id": "7",
        "bearing": 90.5,
        "valid_until": "2026-12-31",
        "warning_until": "2026-03-31",
        "clock_error_seconds": 1.5,
    }
    assert (camera.lon, camera.lat) == (8.6875, 49.3755)
    assert found.notes == ("columns not read: owner",)


def test_columns_can_be_named_and_bearings_can_be_where_cameras_look(tmp_path: Path) -> None:
    text = "Kennung,id,lon,lat,bearing\nA,1,8,49,N\n"
    assert read(tmp_path, text).cameras[0].properties["camera_id"] == "1"
    named = read(tmp_path, text, columns={"camera_id": "Kennung"}, looks="against").cameras[0]
    assert named.properties == {"camera_id": "A", "bearing": 180.0}
    assert read(tmp_path, text, looks="along").cameras[0].properties["bearing"] == 0.0


def test_every_fault_of_every_row_with_its_line_and_column(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "编号,经度,纬度,方向,clock_error\n"
        "C1,114.3,27.8,由东向西,\n"
        "\n"
        ",abc,,up,-1\n"
        '"C\n2",27.8,114.3,0,1\n'
        "C3,114.3,27.8,0,1,x\n"
        "C4,500000,4400000,0,1\n",
    )
    assert [camera.properties["camera_id"] for camera in found.cameras] == ["C1"]
    listed = faults(found)
    assert listed[0] == "line 4: 编号: is missing, expected an id"
    assert listed[1].startswith("line 4: 经度: found `abc`, expected degrees such as")
    assert listed[2].startswith("line 4: 纬度: is missing, expected degrees such as")
    assert listed[3].startswith(
        "line 4: 方向: found `up`, expected degrees 0 to 360, a compass word"
    )
    assert listed[4] == "line 4: clock_error: found `-1`, expected a number of seconds, at least 0"
    assert listed[5].startswith("line 5 (C\n2): 纬度: 27.8, 114.3 look like latitude, longitude")
    assert listed[6] == "line 7 (C3): : found 6 values, expected 5 as in line 1"
    assert listed[7].startswith(
        "line 8 (C4): 经度: 500000, 4400000 look like metres of a projected"
    )
    assert len(listed) == 8
    assert found.rejected[7].row == {
        "编号": "C4",
        "经度": "500000",
        "纬度": "4400000",
        "方向": "0",
        "clock_error": "1",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is nothing in it"),
        (b"\n \n", "there is nothing in it"),
        (b"camera_id,lon\n1,2\n", "line 1: has no column for lat, expected one of lat, latitude"),
        (b"a,b\n", "no column for camera_id"),
        (b"PK\x03\x04rest", "is a workbook, not text: save the sheet as CSV"),
        (b'camera_id,lon,lat\n"1,2,3\n', "line 2: is no table: unexpected end of data"),
        (b"camera_id,lon,lat\n\xff\xff\xff\xff\x80", "is no text in UTF-8, UTF-16 or GB18030"),
    ],
)
def test_what_is_no_table_stops_with_one_message(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(EnforcementError, match=message):
        read(tmp_path, content)


def test_a_named_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(EnforcementError, match="has no column `Nr`; found id, lon, lat; name one"):
        read(tmp_path, "id,lon,lat\n", columns={"camera_id": "Nr"})


cells = st.one_of(
    st.text(max_size=8), st.sampled_from(("1", "90", "2026-01-01", "N", "双向", '"', "a\nb"))
)


@given(st.lists(st.lists(cells, min_size=5, max_size=7), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_a_camera_or_a_fault(tmp_path: Path, table: list[list[str]]) -> None:
    lines = ["camera_id,lon,lat,bearing,valid_from"]
    lines += [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    found = read(tmp_path, "\n".join(lines).encode("utf-8", "surrogatepass"))
    filled = sum(any(cell.strip() for cell in row) for row in table)
    assert len(found.cameras) + len({one.place for one in found.rejected}) == filled


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=80).map(lambda rest: b"id,lon,lat\n1,2,3\n" + rest),
        st.text('"\n\r,;\tid lonlat经纬度1\0', max_size=80).map(str.encode),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    told: list[str] = []
    try:
        told = [one.message for one in read(tmp_path, content).rejected]
    except EnforcementError as error:
        told = [error.message]
    assert all(told)
