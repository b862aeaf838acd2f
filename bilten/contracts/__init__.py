"""Contracts: one Open Data Contract Standard file per dataset, read into small frozen values.

Everything a table needs elsewhere (DDL, dbt sources, checks, archive schema, documentation) is compiled
from these values; nobody else reads the files.
"""

from bilten.contracts.model import (
    Column,
    Contract,
    Contracts,
    FileNames,
    Reference,
    Rule,
    Severity,
    SubjectPath,
)
from bilten.contracts.reading import load_contracts, read_contract

__all__ = [
    "Column",
    "Contract",
    "Contracts",
    "FileNames",
    "Reference",
    "Rule",
    "Severity",
    "SubjectPath",
    "load_contracts",
    "read_contract",
]
