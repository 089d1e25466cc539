"""The token file: who gets in by it and until when, changes while the server runs, and the command that writes it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from tests.mcp.http_server import post, serving

import meshkit
from meshkit_mcp.proofs import NotProvedError, UnprovableError
from meshkit_mcp.server import main
from meshkit_mcp.token_file import TokenFile, add, new_token, read

FUTURE = "2999-01-01T00:00:00Z"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


def entry(token="secret", **changes):
    hashed = hashlib.sha256(token.encode()).hexdigest()
    return {"sha256": hashed, "principal": "ana@example.com", "scopes": ["mesh:read"], "expires": FUTURE} | changes


def written(file, *entries):
    file.write_text(json.dumps({"tokens": list(entries)}))
    file.chmod(0o600)
    return file


def proved(prover, token):
    return asyncio.run(prover.prove(token))


def test_a_token_is_known_by_its_hash(file):
    found = proved(
        TokenFile(written(file, entry("other"), entry("secret", scopes=["mesh:read", "mesh:query"]))), "secret"
    )
    assert (found.principal, found.scopes) == ("ana@example.com", {"mesh:read", "mesh:query"})


@pytest.mark.parametrize("token", ["", "Secret", "secret ", "other", hashlib.sha256(b"secret").hexdigest(), "é"])
def test_nothing_else_gets_in(file, token):
    with pytest.raises(NotProvedError):
        proved(TokenFile(written(file, entry("secret"))), token)


def test_a_token_ends(file):
    prover = TokenFile(written(file, entry("old", expires="2020-01-01T00:00:00Z"), entry("new")))
    assert proved(prover, "new").id == "ana@example.com"
    with pytest.raises(NotProvedError, match="ended"):
        proved(prover, "old")


def test_every_entry_is_compared_however_early_one_fits(file, monkeypatch):
    compared = []
    prover = TokenFile(written(file, *(entry(str(n)) for n in range(5))))
    monkeypatch.setattr("meshkit_mcp.token_file.hmac.compare_digest", lambda a, b: compared.append(a) or a == b)
    proved(prover, "0")
    assert len(compared) == 5


def test_a_token_that_is_taken_out_opens_nothing_any_more_and_a_new_one_does(file, folder):
    with serving(folder, TokenFile(written(file, entry("one")))) as url:
        assert post(url, token="one").status_code == 200
        written(file, entry("another"))
        assert (post(url, token="one").status_code, post(url, token="another").status_code) == (401, 200)


@pytest.mark.parametrize("broken", ["{", "", '{"tokens": 7}'])
def test_a_file_that_breaks_lets_nobody_in_until_it_is_mended(file, folder, broken, caplog):
    with serving(folder, TokenFile(written(file, entry("one")))) as url:
        file.write_text(broken)
        assert post(url, token="one").status_code == 503
        assert post(url, token="one").status_code == 503
        written(file, entry("one"))
        assert post(url, token="one").status_code == 200
    assert str(file) in caplog.text


def test_a_file_that_is_gone_lets_nobody_in(file):
    prover = TokenFile(written(file, entry("one")))
    file.unlink()
    with pytest.raises(UnprovableError):
        proved(prover, "one")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"tokens": [entry(expires=None)]}, "tokens.0.expires"),
        ({"tokens": [{k: v for k, v in entry().items() if k != "expires"}]}, "tokens.0.expires: Field required"),
        ({"tokens": [entry(expires="2999-01-01T00:00:00")]}, "timezone"),
        ({"tokens": [entry(sha256="SECRET")]}, "tokens.0.sha256"),
        ({"tokens": [entry(principal="")]}, "tokens.0.principal"),
        ({"tokens": [entry(scopes=["mesh:write"])]}, "unknown scope 'mesh:write'"),
        ({"tokens": [entry(), entry()]}, "one token is there twice"),
        ({"tokens": [entry() | {"token": "secret"}]}, "tokens.0.token"),
        ({"token": []}, "token"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_understood_is_refused_by_its_place(file, document, why):
    file.write_text(json.dumps(document))
    with pytest.raises(meshkit.UsageError) as refused:
        read(file)
    assert str(file) in str(refused.value)
    assert why in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_file_that_others_may_write_is_refused_and_one_that_they_may_read_warned_about(file, caplog):
    written(file, entry()).chmod(0o666)
    with pytest.raises(meshkit.UsageError, match="others may write it"):
        TokenFile(file)
    file.chmod(0o644)
    TokenFile(file)
    assert "chmod 600" in caplog.text


def test_a_new_token_is_random_and_its_entry_has_only_its_hash(file):
    token, made = new_token("ana@example.com", ("mesh:read",), 30, "for the desk")
    add(file, made)
    assert token not in file.read_text()
    assert len(token) > 40
    assert file.stat().st_mode & 0o777 == 0o600
    assert proved(TokenFile(file), token).id == "ana@example.com"
    assert timedelta(days=29, hours=23) < read(file)[0].expires - datetime.now(UTC) <= timedelta(days=30)


def test_writers_at_once_lose_no_token(file):
    refused = []

    def write():
        made = new_token("ana@example.com", ("mesh:read",), 30)[1]
        while True:
            try:
                return add(file, made)
            except meshkit.UsageError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(file)) == 4
    assert all("another command writes tokens" in text for text in refused)


def test_a_failed_write_leaves_the_file_as_it_was(file, monkeypatch):
    written(file, entry("one"))
    before = file.read_text()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("meshkit_mcp.token_file.os.fsync", full)
    with pytest.raises(meshkit.UsageError, match="no space left"):
        add(file, new_token("ana@example.com", ("mesh:read",), 30)[1])
    assert file.read_text() == before
    assert [f.name for f in file.parent.iterdir()] == ["tokens.json"]


def made_by(capsys, *words):
    main(["token", *map(str, words)])
    return capsys.readouterr()


def test_the_command_prints_a_token_once_that_opens_the_server(file, folder, capsys):
    said = made_by(capsys, "--tokens", file, "--as", "ana@example.com", "--scopes", "mesh:read,mesh:query", "--days", 7)
    token = said.out.strip()
    assert token.startswith("meshkit_")
    assert token not in said.err
    assert made_by(capsys, "--tokens", file, "--as", "eve@example.com").out.strip() != token
    with serving(folder, TokenFile(file)) as url:
        assert post(url, token=token).status_code == 200


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--as", "ana", "--scopes", "mesh:all"], "unknown scope 'mesh:all'; known: mesh:read"),
        (["--as", "ana", "--scopes", ","], "without scopes"),
        (["--as", "ana", "--days", "0"], "days from 1 to 3650"),
        (["--as", "ana", "--days", "ten"], "days from 1 to 3650"),
        (["--as", ""], "1 to 300 characters"),
        ([], "--as"),
        (["--as", "ana", "--tokens", "/nowhere/at/all.json"], "no such file"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(file, capsys, words, why):
    with pytest.raises(SystemExit) as ended:
        main(["token", "--tokens", str(file), *words])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err
    assert not file.exists()


def test_the_command_refuses_an_id_that_the_mesh_does_not_know(file, capsys):
    with pytest.raises(SystemExit):
        main(["token", "--tokens", str(file), "--as", "nobody.here", "--mesh", "sample_data/retail"])
    assert "no principal is called 'nobody.here'" in capsys.readouterr().err
    made_by(capsys, "--tokens", file, "--as", "reports-service", "--mesh", "sample_data/retail")
