"""The compiled statements as committed text. They run on the real engine in `test_compiled_reading`."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from bilten.contracts import Contract, Contracts, load_contracts
from bilten.contracts.unchanged import largest_row_bytes, unchanged_columns
from bilten.errors import ContractError
from tests.fixtures.golden import Golden
from tests.warehouse.events import CONTRACTS, EVERYTHING, PLAIN
from warehouse.compile import compile_dataset, compile_datasets
from warehouse.compile.staging import staging_files
from warehouse.compile.streaming import state_door, stream_inserts
from warehouse.schema import platform_statements

FOLDER = Path(__file__).parent.parent / "golden" / "warehouse"


@pytest.mark.parametrize("contract", [EVERYTHING, PLAIN], ids=lambda contract: str(contract.name))
def test_statements_of_a_dataset(contract: Contract, golden: Golden) -> None:
    golden(FOLDER / f"{contract.name}.sql", text(contract))


def test_statements_of_every_dataset_by_digest(golden: Golden) -> None:
    digests = {
        contract.name: hashlib.sha256(text(contract).encode()).hexdigest()
        for contract in load_contracts().sources()
    }
    golden(FOLDER / "digests.txt", "".join(f"{digest} {name}\n" for name, digest in digests.items()))


def test_tables_of_the_platform(golden: Golden) -> None:
    golden(FOLDER / "platform.sql", "\n\n".join(f"{one.sql};" for one in platform_statements()) + "\n")


def test_staging_of_a_dataset(golden: Golden) -> None:
    files = staging_files(Contracts({PLAIN.name: PLAIN}).sources())
    golden(FOLDER / "staging.txt", "\n".join(f"# {path.name}\n{body}" for path, body in files.items()))


def test_compiling_twice_gives_the_same_text() -> None:
    assert text(EVERYTHING) == text(EVERYTHING)


def test_names_are_those_that_the_statements_create() -> None:
    for statement in compile_datasets(CONTRACTS.sources()):
        assert statement.sql.replace("`", "").split("(")[0].find(statement.name) > 0


def test_a_table_without_a_key_is_refused() -> None:
    keyless = dataclasses.replace(
        PLAIN, columns=tuple(dataclasses.replace(column, key_position=None) for column in PLAIN.columns)
    )
    with pytest.raises(ContractError, match="sample__plain has no primary key"):
        compile_dataset(keyless)


def test_only_rows_that_can_be_large_leave_columns_out() -> None:
    assert largest_row_bytes(EVERYTHING) is None
    names = ["title", "note", "rate", "huge", "details", "payload", "tags", "others", "counts"]
    assert [column.name for column in unchanged_columns(EVERYTHING)] == names
    assert unchanged_columns(PLAIN) == ()


def text(contract: Contract) -> str:
    return "\n\n".join(f"{statement.sql};" for statement in compile_dataset(contract)) + "\n"


def test_inserts_past_the_views(golden: Golden) -> None:
    prompt = dataclasses.replace(PLAIN, freshness=timedelta(milliseconds=500))
    door, inserts = state_door(prompt), stream_inserts(prompt)
    statements = [*(one.sql for one in door), inserts.state, inserts.changes]
    golden(FOLDER / f"{PLAIN.name}__stream.sql", "\n\n".join(f"{one};" for one in statements) + "\n")
    assert state_door(dataclasses.replace(PLAIN, freshness=timedelta(seconds=5))) == ()
