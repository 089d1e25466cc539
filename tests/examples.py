"""How many examples a property test draws: a few in the fast suite, many with MESHKIT_THOROUGH=1 (`make test-thorough`)."""

from __future__ import annotations

import os


def examples(few: int, many: int) -> int:
    """Return `few` in the fast suite, `many` in a thorough run."""
    return many if os.environ.get("MESHKIT_THOROUGH") else few
