"""What lint says of the policies that governors write, and where."""

from __future__ import annotations

import subprocess
import sys

import pytest

GOVERNANCE = """\
governance:
  global_policies:
    - name: data_retention
      mandatory: true
      policy: "- Logs: 1 year"
      params: {log_days: 3}
    - name: data_retention
    - name: freeze
      policy: Nothing is published.
      params: {days: 5}
  automated_policies:
    - name: breaking_changes
      check: "- Timely deprecation notice"
  domain_policies:
    dd:
      policies: [{id: data_retention, params: {logs_days: 100}}]
    d:
      policies: [{id: data_retentoin}]
  policies:
    - id: fine
      over: column
      when: is_pii AND product.domain = 'd'
      require: mask IS NOT NULL
      message: "{name} of {product.id}"
    - id: two_mistakes
      over: column
      when: is_pi
      require: product.retention_dayz > 3
      message: "{nam}"
    - id: schema_validation
      require: "true"
    - id: nothing
    - require: "true"
    - id: sub_query
      require: (SELECT count(*) FROM products) > 1
    - id: both
      require: "true"
      sql: SELECT id AS product, 'x' AS message FROM products
"""


@pytest.fixture
def told(mesh, contract):
    def lint(text, **keys):
        return [
            (p.code, p.place.line, p.place.column, str(p.severity))
            for p in mesh(contract([{"name": "a"}], **keys), governance=text).lint()
        ]

    return lint


def test_each_mistake_is_told_once_where_it_stands(told):
    assert told(GOVERNANCE) == [
        ("MK429", 6, 16, "error"),
        ("MK425", 7, 7, "error"),
        ("MK426", 12, 7, "warning"),
        ("MK428", 15, 5, "error"),
        ("MK420", 18, 18, "error"),
        ("MK422", 27, 13, "error"),
        ("MK422", 28, 16, "error"),
        ("MK422", 29, 16, "error"),
        ("MK425", 30, 7, "error"),
        ("MK426", 32, 7, "warning"),
        ("MK104", 33, 7, "error"),
        ("MK209", 35, 16, "error"),
        ("MK103", 38, 7, "error"),
    ]


def test_a_policy_that_nobody_has_is_told_in_the_product_that_takes_it_on(told):
    text = "governance:\n  policies:\n    - {id: fine, require: 'true', opt_in: true}\n"
    assert told(text, policies=["fine"]) == []
    ((code, _, _, severity),) = told(text, policies=["fine", "fin"])
    assert (code, severity) == ("MK420", "warning")


def test_of_two_policies_of_one_id_the_first_alone_is_evaluated(mesh, contract):
    from meshkit.governing import govern

    text = "governance:\n  policies:\n    - {id: a, require: 'false', message: first}\n    - {id: a, require: 'false', message: second}\n"
    found = govern(mesh(contract([{"name": "a"}]), governance=text), "schedule")
    assert [v.message for v in found.violations] == ["first"]


def test_lint_without_a_governance_file_imports_nothing_of_policies(tmp_path, contract):
    (tmp_path / "p.yaml").write_text(contract([{"name": "a"}]))
    code = (
        "import sys, meshkit; meshkit.load(sys.argv[1]).lint(); "
        "print(*(m for m in sys.modules if m.startswith('meshkit.policy') or m == 'meshkit.model.governance'))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
