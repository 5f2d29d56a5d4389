"""Ordered clicks into a route: each is put on a street, and the way between them is found.

A click says where, not which way: on a two-way street, or at a junction, the directions and streets
near it compete, and the cheapest combination of all clicks wins. The drive goes through a click on
one edge, so it turns round there only at the end of that edge. When one click is dragged, put
in or taken out, the clicks beside it stay as they were, and only the legs between them are new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.drawn_lines import read_line, read_points
from roadnet.edge_path import Path
from roadnet.errors import MatchError
from roadnet.geodesy import haversine_m
from roadnet.mapmatching import FAR_M, MatchedLine, junction_nodes
from roadnet.path_cleaning import Track
from roadnet.path_ends import snap_ends
from roadnet.paths import Router
from roadnet.snapping import EdgeIndex
from roadnet.via_warnings import Clicks, is_detour, turns_round, via_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.driving_costs import Weight
    from roadnet.graph import RoadGraph
    from roadnet.match_warnings import MatchWarning
    from roadnet.types import BoolArray
    from roadnet.vehicles import Vehicle

_RIVALS_M: Final = 12.0  # streets this much farther from a click than the nearest compete with it
_MOST_RIVALS: Final = 8
_FIRST_LOOK_M: Final = 100.0
_LAST_LOOK_M: Final = 6400.0
# A street that competes pays for its distance as if driven this often, so that of two equal
# ways the one on the street that was clicked wins.
_OFF_FACTOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A click and the point of a street that it was put on.

    Attributes
    ----------
    lon, lat
        As clicked, WGS-84 degrees.
    edge, offset_m
        Where the route passes: an edge, and metres along it.
    distance_m
        From the click to that point.
    passed_by_m
        From the click to the nearest street of any kind: less than `distance_m` where that is closed.
    state
        What the drive there may be in the middle of (`Turns`): mostly the edge.
    """

    lon: float
    lat: float
    edge: int
    offset_m: float
    distance_m: float
    passed_by_m: float
    state: int


@dataclass(frozen=True, slots=True, eq=False)
class ViaRoute:
    """A route through clicks.

    Attributes
    ----------
    stops
        The clicks in order, two or more.
    legs
        The way from each stop to the next, None where there is none. A leg that an edit does not
        touch is the same object after it.
    path
        The legs as one path; where one is missing, the longest stretch without a gap. Its ends are
        moved to an intersection that they are at, as those of a drawn line are.
    warnings
        What a person should look at, metres along the straight lines from click to click:
        `far`, `closed`, `detour`, `uturn`, `no_path`, and, if rules were not to be respected,
        `goods_banned`, `closed_edge` and `banned_turn`.
    """

    stops: tuple[Stop, ...]
    legs: tuple[Path | None, ...]
    path: Path
    warnings: tuple[MatchWarning, ...]

    def as_matched(self) -> MatchedLine:
        """Return the route as if it had been matched, each edge as sure as can be."""
        return MatchedLine(self.path, np.ones(self.path.edges.shape[0]), self.warnings)


