"""The engine's configuration files, written from the settings at each start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from bilten.settings import Settings
from warehouse.access import embedded
from warehouse.access.policy import Policy, make_policy

PROFILE: Final[dict[str, str]] = {
    # The engine's own default is 1: acknowledged, but not yet in a table.
    "async_insert": "0",
    # Otherwise a misspelt `DROP TABLE` is read as an expression to select.
    "implicit_select": "0",
    # A table that a query names twice, as the views of `consistent` do, is read at one instant.
    "enable_shared_storage_snapshot_in_query": "1",
    # The server's own statements stay out of the log; each client's query switches it on for itself.
    "log_queries": "0",
}
"""Settings every query begins with."""

QUERY_LOG_ROWS: Final = 20_000
"""Rows kept in ``system.query_log``, in memory: the embedded engine forgets the tables of its ``system``
database at a restart and would leave their files behind for ever."""


@dataclass(frozen=True)
class EngineFiles:
    """Where the engine's data and configuration are."""

    data: Path
    configuration: Path

    @property
    def connection_string(self) -> str:
        """What a connection of the engine is opened with."""
        return f"{self.data}?config-file={self.configuration}"


def engine_configuration(memory_megabytes: int, users_file: Path, folder: Path, *, fsync: bool) -> str:
    """The engine's ``config.xml``.

    Memory: caches take at most a quarter of the limit. Durability: a killed process loses nothing that was
    acknowledged, for the data are in the kernel's hands by then; with ``fsync`` the same holds for a power
    failure. It costs, on the two cores and the virtual disk it was measured on, 5 ms for each part that an
    insert writes: a row into one table took 6.1 ms instead of 1.4 (p50 of 100). Small parts are what most
    inserts write: without statistics of each column, and with marks packed by LZ4, a part of 20 columns costs
    3.1 ms of CPU instead of 4.0.

    Args:
        memory_megabytes: limit of the whole process, MiB.
        users_file: the ``users.xml`` to read.
        folder: where temporary files and backups may be; the archive, the only files that queries may
            read, lies beside it.
        fsync: whether inserts wait for the disk.
    """
    limit = memory_megabytes * 1024 * 1024
    values: dict[str, object] = {
        "max_server_memory_usage": limit,
        "mark_cache_size": limit // 16,
        "index_mark_cache_size": limit // 64,
        "primary_index_cache_size": limit // 16,
        "uncompressed_cache_size": 0,
        "query_condition_cache_size": limit // 64,
        "parquet_metadata_cache_size": limit // 64,
        "iceberg_metadata_files_cache_size": limit // 64,
        "compiled_expression_cache_size": limit // 64,
        "vector_similarity_index_cache_size": 0,
        "text_index_tokens_cache_size": limit // 128,
        "text_index_header_cache_size": limit // 128,
        "text_index_postings_cache_size": limit // 64,
        # Two cores: more merges at once only take them from queries.
        "background_pool_size": 2,
        "background_merges_mutations_concurrency_ratio": 2,
        # Merges give way to inserts and queries.
        "os_threads_nice_value_merge_mutate": 10,
        "max_concurrent_queries": 100,
        "tmp_path": f"{folder / 'temporary'}/",
        "user_files_path": f"{folder.parent / 'archive'}/",
        "format_schema_path": f"{folder / 'format_schemas'}/",
        # Nothing is ever there: `executable()` finds no program.
        "user_scripts_path": f"{folder / 'scripts'}/",
    }
    plain = "\n".join(f"  <{name}>{escape(str(value))}</{name}>" for name, value in values.items())
    return f"""<clickhouse>
{plain}
  <merge_tree>
    <fsync_after_insert>{int(fsync)}</fsync_after_insert>
    <fsync_part_directory>{int(fsync)}</fsync_part_directory>
    <auto_statistics_types></auto_statistics_types>
    <marks_compression_codec>LZ4</marks_compression_codec>
    <primary_key_compression_codec>LZ4</primary_key_compression_codec>
    <min_parts_to_merge_at_once>6</min_parts_to_merge_at_once>
  </merge_tree>
  <query_log>
    <database>system</database>
    <table>query_log</table>
    <engine>ENGINE = Memory SETTINGS max_rows_to_keep = {QUERY_LOG_ROWS}</engine>
    <flush_interval_milliseconds>5000</flush_interval_milliseconds>
  </query_log>
  <backups><allowed_path>{escape(str(folder / "backups"))}/</allowed_path></backups>
  <users_config>{escape(str(users_file))}</users_config>
  <user_directories><users_xml><path>{escape(str(users_file))}</path></users_xml></user_directories>
</clickhouse>
"""


def users_configuration(user: str, password: str, policy: Policy) -> str:
    """The engine's ``users.xml``: ``default``, which everybody is here, the roles, and the platform's user.

    Dictionaries and views with ``SQL SECURITY DEFINER`` look the platform's user up here.

    Args:
        user: the platform's user.
        password: its password; only a hash of it is written.
        policy: what roles may do.
    """
    profile = "".join(f"<{name}>{value}</{name}>" for name, value in PROFILE.items())
    digest = hashlib.sha256(password.encode()).hexdigest()
    common = "<profile>default</profile><quota>default</quota><networks><ip>::/0</ip></networks>"
    everything = "<access_management>1</access_management>"
    named = ""
    if user != "default":
        secret = (
            f"<password_sha256_hex>{digest}</password_sha256_hex>" if password else "<password></password>"
        )
        # `name` lets a user be called what an XML element can't be.
        named = f"<user name={quoteattr(user)}>{secret}{common}{everything}</user>"
        if user.replace("_", "").isalnum() and not user[0].isdigit():
            named = f"<{user}>{secret}{common}{everything}</{user}>"
    return f"""<clickhouse>
  {embedded.profiles(profile)}
  <quotas><default/></quotas>
  {embedded.roles(policy)}
  <users>
    <default><password></password>{common}
      {embedded.everybody()}
    </default>
    {named}
  </users>
</clickhouse>
"""


def write_configuration(settings: Settings, policy: Policy | None = None) -> EngineFiles:
    """Make the warehouse's folders and write both files into them.

    Args:
        settings: of the platform; everything goes below ``home/warehouse``.
        policy: what roles may do; without contracts they may do only what none has to grant.
    """
    folder = settings.home / "warehouse"
    for name in ("data", "temporary", "../archive", "format_schemas", "backups", "configuration"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    users_file = folder / "configuration" / "users.xml"
    _write_private(
        users_file,
        users_configuration(
            settings.warehouse_user,
            settings.warehouse_password.get_secret_value(),
            policy or make_policy(()),
        ),
    )
    configuration = folder / "configuration" / "config.xml"
    _write_private(
        configuration,
        engine_configuration(
            settings.warehouse_memory_megabytes, users_file, folder, fsync=settings.warehouse_fsync
        ),
    )
    return EngineFiles(folder / "data", configuration)


def clear_leftovers(folder: Path) -> None:
    """Delete what a killed server was writing: data of inserts, results."""
    for pattern in ("insert-*", "result-*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
