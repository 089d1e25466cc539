"""What is wrong between the files of a mesh."""

from __future__ import annotations

import pytest

ORGANIZATION = """\
organization:
  domains:
    - name: d
      bounded_context: "Things"
      data_products: [p, gone]
      team: {product_owner: Lead, data_engineers: 2, names: [blue]}
"""


def test_an_unknown_domain_is_refused_with_the_near_one(mesh, contract):
    text = contract([{"name": "a"}]).replace("domain: d", "domain: sale")
    problems = mesh(text, org="organization:\n  domains:\n    - name: sales\n").problems
    assert [(p.code, p.hint) for p in problems if p.product] == [("MK113", "did you mean 'sales'?")]


def test_domains_are_verified_only_where_an_organization_is_loaded(mesh, contract):
    assert not mesh(contract([{"name": "a"}])).problems


def test_listed_but_missing_and_present_but_unlisted_are_warnings(mesh, contract):
    other = contract([{"name": "a"}]).replace("name: p", "name: q") + "owner: {team: blue}\n"
    problems = mesh(contract([{"name": "a"}], owner={"team": "blue"}), other, org=ORGANIZATION).problems
    assert sorted((p.code, str(p.severity), p.message.split("'")[1]) for p in problems) == [
        ("MK126", "warning", "gone"),
        ("MK126", "warning", "q"),
    ]


def test_a_team_must_be_known_where_the_organization_names_teams(mesh, contract):
    problems = mesh(contract([{"name": "a"}], owner={"team": "red"}), org=ORGANIZATION).problems
    assert "MK131" in [p.code for p in problems]


def test_a_domain_twice_is_refused(mesh):
    text = "organization:\n  domains:\n    - name: a\n    - name: a\n"
    (problem,) = mesh(org=text).problems
    assert (problem.code, problem.place.line) == ("MK114", 4)


def test_a_negative_number_of_engineers_is_refused(mesh):
    text = "organization:\n  domains:\n    - name: a\n      team: {data_engineers: -1}\n"
    assert [p.code for p in mesh(org=text).problems] == ["MK103"]


def test_the_same_version_twice_and_two_active_versions_are_refused(mesh, contract):
    one, two = contract([{"name": "a"}]), contract([{"name": "a"}]).replace("1.0.0", "1.1.0")
    assert [p.code for p in mesh(one, one).problems] == ["MK130"]
    assert [p.code for p in mesh(one, two).problems] == ["MK130"]
    assert not mesh(one + "status: deprecated\n", two).problems


def test_versions_stand_side_by_side_and_the_bare_id_means_the_active_one(mesh, contract):
    old = contract([{"name": "a"}], status="deprecated")
    new = contract([{"name": "a"}]).replace("1.0.0", "1.10.0")
    loaded = mesh(old, new)
    assert loaded.product("d.p").contract.version == "1.10.0"
    assert loaded.product("d.p@1.0.0").contract.version == "1.0.0"
    assert {c.id for c in loaded.product("d.p@1.0.0").checks if "columns" in c.id} == {
        "d.p@1.0.0.t.columns",
        "d.p@1.0.0.t.extra_columns",
    }


def test_unknown_products_suggest_near_ones(mesh, contract):
    import meshkit

    with pytest.raises(meshkit.UsageError, match=r"did you mean 'd\.p'"):
        mesh(contract([{"name": "a"}])).product("d.pp")


def test_other_yaml_files_are_counted_and_dot_folders_are_skipped(mesh, contract, tmp_path):
    (tmp_path / "mesh" / ".hidden").mkdir(parents=True)
    (tmp_path / "mesh" / ".hidden" / "x.yaml").write_text("name: [")
    loaded = mesh(contract([{"name": "a"}]), compose="services:\n  web: {image: x}\n")
    assert (len(loaded.products), loaded.others, loaded.problems) == (1, 1, ())


def test_a_file_of_another_kind_that_is_no_yaml_is_a_warning(mesh, contract):
    loaded = mesh(contract([{"name": "a"}]), helm="{{ if .Values.x }}\na: {{ b }}\n")
    assert [(p.code, str(p.severity)) for p in loaded.problems] == [("MK101", "warning")]


def test_a_contract_that_is_no_yaml_is_an_error(mesh):
    text = "name: p\nversion: 1.0.0\nschema:\n\tfields: []\n"
    (problem,) = mesh(text).problems
    assert (problem.code, problem.place.line, str(problem.severity)) == ("MK101", 4, "error")
    assert "tab" in problem.message


def test_a_waiver_needs_all_its_keys(mesh):
    problems = mesh(waivers="waivers:\n  - policy: x\n    subject: d.p\n    reason: why\n").problems
    assert [p.message for p in problems] == ["key 'approved_by' is missing", "key 'until' is missing"]


def test_a_mistake_in_a_list_of_one_key_mappings_is_placed(mesh):
    text = 'governance:\n  domain_policies:\n    sales:\n      data_quality:\n        - completenes: ">= 99%"\n        - freshness: "<= soon"\n'
    problems = mesh(policy=text).problems
    assert [(p.code, p.place.line) for p in problems] == [("MK102", 5), ("MK118", 6)]
    assert problems[0].hint == "did you mean 'completeness'?"


def test_quantities_of_the_platform_are_validated(mesh):
    text = "platform:\n  compute:\n    - name: a\n      resources: {cpu: 4, memory: 16Gi}\n    - name: a\n      resources: {memory: lots}\n"
    assert [(p.code, p.place.line) for p in mesh(platform=text).problems] == [("MK114", 5), ("MK118", 6)]
