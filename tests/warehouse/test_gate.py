"""The gate: only complete, passing verdicts on the very build let it through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilten.results import Outcome, Verdict
from warehouse.gate import decide

BUILD = "20260131T101500_1a2b3c4d"
OTHER = "20260131T091500_99999999"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def verdict(check: str, outcome: Outcome = "passed", build: str = BUILD, **values: object) -> Verdict:
    plain = Verdict(
        build_id=build,
        dataset="orders",
        check_id=check,
        kind="dbt",
        severity="error",
        outcome=outcome,
        checked_at=NOON,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def test_all_required_checks_passed() -> None:
    decision = decide(BUILD, {"a", "b"}, [verdict("a"), verdict("b", "warned")])
    assert decision.allowed
    assert decision.reasons == ()


def test_a_missing_verdict_closes_the_gate() -> None:
    decision = decide(BUILD, {"a", "b"}, [verdict("a")])
    assert not decision.allowed
    assert decision.missing == ("b",)
    assert decision.reasons == ("b: no verdict bears this build.",)


def test_verdicts_of_another_build_say_nothing() -> None:
    assert decide(BUILD, {"a"}, [verdict("a", build=OTHER)]).missing == ("a",)


@pytest.mark.parametrize("outcome", ["failed", "error", "skipped"])
def test_what_is_no_pass_closes_the_gate(outcome: Outcome) -> None:
    decision = decide(BUILD, {"a"}, [verdict("a", outcome)])
    assert not decision.allowed
    assert [each.check_id for each in decision.blocking] == ["a"]


def test_a_failure_that_nobody_required_closes_the_gate_too() -> None:
    assert not decide(BUILD, {"a"}, [verdict("a"), verdict("b", "failed")]).allowed


def test_nothing_required_is_never_a_pass() -> None:
    decision = decide(BUILD, (), [verdict("a")])
    assert not decision.allowed
    assert decision.reasons == ("No check is required, so nothing was judged.",)


def test_the_latest_verdict_of_a_check_counts() -> None:
    later = verdict("a", checked_at=NOON + timedelta(seconds=1))
    assert decide(BUILD, {"a"}, [later, verdict("a", "failed")]).allowed
    assert not decide(BUILD, {"a"}, [replace(later, outcome="failed"), verdict("a")]).allowed


def test_reasons_tell_rows_and_samples() -> None:
    broken = verdict("order_total", "failed", failing_rows=3, total_rows=10, samples=({"order_id": "7"},))
    (reason,) = decide(BUILD, {"order_total"}, [broken]).reasons
    assert reason == "orders: order_total: 3 of 10 rows break the rule\n    order_id=7"


def test_many_missing_verdicts_are_counted() -> None:
    reasons = decide(BUILD, {f"check_{number:03}" for number in range(900)}, []).reasons
    assert len(reasons) == 11
    assert reasons[-1] == "890 more required checks have no verdict on this build."


OUTCOMES: list[Outcome] = ["passed", "warned", "failed", "error", "skipped"]
VERDICTS = st.builds(
    lambda check, outcome, build, second: verdict(
        check, outcome, build, checked_at=NOON + timedelta(seconds=second)
    ),
    st.sampled_from("abc"),
    st.sampled_from(OUTCOMES),
    st.sampled_from([BUILD, OTHER]),
    st.integers(0, 3),
)


@given(required=st.sets(st.sampled_from("abc")), verdicts=st.lists(VERDICTS, max_size=12))
def test_an_open_gate_means_a_pass_for_every_required_check(
    required: set[str], verdicts: list[Verdict]
) -> None:
    if decide(BUILD, required, verdicts).allowed:
        assert required
        for check in required:
            mine = [each for each in verdicts if each.build_id == BUILD and each.check_id == check]
            last = max(each.checked_at for each in mine)
            assert all(each.passes for each in mine if each.checked_at == last)
