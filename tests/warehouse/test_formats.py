from __future__ import annotations

import gzip
import zlib

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from warehouse.server import encodings, formats, native
from warehouse.server.failures import EngineError


def joined(name: str, *blocks: bytes) -> bytes:
    joiner = formats.joiner(name)
    return b"".join([*(joiner.add(block) for block in blocks), joiner.end()])


def test_formats_without_a_head_concatenate() -> None:
    assert joined("TSV", b"1\n", b"2\n") == b"1\n2\n"


def test_a_repeated_head_is_sent_once() -> None:
    assert joined("TSVWithNames", b"a\n1\n", b"a\n2\n") == b"a\n1\n2\n"
    assert joined("CSVWithNamesAndTypes", b'"a"\n"x"\n1\n', b'"a"\n"x"\n2\n') == b'"a"\n"x"\n1\n2\n'
    assert joined("CSVWithNames", b'"a\nb""\n"\n1\n', b'"a\nb""\n"\n2\n') == b'"a\nb""\n"\n1\n2\n'
    head = b"\x01\x01a\x05UInt8"
    assert joined("RowBinaryWithNamesAndTypes", head + b"\x01", head + b"\x02") == head + b"\x01\x02"
    assert joined("RowBinaryWithNames", head[:3] + b"\x01", head[:3] + b"\x02") == head[:3] + b"\x01\x02"


@pytest.mark.parametrize(
    ("name", "settings", "totals", "expected"),
    [
        ("Native", frozenset[str](), True, True),
        ("TSV", frozenset[str](), False, True),
        ("TSV", frozenset[str](), True, False),
        ("jsoneachrow", frozenset[str](), False, True),
        ("JSONEachRow", frozenset({"output_format_json_array_of_rows"}), False, False),
        ("ArrowStream", frozenset[str](), False, True),
        ("Arrow", frozenset[str](), False, False),
        ("JSON", frozenset[str](), False, False),
        ("Parquet", frozenset[str](), False, False),
    ],
)
def test_what_can_be_sent_block_by_block(
    name: str, settings: frozenset[str], totals: bool, expected: bool
) -> None:
    assert formats.can_stream(name, settings, with_totals=totals) is expected


def test_content_types() -> None:
    assert formats.content_type("JSON") == "application/json; charset=UTF-8"
    assert formats.content_type("JSONEachRow") == "application/x-ndjson; charset=UTF-8"
    assert formats.content_type("TabSeparated").startswith("text/tab-separated-values")
    assert formats.content_type("Parquet") == "application/octet-stream"


def column(name: str, kind: str, data: bytes) -> bytes:
    return native.write_text(name) + native.write_text(kind) + data


def block(rows: int, *columns: bytes) -> bytes:
    return native.write_number(len(columns)) + native.write_number(rows) + b"".join(columns)


# Each: a type and the bytes of two rows as the engine writes them.
DATA = {
    "UInt8": b"\x01\x02",
    "String": b"\x00\x03abc",
    "FixedString(2)": b"abcd",
    "Nullable(Int16)": b"\x00\x01" + b"\x01\x00\x00\x00",
    "Array(UInt8)": (1).to_bytes(8, "little") + (3).to_bytes(8, "little") + b"\x01\x02\x03",
    "Map(String, UInt8)": (1).to_bytes(8, "little") * 2 + b"\x01k" + b"\x05",
    "Tuple(a UInt8, b Decimal(12, 2))": b"\x01\x02" + bytes(16),
    "Enum8('a, b' = 1, 'c)' = 2)": b"\x01\x02",
    "DateTime64(6, 'UTC')": bytes(16),
    "Decimal(76, 3)": bytes(64),
    "LowCardinality(Nullable(String))": (
        (1).to_bytes(8, "little")
        + (0x600).to_bytes(8, "little")
        + (2).to_bytes(8, "little")
        + b"\x00\x01a"
        + (2).to_bytes(8, "little")
        + b"\x00\x01"
    ),
    "Array(LowCardinality(String))": (1).to_bytes(8, "little") + (0).to_bytes(8, "little") * 2,
    "SimpleAggregateFunction(max, Tuple(UInt128, Nullable(String)))": bytes(32) + b"\x00\x00" + b"\x00\x01x",
    "Tuple()": b"00",
}


