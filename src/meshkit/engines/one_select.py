"""A lock beside the engine's own: what is sent begins as a query, and names no file to write to."""

from __future__ import annotations

import re

from meshkit.errors import EngineError

_QUERY = re.compile(r"\s*(?:/\*(?![!M]).*?\*/\s*)*(?:\(|(?:SELECT|WITH|EXPLAIN)\b)", re.IGNORECASE | re.DOTALL)
_FILES = re.compile(r"\b(?:OUTFILE|DUMPFILE)\b", re.IGNORECASE)


def require_select(query: str, *, has_files: bool = False) -> str:
    """Return a query as it is, if it can be one.

    Read-only transactions leave holes: COPY TO writes files, SET GLOBAL settings, and INTO OUTFILE files again.

    Args:
        query: What would be sent.
        has_files: Whether the engine's SELECT can write a file; the words for it are then refused wherever they stand.

    Raises:
        EngineError: It is none.
    """
    if not _QUERY.match(query) or (has_files and _FILES.search(query)):
        raise EngineError("refused, since it does more than read", "let it be one SELECT")
    return query
