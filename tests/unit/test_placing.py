"""Where a run goes: --engine before --env before the default environment before servers of contracts; and with which secrets."""

from __future__ import annotations

import pytest

from meshkit.errors import ContractError, EngineError, UsageError
from meshkit.loading.settings import MeshSettings, load_settings
from meshkit.model.server import Server
from meshkit.placing import SCHEMES, Placed, placed

TEXT = """\
engines:
  warehouse: {url: "postgresql://meshkit@db.internal/shop?sslmode=require", password: {env: SHOP_PASSWORD}}
  lake: {url: "spark", options: {master: "local[2]"}}
  cloud: {url: "snowflake://acme/shop", user: me, password: {file: ../secrets/sf}, options: {private_key: "${KEY}", role: READER}}
  mixed: {url: "postgresql://${WHO}:${PW}@${HOST}/shop?options=${OPTS:-none}"}
  whole: {url: "${SHOP_URL}"}
environments:
  dev: {location_prefix: ./data}
  files: {engine: duckdb}
  prod: {engine: warehouse, schema: analytics, tables: {Sales.Orders: core.orders_v2}, store: "sqlite:///runs.db"}
  direct: {engine: "mysql://me@db/shop"}
  ci: {dbt: {profile: shop, profiles_dir: ../dbt}}
  named: {dbt: {profile: shop, profiles_dir: ../dbt}, schema: mine}
  local: {dbt: {profile: shop, target: local, profiles_dir: ../dbt}}
"""
PROFILES = """\
shop:
  target: wh
  outputs:
    wh: {type: postgres, host: db, user: me, password: "{{ env_var('PW') }}", dbname: shop, schema: dbt.me}
    local: {type: duckdb, path: shop.duckdb}
"""


