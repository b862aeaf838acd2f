"""What change topics are called, and what every one of them is made with. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bilten.contracts import Contract
from bilten.settings import Settings

LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024
"""The broker's limit as well: a larger row stops the connector with a message that names the table."""


def change_topics(prefix: str, contracts: Iterable[Contract]) -> dict[str, str]:
    """Dataset name → change topic, for source contracts, sorted by dataset."""
    return {
        contract.name: contract.topic(prefix) for contract in sorted(contracts, key=lambda item: item.name)
    }


def topic_options(settings: Settings) -> dict[str, str]:
    """Topic-level options of every change topic, whoever creates it."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(settings.topic_retention_days * 24 * 60 * 60 * 1000),
        "max.message.bytes": str(LARGEST_MESSAGE_BYTES),
    }
