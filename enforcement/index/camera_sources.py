"""What grants and restrictions point at, each thing once, and the camera records it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from enforcement.errors import EnforcementError
from enforcement.index.camera_sets import (
    CameraPositions,
    Pairs,
    records_in_areas,
    records_in_places,
    records_of_names,
    records_of_route,
)
from enforcement.rules.permits import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapely.geometry.base import BaseGeometry

    from enforcement.rules.permits import Permit
    from enforcement.rules.restrictions import Restriction

    # A route_id, camera ids, a circle or a (multi)polygon.
    Source: TypeAlias = str | tuple[str, ...] | Place | BaseGeometry


class CameraSources:
    """Numbers the things that are pointed at; the same thing has one number.

    Areas are the same when they are one object; equal areas in two permits are asked twice, and
    their equal camera sets are shared later.
    """

    def __init__(self) -> None:
        self._number: dict[object, int] = {}
        self._sources: list[Source] = []
        self._told_by: list[str] = []

    def __len__(self) -> int:
        """Return how many different things there are."""
        return len(self._sources)

    def of_restrictions(self, restrictions: Iterable[Restriction]) -> list[int]:
        """Return the number of what each restriction points at.

        Raises
        ------
        EnforcementError
            A restriction has neither area nor cameras.
        """
        return [
            self._add(restriction.area, restriction.cameras, told_by=restriction.place)
            for restriction in restrictions
        ]

    def of_grants(self, permits: Iterable[Permit]) -> list[int]:
        """Return the number of what each grant points at, permit by permit.

        Raises
        ------
        EnforcementError
            A grant has neither route nor area, place or cameras.
        """
        return [
            self._add(grant.route_id, grant.cameras, grant.point, grant.area, told_by=permit.place)
            for permit in permits
            for grant in permit.grants
        ]

    def _add(self, *choices: Source | None, told_by: str) -> int:
        source = next((choice for choice in choices if choice is not None), None)
        if source is None:
            raise EnforcementError("no_cameras", "neither an area nor cameras are named", told_by)
        same = source if isinstance(source, (str, tuple, Place)) else id(source)
        number = self._number.get(same)
        if number is None:
            number = self._number[same] = len(self._sources)
            self._sources.append(source)
            self._told_by.append(told_by)
        return number

    def resolve(
        self, cameras: CameraPositions, route_cameras: Mapping[str, Sequence[int]]
    ) -> Pairs:
        """Return the camera records of every thing.

        Raises
        ------
        EnforcementError
            A route or a camera is named that does not exist.
        """
        found: list[Pairs] = []
        places: dict[int, Place] = {}
        areas: dict[int, BaseGeometry] = {}
        for number, source in enumerate(self._sources):
            told_by = self._told_by[number]
            if isinstance(source, str):
                records = records_of_route(cameras, source, route_cameras, told_by)
            elif isinstance(source, tuple):
                records = records_of_names(cameras, source, told_by)
            elif isinstance(source, Place):
                places[number] = source
                continue
            else:
                areas[number] = source
                continue
            found.append(Pairs(np.full(len(records), number, np.int64), records))
        for numbers, pairs in (
            (places, records_in_places(cameras, list(places.values()))),
            (areas, records_in_areas(cameras, list(areas.values()))),
        ):
            found.append(Pairs(np.array(list(numbers), np.int64)[pairs.sources], pairs.records))
        return Pairs(
            np.concatenate([pairs.sources for pairs in found]),
            np.concatenate([pairs.records for pairs in found]),
        )
