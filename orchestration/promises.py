"""How fresh the contracts promise data to be, and when that promise counts as broken."""

from __future__ import annotations

from datetime import timedelta

from bilten.contracts import Contract

BUILD_ALLOWANCE = timedelta(minutes=10)
"""What a build, its audit and its publication may take: marts that are promised every quarter of an hour are
as old as that when the next build begins."""


def late_after(mart: Contract) -> timedelta | None:
    """Age at which a published mart is late; None when its contract promises nothing."""
    return mart.freshness + BUILD_ALLOWANCE if mart.freshness is not None else None
