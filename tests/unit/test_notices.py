"""Notices go out to a webhook, at least once, signed, and to nowhere that the operator did not name."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.in_process import meshkit as run
from tests.unit.asked_mesh import folder, mesh

import meshkit
from meshkit.errors import UsageError
from meshkit.notices import MOST_TRIES, Webhook

__all__ = ["folder", "mesh"]
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


class Hook(HTTPServer):
    """What listens on this machine: `answers` are what it says, the last one for ever; `got` is what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [204]
        self.got = []
        self.url = f"http://127.0.0.1:{self.server_port}/hooks/s3cret"

    @property
    def told(self):
        return [(body["kind"], body["to"]) for _, body in self.got]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.raw = body
        self.server.got.append((dict(self.headers), json.loads(body)))
        answers = self.server.answers
        code = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(code)
        if code in (301, 302, 303, 307, 308):
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(mesh, product="prices", who="ann", **keys):
    return meshkit.request_access(mesh, who, product, purpose="reporting", days=30, now=NOW, **keys)


def outbox(mesh, request):
    with meshkit.open_store(mesh) as store:
        return [(n.kind, n.recipient, n.state, n.tries) for n in store.requests.notices(request.id)]


def test_owners_are_told_of_a_request_and_who_asked_of_what_came_of_it(mesh, hook):
    found = ask(mesh, reason="for the board")
    owners = ["sales@example.com", "sales-team", "Sales Lead"]
    assert sorted(outbox(mesh, found)) == sorted(("access.requested", to, "pending", 0) for to in owners)
    assert meshkit.send_notices(mesh, hook.url, now=NOW) == (3, 0, 0)
    assert sorted(hook.told) == sorted(("access.requested", to) for to in owners)
    headers, body = hook.got[0]
    assert body["request"] == {
        "id": found.id, "product": "sales.prices", "version": "1.0.0", "principal": "ann", "purpose": "reporting", "columns": [],
        "until": "2026-12-22T06:00:00Z", "reason": "for the board", "state": "pending",
    }  # fmt: skip
    assert headers["X-Meshkit-Notice"] == body["notice"]
    assert "X-Meshkit-Signature" not in headers
    meshkit.decide_request(mesh, found.id, "approve", by="lea", now=NOW)
    assert meshkit.send_notices(mesh, hook.url, now=NOW) == (1, 0, 0)
    assert hook.told[3:] == [("access.granted", "ann")]
    assert meshkit.send_notices(mesh, hook.url, now=NOW) == (0, 0, 0)


def test_a_first_approval_calls_for_the_second_one(mesh, hook):
    found = ask(mesh, "ledger")
    meshkit.decide_request(mesh, found.id, "approve", by="fin1", now=NOW)
    meshkit.send_notices(mesh, hook.url, now=NOW)
    owners = ("Finance Lead", "finance-team", "finance@example.com")
    assert sorted(hook.told[3:]) == [("access.approved", to) for to in owners]


def test_owners_are_told_of_what_was_granted_at_once_and_nobody_of_what_was_denied(mesh, hook):
    assert [o[0] for o in outbox(mesh, ask(mesh, "orders"))] == ["access.granted"] * 3
    denied = meshkit.request_access(mesh, "ann", "orders", purpose="fun", days=1, now=NOW)
    assert outbox(mesh, denied) == []


def test_a_notice_is_signed_with_its_time(mesh, hook, monkeypatch):
    monkeypatch.setenv("MESHKIT_WEBHOOK_SECRET", "k3y")
    ask(mesh)
    meshkit.send_notices(mesh, hook.url, now=NOW)
    headers, _ = hook.got[-1]
    at = str(int(NOW.timestamp()))
    assert headers["X-Meshkit-Timestamp"] == at
    expected = hmac.new(b"k3y", f"{at}.".encode() + hook.raw, hashlib.sha256).hexdigest()
    assert headers["X-Meshkit-Signature"] == f"sha256={expected}"
    assert "k3y" not in str(hook.got)


def test_with_a_webhook_in_the_environment_requests_send_theirs(mesh, hook, monkeypatch):
    monkeypatch.setenv("MESHKIT_WEBHOOK", hook.url)
    found = ask(mesh)
    assert [o[2] for o in outbox(mesh, found)] == ["sent"] * 3
    assert ask(mesh).id == found.id
    assert len(hook.got) == 3  # asked twice, told once