@pytest.mark.parametrize("kind", DATA)
def test_a_column_of_every_kind_can_be_walked(kind: str) -> None:
    last = column("z", "UInt8", b"\x07\x08")
    source = block(2, column("a", kind, DATA[kind]), last)
    rewritten = native.rewrite(source, native.REVISION_WITH_FLAGS, None)
    flagged = native.write_text("a") + native.write_text(kind) + b"\x00" + DATA[kind]
    assert (
        rewritten
        == native.BLOCK_INFORMATION
        + b"\x02\x02"
        + flagged
        + native.write_text("z")
        + native.write_text("UInt8")
        + b"\x00\x07\x08"
    )
    twice = native.rewrite_all(source + source, native.REVISION_WITH_FLAGS, None)
    assert twice == rewritten + rewritten


def test_zones_come_back_into_the_head() -> None:
    source = block(1, column("t", "DateTime", b"abcd"), column("n", "UInt8", b"\x01"))
    expected = native.BLOCK_INFORMATION + block(
        1, column("t", "DateTime('Asia/Tokyo')", b"abcd"), column("n", "UInt8", b"\x01")
    )
    assert native.rewrite(source, 54405, ["DateTime('Asia/Tokyo')", "UInt8"]) == expected
    assert native.needs_types(source, ["DateTime('Asia/Tokyo')", "UInt8"])
    assert not native.needs_types(source, ["DateTime", "UInt8"])


def test_a_type_that_cannot_be_walked_is_refused_only_where_it_must_be() -> None:
    source = block(1, column("j", "Dynamic", b"?"), column("n", "UInt8", b"\x01"))
    assert native.rewrite(source, 54405, None) == native.BLOCK_INFORMATION + source
    assert native.rewrite(source, 54405, ["Dynamic", "UInt8"]) == native.BLOCK_INFORMATION + source
    with pytest.raises(EngineError) as caught:
        native.rewrite(source, native.REVISION_WITH_FLAGS, None)
    assert caught.value.code == 48


def test_revision_zero_changes_nothing() -> None:
    assert native.rewrite(b"anything", 0, None) == b"anything"
    assert native.rewrite_all(b"anything", 0, None) == b"anything"


def test_an_empty_result_still_names_its_columns() -> None:
    assert native.empty_block(["a"], ["UInt8"], 0) == b"\x01\x00\x01a\x05UInt8"
    assert (
        native.empty_block(["a"], ["UInt8"], 54454)
        == native.BLOCK_INFORMATION + b"\x01\x00\x01a\x05UInt8\x00"
    )


@given(st.integers(min_value=0, max_value=2**63))
def test_numbers_of_variable_length_round_trip(value: int) -> None:
    data = native.write_number(value)
    assert native.read_number(b"x" + data + b"y", 1) == (value, 1 + len(data))


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
}


@pytest.mark.parametrize("name", PACKERS)
@given(data=st.binary(max_size=300), size=st.integers(min_value=1, max_value=50), frames=st.integers(1, 3))
def test_a_body_is_decoded_whatever_its_pieces(name: str, data: bytes, size: int, frames: int) -> None:
    packed = PACKERS[name](data) * frames
    decoder = encodings.Decompressor(name)
    out = b"".join(decoder.decode(packed[at : at + size]) for at in range(0, len(packed), size))
    decoder.end()
    assert out == data * frames


@pytest.mark.parametrize("name", PACKERS)
def test_what_is_compressed_here_can_be_decoded_here(name: str) -> None:
    packer = encodings.compressor(name)
    packed = packer.compress(b"a" * 10000) + packer.compress(b"b") + packer.flush()
    decoder = encodings.Decompressor(name)
    assert decoder.decode(packed) == b"a" * 10000 + b"b"
    decoder.end()


@pytest.mark.parametrize("name", PACKERS)
def test_a_body_that_is_not_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(EngineError) as caught:
        decoder = encodings.Decompressor(name)
        decoder.decode(b"this is plain text, not compressed at all")
        decoder.end()
    assert caught.value.code == 271
    cut = PACKERS[name](b"some text" * 100)[:-3]
    decoder = encodings.Decompressor(name)
    with pytest.raises(EngineError):
        decoder.decode(cut)
        decoder.end()


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(EngineError) as caught:
        encodings.Decompressor("rot13")
    assert caught.value.code == 89


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", None),
        ("identity", None),
        ("gzip, deflate", "gzip"),
        ("lz4,zstd,br,gzip", "lz4"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
    ],
)
def test_the_cheapest_accepted_encoding_is_chosen(accepted: str, expected: str | None) -> None:
    assert encodings.choose(accepted) == expected
