"""All settings, read once at start-up and passed on explicitly.

No other module reads the environment. Values come, strongest first, from the environment
(``BILTEN_…``), the ``.env`` file in the working folder, the ``secrets`` folder inside the data folder
(one file per secret, written at the first ``make up``), and the defaults below.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bilten.errors import SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The checkout: contracts, dbt project and workspace live below it."""


Environment = Literal["dev", "staging", "prod"]
ENVIRONMENTS: Mapping[Environment, Mapping[str, object]] = {
    "dev": {},
    # Beside production on the same servers, under names of its own.
    "staging": {
        "postgres_database": "ticketing_staging",
        "topic_prefix": "ticketing_staging",
        "warehouse_authority": "warehouse-staging",
        "history_orders": 50_000,
        "simulate_rate": 2.0,
        "warehouse_memory_megabytes": 2048,
    },
    # Nobody invents orders in production.
    "prod": {
        "history_orders": 0,
        "simulate_rate": 0.0,
        "warehouse_memory_megabytes": 4096,
        "kafka_heap_megabytes": 1024,
        "connect_heap_megabytes": 1024,
        "topic_retention_days": 14,
    },
}
"""Where defaults differ between environments; a setting that is given wins everywhere."""


class Home(BaseSettings):
    """Only the data folder: it must be known before the secrets inside it can be read."""

    model_config = SettingsConfigDict(env_prefix="BILTEN_", env_file=".env", extra="ignore")
    home: Path = Path(".bilten")


