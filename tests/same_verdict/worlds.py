"""Small cities and hits for Hypothesis: everything is drawn, so that a failure shrinks.

A world is a week around one awkward day. Its pieces come from short lists, so that permits,
vehicles, hours and instants meet often; hits fall on the edges of what is stated, a microsecond
before, at and after them. The shape of a city is that of `tests.oracles.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracles.judgement import read_schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[st.SearchStrategy[Any]], Any]

MICROSECOND = timedelta(microseconds=1)

# Days off and working weekends, copied by hand from the notices of the State Council for 2025
# and 2026 and from Germany's federal law. 2025-04-04 is one that the grammar library's own
# calendar of China misses.
CALENDARS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": ((), ()),
    "CN": (
        (
            *("2025-04-04", "2025-04-05", "2025-04-06"),
            *(f"2025-10-0{day}" for day in range(1, 9)),
            *(f"2026-02-{day}" for day in range(15, 24)),
        ),
        ("2025-09-28", "2025-10-11", "2026-02-14", "2026-02-28"),
    ),
    "DE": (("2025-10-03", "2025-12-25", "2025-12-26", "2026-01-01", "2026-05-01"), ()),
}
# The State Council publishes a year's notice in the year before.
PUBLISHED = {"CN": frozenset(range(2004, 2027))}
# Time zone, holidays, grace, least confidence, and the day that the world is about.
UNPUBLISHED = [
    ("Asia/Shanghai", "CN", 5, 0.8, "2061-02-04"),  # a Friday
    ("Asia/Shanghai", "CN", 0, 0.8, "2061-02-06"),
]
SETTINGS = [
    *(("Asia/Shanghai", "CN", grace, 0.8, day) for grace in (5, 0) for day in (
        "2025-10-14",  # a plain Tuesday
        "2025-04-04",  # Qingming, a Friday
        "2025-09-28",  # a Sunday declared a working day, two days before the holiday
        "2025-10-01",  # the first day off
        "2025-10-08",  # the last day off
        "2025-10-11",  # a Saturday declared a working day
        "2026-02-14",  # a working Saturday, days off from Sunday on
    )),
    ("Asia/Shanghai", "CN", 30, 0.8, "2025-10-10"),
    *UNPUBLISHED,
    ("Asia/Shanghai", "", 5, 0.5, "2025-10-18"),
    *(("Europe/Berlin", "DE", grace, 0.8, day) for grace in (5, 30) for day in (
        "2025-10-26",  # the hour from 02:00 comes twice
        "2026-03-29",  # the hour from 02:00 does not come
        "2025-10-03",
    )),
    ("Europe/Berlin", "", 0, 0.8, "2025-10-26"),
    ("Europe/Berlin", "DE", 5, 0.8, "2025-12-31"),
]  # fmt: skip

HOURS = ("00:00", "02:30", "06:00", "09:00", "09:08", "16:00", "23:58", "24:00")
SCHEDULES = [
    *("24/7", "24/7", "24/7", "Mo-Fr 09:00-16:00", "Mo-Fr 09:00-16:00; PH off"),
    *("07:00-09:00,17:00-19:00", "22:00-06:00", "Mo-Fr 22:00-06:00", "off", "24/7; PH off"),
    *("Mo-Sa 06:00-20:00; PH 10:00-12:00", "Sa,Su 08:00-12:00", "PH 08:00-18:00", "Mo-Su 00:00-24:00"),
    *("Mo-Fr 07:00-09:00,17:00-19:00; Sa 10:00-12:00; PH off", "24/7; Su off", "01:00-03:00"),
    *("Su 18:00-02:30", "Sa 20:00-24:00", "Mo 00:00-04:00", "Mo-Fr 09:00-12:00; We off"),
    *(f"{first}-{last}" for i, first in enumerate(HOURS) for last in HOURS[i + 1 :]),
]  # fmt: skip
# Where clocks are changed at night, hours that tell one side of the change from the other.
NIGHT_SCHEDULES = ("00:00-02:30", "02:30-06:00", "02:00-03:00", "01:00-03:00", "24/7")
# Where no notice is out, hours that a day off would open or close.
NOTICE_SCHEDULES = (
    *("PH 00:00-24:00", "PH 08:00-18:00", "Mo-Fr 07:00-09:00; PH 09:00-16:00", "24/7; PH off"),
    *("Mo-Fr 09:00-16:00", "Sa,Su 09:00-16:00", "09:00-16:00", "06:00-09:00"),
)

# A plate as the permit writes it, and spellings of the same plate as cameras send it.
PLATES = [
    ("赣C12345", ("赣C12345", "赣c·12345", " 赣Ｃ１２３４５ ")),
    ("赣C1234挂", ("赣C1234挂", "赣C-1234 挂")),
    ("赣CD12345", ("赣CD12345", "赣C•D12345")),
    ("B-AB 123", ("BAB123", "b_ab–123", "B_AB-123")),
    ("АВ123Е", ("АВ123Е", "ав 123е")),  # Cyrillic letters
    ("ABCDEFGHIJ12", ("abcdefghij12",)),
    ("A12B", ("A12B", "a.1.2.b")),
    ("粤B12345學", ("粤B12345學",)),  # needs the side table
]  # fmt: skip
UNREADABLE = (None, "", "无车牌", "赣C1?345", "A1B", "ABCDEFGHIJ123", "ABCDEF")

PLATE_CLASSES = (None, "01", "02", "51")
VEHICLE_CLASSES = ("heavy_truck", "heavy_truck", "medium_truck", "car", None)
RESTRICTED = [  # vehicle_classes, plate_classes
    (("heavy_truck", "medium_truck", "unknown"), ("01",)),
    (("heavy_truck", "medium_truck", "car"), ("02",)),
    (("heavy_truck", "medium_truck", "unknown"), ()),
    (("heavy_truck",), ()),
    ((), ("01", "51")),
    (("car", "unknown"), ("02",)),
]
POSITIONS = [(114.39 + 0.01 * i, 27.81 + 0.01 * j) for j in range(3) for i in range(3)]
AREAS = [
    # Corners and edges lie on positions: a camera on the boundary is in the area.
    (POSITIONS[0], POSITIONS[2], POSITIONS[8], POSITIONS[6]),
    (POSITIONS[0], POSITIONS[2], POSITIONS[8], POSITIONS[6]),
    (POSITIONS[0], POSITIONS[1], POSITIONS[4], POSITIONS[3]),
    (POSITIONS[2], POSITIONS[8], POSITIONS[4]),
    (POSITIONS[0], POSITIONS[8], POSITIONS[6]),
    ((114.385, 27.805), (114.395, 27.805), (114.395, 27.835), (114.385, 27.835)),
    ((114.0, 27.0), (114.1, 27.0), (114.1, 27.1)),
]
LIMITS_KMH = (None, None, 40.0, 1.0)
RADII_M = (300.0, 1250.0, 5000.0)  # steps of the grid are 986 m and 1,112 m
CAMERA_IDS = ("C-1", "C-10", "C-2", "c-1")
RESTRICTION_IDS = ("R-2", "R-10", "r-1", "限-1")
PERMIT_IDS = ("P-2", "P-10", "p-1", "许-1", "P-1", "P-100")
# A history: (status, how many edges after the drawn one; None is long ago).
HISTORIES = [
    *([(("active", None),)] * 4),
    (("active", 0),),
    (("applied", None), ("active", 0)),
    (("active", None), ("suspended", 0)),
    (("active", None), ("suspended", 0), ("active", 1)),
    (("active", None), ("revoked", 0)),
    (("active", None), ("withdrawn", 0)),
    (("active", None), ("suspended", 0), ("revoked", 1)),
    (("active", None), ("applied", 0)),
    (("active", 0), ("suspended", 0)),  # at one instant: the later entry holds
    (("suspended", 0), ("active", 0)),
    (("active", 0), ("revoked", 0), ("active", 1)),
    (("applied", None),),
    (("applied", None), ("rejected", 0)),
    (("withdrawn", None),),
]
OFFSETS = [
    *(timedelta(0), -MICROSECOND, MICROSECOND, timedelta(0), -MICROSECOND),
    *(timedelta(minutes=minutes) for minutes in (-1, 1, 30, -45, 150, -300, 720)),
]  # fmt: skip


@dataclass(frozen=True)
class World:
    """A city and the hits to judge in it, as plain values."""

    city: dict[str, Any]
    hits: tuple[dict[str, Any], ...]


def index(draw: Draw, count: int) -> int:
    return draw(_PLACES[count])


def one_of(draw: Draw, values: Any) -> Any:
    return values[index(draw, len(values))]


def chance(draw: Draw, one_in: int) -> bool:
    """Return True once in `one_in` times; shrinks to False."""
    return index(draw, one_in) == one_in - 1


_PLACES = {count: st.integers(0, count - 1) for count in range(1, 400)}


@st.composite
def worlds(draw: Draw, most_hits: int = 12, settings: Any = SETTINGS) -> World:
    timezone, holidays, grace, least, day = one_of(draw, settings)
    moments = _moments(timezone, day)
    cameras = _cameras(draw, moments)
    near = [place for place, camera in enumerate(cameras) if camera["lon"] > 114.0]
    names = sorted({cameras[place]["camera_id"] for place in near})
    routes = {route: _some(draw, near) for route in ("R-1", "R-2")}
    fleet = [PLATES[(index(draw, len(PLATES)) + step) % len(PLATES)] for step in range(2)]
    restrictions = [
        _restriction(draw, RESTRICTION_IDS[number], moments, names)
        for number in range(_count(draw, 4))
    ]
    permits = [
        _permit(draw, PERMIT_IDS[number], moments, names, fleet)
        for number in range(_count(draw, 6))
    ]
    days_off, working = CALENDARS[holidays]
    city = {
        "timezone": timezone,
        "holidays": holidays,
        "days_off": {date.fromisoformat(text) for text in days_off},
        "working_weekends": {date.fromisoformat(text) for text in working},
        "published_years": PUBLISHED.get(holidays),
        "min_confidence": least,
        "grace_minutes": grace,
        "cameras": cameras,
        "restrictions": restrictions,
        "routes": routes,
        "permits": permits,
        "vehicles": _registry(draw, fleet),
    }
    edges = _edges(city, day)
    hits = tuple(_hit(draw, city, names, fleet, edges) for _ in range(most_hits))
    return World(city, hits)


def _count(draw: Draw, most: int) -> int:
    """Return 0 to `most`, seldom 0."""
    return min(index(draw, 3 * most + 1), most) if chance(draw, 4) else 1 + index(draw, most)


def _some(draw: Draw, things: Any) -> list[Any]:
    """Return a subset, not empty."""
    chosen = 1 + index(draw, 2 ** len(things) - 1)
    return [thing for place, thing in enumerate(things) if chosen >> place & 1]


@dataclass(frozen=True)
class _Moments:
    """Texts to state validities and histories with: dates and instants around the day."""

    dates: tuple[str, ...]
    instants: tuple[str, ...]
    long_ago: str
    schedules: tuple[str, ...]


@cache
def _moments(timezone: str, day: str) -> _Moments:
    middle, zone = date.fromisoformat(day), ZoneInfo(timezone)
    days = [middle + timedelta(days=shift) for shift in (-1, 0, 1)]
    schedules = () if timezone == "Asia/Shanghai" else NIGHT_SCHEDULES
    return _Moments(
        dates=tuple(each.isoformat() for each in days),
        instants=tuple(
            datetime.combine(each, moment, zone).isoformat()
            for each in days
            for moment in (time(0), time(9, 3), time(12, 0, 0, 1))
        ),
        long_ago="2020-01-01T00:00:00Z",
        schedules=NOTICE_SCHEDULES
        if day in {setting[-1] for setting in UNPUBLISHED}
        else schedules,
    )


def _validity(draw: Draw, moments: _Moments) -> dict[str, str | None]:
    """Return valid_from and valid_until: mostly open, else dates or instants."""
    kind = index(draw, 11)
    texts = moments.dates if kind % 2 else moments.instants
    first = one_of(draw, texts) if kind in {4, 5, 6} else None
    last = one_of(draw, texts) if kind in {3, 6, 7, 8} else None
    if first and last and first > last:
        first, last = last, first
    if first == last and first in moments.instants:
        last = None  # a validity of no length is a fault of the city
    return {"valid_from": first, "valid_until": last}


def _warning_until(draw: Draw, moments: _Moments, one_in: int) -> dict[str, str]:
    """Return warning_until, a date or an instant, once in `one_in` times."""
    if not chance(draw, one_in):
        return {}
    return {"warning_until": one_of(draw, one_of(draw, (moments.dates, moments.instants)))}


def _schedule(draw: Draw, moments: _Moments) -> str:
    awkward = moments.schedules and chance(draw, 2)
    return one_of(draw, moments.schedules if awkward else SCHEDULES)


def _cameras(draw: Draw, moments: _Moments) -> list[dict[str, Any]]:
    """Return records sorted by (camera_id, beginning); some cameras moved, some came or went."""
    records = []
    for camera_id in sorted(CAMERA_IDS[: 1 + index(draw, len(CAMERA_IDS))]):
        lon, lat = one_of(draw, POSITIONS)
        kind = index(draw, 12)  # 8 left, 9 came, 10 and 11 moved
        edge = one_of(draw, moments.instants) if kind > 7 else None
        record = {"camera_id": camera_id, "lon": lon, "lat": lat}
        record |= _warning_until(draw, moments, 8)
        record |= {"clock_error_seconds": 70.0} if chance(draw, 8) else {}
        if kind <= 7:
            records.append({**record, "valid_from": None, "valid_until": None})
        if kind in {8, 10, 11}:
            records.append({**record, "valid_from": None, "valid_until": edge})
        if kind in {9, 10, 11}:
            lon, lat = one_of(draw, POSITIONS)
            moved = {"camera_id": camera_id, "lon": lon, "lat": lat}
            records.append({**moved, "valid_from": edge, "valid_until": None})
    # Cameras elsewhere, numbered before these: sets of more than one machine word.
    fillers = one_of(draw, (0, 0, 0, 0, 0, 0, 61, 126))
    return [_filler(number) for number in range(fillers)] + records


@cache
def _filler(number: int) -> dict[str, Any]:
    return {
        "camera_id": f"A-{number:03d}",
        "lon": 113.0,
        "lat": 27.0,
        "valid_from": None,
        "valid_until": None,
    }


def _restriction(
    draw: Draw, restriction_id: str, moments: _Moments, names: list[str]
) -> dict[str, Any]:
    vehicle_classes, plate_classes = one_of(draw, RESTRICTED)
    where = {"area": one_of(draw, AREAS)} if index(draw, 2) else {"cameras": _some(draw, names)}
    return {
        "restriction_id": restriction_id,
        "vehicle_classes": list(vehicle_classes),
        "plate_classes": list(plate_classes),
        "schedule": _schedule(draw, moments) if chance(draw, 2) else "24/7",
        "permits_exempt": not chance(draw, 6),
        **_validity(draw, moments),
        **_warning_until(draw, moments, 3),
        **where,
    }


def _permit(
    draw: Draw, permit_id: str, moments: _Moments, names: list[str], fleet: list[Any]
) -> dict[str, Any]:
    edge = index(draw, len(moments.instants))
    status = [
        {
            "status": status,
            "from": moments.long_ago
            if later is None
            else moments.instants[min(edge + later, len(moments.instants) - 1)],
        }
        for status, later in one_of(draw, HISTORIES)
    ]
    vehicles = [
        {"plate": one_of(draw, fleet)[0], "plate_class": one_of(draw, (None, "01", "02"))}
        for _ in range(1 + chance(draw, 4))
    ]
    return {
        "permit_id": permit_id,
        "binding": "confines" if chance(draw, 6) else "exempts",
        "vehicles": vehicles,
        "status": status,
        "grants": [_grant(draw, moments, names) for _ in range(1 + index(draw, 3))],
        "max_speed_kmh": one_of(draw, LIMITS_KMH),
        **_validity(draw, moments),
    }


def _grant(draw: Draw, moments: _Moments, names: list[str]) -> dict[str, Any]:
    schedule = _schedule(draw, moments)
    kind = index(draw, 6)
    if kind < 2:
        return {"cameras": _some(draw, names), "schedule": schedule}
    if kind < 4:
        return {"route": one_of(draw, ("R-1", "R-2")), "schedule": schedule}
    if kind == 4:
        return {"area": one_of(draw, AREAS), "schedule": schedule}
    lon, lat = one_of(draw, POSITIONS)
    place = {"lon": lon, "lat": lat, "radius_m": one_of(draw, RADII_M)}
    return {"place": place, "schedule": schedule}


def _registry(draw: Draw, fleet: list[Any]) -> list[dict[str, Any]]:
    """Return registry rows, at most one for each plate and plate class."""
    rows = {}
    for _ in range(index(draw, 4)):
        plate, plate_class = one_of(draw, fleet)[0], one_of(draw, (None, "01", "02"))
        vehicle_class = one_of(draw, ("heavy_truck", "medium_truck", "car", "unknown"))
        rows[plate, plate_class] = {
            "plate": plate,
            "plate_class": plate_class,
            "vehicle_class": vehicle_class,
        }
    return list(rows.values())


def _edges(city: dict[str, Any], day: str) -> list[list[datetime]]:
    """Return the instants (UTC) at which anything stated in a city may change, around its day.

    Those of validities and histories, those of hours, those where clocks are changed: as many
    lists as are not empty.
    """
    zone = ZoneInfo(city["timezone"])
    rules = [*city["restrictions"], *city["permits"], *city["cameras"]]
    texts = [rule[field] for rule in rules for field in ("valid_from", "valid_until")]
    texts += [rule.get("warning_until") for rule in rules]
    texts += [entry["from"] for permit in city["permits"] for entry in permit["status"]]
    stated = {moment for text in texts for moment in _instants(text, zone)}
    grants = [grant for permit in city["permits"] for grant in permit["grants"]]
    grace = city["grace_minutes"]
    clocks = _schedule_edges("02:00-03:00", (0,), zone, day)  # they are changed here
    hours: set[datetime] = set()
    for thing, margins in ((city["restrictions"], (0,)), (grants, (-grace, 0, grace))):
        for schedule in {each["schedule"] for each in thing}:
            hours |= _schedule_edges(schedule, margins, zone, day)
    changed = city["timezone"] != "Asia/Shanghai" or not hours
    return [sorted(edges) for edges in (stated, hours, clocks if changed else ()) if edges]


@cache
def _instants(text: str | None, zone: ZoneInfo) -> tuple[datetime, ...]:
    if text is None or text.startswith("2020"):
        return ()
    if "T" in text:
        return (datetime.fromisoformat(text).astimezone(UTC),)
    start = datetime.combine(date.fromisoformat(text), time())
    return tuple(
        (start + timedelta(days=later)).replace(tzinfo=zone).astimezone(UTC) for later in (0, 1)
    )


@cache
def _schedule_edges(
    schedule: str, margins: tuple[int, ...], zone: ZoneInfo, day: str
) -> frozenset[datetime]:
    minutes = {edge for _, ranges in read_schedule(schedule) for pair in ranges for edge in pair}
    start = datetime.combine(date.fromisoformat(day), time())
    return frozenset(
        (start + timedelta(days=shift, minutes=minute + margin))
        .replace(tzinfo=zone, fold=fold)
        .astimezone(UTC)
        for shift in (-1, 0, 1)
        for minute in minutes
        for margin in margins
        for fold in (0, 1)
    )


def _hit(
    draw: Draw,
    city: dict[str, Any],
    names: list[str],
    fleet: list[Any],
    edges: list[list[datetime]],
) -> dict[str, Any]:
    camera_id = one_of(draw, names)
    plate = one_of(draw, one_of(draw, fleet)[1])
    captured_at = _spelled(
        draw, one_of(draw, one_of(draw, edges)) + one_of(draw, OFFSETS), city["timezone"]
    )
    confidence = None
    if chance(draw, 8):
        odd = index(draw, 6)
        if odd == 0:
            confidence = one_of(draw, (0.5, 0.8, 0.7999999, 0.0, 1.0))
        elif odd == 1:
            plate = one_of(draw, UNREADABLE)
        elif odd == 2:
            camera_id = one_of(draw, ("C-404", None))
        elif odd == 3:
            captured_at = one_of(draw, (None, "gestern", "2025-13-01T00:00:00Z"))
        elif odd == 4:
            plate = "沪A00001"
    return {
        "camera_id": camera_id,
        "plate": plate,
        "captured_at": captured_at,
        "plate_class": one_of(draw, PLATE_CLASSES),
        "vehicle_class": one_of(draw, VEHICLE_CLASSES),
        "confidence": confidence,
    }


def _spelled(draw: Draw, instant: datetime, timezone: str) -> str:
    """Write an instant in UTC, with the city's offset, or as civil time where that is unique."""
    style = index(draw, 3)
    if style == 0:
        return instant.isoformat()
    local = instant.astimezone(ZoneInfo(timezone))
    naive = local.replace(tzinfo=None)
    doubtful = any(
        naive.replace(tzinfo=local.tzinfo, fold=fold).astimezone(UTC) != instant for fold in (0, 1)
    )
    return local.isoformat() if style == 1 or doubtful else naive.isoformat(sep=" ")
