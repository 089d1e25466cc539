"""The two bases of all model classes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Frozen, closed, compared by value."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Form(BaseModel):
    """A mapping as users write it in YAML: closed, and without guesses at types."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)