class ViaRouter:
    """Routes through clicks on one network; build once, ask often, from any thread.

    Parameters
    ----------
    graph
        The network.
    index
        Its spatial index, if there is one already.
    weight, vehicle, closed_edges
        As of `Router`; the vehicle is a lorry of unknown size if None.
    respect
        Whether closed streets, limits, streets closed to lorries and banned turns are avoided;
        if not, the route is the way that a car may take on a free day, and what it breaks is told.
    is_intersection
        (n,) nodes that the ends of a route may be moved to; by default those with three
        neighbours or more.
    landmarks
        As of `Router`.
    """

    __slots__ = ("_goods", "_is_intersection", "_rules", "graph", "index", "respect", "router")

    graph: RoadGraph
    index: EdgeIndex
    respect: bool
    router: Router
    _goods: bool
    _rules: Router
    _is_intersection: BoolArray

    def __init__(
        self,
        graph: RoadGraph,
        *,
        index: EdgeIndex | None = None,
        weight: Weight = "time",
        vehicle: Vehicle | None = None,
        closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
        respect: bool = True,
        is_intersection: BoolArray | None = None,
        landmarks: int = 16,
    ) -> None:
        self.graph = graph
        self.index = EdgeIndex(graph) if index is None else index
        self.respect = respect
        self._goods = vehicle is None or vehicle.goods
        self._rules = Router(
            graph,
            weight=weight,
            vehicle=vehicle,
            closed_edges=closed_edges,
            landmarks=landmarks if respect else 0,
        )
        self.router = self._rules
        if not respect:
            self.router = Router(graph, weight=weight, goods=False, landmarks=landmarks)
        self._is_intersection = (
            junction_nodes(graph) if is_intersection is None else is_intersection
        )

    def route(self, lonlat: npt.ArrayLike) -> ViaRoute:
        """Find the route through clicks.

        Parameters
        ----------
        lonlat
            (k, 2) lon and lat, WGS-84 degrees, two or more, in driving order; one that repeats the
            one before is dropped.

        Raises
        ------
        MatchError
            The clicks are no line (see `read_line`); `off_network`: no open street within 6.4 km
            of one; `no_path`: there is no way between any two that follow each other.
        """
        clicks = read_line(lonlat)
        rivals = [self._rivals(lon, lat) for lon, lat in clicks.tolist()]
        stops, legs = self._chain(rivals)
        return self._finish(stops, legs)

    def move_via(self, route: ViaRoute, place: int, lonlat: npt.ArrayLike) -> ViaRoute:
        """Move one click; only the legs to and from it are found anew.

        Parameters
        ----------
        route
            Of this router.
        place
            Which click, from 0.
        lonlat
            (2,) where to.

        Returns
        -------
        ViaRoute
            The others stay on their edges, in their directions, if there is a way; else the whole
            route is found anew.

        Raises
        ------
        MatchError
            As of `route`.
        IndexError
            There is no such click.
        """
        self._check_place(place, len(route.stops))
        return self._edit(route, place, place + 1, read_points(np.atleast_2d(lonlat)).tolist())

    def insert_via(self, route: ViaRoute, place: int, lonlat: npt.ArrayLike) -> ViaRoute:
        """Put a click in before another; at the end if `place` is their number. As `move_via`."""
        self._check_place(place, len(route.stops) + 1)
        return self._edit(route, place, place, read_points(np.atleast_2d(lonlat)).tolist())

    def remove_via(self, route: ViaRoute, place: int) -> ViaRoute:
        """Take a click out of three or more. As `move_via`.

        Raises
        ------
        MatchError
            `line_too_short`: there would be fewer than two.
        """
        self._check_place(place, len(route.stops))
        if len(route.stops) < 3:
            raise MatchError("line_too_short", "a route has two clicks or more")
        return self._edit(route, place, place + 1, [])

    def _edit(
        self,
        route: ViaRoute,
        first: int,
        last: int,
        clicks: list[list[float]],
        *,
        widen: bool = True,
    ) -> ViaRoute:
        """Replace stops first:last, and find the legs to and from them."""
        before, after = route.stops[:first], route.stops[last:]
        if not before and not clicks:
            return self._finish(after, route.legs[last:])
        if not after and not clicks:
            return self._finish(before, route.legs[: first - 1])
        # The stop beside an edit keeps its street and direction for the sake of its other leg; a
        # first or last stop has none.
        ring = [[before[-1]] if len(before) > 1 else self._again(before[0])] if before else []
        ring += [self._rivals(*click) for click in clicks]
        if after:
            ring.append([after[0]] if len(after) > 1 else self._again(after[0]))
        stops, legs = self._chain(ring)
        if widen and max(len(before), len(after)) > 1 and self._is_awkward(stops, legs):
            # A direction that suited the old click does not suit the new one.
            left = [[stop.lon, stop.lat] for stop in before[-1:] if len(before) > 1]
            right = [[stop.lon, stop.lat] for stop in after[:1] if len(after) > 1]
            wide = [*left, *clicks, *right]
            return self._edit(route, first - len(left), last + len(right), wide, widen=False)
        joined = (*before[:-1], *stops, *after[1:])
        kept = (*route.legs[: max(first - 1, 0)], *legs, *route.legs[last:])
        if None in legs or self._breaks_ban(kept, max(first - 1, 0), len(legs)):
            return self.route(np.array([(stop.lon, stop.lat) for stop in joined]))
        return self._finish(joined, kept)

    def _is_awkward(self, stops: Sequence[Stop], legs: Sequence[Path | None]) -> bool:
        """Tell whether a leg is missing, turns round, or goes a long way round."""
        lon = np.array([stop.lon for stop in stops])
        lat = np.array([stop.lat for stop in stops])
        straight_m = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).tolist()
        return any(
            leg is None
            or turns_round(self.graph, leg)
            or is_detour(leg.length_m(self.graph), metres)
            for leg, metres in zip(legs, straight_m, strict=True)
        )

    def _breaks_ban(self, legs: Sequence[Path | None], first: int, count: int) -> bool:
        """Tell whether new legs and those beside them, each without, break a ban together."""
        near = [leg for leg in legs[max(first - 1, 0) : first + count + 1] if leg is not None]
        if self.router.turns.rules.shape[0] == 1 or not near:
            return False
        return self.router.turns.first_ban(_joined_edges(near)) is not None

    def _chain(
        self, rivals: Sequence[list[Stop]]
    ) -> tuple[tuple[Stop, ...], tuple[Path | None, ...]]:
        """Choose one stop for each click so that the whole is cheapest, with the legs between."""
        costs = [self._price(stop) for stop in rivals[0]]
        options = [rivals[0]]
        chosen: list[list[tuple[int, Path | None]]] = []
        for nexts in rivals[1:]:
            reached: list[tuple[float, int, Path | None, int]] = [
                self._best_leg(options[-1], costs, stop) for stop in nexts
            ]
            if all(leg is None for _, _, leg, _ in reached):
                # A gap: the best so far, and a new beginning.
                cheapest = int(np.argmin(costs))
                reached = [(0.0, cheapest, None, stop.edge) for stop in nexts]
            costs = [
                cost + self._price(stop) for (cost, *_), stop in zip(reached, nexts, strict=True)
            ]
            options.append(
                [
                    Stop(
                        stop.lon,
                        stop.lat,
                        stop.edge,
                        stop.offset_m,
                        stop.distance_m,
                        stop.passed_by_m,
                        state,
                    )
                    for stop, (*_, state) in zip(nexts, reached, strict=True)
                ]
            )
            chosen.append([(before, leg) for _, before, leg, _ in reached])
        place = int(np.argmin(costs))
        stops, legs = [options[-1][place]], []
        for places, stage in zip(reversed(chosen), reversed(options[:-1]), strict=True):
            place, leg = places[place]
            stops.append(stage[place])
            legs.append(leg)
        return tuple(reversed(stops)), tuple(reversed(legs))

    def _best_leg(
        self, stops: list[Stop], costs: list[float], goal: Stop
    ) -> tuple[float, int, Path | None, int]:
        """Find the cheapest way to a stop: cost, from which stop, path, and the state at its end."""
        router, length_m = self.router, float(self.graph.edge_length_m[goal.edge])
        per_metre = float(router.cost[goal.edge]) / length_m
        best: tuple[float, int, Path | None, int] = (np.inf, 0, None, goal.edge)
        for place, (stop, cost) in enumerate(zip(stops, costs, strict=True)):
            if stop.edge == goal.edge and stop.offset_m <= goal.offset_m:
                total = cost + (goal.offset_m - stop.offset_m) * per_metre
                if total < best[0]:
                    path = Path(np.array([goal.edge]), stop.offset_m, goal.offset_m)
                    best = (total, place, path, stop.state)
        begun = [k for k, cost in enumerate(costs) if cost < np.inf]
        found = router.find_onto(
            [stops[k].state for k in begun],
            [costs[k] + router.cost_to_end(stops[k].edge, stops[k].offset_m) for k in begun],
            goal.edge,
        )
        if found is None or found.cost + goal.offset_m * per_metre >= best[0]:
            return best
        start = next(k for k in begun if stops[k].edge == found.edges[0])
        path = Path(found.edges, stops[start].offset_m, goal.offset_m)
        return found.cost + goal.offset_m * per_metre, start, path, found.state

    def _price(self, stop: Stop) -> float:
        """Price how far a stop is from its click beyond what is nearest, in the router's cost."""
        edge = stop.edge
        per_metre = float(self.router.cost[edge]) / float(self.graph.edge_length_m[edge])
        return _OFF_FACTOR * per_metre * max(stop.distance_m - stop.passed_by_m, 0.0)

    def _again(self, stop: Stop) -> list[Stop]:
        return self._rivals(stop.lon, stop.lat)

    def _rivals(self, lon: float, lat: float) -> list[Stop]:
        """Find the points of open streets that a click may mean, nearest first."""
        radius_m, passed_by_m = _FIRST_LOOK_M, np.inf
        while radius_m <= _LAST_LOOK_M:
            near = self.index.near(lon, lat, radius_m)
            if near.edges.shape[0] > 0:
                passed_by_m = min(passed_by_m, float(near.distance_m[0]))
            open_ = np.flatnonzero(np.isfinite(self.router.cost[near.edges]))
            if open_.shape[0] > 0:
                least_m = float(near.distance_m[open_[0]])
                rivals = open_[near.distance_m[open_] <= least_m + _RIVALS_M][:_MOST_RIVALS]
                return [
                    Stop(
                        lon,
                        lat,
                        int(near.edges[k]),
                        float(near.offset_m[k]),
                        float(near.distance_m[k]),
                        passed_by_m,
                        int(near.edges[k]),
                    )
                    for k in rivals.tolist()
                ]
            radius_m *= 4.0
        raise MatchError(
            "off_network",
            f"no street that is open to the vehicle within {_LAST_LOOK_M / 1000.0:.1f} km",
            f"click at {lon:.6f}, {lat:.6f}",
        )

    def _finish(self, stops: tuple[Stop, ...], legs: tuple[Path | None, ...]) -> ViaRoute:
        """Join the legs and say what to look at."""
        path = self._join(legs)
        clicks = Clicks(
            lonlat=np.array([(stop.lon, stop.lat) for stop in stops]),
            distance_m=np.array([stop.distance_m for stop in stops]),
            passed_by_m=np.array([stop.passed_by_m for stop in stops]),
        )
        rules = None if self.respect else self._rules
        return ViaRoute(
            stops,
            legs,
            path,
            via_warnings(self.graph, clicks, legs, FAR_M, rules, goods=self._goods),
        )

    def _join(self, legs: tuple[Path | None, ...]) -> Path:
        stretches: list[list[Path]] = [[]]
        for leg in legs:
            if leg is None:
                stretches.append([])
            else:
                stretches[-1].append(leg)
        longest = max(stretches, key=lambda part: sum(leg.length_m(self.graph) for leg in part))
        if not longest or sum(leg.length_m(self.graph) for leg in longest) <= 0.0:
            raise MatchError("no_path", "no way leads from one click to the next")
        edges = _joined_edges(longest)
        offsets_m = np.array([longest[0].start_offset_m, longest[-1].end_offset_m])
        track = Track(edges, np.array([0, len(edges) - 1], dtype=np.int32), offsets_m, [])
        at = Path(np.array(edges, dtype=np.int32), *offsets_m.tolist()).lonlat(self.graph)
        edges, start_m, end_m, _ = snap_ends(
            self.graph, track, self._is_intersection, at[0], at[-1]
        )
        return Path(np.array(edges, dtype=np.int32), start_m, end_m)

    @staticmethod
    def _check_place(place: int, count: int) -> None:
        if not 0 <= place < count:
            raise IndexError(f"there is no click {place} among {count}")


def _joined_edges(legs: Sequence[Path]) -> list[int]:
    """Return the edges of legs, each of which begins on the edge that the one before ends on."""
    edges: list[int] = legs[0].edges.tolist()
    for leg in legs[1:]:
        edges += (
            leg.edges[1:].tolist() if edges and edges[-1] == leg.edges[0] else leg.edges.tolist()
        )
    return edges
