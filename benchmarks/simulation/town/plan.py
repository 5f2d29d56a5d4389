"""The plan of Qingtan: where its river, roads, quarters and villages lie.

Kilometres from the drum tower in the old town, x east and y north. Everything here is invented;
the names are of the kind that a town in western Jiangxi has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

Drawn: TypeAlias = tuple[tuple[float, float], ...]

CENTRE_LON: Final = 114.3900
CENTRE_LAT: Final = 27.8100


@dataclass(frozen=True, slots=True)
class Road:
    """One planned street.

    `gap_m` is the distance between the two one-way carriageways, 0 for a single one; `tapers`
    says at which ends ("start", "end") the carriageways meet in one node.
    """

    name: str
    highway: str
    through: Drawn
    gap_m: float = 0.0
    tapers: tuple[str, ...] = ()
    closed: bool = False
    speed_kmh: int | None = None
    ref: str = ""
    straight: bool = False


RIVER_NAME: Final = "清潭江"
RIVER: Final[Drawn] = (
    (-10.5, 1.5), (-8.6, 0.95), (-7.0, 0.25), (-5.2, -0.75), (-3.6, -1.55), (-2.0, -1.75),
    (-0.6, -1.25), (0.9, -0.95), (2.3, -1.25), (3.5, -2.15), (5.1, -2.85), (7.0, -2.75),
    (8.6, -2.1), (10.5, -1.9),
)  # fmt: skip
RIVER_WIDTH_M: Final = (150.0, 175.0, 230.0, 190.0, 260.0, 215.0)  # from west to east

STREAM_NAME: Final = "秀溪"
STREAM: Final[Drawn] = (
    (1.2, 7.4), (1.35, 6.2), (1.9, 5.0), (1.75, 3.9), (2.35, 2.9), (3.05, 1.9), (2.75, 0.9),
    (3.3, -0.1), (3.35, -1.1), (3.45, -2.0),
)  # fmt: skip
STREAM_WIDTH_M: Final = (12.0, 22.0, 30.0)

LAKES: Final[tuple[tuple[str, Drawn], ...]] = (
    ("东湖", ((2.26, 0.72), (2.5, 1.02), (2.82, 0.95), (2.8, 0.6), (2.94, 0.25), (2.68, 0.13), (2.36, 0.34))),
    ("凤凰湖", ((-1.6, -3.72), (-1.15, -3.5), (-0.72, -3.62), (-0.82, -3.98), (-1.3, -4.12))),
)  # fmt: skip

RING: Final[Drawn] = (
    (0.3, 3.15), (2.3, 3.0), (4.0, 1.95), (4.85, 0.15), (4.6, -2.0), (3.75, -3.9), (1.9, -4.95),
    (-0.7, -4.9), (-2.9, -4.35), (-4.35, -2.9), (-4.65, -0.9), (-4.3, 1.15), (-2.3, 2.75),
)  # fmt: skip
INNER_RING: Final[Drawn] = (
    (-1.42, -1.28), (-1.52, -0.6), (-1.38, 0.25), (-0.8, 0.88), (0.1, 1.06), (0.92, 0.74),
    (1.3, 0.1), (1.36, -0.73),
)  # fmt: skip

ROADS: Final[tuple[Road, ...]] = (
    Road("清昆高速", "motorway", ((-10.5, 3.4), (-7.6, 4.7), (-4.0, 5.75), (-0.5, 6.0), (3.0, 5.35), (5.8, 3.95), (8.2, 2.3), (10.5, 1.0)), gap_m=26, speed_kmh=110, ref="G6021"),
    Road("环城大道", "trunk", RING, gap_m=22, closed=True, speed_kmh=70, ref="G320"),
    # radials, clockwise from the north
    Road("清潭大道", "primary", ((0.1, 1.06), (0.18, 2.0), (0.3, 3.15), (0.05, 4.2), (-0.12, 5.0)), gap_m=18, tapers=("end",)),
    Road("清潭北路", "primary", ((-0.12, 5.0), (-0.22, 5.98), (-0.5, 6.9), (-1.4, 7.6))),
    Road("浙赣路", "primary", ((0.92, 0.74), (1.75, 1.55), (2.5, 2.35), (3.1, 2.62), (4.1, 3.3)), gap_m=16, tapers=("end",)),
    Road("浙赣路", "primary", ((4.1, 3.3), (5.2, 3.9), (6.6, 5.3), (7.6, 6.6)), ref="S222"),
    Road("东湖大道", "primary", ((1.3, 0.1), (2.1, 0.2), (3.1, -0.22), (4.0, -0.12), (4.85, 0.15), (6.0, 0.75), (6.9, 1.4)), gap_m=18, tapers=("end",)),
    Road("东湖东路", "primary", ((6.9, 1.4), (7.9, 2.35), (8.6, 3.3), (9.7, 3.9))),
    Road("迎宾大道", "primary", ((1.75, 1.55), (1.86, 0.6), (1.82, -0.4), (1.98, -1.15), (2.18, -2.0), (2.12, -3.1), (2.3, -4.1), (2.5, -4.78), (3.1, -5.9)), gap_m=18, tapers=("end",)),
    Road("迎宾南路", "secondary", ((3.1, -5.9), (3.7, -6.8), (5.0, -7.4))),
    Road("中山路", "secondary", ((0.1, 1.06), (0.02, 0.5), (0.08, -0.1), (-0.02, -0.7), (-0.02, -0.94))),
    Road("新城大道", "primary", ((-0.05, -1.42), (-0.12, -2.1), (0.0, -3.0), (0.08, -4.0), (0.0, -4.97), (0.1, -6.0)), gap_m=20, tapers=("start", "end")),
    Road("新城南路", "secondary", ((0.1, -6.0), (-0.15, -6.9), (-1.2, -7.6))),
    Road("文昌路", "secondary", ((-2.3, 2.75), (-2.38, 1.9), (-2.22, 0.9), (-2.5, -0.2), (-2.55, -1.3), (-2.42, -2.2), (-2.5, -3.2), (-2.6, -4.05), (-2.9, -4.35))),
    Road("钟山大道", "primary", ((-1.38, 0.25), (-2.3, 0.42), (-3.3, 0.72), (-4.38, 0.75), (-5.3, 1.3), (-6.1, 2.2)), gap_m=18, tapers=("end",)),
    Road("钟山西路", "primary", ((-6.1, 2.2), (-7.4, 2.75), (-8.8, 2.6), (-10.2, 2.55)), ref="S311"),
    Road("昌盛路", "secondary", ((-0.8, 0.88), (-1.5, 1.5), (-2.36, 2.1), (-3.0, 2.38), (-3.9, 3.1), (-4.8, 3.7))),
    Road("世纪大道", "primary", ((-6.9, -3.3), (-5.6, -2.75), (-4.4, -2.7), (-3.4, -2.5), (-2.45, -2.72), (-1.2, -2.75), (-0.02, -2.85), (1.1, -2.68), (2.14, -2.72), (3.2, -3.1), (4.25, -3.05), (5.4, -3.7), (6.3, -4.5)), gap_m=20, tapers=("start", "end")),
    Road("世纪西路", "secondary", ((-6.9, -3.3), (-8.0, -3.5), (-9.6, -3.1))),
    Road("站前大道", "secondary", ((6.3, -4.5), (7.2, -5.4), (8.6, -5.9))),
    # second circle, north and south of the river
    Road("建设路", "secondary", ((-3.35, -1.18), (-3.45, -0.4), (-3.3, 0.72), (-2.9, 1.55), (-2.36, 1.95), (-1.2, 2.2), (0.2, 2.12), (1.3, 2.25), (2.2, 2.1), (3.1, 1.5), (3.62, 0.7), (3.72, -0.2), (3.85, -1.2), (4.1, -2.1)), gap_m=0),
    Road("学府路", "secondary", ((-4.4, -3.35), (-3.4, -3.3), (-2.55, -3.5), (-1.7, -3.35), (-0.6, -3.45), (0.05, -3.75), (1.1, -3.8), (2.2, -3.75), (3.0, -3.85), (3.75, -3.9))),
    Road("滨江北路", "secondary", ((-4.55, -0.72), (-3.9, -1.16), (-3.35, -1.18), (-2.55, -1.43), (-1.95, -1.5), (-1.42, -1.28), (-0.65, -0.98), (-0.02, -0.94), (0.75, -0.73), (1.36, -0.73), (1.85, -0.86), (2.5, -1.05), (3.2, -1.55), (3.8, -2.0), (4.4, -2.3))),
    Road("滨江南路", "secondary", ((-4.38, -2.2), (-3.7, -1.9), (-2.55, -2.02), (-1.7, -1.98), (-0.6, -1.5), (0.3, -1.28), (1.0, -1.2), (2.02, -1.42), (2.8, -1.95), (3.5, -2.5), (4.36, -2.93))),
    Road("环城东路", "secondary", ((0.1, 1.06), (0.92, 0.74), (1.3, 0.1), (1.36, -0.73))),
    Road("环城西路", "secondary", ((-1.42, -1.28), (-1.52, -0.6), (-1.38, 0.25), (-0.8, 0.88), (0.1, 1.06))),
    Road("人民路", "secondary", ((-1.42, 0.05), (-0.8, -0.12), (0.06, -0.05), (0.7, 0.1), (1.3, 0.1))),
    # industrial park in the west, logistics park in the east, and the roads to them
    Road("工业大道", "secondary", ((-4.8, 3.7), (-5.5, 3.05), (-6.1, 2.2), (-6.55, 1.5), (-6.9, 0.75))),
    Road("创新大道", "secondary", ((-8.2, 2.72), (-7.7, 3.5), (-6.7, 3.9), (-5.5, 3.05), (-5.0, 2.4), (-4.1, 1.55))),
    Road("物流大道", "secondary", ((4.85, -0.45), (5.7, -0.35), (6.7, -0.25), (7.5, 0.35), (7.35, 1.5), (7.3, 1.78))),
    Road("仓储路", "secondary", ((4.55, -2.1), (5.6, -1.7), (6.6, -1.5), (7.4, -0.9), (7.5, 0.35))),
    Road("高铁大道", "secondary", ((0.05, -4.97), (1.3, -5.5), (3.0, -5.85), (4.9, -5.3), (6.3, -4.5))),
    # country roads from village to village
    Road("清北线", "tertiary", ((-4.8, 3.7), (-4.0, 4.5), (-2.4, 4.75), (-1.2, 4.5), (0.0, 4.5), (1.5, 4.5), (2.9, 4.3), (4.1, 3.3))),
    Road("凤山线", "tertiary", ((-9.6, -3.1), (-8.4, -4.6), (-6.6, -5.3), (-4.6, -5.7), (-2.6, -6.0), (-0.15, -6.9))),
    Road("柘溪线", "unclassified", ((-4.6, -5.7), (-4.9, -4.6), (-5.6, -3.7), (-5.6, -2.75))),
    Road("下浦线", "unclassified", ((-6.9, 0.75), (-7.6, 0.0), (-8.6, -0.2), (-9.2, -1.2), (-8.6, -2.3), (-8.0, -3.5))),
    Road("竹亭线", "tertiary", ((8.6, 3.3), (8.1, 4.6), (6.6, 5.3), (4.9, 6.0), (2.9, 6.5), (1.0, 6.9), (-0.5, 6.9))),
    Road("洪塘线", "tertiary", ((7.5, 0.35), (8.7, 0.1), (9.3, -0.8), (9.0, -1.55))),
    Road("渡口线", "unclassified", ((8.6, -5.9), (9.4, -4.8), (8.6, -3.7), (7.0, -3.5), (5.9, -3.3), (5.1, -3.55))),
    Road("新坊线", "tertiary", ((-1.4, 7.6), (-3.2, 7.1), (-4.8, 6.7), (-6.4, 6.1), (-7.7, 3.5))),
    Road("石里线", "unclassified", ((3.7, -6.8), (2.2, -7.3), (0.6, -7.0), (-0.15, -6.9))),
)  # fmt: skip

OLD_BRIDGE_NAME: Final = "清潭老桥"
OLD_BRIDGE: Final = Road(
    OLD_BRIDGE_NAME, "tertiary", ((-0.02, -0.94), (-0.05, -1.42)), straight=True
)

BRIDGE_NAMES: Final = {
    "文昌路": "文昌大桥",
    "迎宾大道": "迎宾大桥",
    "环城大道": "环城大桥",
    OLD_BRIDGE_NAME: OLD_BRIDGE_NAME,
}

# Where the motorway meets a road at ramps.
INTERCHANGES: Final = ("清潭北路", "东湖东路")

# Outer limit of unbroken building; parts of it inside the ring are all built but the parks.
BUILT_UP: Final[Drawn] = (
    (0.2, 3.95), (1.6, 3.8), (3.4, 3.35), (4.9, 2.2), (5.35, 0.9), (5.2, -0.9), (5.0, -2.3),
    (4.75, -3.9), (3.4, -5.4), (1.4, -5.5), (-1.0, -5.35), (-3.4, -5.0), (-4.9, -3.5),
    (-5.1, -1.6), (-5.0, 0.3), (-4.75, 1.7), (-3.6, 2.75), (-1.8, 3.5),
)  # fmt: skip

PARKS: Final[tuple[tuple[str, Drawn], ...]] = (
    ("东湖公园", ((2.1, 0.5), (2.4, 1.15), (3.05, 1.05), (3.0, 0.3), (3.1, -0.1), (2.6, -0.25), (2.2, 0.0))),
    ("凤凰山公园", ((-1.95, -3.6), (-1.2, -3.42), (-0.55, -3.55), (-0.6, -4.15), (-1.3, -4.45), (-1.9, -4.1))),
    ("钟山公园", ((-3.1, 1.0), (-2.75, 1.25), (-2.45, 1.15), (-2.5, 0.75), (-2.95, 0.68))),
    ("体育公园", ((0.55, -1.75), (1.1, -1.7), (1.15, -2.15), (0.6, -2.2))),
    ("望江公园", ((3.0, -2.5), (3.35, -2.75), (3.7, -3.0), (3.3, -3.0), (2.85, -2.8))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quarter:
    """A part of the town with a street grid of its own.

    `outline` is None for the quarters that share the built-up area out among them: there a block
    belongs to the quarter whose `seed` is nearest on its side of the river. Spacing is in metres
    along (`angle_deg` from east, counter-clockwise) and across the grid.
    """

    name: str
    kind: str  # old_town, new_town, industry, logistics, village
    seed: tuple[float, float]
    angle_deg: float
    spacing_m: tuple[float, float]
    jitter: float
    gaps: float
    outline: Drawn | None = None
    banks: tuple[str, ...] = ("north", "south")


QUARTERS: Final[tuple[Quarter, ...]] = (
    Quarter("老城", "old_town", (0.0, 0.0), 8.0, (95.0, 112.0), 0.17, 0.25, (*INNER_RING, (0.75, -0.73), (-0.02, -0.94), (-0.65, -0.98))),
    Quarter("城北", "new_town", (0.3, 2.2), -4.0, (184.0, 220.0), 0.07, 0.13, banks=("north",)),
    Quarter("城西", "new_town", (-3.0, 0.6), 14.0, (190.0, 210.0), 0.08, 0.14, banks=("north",)),
    Quarter("城东", "new_town", (2.9, 0.2), -12.0, (182.0, 212.0), 0.08, 0.14, banks=("north",)),
    Quarter("东北", "new_town", (3.0, 2.3), -38.0, (195.0, 229.0), 0.07, 0.15, banks=("north",)),
    Quarter("新城", "new_town", (0.0, -3.0), 3.0, (201.0, 227.0), 0.035, 0.1, banks=("south",)),
    Quarter("大学城", "new_town", (-3.2, -3.0), -9.0, (209.0, 248.0), 0.06, 0.17, banks=("south",)),
    Quarter("高铁新区", "new_town", (3.2, -4.0), -24.0, (203.0, 241.0), 0.04, 0.15, banks=("south",)),
    Quarter("工业园", "industry", (-6.4, 2.9), 36.0, (265.0, 305.0), 0.04, 0.17, ((-4.35, 1.5), (-5.2, 1.15), (-6.3, 0.9), (-7.1, 1.2), (-7.75, 2.1), (-8.1, 3.2), (-7.3, 4.2), (-6.0, 4.15), (-4.85, 3.3))),
    Quarter("物流园", "logistics", (6.1, -0.6), 4.0, (225.0, 250.0), 0.04, 0.16, ((5.0, 0.2), (6.0, 0.6), (7.1, 1.35), (7.75, 0.9), (7.75, -0.6), (7.2, -1.4), (6.0, -1.95), (5.0, -1.9))),
    Quarter("站前", "new_town", (6.5, -4.7), -40.0, (177.0, 203.0), 0.06, 0.2, ((5.7, -4.1), (6.4, -4.0), (7.3, -4.9), (7.4, -5.7), (6.5, -5.5), (5.6, -4.8))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Village:
    """A village: about `radius_km` around a point beside its road."""

    name: str
    centre: tuple[float, float]
    radius_km: float


VILLAGES: Final[tuple[Village, ...]] = (
    Village("洋江", (-2.5, 4.78), 0.36),
    Village("上高田", (1.5, 4.5), 0.34),
    Village("竹亭", (4.9, 5.95), 0.42),
    Village("新坊", (-4.8, 6.65), 0.42),
    Village("慈化", (-1.3, 7.5), 0.4),
    Village("湖田", (8.55, 3.35), 0.44),
    Village("彬江", (9.2, -0.75), 0.4),
    Village("渡口", (8.6, -3.75), 0.36),
    Village("石里", (2.2, -7.25), 0.38),
    Village("寨下", (-1.1, -7.45), 0.34),
    Village("凤山", (-4.65, -5.65), 0.46),
    Village("柘溪", (-6.65, -5.25), 0.34),
    Village("下浦", (-8.7, -0.35), 0.42),
    Village("金瑞", (-9.5, -3.1), 0.4),
    Village("西村", (-9.7, 2.6), 0.38),
    Village("三阳", (6.9, 5.5), 0.36),
    Village("水江", (5.0, -7.35), 0.36),
)
