"""What a search found."""

from __future__ import annotations

from meshkit.model.base import Document


class Hit(Document):
    """A product that was found.

    Attributes:
        score: How well it fits, greater is better; only comparable within one search.
        matched: Where the words were found (`name`, `columns`, `tags`, `description`, `owner`) -> the text around them, in which
            each word that was found stands between `start` and `end` marks.
        columns: The columns whose names or descriptions fit.
    """

    product: str
    version: str
    domain: str
    name: str
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""
    score: float
    matched: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()


class Found(Document):
    """The answer to a search.

    Attributes:
        read_as: What was searched for, where words were taken for others that the mesh has: `costumer` for `customer`.
        more: Whether there are more hits than were asked for.
    """

    text: str
    hits: tuple[Hit, ...] = ()
    read_as: tuple[tuple[str, str], ...] = ()
    more: bool = False
