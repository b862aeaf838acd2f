"""The policy as statements for a server: golden, and known to the engine's own parser."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from bilten.contracts import load_contracts
from tests.fixtures.golden import Golden
from tests.warehouse.access.conftest import Access
from warehouse.access.policy import make_policy
from warehouse.access.roles import ROLES
from warehouse.access.server_sql import role_statements, user_statements, view_statements
from warehouse.access.system_tables import CLOSED_TABLES, OPEN_TABLES

GOLDEN = Path(__file__).parents[2] / "golden" / "access"
USER = user_statements("alice", ("analyst", "finance"), None, "ab" * 32, "cd" * 16)
MEMBER = user_statements("bob", ("organizer",), UUID(int=1), "ab" * 32, "cd" * 16)


def statements() -> tuple[str, ...]:
    policy = make_policy(load_contracts().values())
    return (*view_statements(policy), *role_statements(policy), *USER, *MEMBER)


@pytest.mark.parametrize("name", ["views", "roles", "users"])
def test_the_statements_are_reviewed(golden: Golden, name: str) -> None:
    policy = make_policy(load_contracts().values())
    texts = {"views": view_statements(policy), "roles": role_statements(policy), "users": (*USER, *MEMBER)}
    golden(GOLDEN / f"{name}.sql", ";\n\n".join(texts[name]) + ";\n")


@pytest.mark.warehouse
def test_the_engine_understands_every_statement(access: Access) -> None:
    for text in statements():
        answer = access.post("bilten", f"EXPLAIN AST {text}", access.platform_password)
        if text.startswith("INSERT"):
            assert answer.status_code == 200, answer.text
        assert "SYNTAX_ERROR" not in answer.text, text


@pytest.mark.warehouse
def test_every_table_of_the_system_is_open_or_closed_on_purpose(access: Access) -> None:
    found = set(
        access.run(
            "bilten", "SELECT name FROM system.tables WHERE database = 'system'", access.platform_password
        ).split()
    )
    assert found - CLOSED_TABLES - OPEN_TABLES == set()
    assert set() == CLOSED_TABLES & OPEN_TABLES


def test_what_no_contract_names_nobody_gets() -> None:
    policy = make_policy(())
    assert policy.readings == ()
    assert all(policy.grants[role.name] == role.grants for role in ROLES)


@pytest.mark.warehouse
def test_tokens_join_and_hide_their_key(access: Access) -> None:
    joined = access.run(
        "analyst",
        "SELECT count() > 0, any(o.customer_id) = any(c.customer_id) FROM masked.orders AS o "
        "JOIN masked.customers AS c USING (customer_id)",
    )
    assert joined == "1\t1\n"
    mine = access.run("finance", "SELECT customer_id FROM personal.orders LIMIT 1")
    assert mine not in access.run("analyst", "SELECT customer_id FROM masked.orders")
    password = access.platform_password
    keys = access.run("bilten", "SELECT k0, k1 FROM access.masking", password).split()
    for sql in (
        "EXPLAIN actions = 1 SELECT customer_id FROM masked.orders",
        "EXPLAIN QUERY TREE SELECT customer_id FROM masked.orders",
        "EXPLAIN SYNTAX SELECT customer_id FROM masked.orders",
        "SHOW CREATE TABLE masked.orders",
        "SELECT toInt8(toString(customer_id)) FROM masked.orders",
        "SELECT joinGet('access.masking', 'k0', toUInt8(0))",
        "SELECT * FROM access.masking",
    ):
        answer = access.post("analyst", sql).text
        assert not any(key in answer for key in keys), sql
