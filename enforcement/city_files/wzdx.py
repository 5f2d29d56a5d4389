"""Work zones of WZDx feeds (Work Zone Data Exchange, version 4) among a city's closures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import shown
from enforcement.city_files.geometries import read_line
from enforcement.city_files.records import Record, as_text
from enforcement.rules.restrictions import Closure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.city_files.features import Feature
    from enforcement.city_files.references import Frame

CORE_DETAILS: Final = "core_details"  # what every road event of WZDx has, and nothing else
_CLOSED: Final = "all-lanes-closed"
# VehicleImpact of WZDx 4.2.
_IMPACTS: Final = (
    _CLOSED,
    "some-lanes-closed",
    "all-lanes-open",
    "alternating-one-way",
    "some-lanes-closed-merge-left",
    "some-lanes-closed-merge-right",
    "all-lanes-open-shift-left",
    "all-lanes-open-shift-right",
    "some-lanes-closed-split",
    "flagging",
    "temporary-traffic-signal",
    "unknown",
)
_EVENTS: Final = ("work-zone", "detour", "restriction", "incident")


def is_work_zone(feature: Feature) -> bool:
    """Tell whether a feature of closures.geojson is a road event of WZDx."""
    return CORE_DETAILS in feature.properties.values


def read_work_zone(frame: Frame, feature: Feature, seen: dict[str, str]) -> Closure | None:
    """Read a road event of WZDx.

    Only a work zone or incident with `vehicle_impact` `all-lanes-closed` is a closure, of the
    direction that its line runs; of anything else a warning says that it closes nothing.

    Parameters
    ----------
    frame
        The city.
    feature
        Its id is the closure's.
    seen
        Ids of the closures before, with their places.

    Returns
    -------
    Closure | None
        In the coordinates of the file; None after a fault, or if it closes nothing.
    """
    values = feature.properties.values
    identifier = as_text(feature.feature_id)
    place = f"{feature.properties.place} ({identifier})" if identifier else feature.properties.place
    record = Record(feature.properties.faults, feature.properties.file, place, values)
    named = Record(record.faults, record.file, place, {"id": feature.feature_id})
    closure_id = named.new_identifier("id", seen)
    details = values[CORE_DETAILS]
    if not isinstance(details, dict):
        record.fault(CORE_DETAILS, f"found {shown(details)}, expected an object", "no_object")
        return None
    core = Record(record.faults, record.file, place, details, f"{CORE_DETAILS}.")
    event = core.choice("event_type", _EVENTS)
    impact = record.choice(
        "vehicle_impact", _IMPACTS, default="" if event != "detour" else "unknown"
    )
    bounds = _validity(frame, record)
    names = core.items("road_names") or ()
    lonlat = read_line(record, _as_line(feature.geometry))
    if not (closure_id and event and impact and bounds) or lonlat is None:
        return None
    if impact != _CLOSED or event == "detour":
        what = f"vehicle_impact is {impact}" if event != "detour" else "event_type is detour"
        record.warn("vehicle_impact", f"{what}: nothing is closed", "work_zone_open")
        return None
    streets = ", ".join(name for name in map(as_text, names) if name)
    source = " ".join(
        part for part in ("WZDx", as_text(details.get("data_source_id")), streets) if part
    )
    return Closure(
        closure_id=closure_id,
        lonlat=lonlat,
        valid_from_us=bounds[0],
        valid_until_us=bounds[1],
        source=source,
        recorded_at_us=None,
        place=place,
        both_directions=False,
    )


def _validity(frame: Frame, record: Record) -> tuple[int, int] | None:
    """Return when the event begins and ends, microseconds UTC; None after a fault."""
    bounds = []
    for name in ("start_date", "end_date"):
        if record.values.get(name) in (None, ""):
            record.fault(name, "is missing, expected an instant", f"missing_{name}")
            continue
        instant = record.instant(name, frame.zone)
        if instant is not None:
            bounds.append(instant)
    if len(bounds) < 2:
        return None
    if bounds[1] <= bounds[0]:
        record.fault(
            "end_date",
            f"found {shown(record.values['end_date'])}, expected a time after start_date, "
            f"which is {shown(record.values['start_date'])}",
            "empty_validity",
        )
        return None
    return bounds[0], bounds[1]


def _as_line(geometry: Any) -> Any:
    """Take the points of a MultiPoint, which WZDx allows where the line is not known, for a line."""
    if isinstance(geometry, dict) and geometry.get("type") == "MultiPoint":
        line: Mapping[str, Any] = {**geometry, "type": "LineString"}
        return line
    return geometry
