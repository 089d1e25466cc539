"""Addresses of repositories: few forms are asked for, and what else git could do with one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshkit.errors import ContractError
from meshkit.loading.addresses import name_of, parse_address, without_logins

HERE = Path("/mesh")


@pytest.mark.parametrize(
    ("text", "transport", "url"),
    [
        ("https://git.example.com/shop/orders.git", "https", "https://git.example.com/shop/orders.git"),
        ("HTTPS://git.example.com:8443/shop/orders", "https", "https://git.example.com:8443/shop/orders"),
        ("https://dev.example.com/a/_git/b", "https", "https://dev.example.com/a/_git/b"),
        ("ssh://git@git.example.com/shop/orders.git", "ssh", "ssh://git@git.example.com/shop/orders.git"),
        ("ssh://git.example.com:2222/orders", "ssh", "ssh://git.example.com:2222/orders"),
        ("ssh://git@[2001:db8::1]:22/orders", "ssh", "ssh://git@[2001:db8::1]:22/orders"),
        ("git@git.example.com:shop/orders.git", "ssh", "git@git.example.com:shop/orders.git"),
        ("git@git.example.com:/srv/orders.git", "ssh", "git@git.example.com:/srv/orders.git"),
        ("file:///srv/orders.git", "file", "/srv/orders.git"),
        ("/srv/my orders.git", "file", "/srv/my orders.git"),
        ("../orders", "file", "/orders"),
        ("./orders/../hub", "file", "/mesh/hub"),
        ("hub/a:b", "file", "/mesh/hub/a:b"),
    ],
)
def test_https_ssh_and_folders_are_asked_for(text, transport, url):
    assert parse_address(text, HERE)[:2] == (url, transport)


@pytest.mark.parametrize(
    "text",
    [
        "ext::sh -c 'touch /tmp/owned'",
        "EXT::sh",
        "fd::17",
        "transport::https://host/x",
        "https::https://host/x",
        "--upload-pack=touch /tmp/owned",
        "-u",
        "ssh://-oProxyCommand=touch/x",
        "ssh://git@-oProxyCommand=x/y",
        "-oProxyCommand=x@host:path",
        "git@-oProxyCommand=x:path",
        "git@host:-x",
        "http://host/x",
        "git://host/x",
        "ftp://host/x",
        "file://host/share/x",
        "host:path",
        "https://host",
        "https:///x",
        "https://host/x?access=1",
        "https://host/x#main",
        "https://host/a b",
        "https://host\n/x",
        "https://host/x%0aevil",
        "https://ho%0Dst/x",
        "/srv/x\x00y",
        "/srv/x\ny",
        "https://host/\x1b[31m",
        "https://\u202ehost/x",
        "https://host:port/x",
        "https://host:/x",
        "ssh://host:99999999/x",
    ],
)
def test_what_git_could_do_else_with_an_address_is_refused(text):
    with pytest.raises(ContractError) as caught:
        parse_address(text, HERE)
    assert caught.value.code == "MK171"
    assert "\n" not in caught.value.render()


@pytest.mark.parametrize(
    "text",
    [
        "https://me:hunter2@host/x",
        "https://hunter2@host/x",
        "https://hunter2:@host/x",
        "ssh://git:hunter2@host/x",
        "https://host/x?private_token=hunter2",
        "https://me:hun/ter2@host/x",
    ],
)
def test_a_login_in_an_address_is_refused_and_not_shown(text):
    with pytest.raises(ContractError) as caught:
        parse_address(text, HERE)
    assert caught.value.code in ("MK160", "MK171")
    assert "hun" not in caught.value.render()


def test_only_ssh_may_name_a_user():
    with pytest.raises(ContractError) as caught:
        parse_address("https://token@host/x", HERE)
    assert caught.value.code == "MK160"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://host/shop/orders.git", "orders"),
        ("git@host:orders", "orders"),
        ("/srv/...", "repository"),
        ("/srv/a b.c", "a-b-c"),
    ],
)
def test_a_repository_has_a_name_that_fits_a_folder(text, name):
    assert name_of(parse_address(text, HERE)) == name


def test_logins_are_taken_out_of_what_git_says():
    said = "fatal: unable to access 'https://me:hunter2@host/x/': The requested URL returned error: 403"
    assert without_logins(said) == "fatal: unable to access 'https://host/x/': The requested URL returned error: 403"
    assert "hun" not in without_logins("see https://hunter2@host/a and ssh://u:hunt@h/b")
