"""What the server says of itself, and what it does when more is asked than it can answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bilten.settings import Settings
from warehouse.client import Warehouse
from warehouse.server.handler import REQUESTS

pytestmark = pytest.mark.warehouse


SLEEP = "SELECT sleep(1)"


def options(settings: Settings) -> dict[str, Any]:
    return {
        "base_url": f"http://{settings.host}:{settings.warehouse_port}",
        "headers": {
            "X-ClickHouse-User": settings.warehouse_user,
            "X-ClickHouse-Key": settings.warehouse_password.get_secret_value(),
        },
        "limits": httpx.Limits(max_connections=2 * REQUESTS),
        "timeout": 120,
    }


@pytest.mark.parametrize("path", ["/ping", "/replicas_status"])
def test_it_is_well_by_get_and_by_head(warehouse_settings: Settings, path: str) -> None:
    with httpx.Client(**options(warehouse_settings)) as client:
        assert client.get(path).text == "Ok.\n"
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_more_requests_than_may_wait_are_asked_to_come_back(
    warehouse_settings: Settings, warehouse: Warehouse
) -> None:
    async def crowd(number: int) -> list[httpx.Response]:
        async with httpx.AsyncClient(**options(warehouse_settings)) as client:
            return await asyncio.gather(*(client.post("/", content=SLEEP) for _ in range(number)))

    answers = asyncio.run(crowd(REQUESTS + 30))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) <= 30
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)
    assert all(answer.text == "0\n" for answer in answers if answer not in refused)
    # And afterwards it is as before.
    assert warehouse.scalar("SELECT 2") == 2
