"""Who asks, what for, and what is decided: may it be known of, read or published, and what of it is seen how."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from meshkit.errors import Place
from meshkit.model.base import Document

Attribute = str | int | float | bool


class Action(StrEnum):
    """What somebody wants of a product: to know that it exists, to read its rows, or to publish it."""

    DISCOVER = "discover"
    READ = "read"
    PUBLISH = "publish"


class Principal(Document):
    """Who asks. One without an id is nobody that is known.

    Attributes:
        id: Unique, such as an e-mail address.
        roles: What he is.
        domains: Where he belongs.
        purposes: What for he may read.
        attributes: What row filters compare with.
    """

    id: str = ""
    roles: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = {}

    @property
    def is_known(self) -> bool:
        """Whether anybody said who it is."""
        return bool(self.id)


NOBODY = Principal()


class Grant(Document):
    """Access that was granted: to whom, to what, what for, and until when.

    Attributes:
        principal: The id of who may read.
        product: The id of the product, of any version.
        purpose: What for; empty = any that the contract lists.
        columns: Columns that need an approval of their own, and have it: `column`, or `table.column`.
        until: When it ends, aware.
        approved: Whether a person approved it; what a policy granted by itself opens nothing that needs a person.
    """

    principal: str
    product: str
    purpose: str = ""
    columns: tuple[str, ...] = ()
    until: datetime
    approved: bool = True


class Sight(StrEnum):
    """How a column is seen."""

    CLEAR = "clear"
    MASKED = "masked"
    WITHHELD = "withheld"


class SeenAs(Document):
    """How a principal sees one column.

    Attributes:
        column: Its name in the contract.
        mask: `hash`, `partial` or `null`, where it is masked.
        code: Why, as a word of docs/access.md.
        reason: Why, in words; empty where it is clear and nothing speaks against that.
        place: Where that is said.
    """

    table: str
    column: str
    sight: Sight = Sight.CLEAR
    mask: str = ""
    code: str = ""
    reason: str = ""
    place: Place | None = None


class Reason(Document):
    """One step of a decision.

    Attributes:
        code: A word of docs/access.md, stable: `read.rule`, `purpose.not_listed`, ...
        text: What it says, in words.
        allows: Whether it speaks for the action; one that does not decides it.
        place: Where the rule is written, or should be.
        hint: The way out, where it denies.
    """

    code: str
    text: str
    allows: bool
    place: Place | None = None
    hint: str = ""


class AccessDecision(Document):
    """Whether a principal may do something with a product, why, and what he then sees.

    Attributes:
        columns: How each column is seen; for `read` alone, and empty where that is denied.
        row_filter: Which rows are seen, as the contract says it; empty = all.
        needs: What a request could bring: `grant`, or nothing.
    """

    principal: str
    product: str
    version: str
    action: Action
    purpose: str = ""
    allowed: bool
    reasons: tuple[Reason, ...]
    columns: tuple[SeenAs, ...] = ()
    row_filter: str = ""
    needs: str = ""
