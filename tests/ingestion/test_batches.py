from __future__ import annotations

import pyarrow as pa
import pytest

from ingestion.batches import SCHEMA, Range, arrow_stream, columns_of, range_of
from ingestion.buffers import TableBuffer
from tests.ingestion.samples import Change
from warehouse.compile import EPOCH_HEADER


def test_bytes_stay_bytes() -> None:
    records = [
        Change(5, key=None, value=b"\x00\xff not json", headers=[("a", b"\xff"), ("b", None)]),
        Change(7, partition=1, value=None),
        Change(8, value=b""),
    ]
    batch = columns_of(records)
    assert batch.schema == SCHEMA
    rows = batch.to_pylist()
    assert [row["_offset"] for row in rows] == [5, 7, 8]
    assert [row["_partition"] for row in rows] == [0, 1, 0]
    assert [row["value"] for row in rows] == [b"\x00\xff not json", None, b""]
    assert [row["key"] for row in rows] == [None, b'{"id":1}', b'{"id":1}']
    assert [row["headers"] for row in rows] == [[("a", b"\xff"), ("b", b"")], [], []]
    assert rows[0]["_timestamp"].isoformat() == "2026-11-23T15:38:00.338000+00:00"


def test_one_stream_holds_all_of_it() -> None:
    batch = columns_of([Change(1), Change(2)])
    with pa.ipc.open_stream(arrow_stream(batch)) as reader:
        assert reader.read_all() == pa.Table.from_batches([batch])


def test_many_distinct_headers_stay_with_their_records() -> None:
    records = [Change(number, headers=[("n", str(number % 7).encode())]) for number in range(100)]
    headers = columns_of(records)["headers"].to_pylist()
    assert headers == [[("n", str(number % 7).encode())] for number in range(100)]


def test_ranges_cover_gaps_and_count() -> None:
    first = range_of([Change(5, timestamp=10), Change(6, timestamp=11)], 4, 8)
    gap = Range("ticketing.tickets.orders", 0, 8, 9)
    joined = first.joined(gap)
    assert (joined.first_offset, joined.next_offset, joined.rows) == (4, 9, 2)
    assert (joined.first_timestamp, joined.last_timestamp) == (10, 11)
    assert joined.bytes == 2 * (len(b'{"id":1}') + len(b"{}"))
    assert gap.joined(range_of([Change(9, timestamp=12)], 9, 10)).first_timestamp == 12


@pytest.mark.parametrize(
    ("header", "epoch"), [(b"0", 0), (b"3", 3), (b"65535", 65535), (b"65536", 0), (b"-1", 0), (None, 0)]
)
def test_a_range_bears_the_epoch_of_its_last_record(header: bytes | None, epoch: int) -> None:
    records = [Change(5), Change(6, headers=[("other", b"9"), (EPOCH_HEADER, header)])]
    later = range_of(records, 5, 7)
    assert later.epoch == epoch
    assert range_of([Change(4)], 4, 5).joined(later).joined(Range("t", 0, 7, 8)).epoch == epoch


def test_a_buffer_hands_over_what_it_took_with_a_range_per_partition() -> None:
    buffer = TableBuffer("tickets__orders")
    buffer.add([Change(0), Change(1)], 0, 2, now=1.0)
    buffer.add([Change(0, partition=1)], 0, 1, now=2.0)
    buffer.advance("ticketing.tickets.orders", 0, 2, 3)
    assert buffer.waiting.since == 1.0
    batch = buffer.take()
    assert [(one.partition, one.first_offset, one.next_offset, one.rows) for one in batch.ranges] == [
        (0, 0, 3, 2),
        (1, 0, 1, 1),
    ]
    assert len(batch.records) == 3
    assert (buffer.rows, buffer.bytes, buffer.has_ranges) == (0, 0, False)


def test_a_hole_between_two_polls_is_never_written_down() -> None:
    buffer = TableBuffer("tickets__orders")
    buffer.add([Change(0)], 0, 1, now=1.0)
    with pytest.raises(AssertionError, match="1 then 2"):
        buffer.add([Change(2)], 2, 3, now=1.0)
