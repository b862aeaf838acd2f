"""A MongoDB's connector. Pure. It has not been run against a server."""

from __future__ import annotations

from collections.abc import Iterable

from bilten.contracts import Contract
from bilten.settings import Settings
from ingestion.connector_configuration import common_options, included


def connector_configuration(
    settings: Settings, name: str, url: str, contracts: Iterable[Contract]
) -> dict[str, str]:
    """Compile the connector's configuration.

    Args:
        settings: the cluster and its topics.
        name: the source's name, with which its topics begin.
        url: the connection string of a replica set.
        contracts: the collections to capture; those of other sources are left out.

    Returns:
        The body for Kafka Connect, every value a string. It holds the database's password.
    """
    collections = sorted(
        f"{contract.source_schema}.{contract.source_table}"
        for contract in contracts
        if (contract.database, contract.source) == ("mongodb", name)
    )
    return {
        "connector.class": "io.debezium.connector.mongodb.MongoDbConnector",
        "tasks.max": "1",
        "mongodb.connection.string": url,
        "topic.prefix": name,
        "collection.include.list": included(collections),
        # An update brings the whole document, as it is when it is looked up.
        "capture.mode": "change_streams_update_full",
        "snapshot.mode": "initial",
        **common_options(settings),
    }
