"""Secrets show themselves nowhere, and are recognised where they stand in the clear."""

from __future__ import annotations

import pickle

import pytest

from meshkit.model.base import Document
from meshkit.model.secret import Secret, is_secret_name, shown_url, shows_password, shows_password_in_location


class Holder(Document):
    key: Secret


def test_a_secret_shows_itself_in_no_text():
    secret = Secret("hunter2")
    texts = [repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr({"a": secret})]
    assert not [t for t in texts if "hunter2" in t]
    assert secret.reveal() == "hunter2"


def test_pydantic_never_writes_a_secret():
    holder = Holder(key=Secret("hunter2"))
    assert holder.model_dump() == {"key": "***"}
    assert holder.model_dump_json() == '{"key":"***"}'
    assert "hunter2" not in repr(holder)


def test_a_secret_cannot_be_pickled():
    with pytest.raises(TypeError, match="cannot be stored"):
        pickle.dumps(Secret("hunter2"))


@pytest.mark.parametrize(
    "name",
    ["password", "PWD", "private_key_passphrase", "clientSecret", "access-token", "aws_secret_access_key", "jwt"],
)
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["user", "private_key_path", "warehouse", "keyfile", "token_uri", "sslmode", "passenger", "primary"]
)
def test_names_of_what_is_no_secret(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@db/shop",
        "postgresql://:hunter2@db/shop",
        "postgresql://me:hun/ter2@db/shop",
        "postgresql://me:hun?ter2@db/shop",
        "postgresql://me:hun@ter2@db/shop",
        "postgresql://me:${PW:-hunter2}@db/shop",
        "postgresql://me:x${PW}@db/shop",
        "snowflake://me@acme/db?warehouse=w&password=hunter2",
        "databricks://token:dapi123@host?http_path=/sql/1",
    ],
)
def test_urls_with_a_secret_in_the_clear(url):
    assert shows_password(url)
    assert "hunter2" not in shown_url(url)
    assert "ter2@" not in shown_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://db:5432/shop?sslmode=require",
        "postgresql://me@db/shop",
        "postgresql://me:${PW}@db:5432/shop",
        "postgresql://${USER}:${PW}@[::1]:5432/shop",
        "snowflake://me@acme/db?password=${PW}",
        "spark",
        "${SHOP_URL}",
        "sqlite:////tmp/shop.db",
    ],
)
def test_urls_without_one(url):
    assert not shows_password(url)


def test_a_location_shows_a_password_before_its_host_or_a_signature_behind_it():
    assert shows_password_in_location("https://me:hunter2@host/orders.csv")
    assert not shows_password_in_location("https://host:8080/orders@2024:final.csv")
    assert shows_password_in_location("https://acct.blob.net/c/x.parquet?sv=1&sig=abc")
    assert shows_password_in_location("https://b.s3.net/x.csv?X-Amz-Signature=abc&x=1")
    assert not shows_password_in_location("https://host/x.csv?sig=${SIG}")
    assert not shows_password_in_location("s3://bucket/part-?.csv")
    assert not shows_password_in_location("data/me:x@y.csv")
