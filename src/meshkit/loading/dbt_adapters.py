"""What dbt's adapters call the parts of a connection, and the URL and options that say the same here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from meshkit.loading.dbt_profiles import DbtValues
from meshkit.loading.secrets import Reach
from meshkit.model.names import did_you_mean
from meshkit.model.secret import Secret


class _Url(NamedTuple):
    """The parts of a URL, not yet quoted."""

    scheme: str
    host: str
    port: str = ""
    user: str = ""
    password: str = ""
    path: Sequence[str] = ()
    query: Mapping[str, str] = {}

    def text(self) -> str:
        """Write it."""
        login = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        path = "".join(f"/{quote(part, safe='')}" for part in self.path if part)
        query = urlencode({name: value for name, value in self.query.items() if value})
        return f"{self.scheme}://{login}{'@' if login else ''}{host}{port}{path}{'?' if query else ''}{query}"


def _given(values: DbtValues, keys: str) -> dict[str, str]:
    """Return what a target says under some keys, parted by blanks; `a>b` = its `a` is called `b` here."""
    pairs = [key.partition(">") for key in keys.split()]
    return {new or old: found for old, _, new in pairs if (found := values.get(old))}


def _reach(url: _Url, options: Mapping[str, str]) -> Reach:
    return Reach(Secret(url.text()), {name: Secret(value) for name, value in options.items()})


def _postgres(values: DbtValues) -> Reach:
    query = _given(values, "sslmode sslcert sslkey sslrootcert connect_timeout application_name keepalives_idle")
    return _reach(_database(values, "postgresql", query), _given(values, "role search_path"))


def _redshift(values: DbtValues) -> Reach:
    options = _given(
        values, "method role autocommit cluster_id iam_profile region access_key_id secret_access_key is_serverless "
        "serverless_work_group serverless_acct_id idc_region idp_listen_port"
    )  # fmt: skip
    return _reach(_database(values, "redshift", _given(values, "sslmode connect_timeout")), options)


def _database(values: DbtValues, scheme: str, query: Mapping[str, str]) -> _Url:
    login = (values.get("user", "username"), values.get("password", "pass"))
    return _Url(scheme, values.needed("host"), values.get("port"), *login, [values.needed("dbname", "database")], query)


def _snowflake(values: DbtValues) -> Reach:
    path = [values.needed("database"), values.get("schema")]
    login = (values.get("user"), values.get("password"))
    url = _Url("snowflake", values.needed("account"), "", *login, path, _given(values, "warehouse role authenticator"))
    return _reach(
        url, _given(values, "token private_key private_key_path private_key_passphrase host port protocol query_tag")
    )


def _bigquery(values: DbtValues) -> Reach:
    path = [values.get("dataset", "schema")]
    url = _Url("bigquery", values.needed("project", "database"), path=path, query=_given(values, "location"))
    options = _given(
        values, "method keyfile token refresh_token client_id client_secret token_uri impersonate_service_account "
        "execution_project maximum_bytes_billed priority quota_project api_endpoint"
    )  # fmt: skip
    key = values.inside("keyfile_json")
    return _reach(url, {**options, "keyfile_json": json.dumps(key)} if key else options)


def _databricks(values: DbtValues) -> Reach:
    token = values.get("token")
    query = _given(values, "http_path catalog schema")
    login = ("token", token) if token else ("", "")
    url = _Url("databricks", values.needed("host").removeprefix("https://"), "", *login, query=query)
    return _reach(url, _given(values, "auth_type client_id client_secret azure_client_id azure_client_secret"))


def _spark(values: DbtValues) -> Reach:
    method = values.needed("method")
    if method != "session":
        hint = "name a Spark Connect server in meshkit.yaml: engines: {NAME: {url: sc://host:15002}}"
        raise values.error(f"Spark is not reached by method '{method}' here, only by session", hint, "method")
    return Reach(Secret("spark"), {k: Secret(v) for k, v in values.inside("server_side_parameters").items()})


def _trino(values: DbtValues) -> Reach:
    login = (values.get("user"), values.get("password"))
    path = [values.needed("database", "catalog"), values.get("schema")]
    url = _Url("trino", values.needed("host"), values.get("port"), *login, path)
    options = _given(values, "method jwt_token client_certificate client_private_key http_scheme cert roles impersonation_user "
                             "keytab principal krb5_config service_name timezone")  # fmt: skip
    return _reach(url, options)


def _sqlserver(values: DbtValues) -> Reach:
    login = (values.get("user", "username", "UID"), values.get("password", "PWD", "pass"))
    query = _given(
        values, "driver encrypt trust_cert>trust_server_certificate authentication login_timeout query_timeout"
    )
    host, path = values.needed("server", "host"), [values.needed("database")]
    url = _Url("mssql", host, values.get("port"), *login, path, query)
    options = _given(values, "windows_login>trusted_connection trusted_connection tenant_id client_id client_secret")
    return _reach(url, options)


def _oracle(values: DbtValues) -> Reach:
    login = (values.get("user"), values.get("pass", "password"))
    query = {"service_name": values.get("service"), "sid": values.get("sid")}
    if values.get("connection_string"):
        options = {"dsn": values.get("connection_string")}
        return _reach(_Url("oracle", "", "", *login), {**options, **_given(values, "wallet_location wallet_password")})
    if not any(query.values()):
        query["service_name"] = values.needed("dbname", "database")
    url = _Url("oracle", values.needed("host"), values.get("port"), *login, query=query)
    return _reach(url, _given(values, "protocol wallet_location wallet_password"))


def _clickhouse(values: DbtValues) -> Reach:
    if values.get("driver") == "native":
        hint = "leave driver and its port out, or name the server in meshkit.yaml: engines: {NAME: {url: clickhouse://host:8123}}"
        raise values.error("ClickHouse is reached by HTTP here, not by its native protocol", hint, "driver")
    scheme = "clickhouses" if values.is_true("secure") else "clickhouse"
    login = (values.get("user"), values.get("password"))
    url = _Url(scheme, values.get("host") or "localhost", values.get("port"), *login, [values.get("schema")])
    return _reach(url, _given(values, "verify client_cert client_cert_key connect_timeout send_receive_timeout"))


_ADAPTERS: Mapping[str, Callable[[DbtValues], Reach]] = {
    "postgres": _postgres,
    "redshift": _redshift,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
    "databricks": _databricks,
    "spark": _spark,
    "trino": _trino,
    "sqlserver": _sqlserver,
    "oracle": _oracle,
    "clickhouse": _clickhouse,
}
"""dbt's `type` -> what reads it. Source: the set-up pages of the adapters in dbt's documentation."""


class Held(NamedTuple):
    """What must be known of a target before a connection is opened.

    Attributes:
        is_files: Whether it is a DuckDB file, which is no other engine.
        database: That file.
        schema: Where its tables are.
    """

    is_files: bool
    database: str
    schema: str


def held(values: DbtValues) -> Held:
    """Say where a target keeps its tables.

    Raises:
        ContractError: MK163, the adapter is not known, or keeps its tables where nobody else can read them.
    """
    adapter = values.needed("type")
    if adapter != "duckdb" and adapter not in _ADAPTERS:
        known = [*_ADAPTERS, "duckdb"]
        hint = did_you_mean(adapter, known) + " Or name the engine in meshkit.yaml"
        raise values.error(f"dbt's adapter '{adapter}' is not read", hint, "type")
    if adapter != "duckdb":
        return Held(False, "", values.get("dataset", "schema"))
    path = values.get("path")
    if path in ("", ":memory:") or path.startswith(("md:", "motherduck:")):
        what = "is in memory" if path in ("", ":memory:") else "is on MotherDuck"
        raise values.error(f"the database of target '{values.target.name}' {what}", "give path a file", "path")
    return Held(True, path, values.get("schema") or "main")


def reach_target(values: DbtValues) -> Reach:
    """Return what it takes to reach the engine of a target.

    Raises:
        ContractError: MK163, something is missing or not read; EngineError: MK314, a variable has no value.
    """
    return _ADAPTERS[values.needed("type")](values)
