"""Debezium's connector of Cassandra: a program of its own, one on each node, which reads its commit log."""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path

from bilten.settings import Settings
from ingestion.sources.cassandra.configuration import PROPERTIES, STARTED, files, folder_of
from ingestion.sources.cassandra.connection import open_source
from ingestion.sources.cassandra.inspection import node_settings
from ingestion.sources.definition import Source
from stack import jars, java
from stack.layout import Layout
from stack.program import Program
from stack.programs import settings_environment
from stack.supervision import Supervisor, section

JAR = jars.Jar(
    "cassandra",
    "io.debezium:debezium-connector-cassandra-5:3.4.1.Final:jar-with-dependencies",
    "8f443ad760fbe6bb84fc290e98d43e26a189a81c8817cd12ea9e12ef4f66758e",
)
"""The connector with all that it needs, Cassandra itself among it; fetched only where one is to run."""

HEAP_MEGABYTES = 384
STAGE = 3
_MAIN_CLASS = "io.debezium.connector.cassandra.CassandraConnectorTask"
_OPENED = (
    *("java.io", "java.lang", "java.lang.module", "java.lang.reflect", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.loader", "jdk.internal.math"),
    *("jdk.internal.misc", "jdk.internal.module", "jdk.internal.ref", "jdk.internal.reflect", "sun.nio.ch"),
)
_OTHERS_OPENED = (
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.rmi/sun.rmi.transport.tcp",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "jdk.management/com.sun.management.internal",
)
_LOGGING = """<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{yyyy-MM-dd'T'HH:mm:ss.SSSZ} %level %logger - %msg%n</pattern></encoder>
  </appender>
  <logger name="org.apache.kafka" level="WARN"/>
  <root level="INFO"><appender-ref ref="out"/></root>
</configuration>
"""


def command(
    settings: Settings, jar: Path, folder: Path, main_class: str, *arguments: str, heap_megabytes: int
) -> tuple[str, ...]:
    """A Java process with Cassandra's code in it, on Java 17 or 21.

    Args:
        settings: for the runtime.
        jar: what `jars.ensure_alone` returned for `JAR`.
        folder: where it may keep files.
        main_class: the class to run.
        arguments: its arguments.
        heap_megabytes: the largest heap, MiB.
    """
    logging = folder / "logback.xml"
    logging.write_text(_LOGGING, encoding="utf-8")
    opened = (*(f"java.base/{name}" for name in _OPENED), *_OTHERS_OPENED)
    return (
        str(java.executable(settings)),
        f"-Xmx{heap_megabytes}m",
        "-Xms64m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        # Cassandra sets a security manager, which Java refuses since version 18 unless told otherwise.
        "-Djava.security.manager=allow",
        "-Djdk.attach.allowAttachSelf=true",
        *(f"--add-opens={name}=ALL-UNNAMED" for name in opened),
        f"-Dlogback.configurationFile={logging}",
        f"-Dcassandra.storagedir={folder / 'storage'}",
        "-cp",
        str(jar),
        main_class,
        *arguments,
    )


def prepare(settings: Settings, source: Source) -> tuple[str, ...]:
    """Write the files of a source's connector for this node, note its start, and return its command.

    Raises:
        SourceUnavailable: the node does not answer.
        DownloadFailed: the connector cannot be fetched.
    """
    jar = jars.ensure_alone(Layout.of(settings).cache, JAR)
    with open_source(source) as connection:
        node = node_settings(connection)
        (datacenter,) = connection.execute("SELECT data_center FROM system.local").fetchone() or ("",)
    folder, port = folder_of(settings, source), _free_port()
    (folder / "offsets").mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in files(settings, source, node, str(datacenter), port).items():
        path = folder / name
        # One of them holds the password.
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    started = {"at": time.time_ns() // 1000, "port": port}
    (folder / STARTED).write_text(json.dumps(started), encoding="ascii")
    return command(
        settings, jar, folder, _MAIN_CLASS, str(folder / PROPERTIES), heap_megabytes=HEAP_MEGABYTES
    )


def supervise(settings: Settings, source: Source) -> bool:
    """Have the stack's supervisor run a source's connector, anew if it runs already.

    Definitions of tables that came into being with their keyspace are only read at its start.

    Returns:
        False when no supervisor runs here.

    Raises:
        StackError: it could not be started.
    """
    layout = Layout.of(settings)
    supervisor = Supervisor(layout)
    if not supervisor.is_alive():
        return False
    program = Program(
        name=source.connector,
        command=(sys.executable, "-m", "bilten.cli", "source", "connector", source.name),
        stage=STAGE,
        environment=settings_environment(settings),
        directory=layout.run,
        starts_itself=True,
    )
    layout.connectors.mkdir(mode=0o700, exist_ok=True)
    _section_of(layout, source).write_text(section(program, layout), encoding="utf-8")
    supervisor.adopt_configuration()
    supervisor.restart(source.connector)
    return True


def dismiss(settings: Settings, source: Source) -> None:
    """Stop the connector that the supervisor runs; harmless where there is none.

    Raises:
        StackError: it could not be stopped.
    """
    layout = Layout.of(settings)
    supervisor = Supervisor(layout)
    _section_of(layout, source).unlink(missing_ok=True)
    if supervisor.is_alive():
        supervisor.adopt_configuration()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _section_of(layout: Layout, source: Source) -> Path:
    return layout.connectors / f"{source.connector}.conf"
