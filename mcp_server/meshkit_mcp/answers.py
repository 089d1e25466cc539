"""What every answer is: a closed model, which is its tool's output schema, and the short text of it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from meshkit_mcp.budgets import NOTICE


class Part(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(Part):
    """What every answer says of itself.

    Attributes:
        truncated: Whether anything was left out.
        hint: What was left out and how to see it; else empty.
    """

    truncated: bool
    hint: str
    notice: str = NOTICE

    def summary(self) -> str:
        """Return the answer's gist in our own words and numbers: no text of a contract."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return the answer's gist in the contracts' words, one line each."""
        raise NotImplementedError
