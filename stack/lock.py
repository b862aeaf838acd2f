"""Writes ``jars.lock``: resolves the pinned roots, leaves out what the worker provides, and notes checksums.

Run by ``make lock``.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from bilten.settings import load_settings
from stack import jars, maven
from stack.layout import Layout

KAFKA = "4.3.0"
DEBEZIUM = "3.5.0.Final"
ROOTS = {
    "runtime": (
        f"org.apache.kafka:kafka_2.13:{KAFKA}",
        f"org.apache.kafka:connect-runtime:{KAFKA}",
        # Both log through slf4j 1.7 and are silent without a binding.
        "org.slf4j:slf4j-simple:1.7.36",
    ),
    "plugins/debezium": tuple(
        f"io.debezium:debezium-connector-{name}:{DEBEZIUM}"
        for name in ("postgres", "mysql", "mariadb", "mongodb")
    ),
}
# A second copy in the plugin folder would be other classes under the same names (connect-api,
# kafka-clients, the REST and logging interfaces), or a native library loaded twice (the codecs).
PROVIDED_BY_WORKER = (
    "org.apache.kafka:connect-api",
    "org.apache.kafka:kafka-clients",
    "org.slf4j:slf4j-api",
    "jakarta.ws.rs:jakarta.ws.rs-api",
    "com.github.luben:zstd-jni",
    "org.lz4:lz4-java",
    "org.xerial.snappy:snappy-java",
    "org.checkerframework:checker-qual",
)


def _pinned(wanted: tuple[str, str], layout: Layout) -> jars.Jar:
    folder, coordinate = wanted
    path = maven.fetch(coordinate, layout.cache / "maven")
    return jars.Jar(folder, coordinate, jars.digest(path))


def write() -> int:
    """Resolve and write the lock.

    Returns:
        The number of pinned files.

    Raises:
        DownloadFailed: something cannot be fetched.
    """
    layout = Layout.of(load_settings())
    wanted = [
        (folder, coordinate)
        for folder, roots in ROOTS.items()
        for coordinate in maven.resolve(roots, layout.cache / "maven")
        if folder == "runtime" or coordinate.rpartition(":")[0] not in PROVIDED_BY_WORKER
    ]
    with ThreadPoolExecutor(jars.PARALLEL_DOWNLOADS) as pool:
        pinned = tuple(pool.map(lambda each: _pinned(each, layout), wanted))
    jars.LOCK.write_text(jars.render(pinned), encoding="ascii")
    return len(pinned)


if __name__ == "__main__":
    sys.stdout.write(f"{write()} jars pinned\n")
