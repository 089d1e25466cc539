"""dbt's profiles.yml, in the forms that the set-up pages of its adapters show."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshkit.errors import ContractError, EngineError
from meshkit.loading.dbt_adapters import held, reach_target
from meshkit.loading.dbt_profiles import DbtValues, Target, read_target
from meshkit.loading.settings import MeshSettings
from meshkit.loading.settings_form import DbtForm


def target(tmp_path: Path, output: str, environment: dict[str, str] | None = None, **form: str) -> DbtValues:
    """Return the values of target `dev` of profile `shop`, whose file is outside the mesh."""
    folder, mesh = tmp_path / "dbt", tmp_path / "mesh"
    folder.mkdir(exist_ok=True)
    mesh.mkdir(exist_ok=True)
    lines = "".join(f"      {line}\n" for line in output.strip().splitlines())
    (folder / "profiles.yml").write_text(f"shop:\n  target: dev\n  outputs:\n    dev:\n{lines}")
    return DbtValues(found(tmp_path, environment, **form), environment or {})


def found(tmp_path: Path, environment: dict[str, str] | None = None, **form: str) -> Target:
    settings = MeshSettings(tmp_path / "mesh", "meshkit.yaml", tmp_path / "mesh")
    asked = DbtForm(**{"profile": "shop", "profiles_dir": str(tmp_path / "dbt"), **form})
    return read_target(asked, settings, environment or {})


def reached(values: DbtValues) -> tuple[str, dict[str, str]]:
    reach = reach_target(values)
    return reach.url.reveal(), {name: value.reveal() for name, value in reach.options.items()}


POSTGRES = """
type: postgres
host: localhost
user: alice
password: "p@ss/word"
port: 5432
dbname: jaffle_shop
schema: dbt_alice
threads: 4
sslmode: require
search_path: "a, b"
"""

CASES = {
    "postgres": (
        POSTGRES,
        "postgresql://alice:p%40ss%2Fword@localhost:5432/jaffle_shop?sslmode=require",
        {"search_path": "a, b"},
        "dbt_alice",
    ),
    "postgres, short names": (
        "type: postgres\nhost: db\nuser: me\npass: x\nport: 5432\ndatabase: shop\nschema: s",
        "postgresql://me:x@db:5432/shop",
        {},
        "s",
    ),
    "redshift": (
        "type: redshift\nhost: c.eu.redshift.amazonaws.com\nuser: me\npassword: x\nport: 5439\ndbname: dev\nschema: s\nra3_node: true",
        "redshift://me:x@c.eu.redshift.amazonaws.com:5439/dev",
        {},
        "s",
    ),
    "redshift, IAM": (
        "type: redshift\nmethod: iam\ncluster_id: C1\nhost: h\nuser: me\niam_profile: data\nregion: eu-west-1\nport: 5439\ndbname: dev\nschema: s",
        "redshift://me@h:5439/dev",
        {"method": "iam", "cluster_id": "C1", "iam_profile": "data", "region": "eu-west-1"},
        "s",
    ),
    "snowflake": (
        "type: snowflake\naccount: acme-eu\nuser: me\npassword: x\nrole: READER\ndatabase: SHOP\nwarehouse: WH\nschema: MART\nthreads: 8",
        "snowflake://me:x@acme-eu/SHOP/MART?warehouse=WH&role=READER",
        {},
        "MART",
    ),
    "snowflake, key pair": (
        "type: snowflake\naccount: acme\nuser: me\nprivate_key_path: /k.p8\nprivate_key_passphrase: y\ndatabase: D\nschema: S",
        "snowflake://me@acme/D/S",
        {"private_key_path": "/k.p8", "private_key_passphrase": "y"},
        "S",
    ),
    "bigquery": (
        "type: bigquery\nmethod: service-account\nproject: my-gcp\ndataset: mart\nkeyfile: /k.json\nlocation: EU\nthreads: 4",
        "bigquery://my-gcp/mart?location=EU",
        {"method": "service-account", "keyfile": "/k.json"},
        "mart",
    ),
    "databricks": (
        "type: databricks\ncatalog: main\nschema: mart\nhost: adb-1.azuredatabricks.net\nhttp_path: /sql/1.0/warehouses/a\ntoken: dapi9",
        "databricks://token:dapi9@adb-1.azuredatabricks.net?http_path=%2Fsql%2F1.0%2Fwarehouses%2Fa&catalog=main&schema=mart",
        {},
        "mart",
    ),
    "spark": ("type: spark\nmethod: session\nschema: mart\nhost: NA", "spark", {}, "mart"),
    "spark, with parameters": (
        "type: spark\nmethod: session\nschema: mart\nserver_side_parameters:\n  spark.driver.memory: 4g",
        "spark",
        {"spark.driver.memory": "4g"},
        "mart",
    ),
    "bigquery, key in the profile": (
        'type: bigquery\nmethod: service-account-json\nproject: p\ndataset: d\nkeyfile_json:\n  type: service_account\n  private_key: "a\\nb"',
        "bigquery://p/d",
        {"method": "service-account-json", "keyfile_json": '{"type": "service_account", "private_key": "a\\nb"}'},
        "d",
    ),
    "trino": (
        "type: trino\nmethod: ldap\nuser: me\npassword: x\ndatabase: hive\nhost: t.internal\nport: 8443\nschema: mart\nhttp_scheme: https",
        "trino://me:x@t.internal:8443/hive/mart",
        {"method": "ldap", "http_scheme": "https"},
        "mart",
    ),
    "sqlserver": (
        "type: sqlserver\ndriver: 'ODBC Driver 18 for SQL Server'\nserver: sql.internal\nport: 1433\ndatabase: shop\nschema: dbo\nuser: me\npassword: x\nencrypt: true\ntrust_cert: false",
        "mssql://me:x@sql.internal:1433/shop?driver=ODBC+Driver+18+for+SQL+Server&encrypt=true&trust_server_certificate=false",
        {},
        "dbo",
    ),
    "oracle": (
        "type: oracle\nuser: me\npass: x\nprotocol: tcps\nhost: ora\nport: 1522\nservice: shop_high\nschema: MART",
        "oracle://me:x@ora:1522?service_name=shop_high",
        {"protocol": "tcps"},
        "MART",
    ),
    "clickhouse": (
        "type: clickhouse\nschema: mart\nhost: ch.internal\nport: 8443\nuser: me\npassword: x\nsecure: True\nverify: False",
        "clickhouses://me:x@ch.internal:8443/mart",
        {"verify": "false"},
        "mart",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_documented_form_of_each_adapter_is_read(tmp_path, case):
    output, url, options, schema = CASES[case]
    values = target(tmp_path, output)
    assert reached(values) == (url, options)
    assert held(values) == (False, "", schema)


def test_a_duckdb_target_is_a_file(tmp_path):
    assert held(target(tmp_path, "type: duckdb\npath: shop.duckdb\nthreads: 4")) == (True, "shop.duckdb", "main")
    for path in (":memory:", "md:shop"):
        with pytest.raises(ContractError) as error:
            held(target(tmp_path, f"type: duckdb\npath: '{path}'"))
        assert error.value.code == "MK163"


def test_variables_of_the_environment_are_put_in(tmp_path):
    output = """
