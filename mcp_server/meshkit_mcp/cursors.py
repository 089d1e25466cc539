"""Cursors: where the next page begins, sealed so that only the caller who got one can use it, and for the same question."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

import meshkit

_KEY = secrets.token_bytes(32)
"""Of this process: a cursor ends with it."""
_MARK = 16
_WAY_OUT = "leave cursor= out to start from the first, and pass cursors on as they were given, with the same arguments"


def seal(position: int, caller: str, question: Mapping[str, object]) -> str:
    """Return the cursor of a position in the answer to a question.

    Args:
        position: Items before it.
        caller: The id of who asks.
        question: The tool and its arguments, without the cursor.
    """
    place = position.to_bytes(4, "big")
    return base64.urlsafe_b64encode(place + _mark(place, caller, question)).decode()


def unseal(cursor: str, caller: str, question: Mapping[str, object]) -> int:
    """Return the position of a cursor; an empty one begins.

    Raises:
        UsageError: It is not what this process gave this caller for this question.
    """
    if not cursor:
        return 0
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    place, mark = raw[:4], raw[4:]
    if not hmac.compare_digest(mark, _mark(place, caller, question)):
        raise meshkit.UsageError("this cursor was not given for this question", _WAY_OUT)
    return int.from_bytes(place, "big")


def _mark(place: bytes, caller: str, question: Mapping[str, object]) -> bytes:
    about = json.dumps([caller, question], sort_keys=True).encode()
    return hmac.new(_KEY, place + about, hashlib.sha256).digest()[:_MARK]
