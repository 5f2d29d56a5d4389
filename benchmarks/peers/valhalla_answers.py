"""Answer questions with Valhalla: `python valhalla_answers.py TILE_FOLDER`, run by the peers' Python.

Reads lines of JSON with `action` (a method of the Actor) and `body` (its request); writes lines
with `answer`, `wall_s` and `cpu_s` of the call alone, texts in and out, so that Python's reading
and writing of JSON is not counted; or with `error`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import valhalla

LIMITS = {"max_distance": 2e6, "max_shape": 200_000, "max_search_radius": 200.0}


def main() -> None:
    """Answer until there is no more to read."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Valhalla writes its log to the standard output
    tiles = Path(sys.argv[1])
    config = valhalla.get_config(tile_extract=str(tiles / "none.tar"), tile_dir=str(tiles))
    config["service_limits"]["trace"].update(LIMITS)
    config["service_limits"]["auto"]["max_distance"] = 2e6
    config["service_limits"]["truck"]["max_distance"] = 2e6
    file = tiles / f"actor-{os.getpid()}.json"
    file.write_text(json.dumps(config))
    actor = valhalla.Actor(str(file))
    file.unlink()
    for line in sys.stdin:
        question = json.loads(line)
        act = getattr(actor, question["action"])
        body = json.dumps(question["body"])
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            text = act(body)
        except RuntimeError as error:
            answers.write(json.dumps({"error": str(error)}) + "\n")
        else:
            cpu_s, wall_s = time.process_time() - cpu, time.perf_counter() - wall
            said = {"answer": json.loads(text), "wall_s": wall_s, "cpu_s": cpu_s}
            answers.write(json.dumps(said) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
