"""ClickHouse's own compression of bodies, both ways."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator

import httpx
import pytest
import zstandard
from clickhouse_driver.compression import get_decompressor_cls  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from bilten.settings import Settings
from warehouse.server.failures import EngineError
from warehouse.server.frames import PIECE, ZSTD, Framer, Unframer, _checksum, framed


def zstd_framed(data: bytes) -> bytes:
    packed = zstandard.ZstdCompressor().compress(data)
    content = struct.pack("<BII", ZSTD, len(packed) + 9, len(data)) + packed
    return _checksum(content) + content


@given(st.binary(max_size=10_000), st.integers(1, 700))
def test_frames_come_back_however_they_are_cut(data: bytes, size: int) -> None:
    for body in (framed(data), zstd_framed(data)):
        unframer = Unframer()
        out = b"".join(unframer.decode(body[at : at + size]) for at in range(0, len(body), size))
        unframer.end()
        assert out == data


def test_large_bodies_are_several_frames() -> None:
    data = random.Random(1).randbytes(3 * PIECE + 5)
    framer = Framer()
    body = b"".join(framer.compress(data[at : at + 300_000]) for at in range(0, len(data), 300_000))
    assert Unframer().decode(body + framer.flush()) == data


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_a_body_that_is_cut_off_is_refused(cut: int) -> None:
    unframer = Unframer()
    unframer.decode(framed(b"x" * 1000)[:cut])
    with pytest.raises(EngineError, match="middle of a frame"):
        unframer.end()


@pytest.mark.parametrize("place", [0, 16, 17, 21, 30])
def test_a_damaged_frame_is_refused(place: int) -> None:
    body = bytearray(framed(b"0123456789" * 100))
    body[place] ^= 0x40
    unframer = Unframer()
    with pytest.raises(EngineError) as caught:
        unframer.decode(bytes(body) + bytes(100))
        unframer.end()
    assert caught.value.code == 271


@pytest.fixture
def http(warehouse_settings: Settings) -> Iterator[httpx.Client]:
    headers = {
        "X-ClickHouse-User": warehouse_settings.warehouse_user,
        "X-ClickHouse-Key": warehouse_settings.warehouse_password.get_secret_value(),
    }
    address = f"http://{warehouse_settings.host}:{warehouse_settings.warehouse_port}"
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:
        yield client


@pytest.mark.warehouse
def test_another_clients_code_reads_what_the_server_compresses(http: httpx.Client) -> None:
    answer = http.post("/", params={"compress": "1"}, content="SELECT number FROM numbers(3) FORMAT TSV")
    assert "Content-Encoding" not in answer.headers
    decompressor = get_decompressor_cls(answer.content[16])(io.BytesIO(answer.content[17:]))
    high, low = struct.unpack("<QQ", answer.content[:16])
    assert decompressor.get_decompressed_data(answer.content[16], (high << 64) + low, 1) == b"0\n1\n2\n"


@pytest.mark.warehouse
def test_results_and_inserts_stream_in_frames(http: httpx.Client) -> None:
    sql = "SELECT number, repeat('x', 20) FROM numbers(300000) ORDER BY number FORMAT TSV"
    plain = http.post("/", content=sql).content
    unframer = Unframer()
    assert unframer.decode(http.post("/", params={"compress": "1"}, content=sql).content) == plain
    unframer.end()
    http.post("/", content="CREATE DATABASE IF NOT EXISTS frames").raise_for_status()
    table = "CREATE OR REPLACE TABLE frames.t (n Int64, s String) ENGINE = MergeTree ORDER BY n"
    http.post("/", content=table).raise_for_status()
    for body in (framed(plain), zstd_framed(plain)):
        into = {"decompress": "1", "query": "INSERT INTO frames.t FORMAT TSV"}
        http.post("/", params=into, content=body).raise_for_status()
    assert http.post("/", content="SELECT count(), uniqExact(n) FROM frames.t").text == "600000\t300000\n"
    asked = http.post("/", params={"decompress": "1", "compress": "1"}, content=framed(b"SELECT 1"))
    assert Unframer().decode(asked.content) == b"1\n"
    http.post("/", content="DROP DATABASE frames").raise_for_status()


@pytest.mark.warehouse
def test_a_body_that_is_not_in_frames_is_an_error(http: httpx.Client) -> None:
    answer = http.post("/", params={"decompress": "1"}, content=b"SELECT 1" * 10)
    assert answer.headers["X-ClickHouse-Exception-Code"] == "271"
