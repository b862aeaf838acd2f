"""Fixtures that several packages' tests share."""

from __future__ import annotations

import importlib.util

import pytest

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests one worker runs one after the other: those that share what takes long to start.

    The whole stack starts once, and its tests, which take longest, first; all others go by package.
    """
    groups = {item: _group(item) for item in items}
    items.sort(key=lambda item: groups[item] != "stack")
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    return "stack" if "stack" in getattr(item, "fixturenames", ()) else item.path.parent.name
