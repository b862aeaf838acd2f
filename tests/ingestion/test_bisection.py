from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ingestion.bisection import refused_alone


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_exactly_the_bad_ones_are_refused_and_the_rest_lands_in_order(bad: list[bool]) -> None:
    landed: list[int] = []

    def attempt(part: Sequence[int]) -> str | None:
        if any(bad[item] for item in part):
            return "bad"
        landed.extend(part)
        return None

    refused = refused_alone(range(len(bad)), attempt)
    assert [item for item, _ in refused] == [item for item, wrong in enumerate(bad) if wrong]
    assert landed == [item for item, wrong in enumerate(bad) if not wrong]


def test_one_bad_record_in_many_costs_few_attempts() -> None:
    attempts = 0

    def attempt(part: Sequence[int]) -> str | None:
        nonlocal attempts
        attempts += 1
        return "bad" if 700 in part else None

    assert refused_alone(range(1024), attempt) == [(700, "bad")]
    assert attempts == 2 * 10 + 1
