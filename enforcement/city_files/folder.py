"""Where a city's files lie: a folder, or an object store that pyarrow reads."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import fs

from enforcement.errors import CityError, Fault

_URL_MARK: Final = "://"


class CityFolder:
    """A city folder that was found; its files are read whole.

    Parameters
    ----------
    location
        Path, or URL such as ``s3://bucket/city?region=eu-west-1``.

    Raises
    ------
    CityError
        There is no such folder, or it cannot be listed.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._filesystem: fs.FileSystem | None = None
        self._root = location
        try:
            self.names = frozenset(self._list())
        except (OSError, pa.ArrowException, ValueError) as error:
            raise CityError(
                (
                    Fault(
                        location,
                        "",
                        "",
                        f"no city can be read here: {_reason(error)}; expected a folder with "
                        "city.toml, a network, cameras.geojson and permits",
                        "no_city",
                    ),
                )
            ) from error

    def _list(self) -> list[str]:
        if _URL_MARK not in self._location:
            return [entry.name for entry in Path(self._location).iterdir()]
        self._filesystem, self._root = fs.FileSystem.from_uri(self._location)
        found = self._filesystem.get_file_info(fs.FileSelector(self._root))
        return [info.base_name for info in found]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        OSError
            It cannot be read.
        """
        if self._filesystem is None:
            return Path(self._root, name).read_bytes()
        with self._filesystem.open_input_stream(f"{self._root.rstrip('/')}/{name}") as stream:
            content: bytes = stream.read()
        return content

    def location(self, name: str) -> str:
        """Return the path or URL of a file, as other readers take it."""
        if self._filesystem is None:
            return str(Path(self._location) / name)
        address, mark, query = self._location.partition("?")
        return f"{address.rstrip('/')}/{name}{mark}{query}"

    def similar(self, name: str) -> str:
        """Return ``(found camera.geojson)`` for a file whose name is nearly `name`, or nothing."""
        near = difflib.get_close_matches(name, sorted(self.names - {name}), n=1, cutoff=0.8)
        return f" (found {near[0]})" if near else ""


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such folder"
    if isinstance(error, NotADirectoryError):
        return "it is a file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).splitlines()[0] if str(error) else type(error).__name__
