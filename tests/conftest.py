"""Fixtures that several packages' tests share."""

from __future__ import annotations

pytest_plugins = [
    "tests.fixtures.golden",
    "tests.fixtures.warehouse",
    "tests.fixtures.cassandra",
    "tests.fixtures.mariadb",
    "tests.fixtures.postgresql",
    "tests.fixtures.stack",
    "tests.fixtures.scheduling",
]
