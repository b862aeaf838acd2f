from __future__ import annotations

from ingestion.flush import FlushPolicy, InsertBudget, Waiting, average, due

POLICY = FlushPolicy(age_seconds=0.2, rows=1000, bytes=1_000_000, inserts_per_second=20, parallel=2)


def waiting(
    dataset: str, *, rows: int = 1, size: int = 100, since: float = 0.0, promised: float = 2.0, parts: int = 0
) -> Waiting:
    return Waiting(dataset, rows, size, since, promised, parts=parts)


def choose(
    *tables: Waiting,
    now: float,
    busy: set[str] | None = None,
    latency: float = 0.01,
    budget: InsertBudget | None = None,
) -> list[str]:
    return due(
        tables,
        policy=POLICY,
        budget=budget or InsertBudget(20, now),
        busy=busy or set(),
        latency_seconds=latency,
        now=now,
    )


def test_a_record_waits_for_company_but_not_longer_than_the_age() -> None:
    assert choose(waiting("orders"), now=0.19) == []
    assert choose(waiting("orders"), now=0.2) == ["orders"]


def test_a_full_table_does_not_wait() -> None:
    assert choose(waiting("orders", rows=1000), now=0.0) == ["orders"]
    assert choose(waiting("orders", size=1_000_000), now=0.0) == ["orders"]


def test_a_table_whose_parts_pile_up_waits_longer_than_was_promised_and_no_other_does() -> None:
    crowded = waiting("orders", parts=1_000)
    assert choose(crowded, waiting("users"), now=1.0) == ["users"]
    assert choose(crowded, now=6.9) == []
    assert choose(crowded, now=7.1) == ["orders"]
    assert choose(waiting("orders", rows=1000, parts=1_000), now=0.0) == ["orders"], "size is never held up"


def test_the_oldest_goes_first_and_no_more_than_there_are_places() -> None:
    tables = [waiting("a", since=0.2), waiting("b", since=0.0), waiting("c", since=0.1)]
    assert choose(*tables, now=1.0) == ["b", "c"]
    assert choose(*tables, now=1.0, busy={"z"}) == ["b"]
    assert choose(*tables, now=1.0, busy={"y", "z"}) == []


def test_a_table_has_one_insert_at_a_time() -> None:
    assert choose(waiting("orders", rows=5000), now=9.0, busy={"orders"}) == []


def test_slow_inserts_stretch_the_wait_within_the_promise() -> None:
    tables = [waiting(name) for name in "abcdefgh"]
    assert choose(*tables, now=0.3, latency=0.01) == ["a", "b"]
    assert choose(*tables, now=0.3, latency=0.05) == []
    assert choose(*tables, now=0.8, latency=0.05) == ["a", "b"]
    assert choose(*tables, now=0.9, latency=60.0) == []
    assert choose(*tables, now=1.0, latency=60.0) == ["a", "b"], "half of what is promised"


def test_under_load_the_tighter_promise_goes_first() -> None:
    tables = [waiting("views", promised=5.0), waiting("orders", promised=0.5, since=0.1)]
    assert choose(*tables, now=0.4, latency=60.0) == ["orders"]
    assert choose(*tables, now=2.4, latency=60.0) == ["orders"]
    assert choose(*tables, now=2.5, latency=60.0) == ["orders", "views"]


def test_on_an_idle_warehouse_every_table_waits_for_the_age_only() -> None:
    assert choose(waiting("views", promised=5.0), now=0.2) == ["views"]


def test_age_keeps_within_the_budget_and_size_does_not_ask_for_it() -> None:
    budget = InsertBudget(4, 0.0)
    assert choose(waiting("a"), now=1.0, budget=budget) == ["a"]
    assert choose(waiting("b"), now=1.1, budget=budget) == []
    assert choose(waiting("b", rows=1000), now=1.1, budget=budget) == ["b"]
    assert choose(waiting("c"), now=1.3, budget=budget) == [], "the full table's insert was counted too"
    assert choose(waiting("c"), now=1.6, budget=budget) == ["c"]


def test_a_budget_over_time_is_its_rate() -> None:
    budget = InsertBudget(20, 0.0)
    started = 0
    for tick in range(10_000):
        if budget.allows(tick / 1000):
            budget.spend()
            started += 1
    assert 200 <= started <= 206


def test_the_average_follows_and_starts_at_the_first_measurement() -> None:
    assert average(0.0, 0.5) == 0.5
    assert average(0.5, 0.1) < 0.5
