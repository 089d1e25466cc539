"""Suspects by name and by form: what is one, and what only looks like one."""

from __future__ import annotations

import pytest

from meshkit.drafting.pii import category_by_name, patterns_to_count, suspect
from meshkit.model.profile import ColumnProfile, Pattern


@pytest.mark.parametrize(
    ("name", "type_name", "category"),
    [
        ("email", "string", "email"),
        ("customerEmail", "string", "email"),
        ("E-Mail", "string", "email"),
        ("email_address_2", "string", "email"),
        ("email_sent_at", "timestamp", ""),
        ("email_count", "integer", ""),
        ("has_email", "boolean", ""),
        ("phone", "integer", "phone"),
        ("home_phone_no", "string", "phone"),
        ("date_of_birth", "date", "birth_date"),
        ("birthday", "string", "birth_date"),
        ("birth_date", "integer", ""),
        ("first_name", "string", "name"),
        ("lastName", "string", "name"),
        ("name", "string", ""),  # of an airport, a product, a city
        ("product_name", "string", ""),
        ("ssn", "string", "national_id"),
        ("passport_number", "string", "national_id"),
        ("ip", "string", "ip_address"),
        ("ship", "string", ""),
        ("address", "string", "address"),
        ("shipping_address_line_1", "string", "address"),
        ("address_id", "string", ""),
        ("card_number", "integer", "card_number"),
        ("business_unit", "string", ""),
        ("essex", "string", ""),
        ("email", "", "email"),  # a type that is not known does not clear it
    ],
)
def test_a_name_makes_a_suspect_where_its_type_can_hold_such_values(name, type_name, category):
    assert category_by_name(name, type_name) == category


def column(name: str = "x", filled: int = 100, **measured) -> ColumnProfile:
    return ColumnProfile(
        name=name, native="VARCHAR", type="string", filled=filled, about_distinct=filled, numerals=filled, **measured
    )


@pytest.mark.parametrize(
    ("pattern", "count", "category"),
    [
        (Pattern.EMAIL, 10, "email"),  # a tenth is enough: nothing else looks so
        (Pattern.EMAIL, 9, ""),
        (Pattern.CARD_NUMBER, 50, "card_number"),
        (Pattern.CARD_NUMBER, 49, ""),  # of digits at random one in ten passes Luhn
        (Pattern.NL_BSN, 90, "national_id"),
        (Pattern.NL_BSN, 89, ""),  # of nine digits at random one in eleven passes
        (Pattern.PHONE, 50, "phone"),
    ],
)
def test_a_form_makes_a_suspect_from_its_share_on(pattern, count, category):
    assert (suspect(column(patterns={pattern: count})) or ("",))[0] == category


def test_a_constant_that_happens_to_pass_is_no_suspect_by_its_form():
    constant = column(patterns={Pattern.CARD_NUMBER: 100}).model_copy(update={"about_distinct": 1})
    assert suspect(constant) is None


def test_the_evidence_counts_and_quotes_nothing():
    assert suspect(column("contact_email", patterns={Pattern.EMAIL: 98})) == (
        "email",
        "by pattern: 98 of 100 filled rows hold an e-mail address, and by its name",
    )
    assert suspect(column("contact_email")) == ("email", "by its name")


def test_only_columns_of_the_right_outline_are_looked_at_closely():
    plain = ColumnProfile(name="x", native="VARCHAR", type="string", filled=100)
    assert patterns_to_count(plain) == ()
    assert patterns_to_count(plain.model_copy(update={"at_signs": 10})) == (Pattern.EMAIL,)
    assert Pattern.IBAN in patterns_to_count(plain.model_copy(update={"lettered": 50}))
    assert Pattern.CARD_NUMBER in patterns_to_count(plain.model_copy(update={"numerals": 50}))
    number = ColumnProfile(name="x", native="BIGINT", type="integer", filled=9, long_numbers=9)
    assert Pattern.CARD_NUMBER in patterns_to_count(number)
    assert patterns_to_count(number.model_copy(update={"long_numbers": 4})) == ()
    assert patterns_to_count(number.model_copy(update={"filled": 0, "long_numbers": 0})) == ()
