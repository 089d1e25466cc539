"""Formats that contracts name: which texts and numbers they admit."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_H = r"[0-9A-Fa-f]{1,4}"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_IPV6 = "|".join(
    [
        rf"(?:{_H}:){{7}}{_H}",
        rf"(?:{_H}:){{6}}{_IPV4}",
        *(rf"(?:{_H}:){{{n}}}(?::{_H}){{1,{7 - n}}}" for n in range(1, 7)),
        *(rf"(?:{_H}:){{{n}}}(?::{_H}){{0,{5 - n}}}:{_IPV4}" for n in range(1, 6)),
        rf":(?:(?::{_H}){{1,7}}|:)",
        rf":(?::{_H}){{0,5}}:{_IPV4}",
        rf"(?:{_H}:){{1,7}}:",
    ]
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"

TEXT_FORMATS: Mapping[str, str] = {
    "uuid": r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$",
    "email": rf"^{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+$",
    "hostname": rf"^{_LABEL}(?:\.{_LABEL})*\.?$",
    "ipv4": rf"^{_IPV4}$",
    "ipv6": rf"^(?:{_IPV6})$",
    "byte": r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}
"""Format -> RE2 expression of a whole text.

Sources: uuid RFC 9562; email RFC 5321 (dot-string, host name); uri RFC 3986 (a scheme and allowed characters); hostname
RFC 1123; ipv4, ipv6 RFC 3986 and 4291; byte RFC 4648 (base64).
"""

_FREE = frozenset({"password", "binary", "f64"})
"""Formats that say how a value is meant, and nothing that a value could miss."""

_WIDTH = re.compile(r"([iu])(8|16|32|64|128)")
_F32 = "340282346638528859811704183484516925440"


def number_range(name: str) -> tuple[str, str] | None:
    """Return the least and the greatest number of `i8` ... `u128` or `f32`, or None for other formats.

    Example:
        >>> number_range("i8"), number_range("u16"), number_range("uuid")
        (('-128', '127'), ('0', '65535'), None)
    """
    if name == "f32":
        return f"-{_F32}", _F32
    found = _WIDTH.fullmatch(name)
    if not found:
        return None
    bits = int(found[2])
    low, high = (0, 2**bits - 1) if found[1] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return str(low), str(high)


def is_known(name: str) -> bool:
    """Tell whether meshkit knows what a format means."""
    return name in TEXT_FORMATS or name in _FREE or number_range(name) is not None


def is_asserted(name: str) -> bool:
    """Tell whether a format says something that a value could miss."""
    return name in TEXT_FORMATS or number_range(name) is not None
