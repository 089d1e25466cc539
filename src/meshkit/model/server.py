"""A server that a contract names: which engine it is, where, and how its tables are called. It holds no credentials."""

from __future__ import annotations

import re

from meshkit.model.base import Document


def variable_name(server: str) -> str:
    """Return how a server is called in the names of variables.

    Example:
        >>> variable_name("prod-eu.1")
        'PROD_EU_1'
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", server).strip("_").upper()


class Server(Document):
    """A server that a contract names.

    Attributes:
        name: As the contract calls it.
        type: In the words of its standard.
        url: Where it is, without credentials.
        schema_parts: Where its tables are, the outermost part first.
    """

    name: str
    type: str
    url: str
    schema_parts: tuple[str, ...] = ()

    @property
    def scheme(self) -> str:
        """What its URL starts with."""
        return self.url.partition("://")[0]

    @property
    def key(self) -> str:
        """A name that no other server has: contracts may call different ones the same."""
        return f"{self.name}={self.url}"
