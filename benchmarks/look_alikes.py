"""Ask how long it takes to index the plates of permits, and to find those that a read looks like.

    python -m benchmarks.look_alikes [--json FILE] [--plates N] [--reads N]

Plates of one province and its neighbours, five digits of which one or two may be letters. One
thread; CPU seconds of this process, the least of some runs. A sample of reads is compared with all
plates, position by position; the program ends with an error if the index says otherwise.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import FailedRun, machine, table
from enforcement.analysis.alike_plates import Alike, AlikePlates, plate_texts
from enforcement.confusions import standard_confusions
from ingest.plate_keys import PlateKeys

RUNS = 3
SAMPLE = 200  # reads compared with all plates
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST = "赣" * 8 + "湘鄂粤浙皖"
REGIONS = LETTERS[:11]


def draw_plates(count: int, random: np.random.Generator) -> np.ndarray:
    """Return at most `count` distinct keys of plates."""
    characters = np.full((count, 7), "0")
    characters[:, 0] = random.choice(list(FIRST), count)
    characters[:, 1] = random.choice(list(REGIONS), count)
    characters[:, 2:] = random.choice(list("0123456789"), (count, 5))
    for share in (0.5, 0.3):
        rows = np.flatnonzero(random.random(count) < share)
        characters[rows, random.integers(2, 7, rows.size)] = random.choice(list(LETTERS), rows.size)
    return np.unique(PlateKeys().keys_of_texts("".join(row) for row in characters.tolist()))


def hold_against_all(known: np.ndarray, read: np.ndarray, found: Alike) -> int:
    """Compare the first reads with all plates of their length; returns how many pairs there are."""
    confusions = standard_confusions()
    texts, _ = plate_texts(known)
    reads, _ = plate_texts(read[:SAMPLE])
    pairs = 0
    for number, own in enumerate(reads):
        apart = np.zeros(texts.shape[0], np.int64)
        for place in range(texts.shape[1]):
            here = np.full(1 << 16, confusions.most + 1)
            here[own[place]] = 0
            for (one, other), weight in confusions.pairs.items():
                if ord(one) == own[place]:
                    here[ord(other)] = weight
            apart += here[texts[:, place]]
        near = np.flatnonzero(apart <= confusions.most)
        mine = found.read == number
        if not (
            np.array_equal(found.known[mine], near)
            and np.array_equal(found.weight[mine], apart[near])
        ):
            raise FailedRun("the index does not find what comparing all plates finds")
        pairs += near.size
    return pairs


def measure(plates: int, reads: int) -> dict[str, float]:
    """Return what building the index and looking plates up takes."""
    random = np.random.default_rng(11)
    known, read = draw_plates(plates, random), draw_plates(reads, random)
    confusions = standard_confusions()
    AlikePlates(known[:10], confusions).find(read[:10])  # loads the kernels
    builds, finds = [], []
    for _ in range(RUNS):
        begin = time.process_time()
        index = AlikePlates(known, confusions)
        built = time.process_time()
        found = index.find(read)
        builds.append(built - begin)
        finds.append(time.process_time() - built)
    return {
        "plates": known.size,
        "build_s": min(builds),
        "reads": read.size,
        "reads_per_s": read.size / min(finds),
        "pairs": found.read.size,
        "compared_pairs": hold_against_all(known, read, found),
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plates", type=int, default=200_000)
    parser.add_argument("--reads", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    said = measure(chosen.plates, chosen.reads)
    head = ["plates", "build s", "reads", "reads/s", "pairs", "held against all"]
    row: list[object] = [
        f"{said['plates']:,}",
        f"{said['build_s']:.2f}",
        f"{said['reads']:,}",
        f"{said['reads_per_s']:,.0f}",
        f"{said['pairs']:,}",
        f"{said['compared_pairs']:,}",
    ]
    print(table(head, [row]))
    if chosen.json:
        text = json.dumps({"machine": machine(), **said})
        chosen.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
