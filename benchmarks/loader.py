"""Loader throughput against a bare kafka-python poll of the same topic, in the same run.

Both read the biggest change topic of a real snapshot from its beginning, with the same consumer options; the
loader also lands every record in ``raw`` and ``ods`` and remembers its position.
"""

from __future__ import annotations

import time
from statistics import median

from kafka import KafkaConsumer, TopicPartition

from benchmarks.harness import Measure, Report, interleaved, ratio
from benchmarks.private_stack import private_stack
from bilten.contracts import Contract, load_contracts
from bilten.settings import Settings
from ingestion.connector_configuration import change_topics
from ingestion.consumer import consumer_options
from ingestion.loader import Loader
from ingestion.topics import partition_bounds
from warehouse.client import Warehouse
from warehouse.ledger import forget_positions

ROUNDS = 5
ORDERS = 40_000
SETTLED_SECONDS = 3
BAR = 0.8


def run(report: Report) -> list[Measure]:
    """Measure."""
    with private_stack("postgresql,kafka,connect,warehouse", report, history_orders=ORDERS) as stack:
        settings = stack.settings
        contract = _biggest(settings, report)
        with Warehouse(settings) as warehouse:
            figures = interleaved(
                {
                    "bare poll, records/s": lambda: _poll(settings, contract),
                    "loader, records/s": lambda: _load(settings, contract, warehouse),
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


def _biggest(settings: Settings, report: Report) -> Contract:
    """The contract whose topic holds most, once the snapshot is over."""
    contracts = load_contracts().sources()
    topics = change_topics(settings.topic_prefix, contracts)
    before = -1
    while True:
        bounds = partition_bounds(settings, topics.values())
        total = sum(held.next_offset for held in bounds.values())
        if total == before and total > ORDERS:
            break
        before = total
        time.sleep(SETTLED_SECONDS)
    biggest = max(bounds.values(), key=lambda held: held.next_offset)
    report(f"{biggest.topic} holds {biggest.next_offset:,} records")
    return next(contract for contract in contracts if topics[contract.name] == biggest.topic)


def _poll(settings: Settings, contract: Contract) -> float:
    topic = contract.topic(settings.topic_prefix)
    ends = {partition: held.next_offset for partition, held in partition_bounds(settings, [topic]).items()}
    consumer = KafkaConsumer(**consumer_options(settings))
    try:
        consumer.assign(list(ends))
        for partition in ends:
            consumer.seek(partition, 0)
        records = 0
        began = time.perf_counter()
        while any(consumer.position(TopicPartition(*partition)) < end for partition, end in ends.items()):
            records += sum(len(polled) for polled in consumer.poll(100).values())
        return records / (time.perf_counter() - began)
    finally:
        consumer.close()


def _load(settings: Settings, contract: Contract, warehouse: Warehouse) -> float:
    forget_positions(warehouse)
    loader = Loader(settings, [contract], warehouse)
    began = time.perf_counter()
    loaded = loader.run(until_caught_up=True)
    return loaded.rows / (time.perf_counter() - began)
