"""Which columns probably hold something about a person, by their names and by some of their values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

from bilten.contracts.model import Classification

SHARE = 0.5
"""Of the values looked at, so many must have a form that only personal data have."""

_SENSITIVE = re.compile(
    r"(^|_)(password|passwd|secret|token|api_key|private_key|iban|account_number|card_number|cvv|passport|ssn|"
    r"national_id|tax_id|health|diagnosis|religion|ethnicity|gender|sex|salary|biometric)(_|$)"
)
_PERSONAL = re.compile(
    r"(^|_)(email|e_mail|mail|phone|mobile|fax|first_name|last_name|middle_name|full_name|given_name|family_name|"
    r"surname|nickname|username|user_name|display_name|birth|birthday|birth_date|date_of_birth|dob|address|street|"
    r"postal_code|postcode|zip|latitude|longitude|ip|ip_address|user_agent|holder_name|buyer_name|attendee|"
    r"recipient|contact|cookie|device_id|avatar|photo|signature)(_|$)"
)
_PERSON_TABLE = re.compile(
    r"(^|_)(users?|customers?|persons?|people|members?|contacts?|employees?|patients?|subscribers?|buyers?|"
    r"attendees?|profiles?|accounts?|clients?|guests?)$"
)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]{2,}$")
_PHONE = re.compile(r"^\+\d[\d ()./-]{6,18}\d$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")
_CARD = re.compile(r"^\d[\d -]{11,21}\d$")


def classify(name: str, values: Iterable[str | None]) -> Classification:
    """How a column is classified until somebody who knows it says otherwise.

    Args:
        name: the column's name.
        values: some of its values as text.
    """
    known = [value for value in values if value]
    if _SENSITIVE.search(name) or _mostly(known, _is_sensitive):
        return "sensitive"
    if _PERSONAL.search(name) or _mostly(known, _is_personal):
        return "personal"
    return "internal"


def is_about_people(table: str) -> bool:
    """Whether a table is named after people."""
    return bool(_PERSON_TABLE.search(table))


def subjects(
    classified: Mapping[str, Classification],
    key: Sequence[str],
    references: Mapping[str, tuple[str, str]],
    people: Iterable[str],
    dataset: str,
) -> list[dict[str, str]]:
    """The ways from a row to the person it is about, as a contract lists them.

    Args:
        classified: the table's columns.
        key: its primary key.
        references: column → dataset and column that it refers to.
        people: datasets with a row per person.
        dataset: the table itself.

    Returns:
        References to people, else the row itself where it is a person, else what identifies people known by
        nothing more than this row; none where nothing is personal.
    """
    known = set(people)
    ways = [
        {"column": column, "references": f"{target}.{target_column}"}
        for column, (target, target_column) in references.items()
        if target in known and target != dataset
    ]
    if ways:
        return ways
    if dataset in known and len(key) == 1:
        return [{"column": key[0]}]
    personal = [column for column, classification in classified.items() if classification != "internal"]
    telling = [column for column in personal if re.search(r"mail|phone|name", column)]
    return [{"column": column} for column in (telling or personal)[:2]]


def _mostly(values: Sequence[str], judge: object) -> bool:
    assert callable(judge)
    return bool(values) and sum(1 for value in values if judge(value)) >= SHARE * len(values)


def _is_personal(value: str) -> bool:
    return bool(_EMAIL.match(value) or _PHONE.match(value)) or _is_address(value)


def _is_sensitive(value: str) -> bool:
    return bool(_IBAN.match(value)) or bool(_CARD.match(value) and _has_check_digit(value))


def _is_address(value: str) -> bool:
    if value.count(".") != 3 and value.count(":") < 2:
        return False
    try:
        ip_address(value.partition("/")[0])
    except ValueError:
        return False
    return True


def _has_check_digit(value: str) -> bool:
    """Luhn's rule, which numbers of payment cards obey and one in ten others."""
    digits = [int(digit) for digit in value if digit.isdigit()]
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    return len(digits) in range(13, 20) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
