"""Signed tokens: each way in which one is not ours, not for us, or not in time; keys that change; and what claims mean."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from tests.mcp.http_server import AUDIENCE, ISSUER, Issuer, forged, post, serving, signed

import meshkit
from meshkit_mcp.jwks import AGAIN_SECONDS, FRESH_SECONDS, LAST_SECONDS, Keys, UnreadableKeysError, parse_keys, reader
from meshkit_mcp.jwt_tokens import Claims, SignedTokens
from meshkit_mcp.proofs import NotProvedError, UnprovableError

OURS = Issuer()
STRANGER = Issuer()
NOW = int(time.time())


def proved(token, prover=None):
    return asyncio.run((prover or signed(OURS)).prove(token))


def test_a_good_token_says_who_and_what_for():
    found = proved(OURS.token(scope="mesh:read mesh:query mesh:all openid", client_id="desk"))
    assert (found.principal, found.issuer, found.client) == ("ana@example.com", ISSUER, "desk")
    assert found.scopes == {"mesh:read", "mesh:query"}


@pytest.mark.parametrize("scp", ["mesh:read other", ["mesh:read", "other", 7]])
def test_scopes_may_stand_in_scp(scp):
    assert proved(OURS.token(scope=None, scp=scp)).scopes == {"mesh:read"}


@pytest.mark.parametrize("scope", [None, "", 7, {"mesh:read": True}])
def test_a_token_without_scopes_that_are_ours_opens_nothing(scope):
    assert proved(OURS.token(scope=scope)).scopes == frozenset()


def tampered(token):
    head, _, signature = token.split(".")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "root", "exp": NOW + 600, "scope": "mesh:read"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{body}.{signature}"


def signed_with_the_public_key(alg="HS256"):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "root", "exp": NOW + 600, "scope": "mesh:read"}
    said = f"{part({'alg': alg, 'kid': OURS.name, 'typ': 'JWT'})}.{part(claims)}"
    mac = hmac.digest(OURS.public_pem, said.encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


BAD = {
    "another audience": lambda: OURS.token(aud="https://elsewhere.example.com/mcp"),
    "an audience that only begins like ours": lambda: OURS.token(aud=AUDIENCE + "/more"),
    "no audience": lambda: OURS.token(aud=None),
    "an empty list of audiences": lambda: OURS.token(aud=[]),
    "another issuer": lambda: OURS.token(iss="https://login.evil.example"),
    "an issuer with a slash more": lambda: OURS.token(iss=ISSUER + "/"),
    "no issuer": lambda: OURS.token(iss=None),
    "ended": lambda: OURS.token(exp=NOW - 60),
    "no end": lambda: OURS.token(exp=None),
    "an end that is no number": lambda: OURS.token(exp="tomorrow"),
    "not yet": lambda: OURS.token(nbf=NOW + 600),
    "issued in the future": lambda: OURS.token(iat=NOW + 600),
    "no subject": lambda: OURS.token(sub=None),
    "an empty subject": lambda: OURS.token(sub=""),
    "a subject with a line end": lambda: OURS.token(sub="ana\nroot"),
    "an unknown key": lambda: OURS.token(header={"kid": "second"}),
    "a key by number": lambda: forged(OURS.token(), alg="RS256", kid=1),
    "somebody else's key under our key's name": lambda: STRANGER.token(),
    "the public key as a secret": signed_with_the_public_key,
    "no algorithm": lambda: forged(OURS.token(), alg="none", kid=OURS.name).rpartition(".")[0] + ".",
    "no algorithm in capitals": lambda: forged(OURS.token(), alg="NONE", kid=OURS.name),
    "another algorithm in the header": lambda: forged(OURS.token(), alg="ES256", kid=OURS.name),
    "changed claims": lambda: tampered(OURS.token()),
    "a key of its own in the header": lambda: STRANGER.token(header={"jwk": STRANGER.jwk(), "kid": "mine"}),
    "an address of keys in the header": lambda: STRANGER.token(header={"jku": "https://evil.example/keys", "kid": "x"}),
    "a path as its key": lambda: OURS.token(header={"kid": "../../../../dev/null"}),
    "a logout token": lambda: OURS.token(header={"typ": "logout+jwt"}),
    "critical extensions": lambda: OURS.token(header={"crit": ["exp"]}),
    "bound to a client's key": lambda: OURS.token(cnf={"jkt": "x"}),
    "no token at all": lambda: "a.b.c",
    "letters": lambda: "é" * 20,
    "very long": lambda: "a" * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_token_is_refused_that_has(what):
    with pytest.raises(NotProvedError):
        proved(BAD[what]())


def test_a_refused_token_gets_401_over_http_and_its_text_no_log(folder, caplog):
    bad = [OURS.token(aud="https://elsewhere.example.com"), signed_with_the_public_key(), OURS.token(exp=NOW - 60)]
    with serving(folder, signed(OURS)) as url:
        answers = [post(url, token=token) for token in bad]
        assert post(url, token=OURS.token()).status_code == 200
        everything = caplog.text + "".join(a.text + str(a.headers) for a in answers)
    assert [a.status_code for a in answers] == [401, 401, 401]
    assert all('error="invalid_token"' in a.headers["www-authenticate"] for a in answers)
    assert not any(part in everything for token in bad for part in token.split("."))


def test_a_token_signed_by_another_kind_of_key_is_good():
    curve = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(OURS.other.public_key())), "kid": "curve"}
    edwards = ed25519.Ed25519PrivateKey.generate()
    ed = {**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(edwards.public_key())), "kid": "ed"}
    prover = SignedTokens(Keys(lambda: OURS.keys(curve, ed)), ISSUER, AUDIENCE)
    assert proved(OURS.token(alg="ES256", key=OURS.other, header={"kid": "curve"}), prover).id == "ana@example.com"
    assert proved(OURS.token(alg="EdDSA", key=edwards, header={"kid": "ed"}), prover).id == "ana@example.com"
    assert proved(OURS.token(alg="PS256"), prover).id == "ana@example.com"


def test_a_key_signs_only_with_its_own_algorithm():
    prover = SignedTokens(Keys(lambda: json.dumps({"keys": [OURS.jwk(alg="RS512")]}).encode()), ISSUER, AUDIENCE)
    assert proved(OURS.token(alg="RS512"), prover).id == "ana@example.com"
    with pytest.raises(NotProvedError, match="algorithm that its key"):
        proved(OURS.token(alg="RS256"), prover)


def test_a_short_key_is_refused():
    weak = Issuer()
    weak.key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # that is what is refused
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        made = weak.token()
    with pytest.raises(NotProvedError):
        proved(made, signed(weak))


def test_a_token_without_a_key_name_is_good_where_there_is_one_key_alone():
    nameless = jwt.encode(jwt.decode(OURS.token(), options={"verify_signature": False}), OURS.key, "RS256")
    assert proved(nameless).id == "ana@example.com"
    two = SignedTokens(Keys(lambda: OURS.keys(STRANGER.jwk(kid="second"))), ISSUER, AUDIENCE)
    with pytest.raises(NotProvedError, match="unknown key"):
        proved(nameless, two)


CLAIMS = {"roles": ["analyst"], "domains": ["sales"], "purposes": ["reporting"], "attributes": {"region": "north"}}


def test_claims_of_roles_mean_nothing_unless_they_are_trusted():
    assert proved(OURS.token(**CLAIMS)).principal == "ana@example.com"


def test_trusted_claims_are_the_whole_principal():
    found = proved(OURS.token(**CLAIMS), signed(OURS, Claims(trusted=True)))
    assert found.principal == meshkit.Principal(
        id="ana@example.com",
        roles=("analyst",),
        domains=("sales",),
        purposes=("reporting",),
        attributes={"region": "north"},
    )
    assert proved(OURS.token(), signed(OURS, Claims(trusted=True))).principal == meshkit.Principal(id="ana@example.com")


def test_claims_may_have_other_names_and_lie_deeper():
    names = Claims(id="preferred", roles="realm_access.roles", domains="https://example.com/domains", trusted=True)
    claims = {"preferred": "ana", "realm_access": {"roles": ["a"]}, "https://example.com/domains": "sales"}
    found = proved(OURS.token(**claims), signed(OURS, names)).principal
    assert (found.id, found.roles, found.domains) == ("ana", ("a",), ("sales",))


@pytest.mark.parametrize(
    "claims",
    [{"roles": {"admin": True}}, {"roles": [1]}, {"domains": 7}, {"attributes": [1]}, {"attributes": {"a": {"b": 1}}}],
)
def test_a_trusted_claim_that_is_not_understood_refuses_the_token(claims):
    with pytest.raises(NotProvedError):
        proved(OURS.token(**claims), signed(OURS, Claims(trusted=True)))


def test_an_e_mail_address_is_an_id_only_where_it_was_verified():
    by_mail = signed(OURS, Claims(id="email"))
    assert proved(OURS.token(email="a@example.com", email_verified=True), by_mail).id == "a@example.com"
    for unverified in ({}, {"email_verified": False}, {"email_verified": "true"}):
        with pytest.raises(NotProvedError):
            proved(OURS.token(email="a@example.com", **unverified), by_mail)


class Clock:
    def __init__(self):
        self.now, self.reads, self.document = 1_000.0, 0, OURS.keys()

    def __call__(self):
        return self.now

    def read(self):
        self.reads += 1
        if self.document is None:
            raise UnreadableKeysError("gone")
        return self.document


def test_a_new_key_is_found_at_once_and_unknown_ones_do_not_flood_the_issuer():
    clock = Clock()
    keys = Keys(clock.read, clock)

    async def play():
        assert (await keys.find("first"))["kid"] == "first"
        clock.now += AGAIN_SECONDS + 1
        clock.document = OURS.keys(STRANGER.jwk(kid="second"))
        assert (await keys.find("second"))["kid"] == "second"
        for number in range(100):
            assert await keys.find(f"unknown {number}") is None
        assert clock.reads == 2

    asyncio.run(play())


def test_keys_that_cannot_be_read_again_hold_for_an_hour_and_then_nobody_gets_in():
    clock = Clock()
    keys = Keys(clock.read, clock)

    async def play():
        await keys.find("first")
        clock.document = None
        clock.now += FRESH_SECONDS + 1
        assert (await keys.find("first"))["kid"] == "first"
        clock.now += LAST_SECONDS
        with pytest.raises(UnprovableError):
            await keys.find("first")
        clock.document = OURS.keys()
        clock.now += AGAIN_SECONDS + 1
        assert (await keys.find("first"))["kid"] == "first"

    asyncio.run(play())


def test_a_key_that_was_taken_back_is_gone_with_the_next_reading():
    clock = Clock()
    keys = Keys(clock.read, clock)

    async def play():
        assert await keys.find("first") is not None
        clock.document = json.dumps({"keys": [STRANGER.jwk(kid="second")]}).encode()
        clock.now += FRESH_SECONDS + 1
        assert await keys.find("first") is None

    asyncio.run(play())


def test_without_keys_the_answer_is_try_again_and_not_come_in(folder):
    def nothing():
        raise UnreadableKeysError("gone")

    with serving(folder, SignedTokens(Keys(nothing), ISSUER, AUDIENCE)) as url:
        assert post(url, token=OURS.token()).status_code == 503


def test_secret_and_encrypting_keys_are_no_keys_for_signatures():
    secret = {"kty": "oct", "k": "AAAA", "kid": "secret"}
    listed = [
        OURS.jwk(),
        secret,
        OURS.jwk(kid="p", d="AAAA"),
        OURS.jwk(kid="e", use="enc"),
        OURS.jwk(kid="o", key_ops=["sign"]),
        7,
    ]
    assert [key["kid"] for key in parse_keys(json.dumps({"keys": listed}).encode())] == ["first"]


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": {}}', b"[" * 100_000])
def test_what_is_no_key_set_is_refused(text):
    with pytest.raises(UnreadableKeysError):
        parse_keys(text)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        self.send_response(200 if self.path != "/missing" else 404)
        self.end_headers()
        self.wfile.write(OURS.keys() if self.path == "/keys" else b" " * 600_000)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_from_exactly_one_address(site, tmp_path):
    assert parse_keys(reader(f"{site}/keys")())[0]["kid"] == "first"
    for path, why in (("moved", "answered 302"), ("missing", "answered 404"), ("large", "more than")):
        with pytest.raises(UnreadableKeysError, match=why):
            reader(f"{site}/{path}")()
    file = tmp_path / "keys.json"
    file.write_bytes(OURS.keys())
    assert reader(str(file))() == OURS.keys()
    with pytest.raises(UnreadableKeysError, match="no such file"):
        reader(str(tmp_path / "gone.json"))()


def test_keys_of_this_machine_come_through_no_proxy(site, monkeypatch):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody is there
    assert parse_keys(reader(f"{site}/keys")())[0]["kid"] == "first"


@pytest.mark.parametrize(
    "place",
    ["http://login.example.com/keys", "http://169.254.169.254/keys", "https://me:secret@login.example.com/keys"],
)
def test_keys_come_by_https_or_from_this_machine(place):
    with pytest.raises(meshkit.UsageError) as refused:
        reader(place)
    assert "secret" not in str(refused.value)
