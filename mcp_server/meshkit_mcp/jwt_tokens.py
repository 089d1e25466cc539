"""Signed tokens (JWT): whether one is of our issuer, for us and in time; and who it says that somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt
from pydantic import ValidationError

import meshkit
from meshkit_mcp.jwks import Key, Keys
from meshkit_mcp.proofs import GRANTABLE, MOST_CHARACTERS, NotProvedError, Proof

ALGORITHMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("RSA", ""): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""What a kind of key may have signed with. None of them is symmetric: a public key is no secret."""
TYPES = ("", "jwt", "at+jwt", "application/at+jwt")
"""`typ` of an access token; others are for something else."""
LEEWAY_SECONDS = 10
_MOST_ID = 300


class Claims(NamedTuple):
    """Where a token says who somebody is. A name with dots also means the parts of nested claims.

    Attributes:
        trusted: Whether roles, domains, purposes and attributes are taken from the token, and then from nowhere else. Where
            they are not, only the id is, and the mesh's principals say the rest.
    """

    id: str = "sub"
    roles: str = "roles"
    domains: str = "domains"
    purposes: str = "purposes"
    attributes: str = "attributes"
    trusted: bool = False


class SignedTokens:
    """Knows tokens by their signature.

    Args:
        keys: The issuer's.
        issuer: What `iss` must say, letter by letter.
        audience: What `aud` must say or hold.
        claims: Where the token says who somebody is.
    """

    def __init__(self, keys: Keys, issuer: str, audience: str, claims: Claims | None = None) -> None:
        self._keys, self._issuer, self._audience = keys, issuer, audience
        self._claims = claims or Claims()

    async def prove(self, token: str) -> Proof:
        """Return whose a token is."""
        if len(token) > MOST_CHARACTERS:
            raise NotProvedError("too long")
        try:
            header = jwt.get_unverified_header(token)
            key, algorithm = await self._key(header)
            found = jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        except jwt.PyJWTError as error:
            raise NotProvedError(type(error).__name__) from error
        if "cnf" in found:
            raise NotProvedError("bound to a key of its client (cnf), which is not checked here")
        return Proof(self._principal(found), _scopes(found), self._issuer, _client(found))

    async def _key(self, header: Mapping[str, Any]) -> tuple[Key, str]:
        """Return the key that should have signed, and the one algorithm that the header names and the key allows."""
        if str(header.get("typ", "")).lower() not in TYPES:
            raise NotProvedError("not an access token by its typ")
        if "crit" in header:
            raise NotProvedError("has critical extensions")
        name, algorithm = header.get("kid"), header.get("alg")
        if name is not None and not isinstance(name, str):
            raise NotProvedError("kid is not a text")
        if not isinstance(algorithm, str) or not any(algorithm in known for known in ALGORITHMS.values()):
            raise NotProvedError("an algorithm that is not allowed")
        key = await self._keys.find(name)
        if key is None:
            raise NotProvedError("signed with an unknown key")
        kind = key["kty"], "" if key["kty"] == "RSA" else str(key.get("crv"))
        if algorithm not in ALGORITHMS.get(kind, ()) or key.get("alg", algorithm) != algorithm:
            raise NotProvedError("an algorithm that its key does not allow")
        return key, algorithm

    def _principal(self, found: Mapping[str, Any]) -> meshkit.Principal | str:
        """Return the id alone, or where claims are trusted the whole principal: one source of roles, never a mixture."""
        names = self._claims
        named = _claim(found, names.id)
        if not isinstance(named, str) or not 0 < len(named) <= _MOST_ID or not named.isprintable():
            raise NotProvedError(f"no id in the claim {names.id}")
        if names.id == "email" and found.get("email_verified") is not True:
            raise NotProvedError("an e-mail address that its issuer has not verified")
        if not names.trusted:
            return named
        attributes = _claim(found, names.attributes)
        try:
            return meshkit.Principal(
                id=named,
                roles=_words(found, names.roles),
                domains=_words(found, names.domains),
                purposes=_words(found, names.purposes),
                attributes={} if attributes is None else attributes,
            )
        except ValidationError as error:
            raise NotProvedError(f"the claim {names.attributes} is not of names with plain values") from error


def _words(found: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = _claim(found, name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise NotProvedError(f"the claim {name} is not a list of texts")


def _claim(found: Mapping[str, Any], name: str) -> Any:
    if name in found:
        return found[name]
    value: Any = found
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _scopes(found: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes that mean something here, of `scope` (texts with spaces) or `scp`."""
    value = found.get("scope", found.get("scp", ""))
    said = value.split() if isinstance(value, str) else value if isinstance(value, list) else ()
    return frozenset(s for s in said if isinstance(s, str) and s in GRANTABLE)


def _client(found: Mapping[str, Any]) -> str:
    value = found.get("client_id", found.get("azp", ""))
    return value if isinstance(value, str) else ""
