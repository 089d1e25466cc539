"""A contract that is proposed, each proposal with its evidence."""

from __future__ import annotations

from typing import Literal

from meshkit.model.base import Document


class Proposal(Document):
    """One constraint of a column, and why.

    Attributes:
        kind: `not_null`, `unique`, `min`, `max`, `in`, `max_length`, `references`.
        values: Its argument's texts.
        severity: Empty = the default, error.
        threshold: Empty = no row may miss it.
        evidence: What speaks for it, in counts.
    """

    kind: str
    values: tuple[str, ...] = ()
    severity: str = ""
    threshold: str = ""
    evidence: str = ""


class DraftColumn(Document):
    """A column that is proposed.

    Attributes:
        name: As the data has it.
        type: Empty = left out.
        type_evidence: Where the type comes from, or why there is none.
        description: Where the source has one.
        notes: What was seen and is not promised.
        proposals: Its constraints.
        key_evidence: Why it is the primary key; empty = it is not.
        pii_category: Empty = no suspect.
        pii_evidence: By what it is a suspect.
        default: The value where none is given, where the source declares it.
    """

    name: str
    type: str = ""
    type_evidence: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    key_evidence: str = ""
    pii_category: str = ""
    pii_evidence: str = ""
    default: str = ""


class DraftContract(Document):
    """A contract that is proposed.

    Attributes:
        name: The product's name.
        about: What it was drafted from, a sentence for its description.
        location: Where the data is, from the contract's folder; empty where the source does not say.
        format: The declared format, where the location's ending does not tell.
        notes: What was seen of the table.
        primary_key: Of several columns; one alone is marked at its column.
        key_evidence: Why.
        is_empty: Whether the data has no rows.
        columns: In the source's order.
        tags: Free words, where the source has them.
    """

    name: str
    about: str
    location: str = ""
    format: str = ""
    notes: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    key_evidence: str = ""
    is_empty: bool = False
    columns: tuple[DraftColumn, ...] = ()
    tags: tuple[str, ...] = ()


class DraftOptions(Document):
    """What a caller says of the contract, which no data can tell.

    Attributes:
        name: The product's name; empty = as the location is called.
        domain: The domain that owns it; empty = left out, which means `default`.
        owner: The owning team.
        contact: An e-mail address.
        description: What the product is.
        to: In which form the contract is written.
    """

    name: str = ""
    to: Literal["native", "odcs"] = "native"
    domain: str = ""
    owner: str = ""
    contact: str = ""
    description: str = ""
