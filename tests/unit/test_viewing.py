"""What one principal sees of a mesh, and which words of it stand for what he may not know of."""

from __future__ import annotations

from pathlib import Path

import pytest

import meshkit
from meshkit.access import decide as deciding
from meshkit.errors import UsageError

ANA = meshkit.Principal(id="ana", domains=("sales",))
PRODUCT = """
name: {name}
version: {version}
domain: {domain}
description: One.
classification: {classification}
inputs: {inputs}
schema: {{location: data/{name}.csv, fields: [{{name: id, type: integer}}, {{name: night_shift, type: integer}}]}}
"""


@pytest.fixture
def mesh(tmp_path: Path) -> meshkit.Mesh:
    """Three that Ana may know of, one of them a version that is not the active one, and three that she may not."""
    folder = tmp_path / "mesh"
    rows = [
        ("orders", "1.0.0", "sales", "internal", "{pay: payroll}"),
        ("returns", "1.0.0", "sales", "confidential", "{}"),
        ("both", "1.0.0", "sales", "internal", "{}"),
        ("both", "1.0.0", "hr", "restricted", "{}"),
        ("payroll", "1.0.0", "hr", "restricted", "{}"),
        ("night_shift", "1.0.0", "hr", "restricted", "{}"),
    ]
    for name, version, domain, classification, inputs in rows:
        file = folder / domain / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            PRODUCT.format(name=name, version=version, domain=domain, classification=classification, inputs=inputs)
        )
    return meshkit.load(folder)


def test_a_name_that_a_visible_and_a_hidden_product_have_means_the_visible_one(mesh):
    view = meshkit.View(mesh, ANA)
    assert view.product("both").id == "sales.both"
    assert [p.id for p in view.products] == ["sales.both", "sales.orders", "sales.returns"]
    assert view.domains == ("sales",)


def test_one_product_is_decided_about_where_one_is_asked_for(mesh, monkeypatch):
    asked = []
    true_decide = deciding.may_discover
    monkeypatch.setattr(
        deciding,
        "may_discover",
        lambda who, subject, *more: (asked.append(subject.id), true_decide(who, subject, *more))[1],
    )
    view = meshkit.View(mesh, ANA)
    view.product("sales.orders")
    view.product("sales.orders")
    view.decide("sales.orders")
    assert set(asked) == {"sales.orders"}


@pytest.mark.parametrize("name", ["hr.payroll", "payroll", "hr.payroll@1.0.0", "hr.payroll@9.0.0"])
def test_a_hidden_product_is_told_like_one_that_is_not_there(mesh, name):
    view = meshkit.View(mesh, ANA)
    said = []
    for one in (name, name.replace("payroll", "paywall")):
        with pytest.raises(UsageError) as error:
            view.product(one)
        said.append(str(error.value).replace(one, "X"))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("See hr.payroll, and hr.payroll@1.0.0.", "See [hidden], and [hidden]."),
        ("check hr.payroll.payroll.id.unique", "check [hidden]"),
        ("HR.Payroll too", "[hidden] too"),
        ("hr/payroll.yaml:3:1: MK104", "[hidden]:3:1: MK104"),
        ("data/payroll.csv and s3://bucket/night_shift/*.parquet", "[hidden] and s3:[hidden]"),
        ("night_shift.id joins", "[hidden] joins"),
        ("The 'payroll' and \"payroll\" and `payroll`", "The '[hidden]' and \"[hidden]\" and `[hidden]`"),
        ("SELECT * FROM payroll p JOIN orders", "SELECT * FROM [hidden] p JOIN orders"),
        ("Our payroll runs at night.", "Our payroll runs at night."),
        ("both orders and returns, sales.both", "both orders and returns, sales.both"),
        ("unknown hr.nobody and e-mail a.b@example.com", "unknown hr.nobody and e-mail a.b@example.com"),
    ],
)
def test_a_text_names_no_hidden_product(mesh, text, shown):
    assert meshkit.View(mesh, ANA).hide(text) == shown
    assert (
        meshkit.View(mesh, meshkit.Principal(id="hal", domains=("hr", "sales"))).hide("FROM nothing") == "FROM nothing"
    )


def test_a_product_may_use_its_own_names_and_hides_the_words_by_which_it_names_others(mesh):
    view = meshkit.View(mesh, ANA)
    orders = view.product("orders")
    assert view.hide("The night_shift of a row.", orders) == "The night_shift of a row."
    assert view.hide("The night_shift of a row.") == "The [hidden] of a row."
    assert view.hide("Our payroll runs at night.", orders) == "Our [hidden] runs at night."


def test_places_and_files_begin_in_the_folder_of_the_mesh(mesh, tmp_path):
    view = meshkit.View(mesh, ANA)
    assert view.place(view.product("orders").source.place(("name",))) == "sales/orders.yaml:2:1"
    assert view.file(str(tmp_path / "elsewhere" / "x.yaml")) == "x.yaml"
    assert view.hide(f"looked in {mesh.root}/sales/data") == "looked in sales/data"


def test_a_check_that_is_not_there_is_refused_with_the_near_one(mesh):
    view = meshkit.View(mesh, ANA)
    with pytest.raises(
        UsageError, match=r"no check of sales.orders is called 'orders.tpyes'; did you mean 'orders.types'\?"
    ):
        view.check(view.product("orders"), "orders.tpyes")


def test_ids_are_completed_from_what_may_be_seen(mesh):
    assert [p.id for p in meshkit.View(mesh, ANA).containing("R", 10)] == ["sales.orders", "sales.returns"]
    assert meshkit.View(mesh, ANA).containing("hr", 10) == []
