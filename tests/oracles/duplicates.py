"""Brute force for duplicates; imports nothing of ours."""

from __future__ import annotations


def kept_hits(hits: list[dict], duplicate_us: int) -> list[int]:
    """Return the places of the hits that are no duplicates.

    A hit is {"vehicle", "camera", "at", "hit_id", "content"}; the order is (at, hit_id, content).
    """
    order = sorted(
        range(len(hits)), key=lambda i: (hits[i]["at"], hits[i]["hit_id"], hits[i]["content"])
    )
    seen: set[str] = set()
    last: dict[tuple, int] = {}
    kept = []
    for i in order:
        hit = hits[i]
        if hit["hit_id"] in seen:
            continue
        seen.add(hit["hit_id"])
        place = (hit["vehicle"], hit["camera"])
        if place in last and hit["at"] - last[place] <= duplicate_us:
            continue
        last[place] = hit["at"]
        kept.append(i)
    return kept