type: postgres
host: "{{ env_var('HOST') }}"
user: "{{ env_var('USER', 'nobody') }}"
password: "{{ env_var(\\"PW\\") }}"
port: "{{ env_var('PORT', '5433') | int }}"
dbname: "shop_{{env_var('STAGE','dev')}}"
schema: mart
"""
    environment = {"HOST": "db", "PW": "x:y", "STAGE": "ci"}
    assert reached(target(tmp_path, output, environment))[0] == "postgresql://nobody:x%3Ay@db:5433/shop_ci"


def test_a_variable_without_a_value_is_named_with_its_place(tmp_path):
    values = target(tmp_path, POSTGRES.replace('"p@ss/word"', "\"{{ env_var('SHOP_PW') }}\""))
    assert held(values).schema == "dbt_alice", "nothing is fetched before a connection is opened"
    with pytest.raises(EngineError) as error:
        reach_target(values)
    assert (error.value.code, error.value.what) == ("MK314", "variable 'SHOP_PW' has no value")
    assert error.value.place.line == 8


@pytest.mark.parametrize(
    "jinja",
    [
        "{{ var('x') }}",
        "{{ env_var('X') ~ 'y' }}",
        "{% if x %}a{% endif %}",
        "{{ env_var(name) }}",
        "{{ target.name }}",
        "{{ env_var('X'",
    ],
)
def test_other_jinja_is_refused_and_not_shown(tmp_path, jinja):
    values = target(tmp_path, POSTGRES.replace('"p@ss/word"', f'"{jinja}"'), {"X": "1"})
    with pytest.raises(ContractError) as error:
        reach_target(values)
    assert (error.value.code, error.value.what) == ("MK163", "'password' holds Jinja other than env_var")
    assert jinja not in str(error.value)


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("type: postgress\nhost: x", "adapter 'postgress' is not read"),
        ("type: fabric\nhost: x", "adapter 'fabric' is not read"),
        ("host: x", "has no 'type'"),
    ],
)
def test_an_adapter_that_is_not_read_is_named(tmp_path, output, what):
    with pytest.raises(ContractError, match=what) as error:
        held(target(tmp_path, output))
    assert error.value.code == "MK163"


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("type: postgres\nuser: me", "has no 'host'"),
        ("type: spark\nmethod: thrift\nhost: h", "not reached by method 'thrift'"),
        ("type: clickhouse\ndriver: native\nport: 9000", "not by its native protocol"),
    ],
)
def test_what_cannot_be_reached_is_said(tmp_path, output, what):
    with pytest.raises(ContractError, match=what):
        reach_target(target(tmp_path, output))


def test_the_target_is_the_named_one_else_that_of_the_profile(tmp_path):
    target(tmp_path, "type: postgres\nhost: first")
    file = tmp_path / "dbt" / "profiles.yml"
    file.write_text(file.read_text() + "    prod: {type: postgres, host: second}\n")
    assert found(tmp_path).name == "shop.dev"
    assert found(tmp_path, target="prod").name == "shop.prod"
    file.write_text(file.read_text().replace("target: dev", "target: \"{{ env_var('T', 'prod') }}\""))
    assert found(tmp_path).name == "shop.prod"
    assert found(tmp_path, {"T": "dev"}).name == "shop.dev"


def test_a_profile_or_target_that_is_not_there_is_named_with_the_near_one(tmp_path):
    target(tmp_path, "type: postgres\nhost: h")
    with pytest.raises(ContractError, match=r"no profile 'shopp'.*did you mean 'shop'\?"):
        found(tmp_path, profile="shopp")
    with pytest.raises(ContractError, match=r"no target 'prod'"):
        found(tmp_path, target="prod")


def test_the_folder_is_stated_else_of_the_environment_else_beside_the_settings_else_at_home(tmp_path, monkeypatch):
    target(tmp_path, "type: postgres\nhost: h")
    settings = MeshSettings(tmp_path / "mesh", "meshkit.yaml", tmp_path / "mesh")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    form = DbtForm(profile="shop")
    with pytest.raises(ContractError, match="profiles are not at") as error:
        read_target(form, settings, {})
    assert error.value.code == "MK163"
    text = (tmp_path / "dbt" / "profiles.yml").read_text()
    places = [tmp_path / "home" / ".dbt", tmp_path / "mesh", tmp_path / "named"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "profiles.yml").write_text(text)
    assert (
        Path(read_target(form, settings, {"DBT_PROFILES_DIR": str(places[2])}).source.file)
        == places[2] / "profiles.yml"
    )
    assert Path(read_target(form, settings, {}).source.file) == places[1] / "profiles.yml"
    (places[1] / "profiles.yml").unlink()
    assert Path(read_target(form, settings, {}).source.file) == places[0] / "profiles.yml"


def test_a_password_in_the_clear_in_a_profile_inside_the_mesh_is_refused(tmp_path):
    target(tmp_path, POSTGRES)
    inside = tmp_path / "mesh" / "profiles.yml"
    inside.write_text((tmp_path / "dbt" / "profiles.yml").read_text())
    with pytest.raises(ContractError) as error:
        found(tmp_path, profiles_dir=".")
    assert (error.value.code, error.value.place.line) == ("MK160", 8)
    assert "p@ss" not in str(error.value)
    inside.write_text(inside.read_text().replace('"p@ss/word"', "\"{{ env_var('PW') }}\""))
    assert found(tmp_path, profiles_dir=".").name == "shop.dev"


def test_a_target_shows_none_of_its_values(tmp_path):
    assert "p@ss" not in repr(target(tmp_path, POSTGRES).target)
    assert "p@ss" not in repr(reach_target(target(tmp_path, POSTGRES)))
