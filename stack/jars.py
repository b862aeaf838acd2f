"""The Java archives of Kafka, Connect and Debezium, exactly as pinned in ``jars.lock``.

The lock is flat and complete: one line ``<folder> <group>:<artifact>:<version> <sha256>`` per file, and no
addresses. ``runtime`` is the class path of broker and worker; ``plugins`` holds a folder for each plugin of
Connect, since jars that lie in it directly would each be a plugin of their own.
Files are kept once per lock in the cache, so that several stacks share them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bilten.errors import DownloadFailed, StackError
from stack import maven

LOCK = Path(__file__).with_name("jars.lock")
FOLDERS = ("runtime", "plugins/debezium")
PARALLEL_DOWNLOADS = 8

log = structlog.get_logger(__name__)
Progress = Callable[[int, int], None]
"""Called with (files done, files in all)."""


@dataclass(frozen=True, order=True)
class Jar:
    """One pinned file."""

    folder: str
    coordinate: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name in Maven's convention."""
        _, artifact, *rest = self.coordinate.split(":")
        return f"{'-'.join((artifact, *rest))}.jar"


def parse(text: str) -> tuple[Jar, ...]:
    """Read a lock.

    Raises:
        StackError: a line has another form.
    """
    jars = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        if len(fields) != 3 or fields[0] not in FOLDERS or fields[1].count(":") != 2 or len(fields[2]) != 64:
            raise StackError(
                f"Line {number} of the jar lock cannot be read.", remedy="Write it again with `make lock`."
            )
        jars.append(Jar(*fields))
    return tuple(jars)


def render(jars: tuple[Jar, ...]) -> str:
    """Write a lock; the inverse of `parse`."""
    lines = [f"{jar.folder} {jar.coordinate} {jar.sha256}" for jar in sorted(jars)]
    return "\n".join(["# Written by `make lock`: folder, group:artifact:version, sha256.", *lines]) + "\n"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_for(cache: Path, text: str | None = None) -> Path:
    """Where the files of a lock (by default the committed one) are kept: a folder named after its content."""
    content = LOCK.read_text(encoding="ascii") if text is None else text
    return cache / "jars" / hashlib.sha256(content.encode()).hexdigest()[:16]


def ensure(cache: Path, progress: Progress = lambda *_: None) -> Path:
    """Fetch every pinned file that the cache lacks and verify each against its checksum.

    Args:
        cache: the shared cache folder.
        progress: told of every file that is ready.

    Returns:
        The folder that holds ``runtime`` and ``plugins``; it exists only when complete and verified.

    Raises:
        DownloadFailed: a file cannot be fetched or is not what is pinned.
    """
    text = LOCK.read_text(encoding="ascii")
    target = folder_for(cache, text)
    jars = parse(text)
    if target.is_dir():
        progress(len(jars), len(jars))
        return target
    with _locked(cache / "jars.guard"):
        if not target.is_dir():
            _install(jars, cache, target, progress)
    progress(len(jars), len(jars))
    return target


def ensure_alone(cache: Path, jar: Jar) -> Path:
    """Fetch one file that not every stack needs, and verify it against its checksum.

    Args:
        cache: the shared cache folder.
        jar: ``group:artifact:version``, with a classifier perhaps.

    Returns:
        The file.

    Raises:
        DownloadFailed: it cannot be fetched or is not what is pinned.
    """
    target = cache / "jars" / jar.sha256[:16] / jar.name
    if target.is_file():
        return target
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix="incomplete-", dir=target.parent.parent))
    try:
        (staging / jar.folder).mkdir()
        _fetch(jar, cache / "maven", staging)
        target.parent.mkdir(exist_ok=True)
        (staging / jar.folder / jar.name).replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return target


def _install(jars: tuple[Jar, ...], cache: Path, target: Path, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix="incomplete-", dir=target.parent))
    try:
        for folder in FOLDERS:
            (staging / folder).mkdir(parents=True)
        try:
            with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
                waiting = [pool.submit(_fetch, jar, cache / "maven", staging) for jar in jars]
                for done, finished in enumerate(as_completed(waiting), start=1):
                    finished.result()
                    progress(done, len(jars))
        except DownloadFailed as error:
            if shutil.which("mvn") is None:
                raise
            log.warning("resolver failed, trying Maven", error=error.what)
            _install_with_maven(jars, staging)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(jar: Jar, repository: Path, staging: Path) -> None:
    # A file left by an interrupted run may be incomplete: such a one is dropped and fetched once more.
    for attempt in (1, 2):
        path = maven.fetch(jar.coordinate, repository)
        if digest(path) == jar.sha256:
            target = staging / jar.folder / jar.name
            if not target.exists():
                try:
                    os.link(path, target)
                except OSError:
                    shutil.copyfile(path, target)
            return
        path.unlink(missing_ok=True)
        log.warning("checksum differs from the lock", jar=jar.coordinate, attempt=attempt)
    raise DownloadFailed(
        f"The jar {jar.coordinate} is not the one that is pinned.",
        why="Its checksum differs from the lock, twice.",
    )


def _install_with_maven(jars: tuple[Jar, ...], staging: Path) -> None:
    for folder in FOLDERS:
        chosen = [jar for jar in jars if jar.folder == folder]
        try:
            maven.copy_with_maven([jar.coordinate for jar in chosen], staging / folder)
        except subprocess.CalledProcessError as error:
            raise DownloadFailed(
                "Maven could not fetch the jars.", why=error.stdout.decode(errors="replace")[-800:]
            ) from error
        for jar in chosen:
            if digest(staging / folder / jar.name) != jar.sha256:
                raise DownloadFailed(f"The jar {jar.coordinate} is not the one that is pinned.")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold off other stacks of this cache; the kernel frees the lock when the process ends in any way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
