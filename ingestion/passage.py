"""Whether the loader has brought in everything up to a position of the source's log."""

from __future__ import annotations

from typing import Any

import psycopg
from kafka import TopicPartition

from bilten.contracts import Contracts
from bilten.errors import IngestionError
from bilten.settings import Settings
from ingestion.connector_configuration import SLOT_NAME, change_topics
from ingestion.ledger import read_positions
from ingestion.topics import PartitionBounds, partition_bounds
from warehouse.client import Warehouse


class Passage:
    """Follows the source's log through connector and topics into the warehouse.

    A position has passed when the connector has confirmed it to the source, which it does after the records
    are in the topics, and the ledger has reached what the topics held then.

    Args:
        settings: where Kafka is.
        contracts: all contracts.
        warehouse: the warehouse.
        connection: an open connection to the source, in autocommit mode; it is not closed here.
    """

    def __init__(
        self,
        settings: Settings,
        contracts: Contracts,
        warehouse: Warehouse,
        connection: psycopg.Connection[Any],
    ) -> None:
        self._settings = settings
        self._topics = tuple(change_topics(settings.topic_prefix, contracts.sources()).values())
        self._warehouse = warehouse
        self._connection = connection
        self._passed = -1
        self._waiting: tuple[int, dict[TopicPartition, PartitionBounds]] | None = None

    def has_passed(self, position: int) -> bool:
        """Whether every change up to a position is in the warehouse.

        Args:
            position: of the source's log, in bytes.

        Raises:
            IngestionError: the source or Kafka cannot be asked.
            WarehouseUnavailable: the warehouse does not answer.
        """
        if position <= self._passed:
            return True
        if self._waiting is None or self._waiting[0] < position:
            confirmed = self._confirmed()
            if confirmed < position:
                return False
            self._waiting = confirmed, partition_bounds(self._settings, self._topics)
        confirmed, ends = self._waiting
        reached = read_positions(self._warehouse)
        for partition, held in ends.items():
            at = reached[partition].next_offset if partition in reached else held.first_offset
            if at < held.next_offset:
                return False
        self._passed, self._waiting = confirmed, None
        return True

    def _confirmed(self) -> int:
        try:
            row = self._connection.execute(
                "SELECT confirmed_flush_lsn - '0/0'::pg_lsn FROM pg_replication_slots WHERE slot_name = %s",
                (SLOT_NAME,),
            ).fetchone()
        except psycopg.Error as error:
            raise IngestionError("The source's replication slot cannot be read.", why=str(error)) from error
        return int(row[0]) if row is not None and row[0] is not None else -1
