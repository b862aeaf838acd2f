"""Takes an advice: into the reviewed file, and from there into the warehouse as every other change."""

from __future__ import annotations

from pathlib import Path

from bilten.settings import Settings
from warehouse import migrate
from warehouse.advice.trial import Advice
from warehouse.client import Warehouse
from warehouse.clones import lay_out
from warehouse.layout import LAYOUT_FILE, add_to_layout, load_layout
from warehouse.publish import current_publication
from warehouse.readers import CLONES_DATABASE, READERS_DATABASE, clone_name


def adopt(settings: Settings, warehouse: Warehouse, advice: Advice, path: Path = LAYOUT_FILE) -> bool:
    """Write an advice into the layout, and alter the table of a source, or the published one of a mart.

    Args:
        settings: of the platform.
        warehouse: with the platform's own user.
        advice: what helped.
        path: the layout.

    Returns:
        Whether it was adopted: a sort key is not, it is written into the model of the mart by hand.

    Raises:
        WarehouseError: the warehouse refused a statement; the layout holds it, and `apply` makes it later.
    """
    addition = advice.addition
    if addition is None or not addition.table.startswith((f"{READERS_DATABASE}.", "ods.", "raw.")):
        return False
    add_to_layout(addition, path)
    database, _, name = addition.table.partition(".")
    if database != READERS_DATABASE:
        migrate.apply(settings)
        return True
    publication = current_publication(warehouse)
    if publication is not None:
        clone = f"{CLONES_DATABASE}.`{clone_name(name, publication.build_id)}`"
        lay_out(warehouse, addition.table, clone, [one for one in load_layout(path) if one == addition])
    return True
