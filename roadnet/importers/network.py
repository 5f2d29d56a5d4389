"""What importers give and are given: a table of ways with notes, and checks of coordinates."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from roadnet.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray
    from roadnet.ways import WayTable


class ReadWays(NamedTuple):
    """Ways read from a file, and remarks on what was left out, each for a human."""

    ways: WayTable
    notes: tuple[str, ...]


class Network(NamedTuple):
    """A road graph, and remarks on what of its file was left out."""

    graph: RoadGraph
    notes: tuple[str, ...]


class Importer(NamedTuple):
    """One kind of network file.

    Attributes
    ----------
    suffixes
        Ends of file names, lower case.
    module, function
        What reads a local file in whatever datum it has, given its path and a country, into
        ReadWays; raises NetworkError. The module is loaded when it is first needed: a city needs one
        of them, and some stand on libraries that take longer to load than its network.
    """

    suffixes: tuple[str, ...]
    module: str
    function: str

    def load(self, path: str, country: str) -> ReadWays:
        """Read a file; see `function`."""
        read: Callable[[str, str], ReadWays] = getattr(import_module(self.module), self.function)
        return read(path, country)

    def applicable(self, path: str) -> bool:
        """Say whether a file of this name is of this kind."""
        return path.lower().endswith(self.suffixes)


def check_degrees(lon: FloatArray, lat: FloatArray, where: str) -> None:
    """Refuse coordinates that are no longitude and latitude, saying what they look like.

    Parameters
    ----------
    lon, lat
        (k,) of one file or feature.
    where
        The file or feature, for the message.

    Raises
    ------
    NetworkError
        Code ``coordinates_out_of_range``.
    """
    bad = ~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))
    if not bad.any():
        return
    first = int(np.argmax(bad))
    found = f"longitude {lon[first]:.10g}, latitude {lat[first]:.10g}"
    if not np.isfinite(lon[first]) or not np.isfinite(lat[first]):
        guess = "these are no numbers"
    elif np.abs(lon).max() > 180.0 or np.abs(lat).max() > 180.0:
        guess = "these look like metres of a projected system: export with EPSG:4326 (degrees)"
    else:
        guess = "these look like latitude before longitude: swap them"
    raise NetworkError(
        "coordinates_out_of_range",
        f"{found}; expected degrees, longitude -180..180 first, then latitude -90..90; {guess}",
        where,
    )
