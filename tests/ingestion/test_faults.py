"""The short run of the faults, on the stack that this package's tests share; all of them: ``make faults``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import pytest

from bilten.contracts import Contract
from faults.catalogue import CASES
from faults.fault import Case
from faults.proving import prove
from faults.scene import Scene
from tests.fixtures.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

# Faults of one kind are injected one after the other, and everything is compared once.
KINDS: dict[str, list[Case]] = defaultdict(list)
for each in CASES:
    if each.is_short:
        KINDS[each.fault.inject.__module__].append(each)


@pytest.fixture(scope="module")
def scene(
    capture: Stack, contracts: tuple[Contract, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    scene = Scene(capture, contracts, tmp_path_factory.mktemp("loaders"), Random())
    yield scene
    scene.stop_loaders()


def test_the_first_load_equals_the_source_and_everything_is_in_the_ledger(scene: Scene) -> None:
    loader = scene.loader
    assert scene.compare().rows > 500
    scene.until_read()
    assert loader.end() == 0, loader.text
    again = scene.start_loader("-m", "bilten.cli", "load", "--until-caught-up")
    assert again.wait() == 0
    assert "0 records landed" in again.text


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_and_every_value_is_right(scene: Scene, kind: str) -> None:
    first, *further = KINDS[kind]
    seen = prove(scene, first, first.fault.row, *further)
    assert seen.rows > 500 and seen.changes >= seen.rows
