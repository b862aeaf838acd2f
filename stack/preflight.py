"""What must hold before anything is started, told with the setting that changes it."""

from __future__ import annotations

import errno
import shutil
import socket
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from bilten.errors import NotEnoughResources, PortInUse, SettingsError
from bilten.settings import Settings

MEBIBYTE = 1024 * 1024
DISK_MEGABYTES = 2048
"""A quarter of a million orders through every stage, with room for Kafka's segments and merges."""

BESIDES_HEAP_MEGABYTES = {
    # What each process takes besides its heap or engine limit.
    "postgresql": 250,
    "kafka": 150,
    "connect": 150,
    "warehouse": 250,
    "loader": 200,
    "lineage": 120,
    "dagster-code": 400,
    "dagster-webserver": 200,
    "dagster-daemon": 200,
    "simulate": 100,
}


@dataclass(frozen=True)
class Port:
    """A port that a process will listen on, and the setting that names it."""

    process: str
    setting: str
    number: int


def ports(settings: Settings, names: Collection[str]) -> tuple[Port, ...]:
    """Every port that these processes listen on."""
    wanted = (
        ("postgresql", "postgres_port"),
        ("kafka", "kafka_port"),
        ("kafka", "kafka_controller_port"),
        ("connect", "connect_port"),
        ("warehouse", "warehouse_port"),
        ("loader", "loader_metrics_port"),
        ("dagster-webserver", "dagster_port"),
        ("lineage", "lineage_port"),
    )
    return tuple(
        Port(process, f"BILTEN_{setting.upper()}", getattr(settings, setting))
        for process, setting in wanted
        if process in names
    )


def check_ports(host: str, wanted: Iterable[Port]) -> None:
    """Make sure that every port can be taken.

    Raises:
        SettingsError: two settings name the same port.
        PortInUse: another program listens on one; the message names it where that can be seen.
    """
    by_number: dict[int, list[Port]] = defaultdict(list)
    for port in wanted:
        by_number[port.number].append(port)
    for number, sharing in by_number.items():
        if len(sharing) > 1:
            raise SettingsError(
                f"{' and '.join(port.setting for port in sharing)} are both {number}.",
                why="Two servers cannot listen on one port.",
                remedy="Give each its own port in `.env`.",
            )
        if not _is_free(host, number):
            raise PortInUse(
                f"Port {number}, which {sharing[0].process} needs, is taken.",
                why=f"{_holder(number)} listens there.",
                remedy=f"Stop that program, or set {sharing[0].setting} in `.env` to a free port.",
            )


def _is_free(host: str, number: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As the servers do it: connections of a former process that linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise SettingsError(
                f"No server can listen on {host}:{number}: {error.strerror}.",
                remedy="Correct BILTEN_HOST, or choose a port above 1023.",
            ) from error
        return True


def _holder(number: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            port = getattr(connection.laddr, "port", None)
            if connection.status == psutil.CONN_LISTEN and port == number and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "Another program"


def memory_needed(settings: Settings, names: Collection[str]) -> int:
    """What these processes take when busy, MiB."""
    heaps = {
        "kafka": settings.kafka_heap_megabytes,
        "connect": settings.connect_heap_megabytes,
        "warehouse": settings.warehouse_memory_megabytes,
    }
    return sum(BESIDES_HEAP_MEGABYTES[name] + heaps.get(name, 0) for name in names)


def memory_available(limits: Path = Path("/sys/fs/cgroup")) -> int:
    """Memory that can still be taken here, MiB: of the machine, or of the container when that has less."""
    available = int(psutil.virtual_memory().available)
    try:
        limit = int((limits / "memory.max").read_text(encoding="ascii"))
        used = int((limits / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return available // MEBIBYTE
    return min(available, limit - used) // MEBIBYTE


def check_resources(settings: Settings, names: Collection[str], folders: Iterable[Path]) -> None:
    """Make sure that memory and disk suffice for processes that are to be started.

    Args:
        settings: heaps and limits.
        names: the processes that do not run yet.
        folders: existing folders that will grow.

    Raises:
        NotEnoughResources: one of them does not.
    """
    needed, available = memory_needed(settings, names), memory_available()
    if needed > available:
        raise NotEnoughResources(
            f"{needed} MiB of memory are needed, {available} MiB are free.",
            remedy="Free some, or lower BILTEN_WAREHOUSE_MEMORY_MEGABYTES, BILTEN_CONNECT_HEAP_MEGABYTES "
            "or BILTEN_KAFKA_HEAP_MEGABYTES in `.env`.",
        )
    for folder in folders:
        free = shutil.disk_usage(folder).free // MEBIBYTE
        if free < DISK_MEGABYTES:
            raise NotEnoughResources(
                f"{DISK_MEGABYTES} MiB of disk are needed below {folder}, {free} MiB are free.",
                remedy="Free some, or let BILTEN_HOME (data) or BILTEN_CACHE (downloads) name a larger disk, "
                "or lower BILTEN_HISTORY_ORDERS.",
            )
