"""What of an engine is here, and what is missing."""

from __future__ import annotations

from meshkit.model.base import Document


class Health(Document):
    """One engine, as this machine has it.

    Attributes:
        engine: Its name.
        driver: The packages that are its driver, with versions; empty = none is installed.
        verified: How meshkit is tested against it.
        named: What meshkit.yaml calls it; empty = it was asked for by its address, or not at all.
        address: Where it was looked for, without secrets; empty = only its driver was.
        version: Of the engine that answered.
        missing: What keeps it from being used; empty = nothing that is known.
        way_out: The command, or the step, that mends it.
    """

    engine: str
    driver: str = ""
    verified: str = ""
    named: str = ""
    address: str = ""
    version: str = ""
    missing: str = ""
    way_out: str = ""
