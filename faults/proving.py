"""One fault tried on a scene: injected under traffic, then everything compared."""

from __future__ import annotations

import time
from dataclasses import dataclass

from faults.fault import Case
from faults.scene import Scene


@dataclass(frozen=True, slots=True)
class Seen:
    """What one fault did.

    Attributes:
        case: the fault and its moment.
        seed: what decided its pauses and traffic.
        what: what was seen, in a few words; the failure if it failed.
        holds: whether everything that must hold did.
        rows: rows of the source compared value for value.
        changes: changes of the log found in ``raw``.
        seconds: how long all of it took.
    """

    case: Case
    seed: int
    what: str
    holds: bool
    rows: int
    changes: int
    seconds: float


def prove(scene: Scene, case: Case, seed: int, *further: Case) -> Seen:
    """Inject a fault while traffic runs, then compare source, log and warehouse.

    Args:
        scene: where.
        case: the fault and its moment.
        seed: decides pauses, traffic and whatever else the fault leaves open.
        further: faults injected after it, before anything is compared.

    Raises:
        AssertionError: something that must hold does not.
    """
    began = time.monotonic()
    scene.random.seed(seed)
    before = scene.published()
    with scene.traffic(case.fault.rate):
        what = [each.fault.inject(scene, each.moment) for each in (case, *further)]
    compared = scene.compare()
    scene.assert_not_older(before)
    return Seen(case, seed, "; ".join(what), True, compared.rows, compared.changes, time.monotonic() - began)
