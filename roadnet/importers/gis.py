"""Shapefiles, GeoPackages and FlatGeobuf with OSM's tag names as columns, through GDAL (pyogrio).

Needs the extra `gis`. What OSM's own exporters call otherwise is understood too: columns that a shapefile
cuts to ten characters, GDAL's `other_tags`, and the columns of Geofabrik's shapefiles.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from roadnet.errors import NetworkError
from roadnet.importers.features import Feature, ways_of_features
from roadnet.importers.wkb import feature_of_wkb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from roadnet.importers.network import ReadWays

_PARTS_OF_SHAPEFILE: Final = (".shx", ".dbf")
_CUT_LENGTH: Final = 10
# Longer keys, those first that a cut name more likely means.
_LONG_KEYS: Final = (
    "motor_vehicle",
    "maxweightrating",
    "hgv:conditional",
    "goods:conditional",
    "access:conditional",
    "maxspeed:hgv",
    "maxspeed:type",
    "maxheight:physical",
    "maxwidth:physical",
    "source:maxspeed",
    "oneway:goods",
    "traffic_calming",
)
_OTHER_TAG: Final = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_GEOFABRIK_ONEWAY: Final = {"F": "yes", "T": "-1", "B": "no"}
_WGS84: Final = ("EPSG:4326", "OGC:CRS84")


def load_gis(path: str, country: str = "") -> ReadWays:
    """Read the roads of a file that GDAL reads.

    Parameters
    ----------
    path
        Local file, of a shapefile the `.shp` beside its other parts. Layers with geometry are read one
        after another. Another coordinate system than WGS-84 is turned into it; a file that names
        none is taken to be in degrees. Texts of a shapefile that names no encoding (`.cpg`) are taken to
        be GBK in China, else ISO 8859-1.
    country
        ISO 3166 code, also for speeds that no column gives; empty where unknown.

    Returns
    -------
    ReadWays
        See `ways_of_features`; features are numbered through all layers, from 1.

    Raises
    ------
    NetworkError
        The extra is missing; not such a file, or broken; or some feature is faulty.
    """
    # An optional extra, which a city with any other kind of network can do without.
    try:
        import pyogrio  # noqa: PLC0415
    except ImportError as error:
        message = "reading this kind of file needs pyogrio: pip install 'freightpass[gis]'"
        raise NetworkError("extra_missing", message, path) from error
    _check_parts(path)
    try:
        with warnings.catch_warnings():
            # GDAL's remarks on single rows; what matters comes out as a fault of a feature.
            warnings.simplefilter("ignore")
            features = [
                feature for layer in _layers(path) for feature in _rows(path, layer, country)
            ]
    except (pyogrio.errors.DataSourceError, RuntimeError, ValueError, UnicodeError) as error:
        message = f"cannot be read by GDAL: {_first_line(error)}"
        raise NetworkError("network_unreadable", message, path) from error
    numbered = (feature._replace(number=place) for place, feature in enumerate(features, 1))
    return ways_of_features(numbered, path, country)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].partition("; It might")[0].strip()


def _check_parts(path: str) -> None:
    """Refuse a shapefile without its other parts."""
    file = Path(path)
    if file.suffix.lower() != ".shp":
        return
    beside = {one.name.lower() for one in file.parent.iterdir()}
    missing = [end for end in _PARTS_OF_SHAPEFILE if file.stem.lower() + end not in beside]
    if missing:
        message = (
            f"a shapefile is several files, and {' and '.join(missing)} is not beside this one: "
            "copy them all, or make a GeoPackage (.gpkg) of it"
        )
        raise NetworkError("shapefile_incomplete", message, path)
    # GDAL gives rows without geometry where the file ends too early.
    for one in file.parent.iterdir():
        if one.name.lower() in {f"{file.stem.lower()}{end}" for end in (".shp", ".dbf")}:
            with one.open("rb") as part:
                head = part.read(32)
            if one.stat().st_size < _stated_bytes(one.suffix.lower(), head):
                message = f"{one.name} ends too early: was it copied to the end?"
                raise NetworkError("shapefile_incomplete", message, path)


def _stated_bytes(suffix: str, head: bytes) -> int:
    """Read from the head of a part how many bytes it should have at least."""
    if suffix == ".shp":
        return 2 * int.from_bytes(head[24:28], "big")
    rows, before, width = (
        int.from_bytes(head[begin:end], "little") for begin, end in ((4, 8), (8, 10), (10, 12))
    )
    return before + rows * width


def _layers(path: str) -> list[str]:
    """Name the layers that have geometry."""
    import pyogrio  # noqa: PLC0415

    return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]


def _rows(path: str, layer: str, country: str) -> Iterator[Feature]:
    """Read the features of one layer, in degrees."""
    import pyogrio  # noqa: PLC0415

    crs = pyogrio.read_info(path, layer=layer)["crs"]
    source = _virtual(path, layer, country, reproject=crs is not None and crs not in _WGS84)
    meta, _, blobs, columns = pyogrio.raw.read(source, datetime_as_string=True)
    cut = path.lower().endswith(".shp")
    names = [_whole_name(str(name)) if cut else str(name) for name in meta["fields"]]
    for number, blob in enumerate(blobs):
        row = {name: column[number] for name, column in zip(names, columns, strict=True)}
        properties = _osm_tags({name: _plain(value) for name, value in row.items()})
        yield feature_of_wkb(0, blob, properties, "geometry")


def _virtual(path: str, layer: str, country: str, *, reproject: bool) -> str:
    """Describe a layer to GDAL as one in degrees, texts decoded (its VRT format)."""
    absolute = escape(str(Path(path).resolve()))
    options = ""
    if path.lower().endswith(".shp") and not _names_encoding(path):
        encoding = "GBK" if country.upper() == "CN" else "ISO-8859-1"
        options = f'<OpenOptions><OOI key="ENCODING">{encoding}</OOI></OpenOptions>'
    text = (
        f'<OGRVRTLayer name="{escape(layer, {chr(34): "&quot;"})}">'
        f"<SrcDataSource>{absolute}</SrcDataSource>{options}"
        f"<SrcLayer>{escape(layer)}</SrcLayer></OGRVRTLayer>"
    )
    if reproject:
        # CRS84 is WGS-84 with the longitude first.
        target = "<TargetSRS>OGC:CRS84</TargetSRS>"
        text = f"<OGRVRTWarpedLayer>{text}{target}</OGRVRTWarpedLayer>"
    return f"<OGRVRTDataSource>{text}</OGRVRTDataSource>"


def _names_encoding(path: str) -> bool:
    stem = Path(path).stem.lower()
    return any(one.name.lower() == f"{stem}.cpg" for one in Path(path).parent.iterdir())


def _whole_name(name: str) -> str:
    """Give the key that a shapefile's column of ten characters was cut from."""
    if len(name) != _CUT_LENGTH:
        return name
    likely = (key for key in _LONG_KEYS if name in {key[:10], key.replace(":", "_")[:10]})
    return next(likely, name)


def _plain(value: Any) -> Any:
    """Give a value of a column as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _osm_tags(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put what exporters of OSM data call otherwise under OSM's keys."""
    other = properties.get("other_tags")
    if isinstance(other, str):
        further = {_unquoted(key): _unquoted(value) for key, value in _OTHER_TAG.findall(other)}
        return further | {key: value for key, value in properties.items() if value is not None}
    fclass = properties.get("fclass")
    if fclass is None or properties.get("highway"):
        return properties
    tags = {key: properties[key] for key in ("osm_id", "name", "ref", "layer") if key in properties}
    tags["highway"] = "track" if str(fclass).startswith("track") else fclass
    tags["oneway"] = _GEOFABRIK_ONEWAY.get(str(properties.get("oneway")))
    tags |= {key: "yes" for key in ("bridge", "tunnel") if properties.get(key) == "T"}
    return tags | ({"maxspeed": properties["maxspeed"]} if properties.get("maxspeed") else {})


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
