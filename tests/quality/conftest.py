"""Fixtures of the quality tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bilten.contracts import Contracts, load_contracts


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    """The project's contracts."""
    return load_contracts()


@pytest.fixture
def golden() -> Callable[[Path, str], None]:
    """Compare text with the committed file; ``BILTEN_GOLDEN=write`` rewrites it instead."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("BILTEN_GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path.name} is missing: run the test with BILTEN_GOLDEN=write and review it"
        assert path.read_text(encoding="utf-8") == text

    return compare