def test_what_does_not_arrive_stays_is_tried_ever_later_and_then_given_up(mesh, hook):
    hook.answers = [503]
    found = ask(mesh)
    waits, at = [], NOW
    for _ in range(MOST_TRIES):
        done = meshkit.send_notices(mesh, hook.url, now=at)
        assert done.sent == 0
        assert done.waiting + done.failed == 3
        with meshkit.open_store(mesh) as store:
            notice = store.requests.notices(found.id)[0]
        assert notice.error == "it answered 503"
        assert meshkit.send_notices(mesh, hook.url, now=at) == (0, 0, 0)  # not due yet
        waits.append((notice.next_at - at) / timedelta(minutes=1))
        at = notice.next_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128]
    assert [o[2:] for o in outbox(mesh, found)] == [("failed", 8)] * 3
    assert meshkit.send_notices(mesh, hook.url, now=at + timedelta(days=9)) == (0, 0, 0)
    hook.answers = [200]
    assert meshkit.send_notices(mesh, hook.url, again=True, now=at) == (3, 0, 0)


def test_a_webhook_that_is_away_fails_no_request(mesh, monkeypatch, caplog):
    monkeypatch.setenv("MESHKIT_WEBHOOK", "http://127.0.0.1:1/hooks/s3cret")
    found = ask(mesh)
    assert found.state == "pending"
    with meshkit.open_store(mesh) as store:
        notice = store.requests.notices(found.id)[0]
    assert (notice.state, notice.tries, notice.error) == ("pending", 1, "it cannot be reached: ConnectionRefusedError")
    assert meshkit.decide_request(mesh, found.id, "approve", by="lea", now=NOW).state == "granted"
    monkeypatch.setenv("MESHKIT_WEBHOOK", "http://example.com/s3cret")
    with caplog.at_level(logging.WARNING, "meshkit.store"):
        assert ask(mesh, "orders").state == "granted"
    assert "nobody was notified yet: MK001 notices are not sent to http://example.com" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(mesh, hook, code):
    hook.answers = [code]
    ask(mesh)
    assert meshkit.send_notices(mesh, hook.url, now=NOW) == (0, 3, 0)
    assert len(hook.got) == 3


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x", "http://10.0.0.1/x", "http://169.254.169.254/latest", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "https://", "https:///x", "example.com", "https://me:pw@example.com/", "http://[::1",
        "http://0.0.0.0/", "http://localhost:99999/", "https://example.com/a b", "https://example.com/\r\nX: y", "HTTP://LOCALHOST.example/",
    ],
)  # fmt: skip
def test_a_place_that_is_neither_https_nor_this_machine_is_refused(mesh, url):
    with pytest.raises(UsageError) as error:
        meshkit.send_notices(mesh, url, now=NOW)
    assert "pw" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://127.0.0.1:8/", "http://[::1]:8/", "http://localhost/x", "HTTPS://h/"]
)
def test_https_and_this_machine_are_taken_and_the_address_is_not_shown(url):
    assert url not in repr(Webhook.of({"MESHKIT_WEBHOOK": url}))
    assert Webhook.of({}) is None


def test_the_command_line_says_what_was_sent(mesh, folder, hook):
    ask(mesh)
    done = run("access", "notify", "--mesh", folder, "--now", NOW.isoformat(), MESHKIT_WEBHOOK=hook.url)
    assert (done.returncode, done.stdout) == (0, "3 sent, 0 to be tried again, 0 given up\n")
    hook.answers = [500]
    ask(mesh, "orders")
    done = run(
        "access", "notify", "--mesh", folder, "--webhook", hook.url, "--now", NOW.isoformat(), "--format", "json"
    )
    assert (done.returncode, json.loads(done.stdout)) == (1, {"sent": 0, "waiting": 3, "failed": 0})
    done = run("access", "notify", "--mesh", folder)
    assert (done.returncode, done.stderr) == (
        2,
        "error: MK001 nobody said where notices go; give --webhook URL, or set MESHKIT_WEBHOOK\n",
    )


def test_before_anybody_asked_there_is_nothing_to_send(mesh, folder, hook):
    assert meshkit.send_notices(mesh, hook.url) == (0, 0, 0)
    assert not (folder / ".meshkit").exists()
