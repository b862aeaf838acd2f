"""Evaluation on a real warehouse: each outcome, with the rule's name, failing rows and samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from bilten.contracts import Contracts
from bilten.results import Verdict
from bilten.settings import Settings
from quality.checks import compile_checks
from quality.gate import audit, required_checks, summary
from quality.run import Target, _connection_string, evaluate
from tests.quality.shop import SALES, built, rule, shop_contracts
from tests.settings import free_port, make_settings
from warehouse.builds import verdicts_of
from warehouse.client import Warehouse
from warehouse.gate import decide

pytestmark = pytest.mark.warehouse


def judged(
    settings: Settings, warehouse: Warehouse, target: Target, contracts: Contracts | None = None
) -> dict[str, Verdict]:
    known = contracts or shop_contracts()
    verdicts = evaluate(settings, warehouse, known, compile_checks(known), target)
    assert len(verdicts) == len({verdict.check_id for verdict in verdicts})
    assert {verdict.build_id for verdict in verdicts} == {target.build_id}
    return {verdict.check_id: verdict for verdict in verdicts}


def outcomes(verdicts: dict[str, Verdict], outcome: str) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict.outcome == outcome}


def test_sound_rows_pass_every_check(warehouse_settings: Settings, warehouse: Warehouse) -> None:
    with built(warehouse) as target:
        verdicts = judged(warehouse_settings, warehouse, target)
        assert outcomes(verdicts, "passed") == {check.check_id for check in compile_checks(shop_contracts())}
        assert {verdict.total_rows for verdict in verdicts.values() if verdict.dataset == "sales"} == {3}


BROKEN: dict[str, tuple[list[tuple[Any, ...]], int, list[str | None]]] = {
    "sales.sale_id_is_the_key": ([(1, "z", None, "paid", 1, 0, 1)], 2, ["1", "1"]),
    "sales.code_is_unique": ([(4, "a", None, "paid", 1, 0, 1)], 2, ["1", "4"]),
    "sales.buyer_leads_to_buyers": ([(4, "d", "nobody@example.org", "paid", 1, 0, 1)], 1, ["4"]),
    "sales.state_is_filled": ([(4, "d", None, None, 1, 0, 1)], 1, ["4"]),
    "sales.state_is_a_known_label": (
        [(4, "d", None, "lost", 1, 0, 1), (5, "e", None, "it's", 1, 0, 1)],
        2,
        ["4", "5"],
    ),
    "sales.total_adds_up": (
        [(4, "d", None, "paid", 1, 0, 2), (5, "e", None, "paid", 1, 1, 1)],
        2,
        ["4", "5"],
    ),
}


@pytest.mark.parametrize("check_id", sorted(BROKEN))
def test_a_broken_rule_fails_with_its_rows(
    check_id: str, warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    rows, failing, keys = BROKEN[check_id]
    with built(warehouse, sales=[*SALES, *rows]) as target:
        verdicts = judged(warehouse_settings, warehouse, target)
        assert outcomes(verdicts, "failed") == {check_id}
        verdict = verdicts[check_id]
        assert (verdict.failing_rows, verdict.total_rows) == (failing, 3 + len(rows))
        assert sorted(verdict.samples, key=str) == [{"sale_id": key} for key in keys]
        assert verdict.message
        assert outcomes(verdicts, "passed") == set(verdicts) - {check_id}


def test_a_broken_warning_warns_and_personal_keys_are_not_shown(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    known = shop_contracts()
    buyers = known["buyers"]
    lenient = replace(buyers, rules=(replace(buyers.rules[0], severity="warning"),))
    known = Contracts({**known.contracts, "buyers": lenient})
    with built(warehouse, buyers=[("x@example.org", "Germany"), ("y@example.org", None)]) as target:
        verdicts = judged(warehouse_settings, warehouse, target, known)
        (name,) = outcomes(verdicts, "warned")
        assert name == "buyers.country_is_a_code"
        assert verdicts[name].failing_rows == 1
        assert verdicts[name].passes
        assert "example.org" not in str(verdicts[name])


def test_rules_with_awkward_texts_are_evaluated_as_written(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    known = shop_contracts(
        rule("times", query="SELECT count() FROM {table} WHERE toString(price) LIKE '%12:30 :x {0}%'"),
        rule("pattern", metric="invalidValues", column="code", arguments={"pattern": r"^(?:\w:{2}|[ab'%])$"}),
        rule("few", metric="nullValues", column="code", must_be=("mustBeLessThan", 2)),
        rule("many", metric="rowCount", must_be=("mustBeBetween", [2, 3])),
        rule("too_many", metric="rowCount", must_be=("mustBeGreaterThan", 3)),
    )
    with built(warehouse) as target:
        verdicts = judged(warehouse_settings, warehouse, target, known)
        assert outcomes(verdicts, "failed") == {"sales.too_many"}
        assert outcomes(verdicts, "error") == set()
        assert verdicts["sales.few"].failing_rows == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT count() FROM {table} WHERE nosuch = 1", "nosuch"),
        ("SELECT count() FROM {table} WHERE throwIf(sale_id = 2) = 1", "throwIf"),
        ("SELECT sale_id, price FROM {table}", "one number"),
        ("SELECT maxOrNull(sale_id) FROM {table} WHERE 0", "null"),
        ("SELECT count() FROM (SELECT 1 FROM {table}) AS a, file('x.csv')", "file"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_an_error_and_alone(
    query: str, said: str, warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    known = shop_contracts(
        rule("broken", query=query), rule("sound", query="SELECT count() FROM {table} WHERE 0")
    )
    with built(warehouse) as target:
        verdicts = judged(warehouse_settings, warehouse, target, known)
        assert outcomes(verdicts, "error") == {"sales.broken"}
        assert said in verdicts["sales.broken"].message
        assert verdicts["sales.sound"].outcome == "passed"


def test_a_missing_mart_is_an_error_of_all_its_checks(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    with built(warehouse) as target:
        warehouse.command(f"DROP TABLE {target.database}.buyers")
        verdicts = judged(warehouse_settings, warehouse, target)
        checks = compile_checks(shop_contracts())
        expected = {check.check_id for check in checks if check.dataset == "buyers"}
        assert outcomes(verdicts, "error") == {*expected, "sales.buyer_leads_to_buyers"}


def test_a_warehouse_out_of_reach_is_an_error_of_every_check(warehouse: Warehouse, tmp_path: Path) -> None:
    nowhere = make_settings(tmp_path, warehouse_port=free_port())
    with built(warehouse) as target:
        verdicts = judged(nowhere, warehouse, target)
        assert outcomes(verdicts, "error") == set(verdicts)


def test_nothing_is_written_to_disk(
    warehouse_settings: Settings, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with built(warehouse) as target:
        judged(warehouse_settings, warehouse, target)
    assert list(tmp_path.rglob("*")) == []


def test_the_engine_itself_refuses_to_write_for_a_rule(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    engine = sqlalchemy.create_engine(_connection_string(warehouse_settings, "default"))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
        with pytest.raises(sqlalchemy.exc.DatabaseError, match="READONLY"):
            connection.execute(sqlalchemy.text("CREATE DATABASE written_by_a_rule"))
    engine.dispose()
    assert not warehouse.scalar("SELECT count() FROM system.databases WHERE name = 'written_by_a_rule'")


def test_the_gate_opens_only_on_verdicts_of_this_build(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    known = shop_contracts()
    required = required_checks(known, reconciled=False)
    with (
        built(warehouse) as target,
        built(warehouse, sales=[*SALES, (4, "d", None, "paid", 1, 0, 2)]) as worse,
    ):
        verdicts = audit(warehouse_settings, warehouse, known, target)
        assert summary(verdicts) == f"{len(required)} checks: {len(required)} passed"
        assert decide(target.build_id, required, verdicts_of(warehouse, target.build_id)).allowed
        assert not decide(worse.build_id, required, verdicts_of(warehouse, target.build_id)).allowed
        audit(warehouse_settings, warehouse, known, worse)
        decision = decide(worse.build_id, required, verdicts_of(warehouse, worse.build_id))
        assert not decision.allowed
        (reason,) = decision.reasons
        assert "sales.total_adds_up: 1 of 4 rows break the rule" in reason
        assert "sale_id=4" in reason
