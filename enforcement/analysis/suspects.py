"""The violations of a period as columns, before doubts have looked at them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.hits import HitBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Suspects:
    """v violations that are no duplicates, in any order.

    Attributes
    ----------
    plate_key, plate_class, camera, captured_at_us, vehicle_class
        (v,) as of `ingest.hits.HitBatch`; the vehicle class is the one that was judged.
    record
        (v,) int32 camera record in service.
    reason, restriction, permit, grant
        (v,) as of `enforcement.matching.matcher.VerdictBatch`.
    side_plates
        The side table that the plate keys point into.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    vehicle_class: npt.NDArray[np.uint8]
    record: npt.NDArray[np.int32]
    reason: npt.NDArray[np.uint8]
    restriction: npt.NDArray[np.int32]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    side_plates: Sequence[str] = ()

    def __len__(self) -> int:
        """Return the number of violations."""
        return int(self.plate_key.shape[0])

    def some(self, rows: npt.NDArray[np.integer]) -> Suspects:
        """Return some of the violations."""
        columns = (field.name for field in fields(self) if field.name != "side_plates")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    def as_hits(self, captured_at_us: npt.NDArray[np.int64]) -> HitBatch:
        """Return the same hits as if they had been read at other instants."""
        return HitBatch(
            camera=self.camera,
            plate_key=self.plate_key,
            plate_class=self.plate_class,
            vehicle_class=self.vehicle_class,
            captured_at_us=captured_at_us,
            confidence=np.ones(len(self)),
        )


def joined(groups: Sequence[Suspects]) -> Suspects:
    """Return the violations of some groups one after another, all of one side table."""
    names = (field.name for field in fields(groups[0]) if field.name != "side_plates")
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in groups]) for name in names
    }
    return replace(groups[0], **columns)
