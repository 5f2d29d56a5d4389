"""Everything in order: town, ways, cameras, rules, drivers, reads, files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.simulation.city_folder import CityFolder
from benchmarks.simulation.closing import close_for_a_day
from benchmarks.simulation.day_files import write_hits, write_truth
from benchmarks.simulation.driving import drive
from benchmarks.simulation.freight import FreightDay
from benchmarks.simulation.layout import lay_out
from benchmarks.simulation.machines import sample_machines
from benchmarks.simulation.people import settle
from benchmarks.simulation.reading import Faults, read_plates
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.traffic import all_trips, passages_wanted
from benchmarks.simulation.truth import Judge

if TYPE_CHECKING:
    from benchmarks.simulation.layout import Order
    from benchmarks.simulation.people import People


def make_city(order: Order) -> dict[str, int]:
    """Write a city and its day into `order.out`; return counts of what is in them."""
    folder = CityFolder(order.out, order.coordinates)
    layout = lay_out(order, folder, close_for_a_day)
    cameras, ways = layout.cameras, layout.ways
    people = settle(order, layout, folder)
    fleet, permits = people.fleet, people.permits
    judge = Judge(fleet, layout.restrictions, permits, order.day)
    freight = FreightDay(
        fleet, permits, judge, layout.passages, ways.freight, ways.closures, ways.other_ways,
        order.day, stream(order.seed, "freight"),
    )  # fmt: skip
    clones = _add_clones(people, freight, order)
    freight.fill(passages_wanted(order) * order.freight_share)
    trips = all_trips(order, layout, people, freight.trips())
    drives = drive(trips, layout.passages, stream(order.seed, "driving"))
    random = stream(order.seed, "reading")
    machines = sample_machines(cameras, layout.still_running, order.day, random)
    rows = read_plates(
        drives, trips.vehicle, clones, fleet, machines, Faults(),
        layout.setting.graph.edge_speed_kmh, random, count=order.hits,
    )  # fmt: skip

    folder.write_settings(order.name)
    folder.write_cameras(cameras)
    folder.write_restrictions(layout.restrictions)
    folder.write_routes(layout.routes)
    folder.write_closures(ways.closures, layout.setting, order.day)
    folder.write_permits(permits, fleet)
    hit_ids = write_hits(rows, folder.emptied("hits"), order.day)
    counts = write_truth(
        order.out / "truth.parquet", rows, hit_ids, drives, trips, fleet, cameras, judge, order.day
    )
    return {
        "edges": layout.setting.graph.edge_count,
        "cameras": len({camera.camera_id for camera in cameras}),
        "routes": len(layout.routes),
        "permits": len(permits),
        "registered vehicles": len(people.registered),
        "trips": len(trips.path),
        **counts,
    }


def _add_clones(people: People, freight: FreightDay, order: Order) -> frozenset[int]:
    """Put a few lorries with somebody else's plate on the road, and let them go into town."""
    random = stream(order.seed, "clones")
    active = [permit for permit in people.permits[:-1] if permit.fate == "active"]
    clones = set()
    for _ in range(max(8, order.hits // 40_000)):
        clone = people.clone(active[int(random.integers(len(active)))].vehicles[0])
        freight.into_town(clone, float(random.uniform(6.0, 15.0)) * 3600.0, "clone")
        clones.add(clone)
    return frozenset(clones)
