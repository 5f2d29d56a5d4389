"""Tables of cameras, as spreadsheets save them, as cameras of a city."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import FaultLog, shown
from enforcement.city_files.geometries import check_position
from enforcement.city_files.records import Record
from enforcement.city_import.cameras import CameraImport, ImportedCamera, Rejected
from enforcement.city_import.travel_words import travel_bearing
from enforcement.errors import EnforcementError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CSV_SUFFIXES: Final = (".csv", ".tsv", ".txt")

# Of the names of a column the first that a table has is read. Case, blanks, hyphens, underscores and
# what stands in brackets do not count.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "camera_id": (
        "camera_id", "device_id", "site_id", "camera", "id", "code",
        "摄像机编号", "摄像机编码", "摄像头编号", "相机编号", "设备编号", "设备编码", "卡口编号",
        "卡口编码", "点位编号", "点位编码", "编号",
    ),
    "lon": ("lon", "longitude", "lng", "long", "x", "经度", "x坐标", "设备经度"),
    "lat": ("lat", "latitude", "y", "纬度", "y坐标", "设备纬度"),
    "bearing": (
        "bearing", "direction", "heading", "travel_direction", "direction_of_travel",
        "行驶方向", "行车方向", "车流方向", "监控方向", "方向",
    ),
    "name": (
        "name", "description", "location", "摄像机名称", "设备名称", "卡口名称", "点位名称", "名称",
        "安装地点", "安装位置", "地点", "位置",
    ),
    "valid_from": ("valid_from", "start_date", "installed", "启用时间", "启用日期", "安装日期", "开始日期"),
    "valid_until": ("valid_until", "end_date", "removed", "停用时间", "停用日期", "拆除日期", "结束日期"),
    "warning_until": ("warning_until", "warning_period_end", "警告期截止", "试运行截止", "试运行结束日期"),
    "clock_error_seconds": ("clock_error_seconds", "clock_error", "时钟误差", "时钟误差秒"),
    "recorded_at": ("recorded_at", "登记时间"),
}  # fmt: skip
_NEEDED: Final = ("camera_id", "lon", "lat")
_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]")
_DATE: Final = re.compile(r"(\d{4}) ?[./年-] ?(\d{1,2}) ?[./月-] ?(\d{1,2}) ?日?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(?:\.\d{1,17})?")
_COLUMN_HINT: Final = "name one with --column, for example --column camera_id=Kennung"


def csv_cameras(
    path: str, columns: Mapping[str, str] | None = None, *, looks: str | None = None
) -> CameraImport:
    """Read a table of cameras, in the datum that its coordinates have.

    Parameters
    ----------
    path
        Local file, UTF-8, UTF-16 with its mark, or GB18030; columns between commas, semicolons or
        tabs; the first line names them. Where semicolons or tabs divide, a number may have a comma.
    columns
        The names of columns by field, for those that COLUMNS does not know.
    looks
        None: the bearing is the direction of travel. `against`, `along`: it says where the camera
        looks, and vehicles travel against that or along it.

    Returns
    -------
    CameraImport
        Each fault of a row as a rejection, by line and column; `doubts` of cameras without bearing.

    Raises
    ------
    EnforcementError
        The file cannot be read as a table, or has no column for what every camera needs.
    """
    text = _text(path)
    header_line = text.split("\n", 1)[0]
    separator = max(",;\t", key=header_line.count)
    lines = _rows(path, text, separator)
    try:
        header = [name.strip() for name in next(lines)[1]]
    except StopIteration:
        raise EnforcementError("empty", "there is nothing in it, expected a table", path) from None
    places, notes = _places(path, header, columns or {})
    table = _Table(path, header, places, separator, looks)
    cameras: list[ImportedCamera] = []
    rejected: list[Rejected] = []
    for number, cells in lines:
        camera, faults = table.read(number, cells)
        rejected += faults
        if camera is not None:
            cameras.append(camera)
    return CameraImport(tuple(cameras), tuple(rejected), notes=tuple(notes))


class _Table:
    """How the rows of one table are read."""

    def __init__(
        self,
        path: str,
        header: Sequence[str],
        places: Mapping[str, int],
        separator: str,
        looks: str | None,
    ) -> None:
        self._file = Path(path).name
        self._header = header
        self._places = places
        self._decimal_comma = separator != ","
        self._looks = looks

    def read(
        self, number: int, cells: Sequence[str]
    ) -> tuple[ImportedCamera | None, list[Rejected]]:
        """Return the camera of a row, or every fault of it."""
        values = {
            field: cells[place].strip() if place < len(cells) else ""
            for field, place in self._places.items()
        }
        camera_id = values["camera_id"]
        place = f"line {number}" + (f" ({camera_id})" if camera_id else "")
        faults = FaultLog()
        record = Record(faults, self._file, place, values)
        surplus = [cell for cell in cells[len(self._header) :] if cell.strip()]
        if surplus:
            message = f"found {len(cells)} values, expected {len(self._header)} as in line 1"
            record.fault("", message, "surplus_values")
        properties: dict[str, Any] = {"camera_id": record.identifier("camera_id")}
        if values.get("name"):
            properties["name"] = values["name"]
        lon, lat = self._degrees(record, "lon"), self._degrees(record, "lat")
        if not faults.fault_count or (lon is not None and lat is not None):
            check_position(record, "lon", "lat", lon or 0.0, lat or 0.0)
        doubts: list[str] = []
        bearing = self._bearing(record)
        if bearing is not None:
            properties["bearing"] = bearing
        else:
            doubts.append("nothing says in which direction it reads: it counts for all")
        for name in ("valid_from", "valid_until", "warning_until", "recorded_at"):
            if values.get(name):
                properties[name] = _iso_date(values[name])
        error = values.get("clock_error_seconds")
        if error:
            seconds = self._number(error)
            if seconds is None or seconds < 0:
                record.fault(
                    "clock_error_seconds",
                    f"found {shown(error)}, expected a number of seconds, at least 0",
                    "not_a_number",
                )
            else:
                properties["clock_error_seconds"] = seconds
        if faults.fault_count or lon is None or lat is None:
            row = dict(zip(self._header, cells, strict=False))
            return None, [
                Rejected(place, self._column(fault.field), fault.message, row)
                for fault in faults.faults
            ]
        by = "" if bearing is None else f"column {self._column('bearing')}"
        return ImportedCamera(f"line {number}", lon, lat, properties, by, tuple(doubts)), []

    def _column(self, field: str) -> str:
        """Return the name of a field's column in this table."""
        place = self._places.get(field)
        return field if place is None else self._header[place]

    def _number(self, text: str) -> float | None:
        plain = unicodedata.normalize("NFKC", text).strip().removesuffix("°").strip()
        if self._decimal_comma and "." not in plain:
            plain = plain.replace(",", ".")
        return float(plain) if _NUMBER.fullmatch(plain) else None

    def _degrees(self, record: Record, field: str) -> float | None:
        text = record.values[field]
        number = self._number(text)
        if number is None:
            found = f"found {shown(text)}" if text else "is missing"
            record.fault(field, f"{found}, expected degrees such as 114.387958", "not_a_number")
        return number

    def _bearing(self, record: Record) -> float | None:
        text = record.values.get("bearing", "")
        travel = travel_bearing(text)
        if travel.fault:
            record.fault("bearing", f"found {shown(text)}, {travel.fault}", "no_bearing")
        if travel.degrees is None:
            return None
        return (travel.degrees + (180.0 if self._looks == "against" else 0.0)) % 360.0


