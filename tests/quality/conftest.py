"""Fixtures of the quality tests."""

from __future__ import annotations

import pytest

from bilten.contracts import Contracts, load_contracts


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The project's contracts."""
    return load_contracts()
