"""A city folder read and checked: every file, every fault, told once and together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enforcement.city_files.cameras import CAMERAS_FILE, read_cameras
from enforcement.city_files.fault_log import FaultLog
from enforcement.city_files.folder import CityFolder
from enforcement.city_files.permit_files import PERMITS_JSONL, PERMITS_PARQUET, read_permits
from enforcement.city_files.published_years import warn_of_unpublished_years
from enforcement.city_files.references import Frame
from enforcement.city_files.restrictions import RESTRICTIONS_FILE, read_restrictions
from enforcement.city_files.routes import CLOSURES_FILE, ROUTES_FILE, read_closures, read_routes
from enforcement.city_files.settings_file import SETTINGS_FILE, CitySettings, read_settings
from enforcement.city_files.vehicles import VEHICLES_FILE, read_vehicles
from enforcement.errors import CityError
from enforcement.rules.definition import CityDefinition

if TYPE_CHECKING:
    from enforcement.errors import Fault

# In the order in which a file is looked for.
NETWORK_FILES: Final = (
    "network.osm.pbf",
    "network.osm",
    "network.osm.gz",
    "network.osm.bz2",
    "network.geojson",
    "network.parquet",
    "network.gpkg",
    "network.shp",
    "network.fgb",
)


def read_city(path: str) -> tuple[CityDefinition, tuple[Fault, ...]]:
    """Read a city folder and check every value in it.

    Parameters
    ----------
    path
        A folder, or a URL that `pyarrow.fs.FileSystem.from_uri` reads.

    Returns
    -------
    definition : CityDefinition
        What the folder states, in WGS-84; the network is looked for, not read.
    warnings : tuple of Fault
        What is allowed and probably not meant.

    Raises
    ------
    CityError
        Carries every fault of every file.
    """
    folder = CityFolder(path)
    faults = FaultLog()
    content = _read(folder, faults, SETTINGS_FILE, needed=True)
    settings = CitySettings() if content is None else read_settings(faults, content)
    network_file = _network(folder, faults)
    frame = Frame(faults, settings.zone, settings.coordinates, settings.calendar)

    content = _read(folder, faults, CAMERAS_FILE, needed=True)
    cameras = None if content is None else read_cameras(frame, content)
    if cameras == () and not faults.fault_count:
        faults.warn(CAMERAS_FILE, "", "features", "there is no camera", "no_cameras")

    content = _read(folder, faults, ROUTES_FILE)
    if ROUTES_FILE not in folder:
        frame.route_ids = ()
    routes = None if content is None else read_routes(frame, content)

    content = _read(folder, faults, RESTRICTIONS_FILE)
    if RESTRICTIONS_FILE not in folder:
        _missing(folder, faults, RESTRICTIONS_FILE, "nothing is restricted", "no_restrictions")
    restrictions = () if content is None else read_restrictions(frame, content)

    permit_file = _permit_file(folder, faults)
    content = _read(folder, faults, permit_file) if permit_file else None
    permits = () if content is None else read_permits(frame, permit_file, content)
    if content is not None and not permits:
        faults.warn(permit_file, "", "", "there is no permit in it", "no_permits")

    content = _read(folder, faults, VEHICLES_FILE)
    vehicles = () if content is None else read_vehicles(faults, content)

    content = _read(folder, faults, CLOSURES_FILE)
    closures = () if content is None else read_closures(frame, content)

    if faults.faults:
        raise CityError(faults.faults)
    definition = CityDefinition(
        name=settings.name,
        timezone=settings.zone.key,
        holidays=settings.holidays,
        coordinates=settings.coordinates,
        judgement=settings.judgement,
        cameras=cameras or (),
        restrictions=restrictions,
        routes=routes or (),
        permits=permits,
        vehicles=vehicles,
        closures=closures,
        network_file=network_file,
    )
    warn_of_unpublished_years(frame, definition)
    return definition, faults.warnings


def _read(folder: CityFolder, faults: FaultLog, name: str, *, needed: bool = False) -> bytes | None:
    """Return a file's bytes; None when it is not there, or after a fault."""
    if name not in folder:
        if needed:
            faults.fault(name, "", "", f"there is no such file{folder.similar(name)}", "no_file")
        return None
    try:
        return folder.read(name)
    except OSError as error:
        reason = error.strerror or str(error)
        faults.fault(name, "", "", f"cannot be read: {reason}", "unreadable_file")
        return None


def _missing(folder: CityFolder, faults: FaultLog, name: str, effect: str, code: str) -> None:
    faults.warn(name, "", "", f"there is no such file{folder.similar(name)}, so {effect}", code)


def _permit_file(folder: CityFolder, faults: FaultLog) -> str:
    """Return the name of the permits' file; empty when there is none, or two."""
    found = [name for name in (PERMITS_JSONL, PERMITS_PARQUET) if name in folder]
    if len(found) > 1:
        faults.fault(
            PERMITS_PARQUET,
            "",
            "",
            f"stands beside {PERMITS_JSONL}, expected one of the two",
            "two_permit_files",
        )
        return ""
    if not found:
        _missing(folder, faults, PERMITS_JSONL, "nobody has a permit", "no_permits")
        return ""
    return found[0]


def _network(folder: CityFolder, faults: FaultLog) -> str:
    """Return where the network lies; empty after a fault."""
    found = [name for name in NETWORK_FILES if name in folder]
    expected = ", ".join(NETWORK_FILES)
    if not found:
        faults.fault(
            NETWORK_FILES[0],
            "",
            "",
            f"there is no network{folder.similar(NETWORK_FILES[0])}, expected one of {expected}",
            "no_network",
        )
        return ""
    if len(found) > 1:
        faults.fault(
            found[1], "", "", f"stands beside {found[0]}, expected one network", "two_networks"
        )
        return ""
    return folder.location(found[0])
