"""``python -m faults``: every fault once, or at random for as long as is asked, on a stack of its own."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom

from rich.console import Console

from bilten.contracts import load_contracts
from faults.catalogue import CASES
from faults.fault import Case
from faults.proving import Seen, prove
from faults.report import write
from faults.scene import Scene
from faults.stage import MARTS, stage

console = Console(highlight=False, soft_wrap=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--seed", type=int, help="decides moments and traffic; told at the start")
    parser.add_argument("--minutes", type=float, help="faults at random for so long, not each of them once")
    parser.add_argument("--rows", help="only these rows of the table, with commas")
    parser.add_argument(
        "--no-marts", action="store_true", help="without Dagster and the marts: half the memory"
    )
    parser.add_argument("--report", type=Path, help="write a page of what was seen")
    return parser.parse_args()


def _chosen(rows: str | None, has_marts: bool) -> list[Case]:
    wanted = {int(row) for row in rows.split(",")} if rows else {case.fault.row for case in CASES}
    return [
        case for case in CASES if case.fault.row in wanted and (has_marts or not case.fault.needs & MARTS)
    ]


def _sequence(cases: list[Case], random: Random, minutes: float | None) -> Iterator[Case]:
    if minutes is None:
        yield from cases
        return
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        yield random.choice(cases)


def _tried(scene: Scene, case: Case, seed: int) -> Seen:
    began = time.monotonic()
    try:
        return prove(scene, case, seed)
    except Exception as error:
        return Seen(case, seed, f"{type(error).__name__}: {error}", False, 0, 0, time.monotonic() - began)


def _act(sequence: Iterator[Case], found: list[Seen], random: Random, *, with_marts: bool) -> bool:
    """Try cases on one stack, until there are none left or one of them fails; whether one did."""
    with (
        tempfile.TemporaryDirectory(prefix="bilten-faults-", ignore_cleanup_errors=True) as name,
        stage(Path(name), with_marts=with_marts, report=console.print) as stack,
    ):
        scene = Scene(stack, load_contracts().captured(), Path(name), Random())
        try:
            for case in sequence:
                seen = _tried(scene, case, random.getrandbits(31))
                found.append(seen)
                mark = "holds" if seen.holds else "FAILS"
                console.print(f"{mark} {seen.seconds:4.0f} s  {case} (seed {seen.seed}): {seen.what}")
                if not seen.holds:
                    return True
        finally:
            scene.stop_loaders()
    return False


def main() -> int:
    """Run; the status is 1 if anything did not hold."""
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else SystemRandom().getrandbits(31)
    random = Random(seed)
    cases = _chosen(asked.rows, not asked.no_marts)
    console.print(f"seed {seed}: {len(cases)} cases")
    found: list[Seen] = []
    sequence = _sequence(cases, random, asked.minutes)
    while _act(sequence, found, random, with_marts=not asked.no_marts):
        # What comes after a failure would be judged by what it left behind.
        console.print("beginning anew")
    if asked.report:
        write(asked.report, found, seed)
    return 0 if found and all(seen.holds for seen in found) else 1


if __name__ == "__main__":
    sys.exit(main())