def _text(path: str) -> str:
    """Return the text of a file in whichever encoding it is."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise EnforcementError(
            "unreadable", f"cannot be read: {error.strerror or error}", path
        ) from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise EnforcementError(
            "not_csv", "is a workbook, not text: save the sheet as CSV (UTF-8)", path
        )
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise EnforcementError("not_text", "is no text in UTF-8, UTF-16 or GB18030", path)


def _rows(path: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise EnforcementError(
            "broken_csv", f"is no table: {error}", f"{path}: line {line}"
        ) from error


def _places(
    path: str, header: Sequence[str], columns: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Find the column of each field; note those that are not read."""
    plain = [_plain(name) for name in header]
    places: dict[str, int] = {}
    faults = []
    for field, names in COLUMNS.items():
        wanted = (columns[field],) if field in columns else names
        place = next((plain.index(_plain(name)) for name in wanted if _plain(name) in plain), None)
        if place is not None:
            places[field] = place
        elif field in columns:
            faults.append(f"has no column `{columns[field]}`")
        elif field in _NEEDED:
            faults.append(f"has no column for {field}, expected one of {', '.join(names)}")
    if faults:
        found = ", ".join(name for name in header if name) or "nothing"
        raise EnforcementError(
            "no_column", f"{'; '.join(faults)}; found {found}; {_COLUMN_HINT}", f"{path}: line 1"
        )
    unread = [name for place, name in enumerate(header) if name and place not in places.values()]
    return places, [f"columns not read: {', '.join(unread)}"] if unread else []


def _plain(name: str) -> str:
    short = _BRACKETS.sub("", unicodedata.normalize("NFKC", name)).lower()
    return re.sub(r"[\s_-]", "", short)


def _iso_date(text: str) -> str:
    """Write 2026/1/5 and 2026年1月5日 as 2026-01-05; anything else stays."""
    date = _DATE.fullmatch(unicodedata.normalize("NFKC", text))
    return text if date is None else f"{date[1]}-{int(date[2]):02}-{int(date[3]):02}"
