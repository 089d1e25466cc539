"""What was measured of a table: counts over all its rows, never the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag, StrEnum
from typing import NamedTuple

from meshkit.model.base import Document


class Pattern(StrEnum):
    """Kinds of personal value that can be told by their form, and where there is one by their check digit."""

    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD_NUMBER = "card_number"
    IP_ADDRESS = "ip_address"
    US_SSN = "us_ssn"
    ES_DNI = "es_dni"
    FR_NIR = "fr_nir"
    NL_BSN = "nl_bsn"
    PL_PESEL = "pl_pesel"
    BR_CPF = "br_cpf"


class Form(IntFlag):
    """What a value of a text format looks like. A column's forms are or-ed together."""

    INTEGER = 1
    DECIMAL = 2
    FLOAT = 4
    NAN = 8
    BOOLEAN = 16
    DATE = 32
    TIMESTAMP = 64
    TIMESTAMP_TZ = 128
    TIME = 256
    TEXT = 512
    OBJECT = 1024
    ARRAY = 2048


class ColumnProfile(Document):
    """What was measured of one column.

    Attributes:
        name: As the data has it.
        native: The engine's name of its type.
        type: The type as a contract says it; empty where a contract has no word, or the data does not tell.
        filled: Rows that are not NULL.
        about_distinct: Distinct values, estimated; None where they are not comparable.
        least: The least value as text, NaN aside; empty where there is none or no order.
        most: The greatest value as text.
        nans: Rows that are NaN.
        longest: The length of the longest text.
        at_signs: Texts that hold an `@`.
        numerals: Texts that are digits and what stands between them, seven characters or more.
        lettered: Texts that have the outline of an account or identity number with letters.
        long_numbers: Whole numbers of nine digits or more.
        distinct: Distinct values, counted; None where they were not.
        members: Each value of a column of few, with its rows, the commonest first.
        patterns: Form of personal data -> filled rows that have it.
        lacking_files: Files that do not have the column.
        note: What else there is to say of its type.
    """

    name: str
    native: str
    type: str = ""
    filled: int = 0
    about_distinct: int | None = None
    least: str = ""
    most: str = ""
    nans: int = 0
    longest: int = 0
    at_signs: int = 0
    numerals: int = 0
    lettered: int = 0
    long_numbers: int = 0
    distinct: int | None = None
    members: tuple[tuple[str, int], ...] = ()
    patterns: Mapping[Pattern, int] = {}
    lacking_files: int = 0
    note: str = ""


class Suspect(NamedTuple):
    """What a column that nobody marked may hold.

    Attributes:
        category: Of personal data.
        evidence: By what it is suspected: its name, or how many rows have which form.
    """

    category: str
    evidence: str


class TableProfile(Document):
    """What was measured of a table.

    Attributes:
        rows: All of them.
        format: `parquet`, `csv`, `json` or `table`.
        files: How many.
        columns: In the data's order.
        pair: Two columns that together tell all rows apart, counted; empty where none were found or sought.
    """

    rows: int
    format: str
    files: int
    columns: tuple[ColumnProfile, ...]
    pair: tuple[str, ...] = ()
