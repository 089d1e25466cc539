"""With what right a version changes: numbers, changelog, deprecation, decisions, and the end of a version."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

import meshkit

TODAY = "2026-03-01"
OLD: dict[str, Any] = {
    "name": "orders",
    "version": "2.0.0",
    "domain": "sales",
    "description": "All orders.",
    "schema": {
        "location": "orders.parquet",
        "fields": [
            {"name": "order_id", "type": "string"},
            {"name": "customer_id", "type": "string"},
            {"name": "code", "type": "string", "constraints": [{"pattern": "^A"}]},
        ],
    },
}
DEPRECATION = {"announced": "2026-01-01", "until": "2026-03-02", "migration_guide": "m.md", "notified": ["finance"]}


def without_customer(version: str, **keys: Any) -> dict[str, Any]:
    new = {**copy.deepcopy(OLD), "version": version, **keys}
    del new["schema"]["fields"][1]
    return new


def with_pattern(version: str, **keys: Any) -> dict[str, Any]:
    new = {**copy.deepcopy(OLD), "version": version, **keys}
    new["schema"]["fields"][2]["constraints"] = [{"pattern": "^[AB]"}]
    return new


@pytest.fixture
def judged(tmp_path):
    """Compare two lists of contracts, each a mesh of its own, and return the diff."""

    def run(
        old: list[dict[str, Any]], new: list[dict[str, Any]], *, files: bool = False, **options: Any
    ) -> meshkit.MeshDiff:
        paths = []
        for side, documents in (("old", old), ("new", new)):
            folder = tmp_path / side
            folder.mkdir()
            for n, document in enumerate(documents):
                paths.append(folder / f"c{n}.yaml")
                paths[-1].write_text(yaml.safe_dump(document, sort_keys=False))
        sides = paths if files else [tmp_path / "old", tmp_path / "new"]
        return meshkit.load(sides[0]).diff(meshkit.load(sides[1]), now=TODAY, **options)

    return run


def said(diff: meshkit.MeshDiff) -> list[str]:
    return [f"{p.code} {p.message}" for p in diff.all_problems]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("2.0.1", "version 2.0.1 is below the computed 3.0.0"),
        ("2.1.0", "version 2.1.0 is below the computed 3.0.0"),
        ("2.0.0", "version 2.0.0 stays, but its content changed; the computed version is 3.0.0"),
        ("1.9.0", "version 1.9.0 is below 2.0.0, which it follows"),
    ],
)
def test_a_version_below_the_computed_one_is_blocked(version, message, judged):
    diff = judged([OLD], [without_customer(version)])
    assert said(diff) == [f"MK501 {message}"]
    assert diff.is_blocked
    assert diff.products[0].computed == "3.0.0"


def test_an_addition_asks_for_a_minor_and_words_for_a_patch(judged):
    more = copy.deepcopy(OLD)
    more["schema"]["fields"].append({"name": "zip", "type": "boolean"})
    diff = judged([OLD], [{**more, "version": "2.0.1"}])
    assert said(diff) == ["MK501 version 2.0.1 is below the computed 2.1.0"]


def test_enough_is_enough(judged):
    diff = judged([OLD], [{**OLD, "version": "2.0.1", "description": "Each order."}])
    assert said(diff) == []
    assert not diff.is_blocked


def test_the_changelog_may_not_say_the_opposite(judged):
    entry = [{"version": "2.1.0", "date": "2026-02-01", "changes": ["x"], "breaking": False}]
    diff = judged([OLD], [without_customer("2.1.0", changelog=entry)])
    assert "MK502 2.1.0 says breaking: false, but field customer_id was removed" in said(diff)
    text = yaml.safe_dump(without_customer("2.1.0", changelog=entry), sort_keys=False)
    assert diff.products[0].problems[1].place.line == text.split("breaking:")[0].count("\n") + 1


def test_the_changelog_may_not_cry_wolf(judged):
    entry = [{"version": "2.0.1", "breaking": True}]
    diff = judged([OLD], [{**OLD, "version": "2.0.1", "description": "Each order.", "changelog": entry}])
    assert said(diff) == ["MK502 2.0.1 says breaking: true, but no change is breaking"]


def test_one_entry_of_several_since_then_may_say_it(judged):
    entries = [{"version": "3.0.1", "breaking": False}, {"version": "3.0.0", "breaking": True}]
    new = without_customer("3.0.1", changelog=entries)
    assert said(judged([OLD], [new, {**OLD, "status": "deprecated", "deprecation": DEPRECATION}])) == []


@pytest.mark.parametrize(("days", "until"), [(29, "2026-01-30"), (30, "2026-01-31"), (31, "2026-02-01")])
def test_a_deprecation_lasts_at_least_thirty_days(days, until, judged):
    deprecation = {**DEPRECATION, "until": until}
    diff = judged([OLD], [without_customer("3.0.0"), {**OLD, "status": "deprecated", "deprecation": deprecation}])
    lack = "MK503 3.0.0 breaks readers of 2.0.0, but its deprecation lasts 29 days, not 30"
    assert said(diff) == ([lack] if days == 29 else [])


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ([], "3.0.0 breaks readers of 2.0.0, which is not served beside it any more"),
        ([{**OLD}], "3.0.0 breaks readers of 2.0.0, which is not deprecated"),
        ([{**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "migration_guide": None}}], "3.0.0 breaks readers of 2.0.0, but there is no migration guide"),
        ([{**OLD, "status": "deprecated", "deprecation": {"migration_guide": "m.md", "notified": ["x"]}}], "3.0.0 breaks readers of 2.0.0, but its deprecation has no dates"),
    ],
)  # fmt: skip
def test_a_major_version_needs_the_old_one_beside_it_deprecated_and_with_a_guide(kept, message, judged):
    for document in kept:
        if "deprecation" in document:
            document["deprecation"] = {k: v for k, v in document["deprecation"].items() if v}
    new = [without_customer("3.0.0", status="beta" if kept and "status" not in kept[0] else "active"), *kept]
    diff = judged([OLD], new)
    assert said(diff) == [f"MK503 {message}"]


def test_two_files_stand_side_by_side(judged):
    old = {**OLD, "status": "deprecated", "deprecation": DEPRECATION}
    assert said(judged([old], [without_customer("3.0.0")], files=True, beside=True)) == []


def test_in_place_the_old_version_may_go_once_its_time_is_over(judged):
    over = {**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "until": "2026-02-28"}}
    assert said(judged([over], [without_customer("3.0.0")])) == []


def test_on_its_last_day_the_old_version_is_still_served(judged):
    over = {**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "until": TODAY}}
    assert [m[:5] for m in said(judged([over], [without_customer("3.0.0")]))] == ["MK503"]


CONSUMER: dict[str, Any] = {
    "name": "billing",
    "version": "1.0.0",
    "domain": "finance",
    "description": "Bills.",
    "owner": {"team": "bills", "contact": "bills@example.com"},
    "schema": {"location": "b.parquet", "fields": [{"name": "id", "type": "string"}]},
    "inputs": {"o": "sales.orders@2.0.0"},
}


@pytest.mark.parametrize("name", ["finance.billing", "finance", "bills", "bills@example.com"])
def test_each_registered_consumer_is_notified_by_one_of_its_names(name, judged):
    consumer = {**CONSUMER, "inputs": {"o": "sales.orders"}}
    kept = {**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "notified": [name]}}
    blocking = [
        p
        for p in judged([OLD, consumer], [without_customer("3.0.0"), kept, consumer]).all_problems
        if p.severity == "error"
    ]
    assert blocking == []


def test_a_consumer_that_was_not_notified_blocks(judged):
    consumer = {**CONSUMER, "inputs": {"o": "sales.orders"}}
    kept = {**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "notified": ["marketing"]}}
    diff = judged([OLD, consumer], [without_customer("3.0.0"), kept, consumer])
    assert "MK503 3.0.0 breaks readers of 2.0.0, but finance.billing is not notified" in said(diff)


def test_a_file_that_is_deleted_must_have_been_retired(judged):
    other = {**OLD, "name": "returns"}
    assert said(judged([OLD, other], [OLD])) == [
        "MK504 the contract of sales.returns 2.0.0 was deleted, but its status was active"
    ]


def test_a_retired_file_may_be_deleted(judged):
    assert said(judged([OLD, {**OLD, "name": "returns", "status": "retired"}], [OLD])) == []


@pytest.mark.parametrize(("until", "is_allowed"), [("2026-02-28", True), (TODAY, False), ("2026-04-01", False)])
def test_a_version_is_retired_after_its_last_day(until, is_allowed, judged):
    deprecated = {**OLD, "status": "deprecated", "deprecation": {**DEPRECATION, "until": until}}
    diff = judged([deprecated], [{**deprecated, "status": "retired"}])
    assert [c.id for c in diff.changes] == ["C06"]
    assert said(diff) == (
        [] if is_allowed else [f"MK504 version 2.0.0 was retired on {TODAY}, but it is promised until {until}"]
    )


def test_announcing_a_deprecation_is_no_change(judged):
    assert judged([OLD], [{**OLD, "status": "deprecated", "deprecation": DEPRECATION}]).changes == ()


@pytest.mark.parametrize(
    "keys", [{"version": "0.4.0"}, {"status": "beta"}, {"status": "draft"}, {"version": "2.0.0-rc.1"}]
)
def test_where_nothing_is_promised_yet_it_is_only_told(keys, judged):
    old = {**OLD, **keys}
    new = without_customer(old["version"], **{k: v for k, v in keys.items() if k != "version"})
    diff = judged([old], [new])
    assert [p.severity for p in diff.all_problems] == ["warning"]
    assert not diff.is_blocked


def test_a_stable_version_does_not_escape_by_becoming_a_beta(judged):
    assert judged([OLD], [without_customer("2.0.0", status="beta")]).is_blocked


def test_an_undetermined_change_counts_as_breaking_until_a_decision_is_recorded(judged):
    assert said(judged([OLD], [with_pattern("2.0.1")])) == ["MK501 version 2.0.1 is below the computed 3.0.0"]


def decision(**keys: str) -> list[dict[str, str]]:
    return [
        {"change": "V03", "path": "code", "decision": "compatible", "decided_by": "ann", "reason": "no B yet", **keys}
    ]


@pytest.mark.parametrize("path", ["code", "schema.fields.code", ""])
def test_a_recorded_decision_is_honoured(path, judged):
    diff = judged([OLD], [with_pattern("2.0.1", decisions=decision(path=path))])
    assert said(diff) == []
    assert diff.changes[0].decision == "decided by ann to be compatible: no B yet"


@pytest.mark.parametrize("keys", [{"path": "customer_id"}, {"change": "Q04"}, {"decision": "breaking"}])
def test_a_decision_on_something_else_settles_nothing(keys, judged):
    assert judged([OLD], [with_pattern("2.0.1", decisions=decision(**keys))]).is_blocked


def test_a_decision_on_an_earlier_change_is_spent(judged):
    assert judged([{**OLD, "decisions": decision()}], [with_pattern("2.0.1", decisions=decision())]).is_blocked


def test_the_changelog_on_an_undetermined_change(judged):
    entry = [{"version": "3.0.0", "breaking": False}]
    diff = judged(
        [{**OLD, "status": "deprecated", "deprecation": DEPRECATION}],
        [with_pattern("3.0.0", changelog=entry)],
        files=True,
        beside=True,
    )
    assert said(diff) == [
        "MK502 3.0.0 says breaking: false, but the pattern of code was replaced, and no decision is recorded"
    ]


def test_each_new_version_follows_the_nearest_below_it_or_all_of_them(judged, tmp_path):
    first = {**OLD, "version": "1.0.0", "status": "deprecated", "deprecation": DEPRECATION}
    first["schema"] = {**OLD["schema"], "fields": [*OLD["schema"]["fields"], {"name": "gone", "type": "string"}]}
    third = {**OLD, "version": "2.0.1", "description": "Each order."}
    assert [(d.old_version, d.new_version) for d in judged([first, OLD], [first, third]).products] == [
        ("2.0.0", "2.0.1")
    ]


def test_transitive_looks_at_every_version_that_is_not_retired(judged):
    first = {**OLD, "version": "1.0.0", "status": "deprecated", "deprecation": DEPRECATION}
    first["schema"] = {**OLD["schema"], "fields": [*OLD["schema"]["fields"], {"name": "gone", "type": "string"}]}
    ancient = {**first, "version": "0.9.0", "status": "retired"}
    third = {**OLD, "version": "2.0.1", "description": "Each order."}
    diff = judged([ancient, first, OLD], [ancient, first, third], transitive=True)
    pairs = {(d.old_version, d.new_version): [c.id for c in d.changes] for d in diff.products}
    assert pairs == {("2.0.0", "2.0.1"): ["D01"], ("1.0.0", "2.0.1"): ["D01", "C01"]}
    assert said(diff) == []


def test_a_contract_with_errors_is_not_compared_and_says_so(judged):
    diff = judged([OLD, {**OLD, "name": "x"}], [OLD, {**OLD, "name": "x", "tags": 7}])
    assert [p.code for p in diff.problems] == ["MK505"]


def test_the_producer_sees_it_the_other_way_round(judged):
    new = {**copy.deepcopy(OLD), "version": "2.1.0"}
    new["schema"]["fields"][0]["constraints"] = ["not_null"]
    diff = judged([OLD], [new], perspective="producer")
    assert said(diff) == ["MK501 version 2.1.0 is below the computed 3.0.0"]


def test_an_unknown_perspective_is_refused(mesh):
    with pytest.raises(meshkit.UsageError, match="unknown perspective 'consumr'; did you mean 'consumer'"):
        mesh(yaml.safe_dump(OLD)).diff(mesh(yaml.safe_dump(OLD)), perspective="consumr")
