"""Search: what fits best stands first, typing errors are read as what is there, and nothing hidden shows."""

from __future__ import annotations

import time

from meshkit.finding.index import END, START, Entry, Index
from meshkit.finding.typos import _edits
from meshkit.finding.words import split_words

ENTRIES = [
    Entry("sales.orders", "1.0.0", "sales", "orders", "active", "What customers bought.", "shop", ("core",),
          (("order_id", "Its number."), ("customer_email", "Whom to write to."))),
    Entry("sales.customers", "2.0.0", "sales", "customers", "active", "Everybody who ever bought.", "crm", ("core", "people"),
          (("customerId", ""), ("naïve_score", "A guess."))),
    Entry("finance.ledger", "1.0.0", "finance", "ledger", "active", "Bookings; orders are one source of them.", "books", ("sox",),
          (("amount", "In euro."),)),
    Entry("hr.salaries", "1.0.0", "hr", "salaries", "active", "What everybody earns: zyzzyva.", "people team", (), (("salary", ""),)),
]  # fmt: skip
INDEX = Index(ENTRIES)


def found(text, **options) -> list[str]:
    return [h.product for h in INDEX.search(text, **options).hits]


def test_a_name_counts_more_than_a_description():
    assert found("orders")[:2] == ["sales.orders", "finance.ledger"]
    assert found("customers")[0] == "sales.customers"


def test_all_words_come_before_some_of_them():
    assert found("bought customers")[:2] == ["sales.customers", "sales.orders"]
    assert found("ledger customers")[:3] == ["sales.customers", "finance.ledger", "sales.orders"] or set(
        found("ledger customers")
    ) == {"sales.customers", "finance.ledger", "sales.orders"}


def test_names_are_found_by_their_parts_and_beginnings():
    assert found("email") == ["sales.orders"]
    assert found("customer id")[0] == "sales.customers"  # customerId
    assert found("led") == ["finance.ledger"]
    assert found("NAIVE") == ["sales.customers"]


def test_typing_errors_are_read_as_the_nearest_word_and_said():
    answer = INDEX.search("custmoers")
    assert answer.read_as == (("custmoers", "customers"),)
    assert answer.hits[0].product == "sales.customers"
    assert INDEX.search("qqqqqqqq").hits == ()


def test_what_is_hidden_shows_nowhere_not_even_as_a_word():
    def may_see(entry):
        return entry.domain != "hr"

    assert [h.product for h in INDEX.search("salaries", may_see=may_see).hits] == []
    answer = INDEX.search("zyzzyvas", may_see=may_see)
    assert (answer.hits, answer.read_as) == ((), ())
    assert INDEX.search("zyzzyvas").read_as == (("zyzzyvas", "zyzzyva"),)


def test_domains_tags_and_limits():
    assert found("", domain="sales") == ["sales.customers", "sales.orders"]
    assert found("", tag="sox") == ["finance.ledger"]
    answer = INDEX.search("", limit=2)
    assert ([h.product for h in answer.hits], answer.more) == (["finance.ledger", "hr.salaries"], True)
    assert INDEX.search("", limit=4).more is False


def test_highlights_and_columns_say_where():
    (hit,) = INDEX.search("email").hits
    assert hit.columns == ("customer_email",)
    assert dict(hit.matched)["columns"].count(f"{START}email{END}") == 1


def test_words_are_never_operators():
    for text in (
        '"',
        "NEAR(a b)",
        "a OR b",
        "name:orders",
        "*",
        "orders*",
        "(",
        "-orders",
        "^orders",
        "a" * 5000,
        "\x00\x02",
    ):
        INDEX.search(text)
    assert found("NOT orders")[0] == "sales.orders"


def test_words_are_taken_apart_as_people_write_names():
    assert split_words("HTTPServer customerEmail2 sales__orders ÀÉ") == [
        "httpserver", "customer", "email2", "sales", "orders", "ae",
    ]  # fmt: skip
    assert (_edits("ab", "ba", 2), _edits("abc", "", 2), _edits("same", "same", 2)) == (1, 3, 0)


def test_many_products_cost_little_per_search():
    many = [
        Entry(f"d.p{n}", "1.0.0", "d", f"thing{n % 97}_{n % 89}", description=f"about topic{n % 53}",
              columns=tuple((f"c{k}_{n % 31}", "") for k in range(10)))
        for n in range(2_000)
    ]  # fmt: skip
    begun = time.process_time()
    index = Index(many)
    built = time.process_time() - begun
    begun = time.process_time()
    for n in range(20):
        assert index.search(f"topic{n}", limit=10).hits
    assert (time.process_time() - begun) / 20 < built  # one search is far from reading everything again
