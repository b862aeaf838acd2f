"""Kafka Connect's REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from bilten.errors import ConnectUnavailable
from bilten.settings import Settings

REQUEST_SECONDS = 20
MESSAGE_CHARACTERS = 800


def connect_client(settings: Settings) -> httpx.Client:
    """A client; close it."""
    return httpx.Client(base_url=settings.connect_http_url, timeout=REQUEST_SECONDS, trust_env=False)


def request(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    """Ask.

    Raises:
        ConnectUnavailable: it does not answer.
    """
    try:
        return client.request(method, path, **options)
    except httpx.HTTPError as error:
        raise ConnectUnavailable(f"Kafka Connect at {client.base_url} does not answer: {error}.") from error


def message_of(answer: httpx.Response) -> str:
    """What an answer that is an error says."""
    try:
        return str(answer.json().get("message", answer.text))[:MESSAGE_CHARACTERS]
    except ValueError:
        return answer.text[:MESSAGE_CHARACTERS]


def stored_offset(client: httpx.Client, connector: str) -> Mapping[str, Any]:
    """Where a connector of one task would go on; empty while it has not come to its log.

    Raises:
        ConnectUnavailable: Kafka Connect does not answer.
    """
    answer = request(client, "GET", f"/connectors/{connector}/offsets")
    found = answer.json().get("offsets", []) if answer.is_success else []
    return dict(found[0]["offset"] or {}) if found else {}
