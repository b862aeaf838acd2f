"""Fixtures that several packages' tests share."""

from __future__ import annotations

import importlib.util

pytest_plugins = [
    name
    for name in (
        "tests.fixtures.golden",
        "tests.fixtures.warehouse",
        "tests.fixtures.postgresql",
        "tests.fixtures.stack",
    )
    if importlib.util.find_spec(name) is not None
]
