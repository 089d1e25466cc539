"""One message of each code that a contract can cause, as people read it. `make golden` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import meshkit
from meshkit.model.codes import CODES

HERE = Path(__file__).parent / "messages"
HEAD = "name: p\nversion: 1.0.0\ndomain: d\ndescription: x\n"
FIELD = HEAD + "schema:\n  fields:\n    - name: a\n      type: string\n      constraints:\n        - "
QUERY = HEAD + "schema:\n  fields: [{name: a}]\n  alias: t\nsla:\n  quality_checks:\n    - name: q\n      query: "
SCHEMA = HEAD + "schema:\n  fields: [{name: a}]\n"
ODCS = "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\n"
PROPERTY = ODCS + "schema:\n- name: t\n  properties:\n  - name: a\n    "
ORG = "organization:\n  domains:\n    - name: dd\n"

OWN = "governance:\n  policies:\n    - id: mine\n      "
RETENTION = "governance:\n  global_policies:\n    - name: data_retention\n      mandatory: true\n      policy: '- Logs: 1 year'\n"

CAUSES: dict[str, dict[str, str]] = {
    "MK101": {"p": HEAD + "schema:\n\tfields: []\n"},
    "MK102": {"p": SCHEMA + "retention_day: 3\n"},
    "MK103": {"p": SCHEMA + "tags: 7\n"},
    "MK104": {"p": SCHEMA.replace("version: 1.0.0\n", "")},
    "MK105": {"p": SCHEMA + "name: q\n"},
    "MK106": {"p": SCHEMA + "tags: " + "[" * 200 + "]" * 200 + "\n"},
    "MK110": {"p": SCHEMA + "status: activ\n"},
    "MK111": {"p": SCHEMA.replace("name: p", "name: my product")},
    "MK112": {"p": SCHEMA.replace("1.0.0", "2.10")},
    "MK113": {"p": SCHEMA, "org": ORG},
    "MK114": {"p": HEAD + "schema:\n  fields: [{name: a}, {name: A}]\n"},
    "MK115": {"p": SCHEMA + "  primary_key: [b]\n"},
    "MK116": {"p": SCHEMA + 'sla:\n  freshness: {update_schedule: "0 2 * *"}\n'},
    "MK117": {"p": SCHEMA + 'sla:\n  freshness: {max_age_hours: 24, update_schedule: "0 2 * * 1"}\n'},
    "MK118": {"p": SCHEMA + "sla:\n  availability: 101%\n"},
    "MK119": {"p": SCHEMA + "owner:\n  slack: #sales\n"},
    "MK120": {"p": FIELD + "not_nul\n"},
    "MK121": {"p": FIELD + "not_null:\n          threshold: 3%\n"},
    "MK122": {"p": FIELD + "in: [NO, yes]\n"},
    "MK123": {"p": FIELD + 'pattern: "^(?!x)"\n'},
    "MK124": {"p": SCHEMA.replace("{name: a}", "{name: a, type: sting}")},
    "MK125": {"p": SCHEMA + "changelog: [{version: 2.0.0}]\n"},
    "MK126": {"p": SCHEMA.replace("domain: d", "domain: dd"), "org": ORG},
    "MK127": {"p": SCHEMA + "observability:\n  alerts: [{condition: age_hour > 3}]\n"},
    "MK128": {"p": SCHEMA + "sla:\n  freshness: {max_age_hours: 24}\nobservability:\n  alerts: [{condition: age_hours > 26}]\n"},
    "MK129": {"p": SCHEMA + "observability:\n  metrics: [avg_order_value]\n"},
    "MK130": {"p": SCHEMA, "q": SCHEMA},
    "MK131": {"p": SCHEMA + "owner: {team: blu}\n", "org": "organization:\n  domains:\n    - {name: d, data_products: [p], team: {names: [blue]}}\n"},
    "MK132": {"p": SCHEMA + "owner: {contact: sales}\n"},
    "MK133": {"p": SCHEMA + "changelog: [{version: 1.0.0, date: 15.1.2024}]\n"},
    "MK134": {"p": SCHEMA + "inputs: {c: crm.customers}\n"},
    "MK140": {"p": ODCS.replace("v3.2.0", "v2.2.2")},
    "MK141": {"p": PROPERTY + "quality: [{metric: nullValues, mustBe: 0, mustNotBe: 1}]\n"},
    "MK142": {"p": PROPERTY + "relationships: [{to: customers}]\n"},
    "MK143": {"p": PROPERTY + 'quality: [{type: sql, query: "SELECT ${NOBODY_SET_THIS}", mustBe: 0}]\n'},
    "MK144": {"p": PROPERTY + "relationships: [{to: t.b}]\n"},
    "MK145": {"p": PROPERTY + "logicalType: integer\n    logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}\n"},
    "MK146": {"p": ODCS + "slaProperties: [{property: latency, value: soon}]\n"},
    "MK147": {"p": "apiVersion: v1.0.0\nkind: DataProduct\nid: p\nstatus: active\noutputPorts: [{name: o, version: 1.0.0}]\n"},
    "MK148": {"p": PROPERTY + "logicalType: date\n    logicalTypeOptions: {format: QQQ yyyy}\n"},
    "MK153": {"p": "dataContractSpecification: 1.2.1\nid: x\ninfo: {title: x, version: 1.0.0}\nmodels:\n  t:\n    fields:\n      a: {$ref: '#/definitions/order_i'}\ndefinitions:\n  order_id: {type: string}\n"},
    "MK160": {"p": SCHEMA, "meshkit": 'engines:\n  w: {url: "postgresql://me:hunter2@db/shop"}\n'},
    "MK161": {"p": SCHEMA, "meshkit": "engines:\n  w: {url: spark, password: {file: ./password.txt}}\n"},
    "MK162": {"p": SCHEMA, "meshkit": "engines:\n  warehouse: {url: spark}\nenvironments:\n  prod: {engine: warehose}\n"},
    "MK170": {"p": SCHEMA, "meshkit": "extends: ../governance\n"},
    "MK171": {"p": SCHEMA, "meshkit": "sources:\n  - {git: 'ext::sh -c id', commit: main}\n"},
    "MK172": {"p": SCHEMA, "meshkit": "sources:\n  - {git: 'https://git.example.com/shop/orders.git', commit: main}\n"},
    "MK175": {"p": SCHEMA, "gov": RETENTION, "own": RETENTION.replace("1 year", "2 years"), "meshkit": "extends: gov.yaml\n"},
    "MK201": {"p": QUERY + "DELETE FROM t\n"},
    "MK202": {"p": QUERY + "WITH x AS (DELETE FROM t RETURNING *) SELECT COUNT(*) FROM x\n"},
    "MK203": {"p": QUERY + "SELECT read_text('/etc/passwd')\n"},
    "MK204": {"p": QUERY + "SELECT COUNT(*) FROM tt\n"},
    "MK205": {"p": QUERY + "SELECT COUNT(*) FROM c\n", "e": SCHEMA.replace("name: p", "name: c").replace("domain: d", "domain: e"), "f": SCHEMA.replace("name: p", "name: c").replace("domain: d", "domain: f")},
    "MK206": {"p": QUERY + "SELECT COUNT(*) FROM t WHERE aa > 1\n"},
    "MK207": {"p": QUERY + "SELECT COUNT() FROM t\n"},
    "MK209": {"p": QUERY + "SELECT COUNT(*) FROM t TABLESAMPLE 1%\n"},
    "MK420": {"p": SCHEMA + "policies: [data_retentoin]\n", "g": RETENTION},
    "MK421": {"p": SCHEMA, "g": RETENTION + "  domain_policies:\n    d:\n      policies: [{id: data_retention, params: {logs_days: 2 years}}]\n"},
    "MK422": {"p": SCHEMA, "g": OWN + "require: retention_day > 3\n"},
    "MK423": {"p": SCHEMA, "g": OWN + "sql: SELECT id FROM products\n"},
    "MK424": {"p": SCHEMA, "g": OWN + "require: retention_days > 'long'\n"},
    "MK425": {"p": SCHEMA, "g": OWN + 'require: "true"\n    - id: mine\n      require: "false"\n'},
    "MK426": {"p": SCHEMA, "g": RETENTION.replace("1 year", "as long as needed")},
    "MK427": {"p": SCHEMA, "g": OWN + "python: nobody_offers_this\n"},
    "MK428": {"p": SCHEMA.replace("domain: d", "domain: sales"), "g": OWN + 'require: "true"\n      domains: [sale]\n'},
    "MK429": {"p": SCHEMA, "g": OWN + "require: retention_days < params.most\n      params: {most: 9, least: 3}\n"},
    "MK430": {"p": SCHEMA, "waivers": "waivers:\n  - {policy: pii, subject: d.p.b, reason: r, approved_by: gov, until: 2027-01-31}\n"},
    "MK431": {"p": SCHEMA, "waivers": "waivers:\n  - {check: d.p.p.row_counts, subject: d.p, reason: r, approved_by: gov, until: 2027-01-31}\n"},
    "MK433": {"p": SCHEMA, "waivers": "waivers:\n  - {check: d.p.p.row_count, subject: d.p.a, reason: r, approved_by: gov, until: 2027-01-31}\n"},
    "MK434": {"p": SCHEMA, "waivers": "waivers:\n" + 2 * "  - {check: d.p.p.row_count, subject: d.p, reason: r, approved_by: gov, until: 2027-01-31}\n"},
    "MK436": {"p": SCHEMA, "waivers": "waivers:\n  - {check: d.p.p.row_count, subject: d.p, reason: r, approved_by: gov, until: 2027-01-31, cap: 3}\n"},
}  # fmt: skip
ELSEWHERE = {
    "MK001": "usage: tests/unit/cli",
    "MK107": "encoding: tests/unit/loading/test_tree.py",
    "MK109": "a file alone: tests/unit/loading/test_tree.py",
    "MK108": "missing path: tests/unit/loading/test_tree.py",
    **dict.fromkeys(
        ("MK208", "MK302", "MK303", "MK304", "MK305", "MK307", "MK308", "MK309", "MK310"), "runs: tests/engines"
    ),
    **dict.fromkeys(("MK151", "MK152"), "converting: tests/unit/converting, tests/unit/cli/test_convert.py"),
    **dict.fromkeys(("MK210", "MK312", "MK313"), "other engines: tests/engines/test_elsewhere.py"),
    **dict.fromkeys(("MK301", "MK311"), "connections: tests/engines/test_drivers*.py"),
    **dict.fromkeys(("MK173", "MK174", "MK176"), "other repositories: tests/unit/loading/test_spread.py"),
    "MK163": "dbt: tests/unit/loading/test_dbt_profiles.py",
    "MK314": "secrets: tests/unit/test_placing.py",
    "MK306": "Ctrl-C: tests/unit/cli",
    "MK437": "scans: tests/engines/test_scanning.py",
    **dict.fromkeys(("MK432", "MK435"), "policies: tests/unit/loading/test_waivers.py"),
    "MK401": "raise_for_failures: tests/unit/run",
    **dict.fromkeys((f"MK41{n}" for n in range(10)), "the store: tests/unit/store"),
    **dict.fromkeys(
        ("MK501", "MK502", "MK503", "MK504", "MK505", "MK506"), "changes: tests/unit/change/test_version.py"
    ),
    **dict.fromkeys(("MK601", "MK602", "MK603", "MK604"), "access: tests/unit/test_requesting.py"),
    **dict.fromkeys(("MK315", "MK605", "MK606"), "queries: tests/query"),
    **dict.fromkeys(("MK510", "MK511"), "git: tests/unit/loading/test_revisions.py"),
}


@pytest.mark.parametrize("code", CAUSES)
def test_the_message_is_the_one_that_was_read_and_agreed(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in CAUSES[code].items():
        Path(f"{name}.yaml").write_text(text)
    problem = next(p for p in meshkit.load(".").lint() if p.code == code)
    text = f"{problem.severity}: {problem}\n"
    golden = HERE / f"{code}.txt"
    if os.environ.get("MESHKIT_GOLDEN") == "write":
        golden.write_text(text)
        pytest.skip("the golden file was written anew")
    assert text == golden.read_text()


def test_every_code_has_a_message_or_a_test_elsewhere_and_nothing_is_left_over():
    assert set(CAUSES) | set(ELSEWHERE) == set(CODES)
    assert {p.stem for p in HERE.glob("*.txt")} == set(CAUSES)
