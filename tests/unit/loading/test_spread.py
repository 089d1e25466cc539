"""Meshes that span folders and repositories: what is read as what, and what is wrong between them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.repositories import Repository, contract, git

import meshkit
from meshkit.diffs import load_at
from meshkit.governing import govern

NOWHERE = "0123456789abcdef" * 2 + "01234567"
RETENTION = (
    "governance:\n  global_policies:\n    - {name: data_retention, mandatory: true, params: {analytical_days: 100}}\n"
)
KEPT = "data_kind: analytical\nretention_days: 400\n"
WAIVERS = (
    "waivers:\n  - {{policy: data_retention, subject: {subject}, reason: r, approved_by: gov, until: 2030-01-31}}\n"
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    (tmp_path / "mesh").mkdir()
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    """Write files, named as `folder__name`."""
    for name, text in files.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def codes(mesh: meshkit.Mesh) -> list[str]:
    return [p.code for p in mesh.problems]


def ids(mesh: meshkit.Mesh) -> list[str]:
    return [p.id for p in mesh.products]


def test_contracts_of_folders_and_commits_are_products_of_the_mesh(tmp_path):
    shop = Repository(tmp_path / "hub", "shop")
    commit = shop.commit(contracts__orders=contract("orders"), other__draft=contract("draft"))
    write(
        mesh__own=contract("own"),
        near__sub__near=contract("near"),
        mesh__meshkit=f"sources:\n  - ../near\n  - {{git: ../hub/shop.git, commit: {commit}, path: contracts}}\n",
    )
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.near", "d.orders", "d.own"], [])


def test_a_product_of_a_commit_is_checked_on_the_data_beside_it(tmp_path):
    shop = Repository(tmp_path / "hub", "shop")
    (shop.work / "orders.csv").write_text("a\n1\n3\n")
    commit = shop.commit(orders=contract("orders"))
    write(mesh__meshkit=f"sources: [{{git: ../hub/shop.git, commit: {commit}}}]\n")
    run = meshkit.load("mesh").check()
    assert [v.check for v in run.failed] == []
    assert run.raise_for_failures() is None
    (shop.work / "orders.csv").write_text("a,b\n1,x\n,y\n")
    write(mesh__meshkit=f"sources: [{{git: ../hub/shop.git, commit: {shop.commit_all()}}}]\n")
    assert [v.check.id.rpartition(".")[2] for v in meshkit.load("mesh").check().failed] == ["not_null"]


def test_a_mesh_loads_again_when_the_repository_is_gone_and_without_a_cache_it_does_not(tmp_path, monkeypatch):
    shop = Repository(tmp_path / "hub", "shop")
    write(mesh__meshkit=f"sources: [{{git: ../hub/shop.git, commit: {shop.commit(orders=contract('orders'))}}}]\n")
    assert ids(meshkit.load("mesh")) == ["d.orders"]
    shop.bare.rename(tmp_path / "gone")
    assert ids(meshkit.load("mesh")) == ["d.orders"]
    monkeypatch.setenv("MESHKIT_CACHE", str(tmp_path / "another"))
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == ([], ["MK173"])
    (problem,) = mesh.problems
    assert (problem.place.file, problem.place.line) == ("mesh/meshkit.yaml", 1)


def test_one_id_in_two_places_is_an_error_that_names_both():
    write(
        mesh__own=contract("orders"),
        near__orders=contract("orders", version="2.0.0"),
        mesh__meshkit="sources: ../near\n",
    )
    mesh = meshkit.load("mesh")
    (problem,) = mesh.problems
    assert (problem.code, str(problem.place)) == ("MK174", "near/orders.yaml:1:1")
    assert "mesh/own.yaml:1:1" in problem.hint
    assert [p.version for p in mesh.products] == ["1.0.0"]


def test_versions_of_one_product_in_one_source_are_no_contradiction():
    deprecated = contract("orders") + "status: deprecated\n"
    write(near__v1=deprecated, near__v2=contract("orders", version="2.0.0"), mesh__meshkit="sources: ../near\n")
    assert codes(meshkit.load("mesh")) == []


def test_a_folder_that_is_named_twice_or_lies_in_the_mesh_is_read_once():
    write(
        near__p=contract("p"),
        mesh__in__q=contract("q"),
        mesh__meshkit="sources: [../near, ../near/, ../near/p.yaml, in, ..]\n",
    )
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.p", "d.q"], [])


def test_extended_policies_bind_products_of_sources(tmp_path):
    gov = Repository(tmp_path / "hub", "governance")
    commit = gov.commit(policies__governance_policy=RETENTION, policies__example=contract("example"))
    write(
        near__p=contract("p") + KEPT,
        mesh__meshkit=f"extends: {{git: ../hub/governance.git, commit: {commit}, path: policies}}\nsources: ../near\n",
    )
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.p"], [])  # the governor's example is no product
    (violation,) = govern(mesh, "pr").violations
    assert (violation.rule, str(violation.place)) == ("data_retention.analytical", "near/p.yaml:11:1")


def test_a_governors_file_alone_and_one_inside_the_mesh_can_be_extended():
    write(
        gov__policy=RETENTION,
        gov__other="governance:\n  policies: [{id: x, require: 'false'}]\n",
        mesh__in__organization="organization: {domains: [{name: d, data_products: [p, q]}]}\n",
        mesh__in__q=contract("q"),
        mesh__p=contract("p") + KEPT,
        mesh__meshkit="extends: [../gov/policy.yaml, in]\n",
    )
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.p"], [])  # q is listed by the governor; it may be in another mesh
    assert {v.policy_name for v in govern(mesh, "pr").violations} == {"data_retention"}


def test_a_governors_file_above_the_mesh_is_extended_without_the_mesh_itself():
    write(
        policy=RETENTION,
        mesh__p=contract("p") + KEPT,
        mesh__g="governance: {policies: []}\n",
        mesh__meshkit="extends: ..\n",
    )
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.p"], [])
    assert len(govern(mesh, "pr").violations) == 1


def test_an_organisation_file_binds_products_of_sources():
    write(
        gov__organization="organization: {domains: [{name: sales, data_products: [p]}]}\n",
        near__p=contract("p", domain="sale"),
        mesh__meshkit="extends: ../gov\nsources: ../near\n",
    )
    mesh = meshkit.load("mesh")
    assert [(p.code, p.place.file) for p in mesh.problems] == [("MK113", "near/p.yaml")]


def test_organisations_are_joined_and_a_domain_in_both_is_told_with_both_places():
    write(
        gov__organization="organization: {name: Acme, domains: [{name: d, data_products: [p]}]}\n",
        mesh__organization="organization:\n  domains:\n    - {name: e, data_products: [q]}\n    - {name: d, data_products: [p]}\n",
        mesh__p=contract("p"),
        mesh__q=contract("q", domain="e"),
        mesh__meshkit="extends: ../gov\n",
    )
    mesh = meshkit.load("mesh")
    (problem,) = mesh.problems
    assert (problem.code, str(problem.place)) == ("MK114", "mesh/organization.yaml:4:8")
    assert "gov/organization.yaml:1:" in problem.hint
    assert [d.name for d in mesh.organization.domains] == ["d", "e", "d"]


def test_a_second_platform_file_is_told():
    write(gov__platform="platform: {}\n", mesh__platform="platform: {}\n", mesh__meshkit="extends: ../gov\n")
    (problem,) = meshkit.load("mesh").problems
    assert (problem.code, problem.place.file) == ("MK114", "mesh/platform.yaml")


def test_waivers_of_governors_hold_and_those_for_other_meshes_are_passed_over():
    write(
        gov__policy=RETENTION,
        gov__waivers=WAIVERS.format(subject="d.p") + WAIVERS.format(subject="d.elsewhere").removeprefix("waivers:\n"),
        mesh__p=contract("p") + KEPT,
        mesh__q=contract("q") + KEPT,
        mesh__waivers=WAIVERS.format(subject="d.q"),
        mesh__meshkit="extends: ../gov\n",
    )
    mesh = meshkit.load("mesh")
    assert [p for p in mesh.lint() if p.code.startswith("MK43")] == []
    found = govern(mesh, "pr", now="2026-11-22")
    assert [(v.product, bool(v.waiver)) for v in found.violations] == [("d.p", True), ("d.q", True)]
    assert mesh.file_of("waivers") == "mesh/waivers.yaml"
    Path("mesh/waivers.yaml").unlink()
    assert meshkit.load("mesh").file_of("waivers") is None  # no command writes into what is extended


def test_an_unknown_subject_of_the_meshs_own_waivers_is_still_an_error():
    write(
        gov__policy=RETENTION,
        gov__waivers=WAIVERS.format(subject="d.p"),
        mesh__p=contract("p"),
        mesh__waivers=WAIVERS.format(subject="d.elsewhere"),
        mesh__meshkit="extends: ../gov\n",
    )
    assert [(p.code, p.place.file) for p in meshkit.load("mesh").lint() if p.code == "MK430"] == [
        ("MK430", "mesh/waivers.yaml")
    ]


def test_a_source_brings_no_policies_and_no_waivers_and_that_is_said():
    write(
        gov__policy=RETENTION,
        near__p=contract("p") + KEPT,
        near__governance="governance: {policies: [{id: mine, require: 'false'}]}\n",
        near__waivers=WAIVERS.format(subject="d.p"),
        near__meshkit="engines: {w: {url: spark}}\nextends: ../elsewhere\n",
        mesh__meshkit="extends: ../gov\nsources: ../near\n",
    )
    mesh = meshkit.load("mesh")
    assert [(p.code, p.severity, p.place.file) for p in mesh.problems] == [
        ("MK176", "warning", "near/governance.yaml"),
        ("MK176", "warning", "near/waivers.yaml"),
    ]
    assert [(v.policy_name, v.waiver) for v in govern(mesh, "pr").violations] == [("data_retention", "")]
    assert not mesh.settings.engines


def test_a_folder_may_be_both_extended_and_a_source():
    write(near__p=contract("p") + KEPT, near__policy=RETENTION, mesh__meshkit="extends: ../near\nsources: ../near\n")
    mesh = meshkit.load("mesh")
    assert (ids(mesh), codes(mesh)) == (["d.p"], [])
    assert len(govern(mesh, "pr").violations) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("extends: ../nothing", "MK170"),
        ("extends: .", "MK170"),
        ("extends: ../empty", "MK170"),
        ("sources: ../nothing", "MK170"),
        (f"sources: [{{commit: {NOWHERE}}}]", "MK104"),
        ("sources: [{name: x}]", "MK170"),
        ("sources: [{git: ../hub/shop.git}]", "MK172"),
        ("sources: [{git: ../hub/shop.git, commit: main}]", "MK172"),
        ("sources: [{git: ../hub/shop.git, commit: v1.0}]", "MK172"),
        ("sources: [{git: ../hub/shop.git, commit: abc1234}]", "MK172"),
        (f"sources: [{{git: ../hub/shop.git, commit: {NOWHERE}a}}]", "MK172"),
        (f"sources: [{{git: ../hub/shop.git, commit: '--{NOWHERE[2:]}'}}]", "MK172"),
        (f"sources: [{{git: ../hub/shop.git, commit: '{NOWHERE[1:]}\\n'}}]", "MK172"),
        ("sources: [{git: ../hub/shop.git, commit: 12}]", "MK103"),
        ("sources: [{git: ../hub/shop.git, commit: HASH, path: ../..}]", "MK170"),
        ("sources: [{git: ../hub/shop.git, commit: HASH, path: contracts/../../x}]", "MK170"),
        ("sources: [{git: ../hub/shop.git, commit: HASH, path: /etc}]", "MK170"),
        ("sources: [{git: ../hub/shop.git, commit: HASH, path: nothing}]", "MK170"),
        ("sources: [{git: 'ext::sh -c id', commit: HASH}]", "MK171"),
        ("sources: [{git: '--upload-pack=id', commit: HASH}]", "MK171"),
        ("sources: [{git: 'https://me:hunter2@host/x', commit: HASH}]", "MK160"),
        ("sources: [{git: ../hub/nothing.git, commit: HASH}]", "MK173"),
        (f"sources: [{{git: ../hub/shop.git, commit: {NOWHERE}}}]", "MK173"),
        ("sources: [7]", "MK103"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_problem_at_its_place_and_all_else_is_read(tmp_path, text, code):
    shop = Repository(tmp_path / "hub", "shop")
    commit = shop.commit(contracts__p=contract("p"))
    write(mesh__own=contract("own"), empty__p=contract("p"), mesh__meshkit=text.replace("HASH", commit) + "\n")
    mesh = meshkit.load("mesh")
    assert codes(mesh) == [code]
    assert ids(mesh) == ["d.own"]
    (problem,) = mesh.problems
    assert (problem.place.file, problem.place.line, problem.severity) == ("mesh/meshkit.yaml", 1, "error")
    assert "hunter2" not in str(problem)
    assert "\n" not in str(problem)


def test_an_unknown_key_is_told():
    write(near__p=contract("p"), mesh__meshkit="sources: [{path: ../near, branch: main}]\n")
    assert codes(meshkit.load("mesh")) == ["MK102"]


def test_a_source_without_a_contract_is_a_warning():
    write(near__x="a: 1\n", mesh__own=contract("own"), mesh__meshkit="sources: ../near\n")
    assert [(p.code, p.severity) for p in meshkit.load("mesh").problems] == [("MK170", "warning")]


def test_the_way_out_of_a_branch_is_a_command_to_copy():
    write(mesh__meshkit="sources: [{git: 'git@git.example.com:shop/orders.git', commit: main}]\n")
    (problem,) = meshkit.load("mesh").problems
    assert problem.hint.endswith("git ls-remote git@git.example.com:shop/orders.git main")


def test_a_name_that_could_be_an_option_or_a_command_is_not_in_the_way_out():
    for commit in ("--upload-pack=x", "main; rm -rf x", "$(id)"):
        write(mesh__meshkit=f"sources: [{{git: /srv/x.git, commit: '{commit}'}}]\n")
        (problem,) = meshkit.load("mesh").problems
        assert problem.hint.endswith("git ls-remote /srv/x.git")


def test_a_governor_that_cannot_be_reached_opens_no_gate():
    from meshkit.compliance import compliance_report

    write(mesh__p=contract("p") + KEPT, mesh__meshkit=f"extends: [{{git: ../hub/gov.git, commit: {NOWHERE}}}]\n")
    report = compliance_report(meshkit.load("mesh"), "pr")
    assert report.exit_code == 2


def test_a_part_of_the_mesh_and_a_file_alone_fetch_nothing():
    write(
        mesh__sales__p=contract("p"),
        mesh__meshkit=f"sources: [{{git: ../hub/gone.git, commit: {NOWHERE}}}]\n",
    )
    git(Path("mesh"), "init", "-q")  # else the settings above are not looked for
    assert codes(meshkit.load("mesh")) == ["MK173"]
    assert codes(meshkit.load("mesh/sales")) == []
    assert codes(meshkit.load("mesh/sales/p.yaml")) == []


def test_a_mesh_without_settings_does_not_import_what_fetches(tmp_path):
    import subprocess
    import sys

    write(mesh__p=contract("p"))
    script = (
        "import sys, meshkit; meshkit.load('mesh');"
        "print([m for m in ('subprocess', 'meshkit.loading.fetching', 'meshkit.loading.spread') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "meshkit.loading" not in done.stdout


def test_revisions_of_a_mesh_find_its_folders_too(tmp_path):
    write(
        repo__mesh__meshkit="extends: ../gov\nsources: [../near, ../../outside]\n",
        repo__gov__policy=RETENTION,
        repo__near__p=contract("p"),
        outside__q=contract("q"),
    )
    repo = Path("repo")
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "x")
    write(repo__near__p=contract("p", version="1.1.0"))
    base = load_at("HEAD", Path("repo/mesh"))
    assert [(p.id, p.version) for p in base.products] == [("d.p", "1.0.0"), ("d.q", "1.0.0")]
    assert codes(base) == []
    assert [p.source.file for p in base.products] == ["HEAD:near/p.yaml", "outside/q.yaml"]
