from __future__ import annotations

import re
from pathlib import Path

import pytest

from bilten.documentation.errors import tree
from bilten.documentation.pages import pages, write
from bilten.errors import BiltenError
from bilten.settings import PROJECT_ROOT, Settings


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_current(name: str) -> None:
    assert (PROJECT_ROOT / name).read_text(encoding="utf-8") == pages()[name], "run `make generate`"


def test_the_example_is_a_valid_configuration_once_uncommented(tmp_path: Path) -> None:
    text = pages()[".env.example"]
    without_empty = re.sub(r"^#BILTEN_\w+=\n", "", text, flags=re.MULTILINE)
    path = tmp_path / ".env"
    path.write_text(re.sub(r"^#(BILTEN_)", r"\1", without_empty, flags=re.MULTILINE))
    given = Settings(_env_file=path).model_dump(exclude_unset=True)
    assert len(given) > 20
    assert given == {name: getattr(Settings(_env_file=None), name) for name in given}


def test_every_setting_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_writing_creates_every_page_below_the_given_folder(tmp_path: Path) -> None:
    write(tmp_path)
    assert {name: (tmp_path / name).read_text() for name in pages()} == pages()


@pytest.mark.parametrize("error", [error for _, error in tree()], ids=lambda error: error.code)
def test_every_error_tells_cause_action_and_whether_to_retry(error: type[BiltenError]) -> None:
    assert error.cause.endswith(".")
    assert error.action.rstrip("`").endswith((".", "`")) and len(error.action) > 10
    assert isinstance(error.retryable, bool)
    assert error.__doc__


def test_error_codes_are_unique() -> None:
    codes = [error.code for _, error in tree()]
    assert len(codes) == len(set(codes))
