"""Jitted kernels: how far a drive may come, and how likely it meets a camera on its way.

States and their arcs are those of `roadnet.onward_streets`, forwards or backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from roadnet.path_kernels import heap_drop, heap_push

if TYPE_CHECKING:
    import numpy as np

DRIVEN = 0  # a state that is driven through
LAST = 1  # one that is driven, and nothing after it
SHUT = 2  # one that is not driven into


@njit(cache=True, nogil=True)
def reach_states(
    sources: np.ndarray,
    limit: float,
    offsets: np.ndarray,
    targets: np.ndarray,
    cost: np.ndarray,
    use: np.ndarray,
    least: np.ndarray,
    order: np.ndarray,
    heap_key: np.ndarray,
    heap_item: np.ndarray,
) -> int:
    """Find the states that can be begun below a limit, by least cost (Dijkstra).

    Parameters
    ----------
    sources
        (k,) int32 states that are begun at the cost that `least` holds for them, each once.
    limit
        States that cannot be begun for less are not reached.
    offsets, targets
        CSR of arcs between states.
    cost
        (s,) float64, what it costs to drive a state, above 0.
    use
        (s,) uint8: DRIVEN, LAST or SHUT; sources are driven whatever it says, and followed unless
        they are LAST.
    least
        (s,) float64, must come filled with infinity but at the sources; the least cost at which
        each state is begun.
    order
        (s,) int32, work space; the states that are reached, in ascending order of `least`.
    heap_key, heap_item
        (arcs + sources + 1,) float64 and int32, work space.

    Returns
    -------
    int
        How many states are reached.
    """
    size = 0
    for source in sources:
        if least[source] < limit:
            size = heap_push(heap_key, heap_item, size, least[source], source)
    count = 0
    while size > 0:
        begun = heap_key[0]
        state = heap_item[0]
        size = heap_drop(heap_key, heap_item, size)
        if begun > least[state]:
            continue
        order[count] = state
        count += 1
        done = begun + cost[state]
        if use[state] == LAST or done >= limit:
            continue
        for arc in range(offsets[state], offsets[state + 1]):
            target = targets[arc]
            if use[target] != SHUT and done < least[target]:
                least[target] = done
                size = heap_push(heap_key, heap_item, size, done, target)
    return count


@njit(cache=True, nogil=True)
def fill_unseen(
    reached: np.ndarray,
    least: np.ndarray,
    offsets: np.ndarray,
    targets: np.ndarray,
    steps: np.ndarray,
    watched: np.ndarray,
    shut: np.ndarray,
    local: np.ndarray,
    unseen: np.ndarray,
) -> None:
    """Fill the probability that who begins a state with so many steps to go meets no camera.

    Parameters
    ----------
    reached
        (c,) int32, states in ascending order of `least`.
    least
        (s,) float64, steps already gone, at least, where each state begins.
    offsets, targets
        CSR of arcs between states; what follows a state below the horizon is among `reached`.
    steps
        (s,) int32, length of each state, 1 or more.
    watched
        (s,) int32, steps into each state at which a camera reads it, -1 where none does.
    shut
        (s,) bool, states that are not driven into.
    local
        (s,) int32, must hold the place in `reached` of each reached state.
    unseen
        (h + 1, c) float32 to fill: row r is for r steps to go; h is the horizon. Places at
        which no walk within the horizon comes by are left as they are.
    """
    horizon = unseen.shape[0] - 1
    for left in range(horizon + 1):
        for place in range(reached.shape[0]):
            state = reached[place]
            if least[state] > horizon - left:
                break
            if watched[state] >= 0 and watched[state] <= left:
                unseen[left, place] = 0.0
                continue
            rest = left - steps[state]
            if rest <= 0:
                unseen[left, place] = 1.0
                continue
            total = 0.0
            ways = 0
            for arc in range(offsets[state], offsets[state + 1]):
                target = targets[arc]
                if not shut[target]:
                    total += unseen[rest, local[target]]
                    ways += 1
            unseen[left, place] = total / ways if ways > 0 else 1.0