@pytest.fixture
def settings(tmp_path) -> MeshSettings:
    for name, file, text in (
        ("mesh", "meshkit.yaml", TEXT),
        ("dbt", "profiles.yml", PROFILES),
        ("secrets", "sf", "s3:cret\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text)
    (tmp_path / "secrets" / "sf").chmod(0o600)
    return load_settings(tmp_path / "mesh", SCHEMES)


def with_default(settings: MeshSettings, name: str) -> MeshSettings:
    return settings._replace(default_environment=name)


def test_the_order_of_who_decides(settings):
    engine = lambda s, *asked: placed(s, *asked, {}).placement.engine  # noqa: E731
    default = with_default(settings, "prod")
    assert engine(settings, None, None) == ""
    assert engine(default, None, None) == "warehouse"
    assert engine(default, "files", None) == "duckdb"
    assert engine(default, "files", "lake") == "lake"
    assert engine(default, None, "duckdb") == "duckdb"


def test_an_engine_replaces_that_of_the_environment_and_nothing_else(settings):
    found = placed(settings, "prod", "lake", {})
    assert found.placement.engine == "lake"
    assert found.placement.schema_parts == ("analytics",)
    assert found.placement.tables == {"sales.orders": ("core", "orders_v2")}
    assert found.store == "sqlite:///runs.db"


def test_an_environment_without_an_engine_leaves_contracts_their_servers(settings):
    found = placed(settings, "dev", None, {}).placement
    assert (found.engine, found.location_prefix, found.base) == ("", "./data", str(settings.folder))
    assert found.servers["WAREHOUSE"] == "warehouse"


def test_a_url_is_an_engine_and_shows_no_secret(settings):
    found = placed(settings, None, "postgresql://me:hunter2@db:5432/shop", {})
    assert found.placement.engine == "postgresql://db:5432/shop"
    assert found.addresses["postgresql://db:5432/shop"]().url == "postgresql://me:hunter2@db:5432/shop"
    assert "hunter2" not in repr(found.placement)
    assert placed(settings, "direct", None, {}).placement.engine == "mysql://db/shop"
    assert placed(settings, None, "spark", {}).addresses["spark"]().engine == "spark"


@pytest.mark.parametrize(
    "engine",
    [
        "me:hunter2@db/shop",
        "postgresql:me:hunter2@db/shop",
        "postgresql:/me:hunter2@db/shop",
        "host=db user=me password=hunter2",
        "me:hunter2@db/shop://",
    ],
)
def test_what_is_no_url_may_hold_a_password_and_is_not_shown(settings, engine):
    with pytest.raises(UsageError, match="unknown engine") as error:
        placed(settings, None, engine, {})
    assert "hunter2" not in str(error.value)


def test_a_url_that_ends_before_its_host_shows_no_password(settings):
    found = placed(settings, None, "postgresql://me:hunter2", {})
    assert found.placement.engine == "postgresql"
    assert found.addresses["postgresql"]().shown == "postgresql"


def test_a_file_of_sqlite_lies_beside_the_settings_and_that_of_a_call_where_the_process_is(tmp_path):
    folder = tmp_path / "50% off?"
    folder.mkdir()
    (folder / "meshkit.yaml").write_text("""\
engines:
  lite: {url: "sqlite:///../shop.db"}
  whole: {url: "sqlite:////data/shop.db"}
  memory: {url: "sqlite://"}
environments:
  direct: {engine: "sqlite:///shop.db"}
""")
    found = placed(load_settings(folder, SCHEMES), "direct", None, {})
    written = f"sqlite:///{tmp_path}/50%25%20off%3F"
    assert found.addresses["lite"]().url == f"{written}/../shop.db"
    assert found.addresses["sqlite:///shop.db"]().url == f"{written}/shop.db"
    assert found.addresses["whole"]().url == "sqlite:////data/shop.db"
    assert found.addresses["memory"]().url == "sqlite://"
    called = placed(load_settings(folder, SCHEMES), None, "sqlite:///shop.db", {})
    assert called.addresses["sqlite:///shop.db"]().url == "sqlite:///shop.db"


@pytest.mark.parametrize(
    ("env", "engine"), [("prd", None), ("", None), (None, "warehose"), (None, "postgress://db/x"), (None, "")]
)
def test_what_is_not_there_is_a_usage_error(settings, env, engine):
    with pytest.raises(UsageError):
        placed(settings, env, engine, {})


def test_an_environment_asked_for_without_a_file_says_so(tmp_path):
    with pytest.raises(UsageError, match=r"there is no meshkit\.yaml"):
        placed(MeshSettings(tmp_path), "prod", None, {})
    assert placed(MeshSettings(tmp_path), None, None, {}).placement.engine == ""


def test_settings_with_errors_place_nothing(tmp_path):
    (tmp_path / "meshkit.yaml").write_text("default_environmnt: prod\n")
    broken = load_settings(tmp_path)
    with pytest.raises(ContractError) as error:
        placed(broken, None, "duckdb", {})
    assert (error.value.code, error.value.place.line) == ("MK102", 1)


def address(found: Placed, name: str) -> tuple[str, str, dict[str, str]]:
    made = found.addresses[name]()
    assert "cret" not in repr(made)
    return made.engine, made.url, dict(made.options)


def test_secrets_are_put_into_the_address_when_it_is_asked_for(settings):
    found = placed(settings, None, "warehouse", {"SHOP_PASSWORD": "p@s:s/?cret"})
    assert address(found, "warehouse") == (
        "postgres", "postgresql://meshkit:p%40s%3As%2F%3Fcret@db.internal/shop?sslmode=require", {},
    )  # fmt: skip


def test_a_missing_secret_is_told_then_and_not_before(settings):
    found = placed(settings, None, "warehouse", {})
    with pytest.raises(EngineError) as error:
        found.addresses["warehouse"]()
    assert (error.value.code, error.value.what) == ("MK314", "variable 'SHOP_PASSWORD' has no value")


def test_a_file_holds_a_secret_and_options_may(settings):
    found = placed(settings, None, "cloud", {"KEY": "-----secret-----"})
    assert address(found, "cloud") == (
        "snowflake", "snowflake://me:s3%3Acret@acme/shop", {"private_key": "-----secret-----", "role": "READER"},
    )  # fmt: skip
    assert address(placed(settings, None, "lake", {}), "lake") == ("spark", "spark", {"master": "local[2]"})


def test_variables_of_a_url_are_quoted_where_they_must_be(settings):
    given = {"WHO": "a@b", "PW": "x/y?cret", "HOST": "db:5433", "OPTS": "a&b=c"}
    found = placed(settings, None, "mixed", given)
    assert address(found, "mixed")[1] == "postgresql://a%40b:x%2Fy%3Fcret@db:5433/shop?options=a%26b%3Dc"
    whole = placed(settings, None, "whole", {"SHOP_URL": "mysql://me:s@db/shop"})
    assert address(whole, "whole")[:2] == ("mysql", "mysql://me:s@db/shop")


def test_a_secrets_file_that_is_gone_or_empty_or_in_the_mesh_is_told(settings):
    file = settings.folder.parent / "secrets" / "sf"
    found = placed(settings, None, "cloud", {"KEY": "k"})
    file.write_text("\n")
    with pytest.raises(EngineError, match="is empty"):
        found.addresses["cloud"]()
    file.unlink()
    with pytest.raises(EngineError, match="cannot be read: no such file"):
        found.addresses["cloud"]()
    (settings.folder / "pw").write_text("x")
    file.symlink_to(settings.folder / "pw")
    with pytest.raises(ContractError) as error:
        found.addresses["cloud"]()
    assert error.value.code == "MK161"


def test_dbt_gives_engine_and_schema(settings):
    found = placed(settings, "ci", None, {"PW": "x"})
    assert (found.placement.engine, found.placement.schema_parts) == ("dbt shop.wh", ("dbt.me",))
    assert address(found, "dbt shop.wh")[:2] == ("postgres", "postgresql://me:x@db/shop")
    assert placed(settings, "named", None, {}).placement.schema_parts == ("mine",)
    local = placed(settings, "local", None, {}).placement
    assert (local.engine, local.database, local.base, local.schema_parts) == (
        "duckdb", "shop.duckdb", str(settings.folder), ("main",),
    )  # fmt: skip
    assert placed(settings, "local", "warehouse", {}).placement.database == ""


SERVER = Server(name="prod-eu", type="postgres", url="postgresql://db:5432/shop", schema_parts=("public",))


def test_credentials_of_a_contracts_server_are_called_after_it(tmp_path):
    given = {"MESHKIT_PROD_EU_USER": "me", "MESHKIT_PROD_EU_PASSWORD": "se/cret"}
    found = placed(MeshSettings(tmp_path), None, None, given)
    name = found.placement.engine_of(SERVER)
    assert address(found, name)[:2] == ("postgres", "postgresql://me:se%2Fcret@db:5432/shop")
    assert placed(MeshSettings(tmp_path), None, None, {"MESHKIT_PROD_EU_USER": ""}).placement.engine_of(SERVER) == ""
    assert list(found.addresses) == []


def test_a_token_is_a_password_on_databricks_and_an_option_elsewhere(tmp_path):
    given = {"MESHKIT_LAKE_TOKEN": "dapi-cret"}
    lake = Server(name="lake", type="databricks", url="databricks://adb?catalog=main")
    snow = Server(name="lake", type="snowflake", url="snowflake://acme/d")
    found = placed(MeshSettings(tmp_path), None, None, given)
    assert address(found, found.placement.engine_of(lake))[1:] == ("databricks://token:dapi-cret@adb?catalog=main", {})
    assert address(found, found.placement.engine_of(snow))[1:] == ("snowflake://acme/d", {"token": "dapi-cret"})


def test_an_engine_of_the_same_name_comes_before_credentials(settings):
    server = SERVER.model_copy(update={"name": "Warehouse"})
    found = placed(settings, None, None, {"MESHKIT_WAREHOUSE_USER": "me"})
    assert found.placement.engine_of(server) == "warehouse"


def test_clients_that_find_credentials_by_themselves_need_none_here(tmp_path):
    server = Server(name="gcp", type="bigquery", url="bigquery://p/d", schema_parts=("p", "d"))
    assert placed(MeshSettings(tmp_path), None, None, {}).placement.engine_of(server) == ""
    given = {"GOOGLE_APPLICATION_CREDENTIALS": "/k.json"}
    assert placed(MeshSettings(tmp_path), None, None, given).placement.engine_of(server) == "gcp=bigquery://p/d"


def test_behind_a_server_no_contract_says_where_credentials_go(settings):
    given = {"MESHKIT_PROD_EU_USER": "me", "SHOP_PASSWORD": "x", "AWS_PROFILE": "a"}
    found = placed(settings, None, None, given, confined=True)
    assert found.placement.engine_of(SERVER) == ""
    assert found.placement.ambient == ()
    assert found.placement.engine_of(SERVER.model_copy(update={"name": "warehouse"})) == "warehouse"


def test_behind_a_server_secrets_are_variables_that_are_listed(settings):
    given = {"SHOP_PASSWORD": "x", "KEY": "k"}
    with pytest.raises(EngineError, match="may not be used here"):
        placed(settings, None, "warehouse", given, confined=True).addresses["warehouse"]()
    listed = placed(settings, None, "warehouse", {**given, "MESHKIT_VARIABLES": "SHOP_PASSWORD,KEY"}, confined=True)
    assert listed.addresses["warehouse"]().url.startswith("postgresql://meshkit:x@")
    with pytest.raises(EngineError, match="not read from files"):
        listed.addresses["cloud"]()


def test_every_engine_of_an_environment_can_be_listed(settings):
    assert set(placed(settings, None, None, {}).addresses) == {"warehouse", "lake", "cloud", "mixed", "whole"}
    with pytest.raises(KeyError):
        placed(settings, None, None, {}).addresses["nothing"]
