from __future__ import annotations

from collections.abc import Callable

import pytest

from bilten.contracts import Contract, load_contracts
from tests.fixtures.stack import Stack


@pytest.fixture(scope="session")
def contracts() -> tuple[Contract, ...]:
    """The project's source contracts."""
    return load_contracts().captured()


@pytest.fixture(scope="session")
def capture(new_stack: Callable[..., Stack]) -> Stack:
    """Everything up to the change topics, with a little history; the tests bring their own loaders."""
    stack = new_stack(loader_flush_rows=200)
    stack.up("--only", "postgresql,kafka,connect,warehouse")
    return stack
