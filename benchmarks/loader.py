"""Loader throughput against a bare kafka-python poll of the same topics, in the same run.

Both read the eight biggest change topics of a real snapshot, a million records, from their beginning, with
the same consumer options; the loader also lands every record in ``raw`` and ``ods``, which are empty before
each round, and remembers its position.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from statistics import median

from kafka import KafkaConsumer

from benchmarks.harness import Measure, Report, interleaved, ratio
from benchmarks.private_stack import private_stack
from bilten.contracts import Contract, load_contracts
from bilten.settings import Settings
from ingestion.connector_configuration import change_topics
from ingestion.consumer import consumer_options
from ingestion.loader import Loader
from ingestion.topics import partition_bounds
from warehouse.client import Warehouse
from warehouse.compile.names import raw, state
from warehouse.ledger import forget_positions

ROUNDS = 5
ORDERS = 190_000
TABLES = 8
SETTLED_SECONDS = 3
BAR = 0.8


def run(report: Report) -> list[Measure]:
    """Measure."""
    with private_stack("postgresql,kafka,connect,warehouse", report, history_orders=ORDERS) as stack:
        settings = stack.settings
        contracts = _biggest(settings, report)
        with Warehouse(settings) as warehouse:
            figures = interleaved(
                {
                    "bare poll, records/s": lambda: _poll(settings, contracts),
                    "loader, records/s": lambda: _load(settings, contracts, warehouse),
                },
                ROUNDS,
                report,
            )
    bare, loader = figures["bare poll, records/s"], figures["loader, records/s"]
    return [
        ratio("loader.ratio", figures, "loader, records/s", "bare poll, records/s", BAR),
        Measure("loader.throughput", median(loader), "records/s", rounds=loader),
        Measure("loader.bare_poll", median(bare), "records/s", rounds=bare),
    ]


def _biggest(settings: Settings, report: Report) -> list[Contract]:
    """The contracts whose topics hold most, once the snapshot is over."""
    contracts = load_contracts().captured()
    topics = change_topics(settings.topic_prefix, contracts)
    before = -1
    while True:
        bounds = partition_bounds(settings, topics.values())
        held = Counter(dict.fromkeys(topics.values(), 0))
        for partition, bound in bounds.items():
            held[partition.topic] += bound.next_offset
        if held.total() == before and before > ORDERS:
            break
        before = held.total()
        time.sleep(SETTLED_SECONDS)
    chosen = sorted(contracts, key=lambda contract: held[topics[contract.name]], reverse=True)[:TABLES]
    records = sum(held[topics[contract.name]] for contract in chosen)
    report(f"{TABLES} topics hold {records:,} records")
    return chosen


def _poll(settings: Settings, contracts: Sequence[Contract]) -> float:
    topics = change_topics(settings.topic_prefix, contracts).values()
    ends = {partition: held.next_offset for partition, held in partition_bounds(settings, topics).items()}
    consumer = KafkaConsumer(**consumer_options(settings))
    try:
        consumer.assign(list(ends))
        for partition in ends:
            consumer.seek(partition, 0)
        records = 0
        began = time.perf_counter()
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            records += sum(len(polled) for polled in consumer.poll(100).values())
        return records / (time.perf_counter() - began)
    finally:
        consumer.close()


def _load(settings: Settings, contracts: Sequence[Contract], warehouse: Warehouse) -> float:
    forget_positions(warehouse)
    for contract in contracts:
        for table in (raw(contract.name), state(contract.name)):
            warehouse.command(f"TRUNCATE TABLE {table}")
    loader = Loader(settings, contracts, warehouse)
    began = time.perf_counter()
    loaded = loader.run(until_caught_up=True)
    return loaded.rows / (time.perf_counter() - began)
