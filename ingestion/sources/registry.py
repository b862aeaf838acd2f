"""Which sources there are: names and epochs in the warehouse, addresses with passwords among the secrets."""

from __future__ import annotations

from pathlib import Path

from bilten.errors import SourceNotFound, SourceRefused
from bilten.settings import Settings
from ingestion.sources.definition import Source, other_source, own_source
from warehouse.client import Warehouse
from warehouse.sources import StoredSource, store_source, stored_sources


def list_sources(settings: Settings, warehouse: Warehouse) -> tuple[Source, ...]:
    """Every source, the platform's own first.

    Raises:
        WarehouseUnavailable: the warehouse does not answer.
        SourceRefused: an address is missing from the secrets folder.
    """
    stored = stored_sources(warehouse)
    own = own_source(settings)
    others = [
        other_source(each.source, _read_url(settings, each.source), each.epoch)
        for each in stored.values()
        if each.source != own.name
    ]
    return own.at_epoch(stored[own.name].epoch if own.name in stored else 0), *others


def find_source(settings: Settings, warehouse: Warehouse, name: str = "") -> Source:
    """One source.

    Args:
        settings: where secrets are.
        warehouse: where sources are remembered.
        name: its name; the platform's own by default.

    Raises:
        SourceNotFound: there is none of that name.
        WarehouseUnavailable: the warehouse does not answer.
    """
    for source in list_sources(settings, warehouse):
        if source.name == name or (source.is_own and not name):
            return source
    raise SourceNotFound(f"There is no source named {name}.")


def remember(settings: Settings, warehouse: Warehouse, source: Source, reason: str) -> None:
    """Keep a source. Doing it again is harmless.

    Raises:
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    if not source.is_own:
        path = _url_file(settings, source.name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(source.url, encoding="utf-8")
    store_source(warehouse, StoredSource(source.name, source.address, source.epoch, reason))


def forget(settings: Settings, warehouse: Warehouse, source: Source, reason: str) -> None:
    """Forget a source and its password; what was captured stays.

    Raises:
        SourceRefused: it is the platform's own.
        WarehouseUnavailable: nothing is known of the write; making it again is harmless.
    """
    if source.is_own:
        raise SourceRefused(
            f"{source.name} is the platform's own database.", why="Everything is built on it."
        )
    store_source(warehouse, StoredSource(source.name, source.address, source.epoch, reason), is_removed=True)
    _url_file(settings, source.name).unlink(missing_ok=True)


def raise_epoch(settings: Settings, warehouse: Warehouse, source: Source, reason: str) -> Source:
    """Begin the next epoch of a source: whatever its log says from now on is newer than all before.

    Returns:
        The source in its new epoch; its connector must be registered again to stamp records with it.

    Raises:
        SourceRefused: there are no more epochs.
        WarehouseUnavailable: nothing is known of the write.
    """
    risen = source.at_epoch(source.epoch + 1)
    remember(settings, warehouse, risen, reason)
    return risen


def _url_file(settings: Settings, name: str) -> Path:
    return settings.home / "secrets" / f"source_{name}_url"


def _read_url(settings: Settings, name: str) -> str:
    try:
        return _url_file(settings, name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SourceRefused(
            f"The address of the source {name} is missing.",
            why=f"{_url_file(settings, name).name} cannot be read in the secrets folder.",
            remedy=f"Run `bilten source add URL --name {name}` again; what was captured stays.",
        ) from error
