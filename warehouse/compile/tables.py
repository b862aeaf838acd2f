"""How tables of changes and states are kept, small and large alike.

About fifty datasets with two tables each get an insert every few hundred milliseconds, in an engine that
shares two cores and a gigabyte. Parts therefore stay compact (one file) until they are large, and parts that
were merged away are forgotten after a minute instead of eight.
"""

from __future__ import annotations

TABLE_SETTINGS = "index_granularity = 8192, min_bytes_for_wide_part = 33554432, old_parts_lifetime = 60"

# Positions and times of consecutive rows are near each other; the rest is left to the default.
CODECS = {
    "_committed_at": "Delta(8), LZ4",
    "_position": "Delta(8), LZ4",
    "_offset": "Delta(8), LZ4",
    "_timestamp": "Delta(8), LZ4",
    "_loaded_at": "Delta(8), LZ4",
}


def with_codec(name: str, kind: str) -> str:
    """A column's definition, with its codec where one is worth it."""
    codec = f" CODEC({CODECS[name]})" if name in CODECS else ""
    return f"`{name}` {kind}{codec}"