class Settings(BaseSettings):
    """One typed value per option; `.env.example` is generated from this class."""

    model_config = SettingsConfigDict(
        env_prefix="BILTEN_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    env: Environment = Field(
        "dev", description="The environment, which alerts name: names and sizes have other defaults in each."
    )
    home: Path = Field(
        Path(".bilten"), description="Folder that holds everything that runs: data, logs, secrets."
    )
    cache: Path = Field(
        Path("~/.cache/bilten"),
        description="Folder for downloads that several stacks share.",
    )
    host: str = Field("127.0.0.1", description="Address every server binds to.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Level of the logs.")

    postgres_port: int = Field(15432, ge=1, le=65535, description="Port of the operational PostgreSQL.")
    postgres_user: str = Field("bilten", description="Owner of the operational database.")
    postgres_password: SecretStr = Field(SecretStr(""), description="Its password; made at the first start.")
    postgres_database: str = Field("ticketing", description="Name of the operational database.")
    database_url: SecretStr | None = Field(
        None, description="An existing PostgreSQL (postgresql://…) to use instead of the bundled one."
    )

    kafka_port: int = Field(9092, ge=1, le=65535, description="Port of the Kafka broker.")
    kafka_controller_port: int = Field(9093, ge=1, le=65535, description="Port of the KRaft controller.")
    kafka_bootstrap_servers: str | None = Field(
        None, description="An existing Kafka cluster (host:port,…) to use instead of the bundled one."
    )
    kafka_heap_megabytes: int = Field(320, ge=128, description="Heap of the Kafka broker, MiB.")
    connect_port: int = Field(8083, ge=1, le=65535, description="Port of Kafka Connect's REST interface.")
    connect_url: str | None = Field(
        None, description="An existing Kafka Connect to use instead of the bundled one."
    )
    connect_heap_megabytes: int = Field(512, ge=192, description="Heap of Kafka Connect, MiB.")
    java_home: Path | None = Field(
        None, description="A Java 17–21 runtime to use instead of the bundled one."
    )

    warehouse_port: int = Field(8123, ge=1, le=65535, description="Port of the embedded warehouse server.")
    warehouse_user: str = Field("bilten", description="User of the warehouse.")
    warehouse_password: SecretStr = Field(SecretStr(""), description="Its password; made at the first start.")
    warehouse_url: SecretStr | None = Field(
        None,
        description="A ClickHouse server (http://user:password@host:port) to use instead.",
    )
    warehouse_authority: str = Field(
        "warehouse", description="Name of the warehouse in lineage; keep it when the warehouse moves."
    )
    warehouse_memory_megabytes: int = Field(
        1024, ge=256, description="Memory limit of the embedded engine, MiB."
    )
    warehouse_cache_megabytes: int = Field(
        64,
        ge=0,
        description="Answers about the marts that the embedded server keeps in memory, MiB; 0: none.",
    )
    warehouse_cache_url: SecretStr | None = Field(
        None,
        description="A Valkey or Redis (valkey://…, rediss://…) that keeps them for several processes.",
    )
    warehouse_fsync: bool = Field(
        True,
        description="Whether inserts into the embedded engine wait for the disk, so that not even a power "
        "failure loses what was acknowledged; a killed process loses nothing either way.",
    )

    dagster_port: int = Field(3000, ge=1, le=65535, description="Port of the Dagster web server.")
    lineage_port: int = Field(5000, ge=1, le=65535, description="Port of the lineage service.")
    openlineage_url: str | None = Field(
        None,
        # OpenLineage's own tools read the name without a prefix; who has set it for them means it here, too.
        validation_alias=AliasChoices("BILTEN_OPENLINEAGE_URL", "openlineage_url"),
        description="Another OpenLineage receiver that gets every event too; `OPENLINEAGE_URL` does as well.",
    )
    lineage_api_key: SecretStr | None = Field(
        None,
        description="Key that other producers must send with their lineage events; without one anybody may.",
    )

    topic_prefix: str = Field(
        "ticketing", description="Prefix of the change topics, and name of the source system."
    )
    topic_partitions: int = Field(1, ge=1, description="Partitions of each change topic that is created.")
    topic_retention_days: int = Field(
        7, ge=1, description="Days that change topics keep records; longer gaps need a resync."
    )
    loader_metrics_port: int = Field(
        9108, ge=1, le=65535, description="Port of the loader's Prometheus metrics."
    )
    loader_flush_milliseconds: int = Field(
        200,
        ge=10,
        description="How long a record waits for company; under load up to half of the promised freshness.",
    )
    loader_flush_rows: int = Field(
        20_000, ge=1, description="Rows per table after which the loader inserts at once."
    )
    loader_flush_megabytes: int = Field(
        32, ge=1, description="Bytes over all tables after which it inserts, MiB."
    )
    loader_inserts_per_second: float = Field(
        40.0, gt=0, description="Inserts a second that the loader allows itself over all tables."
    )
    loader_stream_milliseconds: int = Field(
        0,
        ge=0,
        description="How long an INSERT stays open for small batches of tables that promise a second or "
        "less, 3000 for instance; 0 inserts each batch by itself.",
    )
    loader_parallel_inserts: int = Field(3, ge=1, description="Tables that the loader inserts at one time.")

    archive_catalog_uri: SecretStr | None = Field(
        None,
        description="An existing Iceberg SQL catalog (SQLAlchemy URL) to use instead of the bundled one.",
    )
    archive_warehouse_uri: str | None = Field(
        None,
        description="Where the archive's files go (file:///…, s3://bucket/…) instead of the data folder.",
    )

    files_url: str | None = Field(
        None,
        description="Where files arrive by day (file:///…, s3://bucket/…) instead of the data folder.",
    )

    contracts_folder: Path | None = Field(
        None, description="Folder of the contracts to use instead of the project's own."
    )

    history_orders: int = Field(250_000, ge=0, description="Orders of history that `make up` loads.")
    simulate_rate: float = Field(10.0, ge=0, description="Transactions per second of the background traffic.")
    archive_cron: str = Field(
        "* * * * *", description="When new changes go to the archive, as a cron expression in UTC."
    )
    marts_cron: str = Field(
        "*/15 * * * *", description="When the marts are built and published, as a cron expression in UTC."
    )

    alert_channels: SecretStr | None = Field(
        None,
        description="Who is told of refused builds, late data and failed runs: addresses as apprise writes "
        "them (mailto://…, slack://…, json://…), separated by spaces.",
    )
    alert_escalation_channels: SecretStr | None = Field(
        None, description="Who is told as well of what goes on for too long."
    )
    alert_escalation_minutes: int = Field(
        30,
        ge=1,
        description="What goes on for so long escalates; it is told again after twice as long, and so on.",
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_the_environment(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {**ENVIRONMENTS.get(values.get("env", "dev"), {}), **values}

    @property
    def operational_url(self) -> str:
        """The operational database as a plain ``postgresql://`` URL, password included."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        password = quote(self.postgres_password.get_secret_value(), safe="")
        return f"postgresql://{self.postgres_user}:{password}@{self.host}:{self.postgres_port}/{self.postgres_database}"

    @property
    def operational_is_external(self) -> bool:
        """Whether the operational database is somebody else's server."""
        return self.database_url is not None

    @property
    def warehouse_http_url(self) -> str:
        """The warehouse as ``http://user:password@host:port``."""
        if self.warehouse_url is not None:
            return self.warehouse_url.get_secret_value()
        password = quote(self.warehouse_password.get_secret_value(), safe="")
        return f"http://{self.warehouse_user}:{password}@{self.host}:{self.warehouse_port}"

    @property
    def warehouse_credentials(self) -> tuple[str, str]:
        """User and password of the warehouse, whichever it is."""
        parts = urlsplit(self.warehouse_http_url)
        return unquote(parts.username or "default"), unquote(parts.password or "")

    @property
    def archive_catalog_url(self) -> str:
        """SQLAlchemy URL of the Iceberg catalog, whichever it is."""
        if self.archive_catalog_uri is not None:
            return self.archive_catalog_uri.get_secret_value()
        return f"sqlite:///{self.home / 'archive' / 'catalog.db'}"

    @property
    def archive_warehouse_url(self) -> str:
        """Root of the archive's files as a URI."""
        return self.archive_warehouse_uri or f"file://{(self.home / 'archive').resolve()}"

    @property
    def files_location(self) -> str:
        """Root of the files that arrive by day, as a URI; a dataset has the folder ``schema/table`` below."""
        return self.files_url or f"file://{(self.home / 'files').resolve()}"

    @property
    def bootstrap_servers(self) -> str:
        """Kafka's bootstrap servers, ``host:port`` separated by commas."""
        return self.kafka_bootstrap_servers or f"{self.host}:{self.kafka_port}"

    @property
    def connect_http_url(self) -> str:
        """Kafka Connect's REST address."""
        return self.connect_url or f"http://{self.host}:{self.connect_port}"

    @property
    def dagster_http_url(self) -> str:
        """Dagster's web address."""
        return f"http://{self.host}:{self.dagster_port}"

    @property
    def lineage_http_url(self) -> str:
        """The lineage service's address."""
        return f"http://{self.host}:{self.lineage_port}"

    @property
    def logs(self) -> Path:
        """Folder of every process's log."""
        return self.home / "logs"

    @property
    def warehouse_host_port(self) -> tuple[str, int]:
        """Host and port of the warehouse, whichever it is."""
        parts = urlsplit(self.warehouse_http_url)
        return parts.hostname or self.host, parts.port or 8123


class _Folders(BaseSettings):
    """Only where the contracts are, which everybody reads before there are settings to pass on."""

    model_config = SettingsConfigDict(env_prefix="BILTEN_", env_file=".env", extra="ignore")
    contracts_folder: Path = PROJECT_ROOT / "contracts"


def find_contracts() -> Path:
    """The folder of the contracts."""
    return _Folders().contracts_folder.expanduser().resolve()


def load_settings() -> Settings:
    """Read every setting once.

    Returns:
        The settings, with ``home`` made absolute.

    Raises:
        SettingsError: a value has the wrong type or range; the message names the setting.
    """
    try:
        home = Home().home.expanduser().resolve()
        secrets = home / "secrets"
        # A folder that another user owns is that user's stack: its secrets are not ours to read.
        settings = Settings(_secrets_dir=secrets if secrets.is_dir() else None)
        return settings.model_copy(update={"home": home})
    except ValidationError as error:
        first = error.errors()[0]
        name = "BILTEN_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"The setting {name} cannot be used: {first['msg']}.") from error
