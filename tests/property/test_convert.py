"""Native -> ODCS -> native is a fixed point, for any native contract that can be read."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from meshkit.checks.compile import compile_checks
from meshkit.converting.dcs_in import dcs_to_odcs
from meshkit.converting.dcs_out import odcs_to_dcs
from meshkit.converting.native import native_to_odcs, odcs_to_native
from meshkit.loading.dcs import read_dcs
from meshkit.loading.dump import dump
from meshkit.loading.native import read_product
from meshkit.loading.odcs.contract import read_odcs
from meshkit.loading.source import Source
from meshkit.model.table import Severity

STANDARD = json.loads((Path(__file__).parents[1] / "data/standards/schemas/odcs-3.2.0.schema.json").read_text())
VALIDATOR = jsonschema.Draft201909Validator(STANDARD)
SEVERITIES = st.sampled_from(["info", "warning", "warn", "error", "critical"])
WORDS = st.sampled_from(["a", "no", "1e3", "2024-01-15", "x y", "${HOME}", "{table}", "pii", "Ünïcode", "null", "007"])
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(-1000, 1000, places=2).filter(lambda d: not (d == 0 and d.is_signed())),
)
TYPES = [
    "string",
    "string(20)",
    "integer",
    "bigint",
    "decimal(12,2)",
    "decimal",
    "float",
    "boolean",
    "date",
    "timestamp",
]
TYPES += [
    "timestamp_tz",
    "time",
    "uuid",
    "binary",
    "json",
    "array<integer>",
    "map<string, integer>",
    "number",
    "Decimal(12, 2)",
]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.sampled_from([0, 3, "10", "3%", "0.50%", "0%"]),
        "severity": SEVERITIES,
        "where": st.sampled_from(["a > 1", "b = 'x'"]),
        "description": WORDS,
        "dimension": st.sampled_from(["accuracy", "Validity", "uniqueness"]),
    },
)


@st.composite
def constraint(draw: Any, kind: str) -> Any:
    """One constraint of any kind, bare or long."""
    lengths = {"min_length": st.integers(0, 9), "max_length": st.integers(0, 9)}
    dates = st.sampled_from(["2024-01-15", "2020-02-29"])
    bounds = {"date": dates, "timestamp": dates, "time": st.just("12:30:00")}.get(kind.split("_")[0], NUMBERS)
    if kind in ("integer", "bigint"):
        bounds = st.integers(-(10**6), 10**6)
    arguments: dict[str, Any] = {
        "not_null": None,
        "required": None,
        "unique": None,
        "references": st.sampled_from(["customers.id", "sales.customers.id", "a-b.c"]),
        "in": st.lists(st.sampled_from([1, 2, "3", Decimal("1.5"), Decimal("1.0")]), min_size=1, max_size=4),
    }
    if kind in ("integer", "bigint"):
        arguments["in"] = st.lists(st.sampled_from([1, 2, "3"]), min_size=1, max_size=4)
    elif kind not in ("", "string", "string(20)"):
        del arguments["in"]
    if kind.startswith("string"):
        arguments |= {**lengths, "minLength": st.integers(0, 9), "pattern": st.sampled_from(["^a$", "[0-9]+"])}
    elif kind in ("integer", "bigint", "number", "float", "decimal", "date", "timestamp", "timestamp_tz", "time"):
        arguments |= {"min": bounds, "max": bounds, "maximum": bounds}
    name = draw(st.sampled_from(sorted(arguments)))
    if arguments[name] is None:
        options = draw(OPTIONS)
        return draw(st.sampled_from([name, {name: None}])) if not options else {name: options}
    value = draw(arguments[name])
    options = draw(OPTIONS)
    return {name: {"value": value, **options}} if options or draw(st.booleans()) else {name: value}


@st.composite
def column(draw: Any, name: str) -> Any:
    kind = draw(st.sampled_from(TYPES))
    field: dict[str, Any] = {"name": name}
    if draw(st.integers(0, 9)):
        field["type"] = kind
    field["constraints"] = draw(st.lists(constraint(kind if "type" in field else ""), max_size=4))
    more = st.fixed_dictionaries(
        {},
        optional={
            "description": WORDS,
            "tags": st.lists(WORDS, max_size=2),
            "is_pii": st.booleans(),
            "is_primary_key": st.booleans(),
            "pii_category": st.just("email"),
            "mask": st.sampled_from(["hash", "partial", "null"]),
            "encrypted": st.booleans(),
            "unit": WORDS,
            "default": st.sampled_from([0, "x", True, Decimal("0.50")]),
            "renamed_from": st.just("old"),
            "open_enum": st.booleans(),
        },
    )
    return field | draw(more)


CHECKS = st.fixed_dictionaries(
    {"query": st.sampled_from(["SELECT 1", "SELECT count(*) FROM t WHERE x = 'a: b'"])},
    optional={"severity": SEVERITIES, "description": WORDS, "dimension": st.sampled_from(["validity", "accuracy"])},
)
COMPARATORS = st.sampled_from(
    [
        {}, {"threshold": 0}, {"threshold": 7}, {"must_be": 5}, {"must_be": ">= 5"}, {"must_be": ">=5"}, {"must_be": "5"},
        {"must_be": "between 1 and 5"}, {"must_be_between": [1, 5]}, {"must_be_between": [5, 5]}, {"must_not_be": 3},
        {"must_not_be_between": [Decimal("0.5"), 2]}, {"must_be_less_than": Decimal("0.50")}, {"must_be_greater_than": -1},
        {"must_be_greater_or_equal_to": 2}, {"must_be_less_or_equal_to": 9}, {"must_not_be_between": [3, 3]},
    ]
)  # fmt: skip


@st.composite
def products(draw: Any) -> Any:
    """A native product with keys of every kind."""
    names = draw(st.lists(st.sampled_from(["id", "Total", "when-at", "z z"]), min_size=1, unique=True))
    schema: dict[str, Any] = {"fields": [draw(column(n)) for n in names]}
    schema |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "location": st.sampled_from(
                    [
                        "o.csv",
                        "data/*.parquet",
                        "folder",
                        "s3://b/k/",
                        "gs://b/x.json",
                        "x.duckdb#main.t",
                        "a/{model}.csv",
                    ]
                ),
                "type": st.sampled_from(["parquet", "csv", "json", "delta", "table", "kafka"]),
                "alias": st.sampled_from(["t", "p"]),
                "primary_key": st.lists(st.sampled_from([*names, "ID", "gone"]), min_size=1, unique=True),
                "partitioned_by": st.lists(st.sampled_from([*names, "day"]), min_size=1, unique=True),
                "row_count": st.sampled_from(
                    [
                        5,
                        {"min": 1, "max": 9},
                        {"max": 3, "severity": "error"},
                        {"min": 4, "max": 4},
                        {"description": "x"},
                    ]
                ),
            },
        )
    )
    rule = st.sampled_from([{"role": "r"}, {"domain": "d"}, {"role": "r", "domain": "d"}])
    rules = st.lists(rule, max_size=2)
    freshness = st.fixed_dictionaries(
        {},
        optional={
            "max_age_hours": st.sampled_from([1, 24, Decimal("0.5")]),
            "update_schedule": st.just("0 2 * * *"),
            "column": st.sampled_from(names),
            "source": st.just("file"),
            "severity": SEVERITIES,
        },
    )
    checks = [
        {"name": n, **draw(CHECKS), **draw(COMPARATORS)}
        for n in draw(st.lists(st.sampled_from(["one", "Two", "a-b", "c_4"]), unique=True, max_size=3))
    ]
    sla = draw(
        st.fixed_dictionaries(
            {"quality_checks": st.just(checks)},
            optional={
                "availability": st.sampled_from(["99.9%", "100%", Decimal("0.995"), "99.90%", Decimal("0.9")]),
                "freshness": freshness,
                "completeness": st.just({"min_threshold": "99.5%", "columns": [names[0]], "severity": "critical"}),
            },
        )
    )
    document = {"name": "p", "version": "1.0.0", "schema": schema, "sla": sla}
    return document | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "domain": st.just("sales"),
                "status": st.sampled_from(["draft", "beta", "active", "current", "deprecated", "retired"]),
                "data_kind": st.sampled_from(["operational", "logs"]),
                "cadence": st.just("daily"),
                "classification": st.just("Internal"),
                "description": st.sampled_from(["one line", "two\nlines\n", " padded "]),
                "tags": st.lists(WORDS, max_size=2),
                "owner": st.fixed_dictionaries(
                    {},
                    optional={"team": WORDS, "contact": st.just("a@b.example"), "slack": st.sampled_from(["#s", "s"])},
                ),
                "inputs": st.just({"c": "../c.csv"}),
                "access": st.fixed_dictionaries(
                    {}, optional={"discovery": st.just("public"), "read": rules, "write": rules, "unmask": rules}
                ),
                "row_filter": st.just("a = principal.a"),
                "retention_days": st.sampled_from([0, 30, 365]),
                "trash_days": st.just(0),
                "encryption_enabled": st.booleans(),
                "audit_logging_enabled": st.booleans(),
                "privacy": st.just({"lawful_basis": "consent", "erasure_key": "id"}),
                "policies": st.just(["p"]),
                "deprecation": st.just({"announced": "2024-01-15", "until": "2024-03-01", "notified": ["x"]}),
                "decisions": st.just([{"change": "V03", "decision": "compatible", "date": "2024-01-15"}]),
                "ports": st.just([{"name": "api", "type": "rest", "location": "/x"}]),
                "transformation": st.just({"sql": "SELECT 1"}),
                "changelog": st.just([{"version": "1.0.0", "date": "2024-01-15", "changes": ["a"], "breaking": False}]),
                "observability": st.just(
                    {"metrics": ["row_count", {"m": "count(*)"}], "alerts": [{"type": "t", "condition": "m > 1"}]}
                ),
            },
        )
    )


def loaded(document: Any) -> Any:
    """Read a document from its text, and return the contract without its places."""
    source = Source("c.yaml", dump(document))
    values, problems = source.values()
    assert not problems

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items() if k != "pointer"}
        return [walk(v) for v in value] if isinstance(value, (list, tuple)) else value

    return walk(read_product(values, source).contract.model_dump())


@settings(
    max_examples=examples(30, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(products())
def test_native_to_odcs_and_back_is_a_fixed_point(document: Any) -> None:
    there = native_to_odcs(document)
    assert there.losses == ()
    VALIDATOR.validate(json.loads(json.dumps(there.document, default=float)))
    written, _ = Source("c.yaml", dump(there.document)).values()
    back = odcs_to_native(written)
    assert back.losses == ()
    assert loaded(back.document) == loaded(document)


def promised(document: Any, read: Any) -> list[Any]:
    """List what the checks of a contract assert, without where that is said."""
    source = Source("c.yaml", dump(document))
    values, _ = source.values()
    contract = read(values, source).contract
    checks = compile_checks(contract, contract.product_id, source.place)
    return sorted(c.model_dump_json(exclude={"place", "pointer"}) for c in checks)


@settings(
    max_examples=examples(30, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(products())
def test_a_native_product_written_as_odcs_checks_the_same(document: Any) -> None:
    there = native_to_odcs(document)
    assert promised(there.document, read_odcs) == promised(document, read_product)


STANDARDS = Path(__file__).parents[1] / "data/standards"
JUNK = st.sampled_from([None, 7, "x", "", True, [], {}, [1], {"a": 1}, [{"b": None}], {"c": ["d"]}, Decimal("0.5")])


def nodes(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the ways to all that a document holds."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for k, v in inner for p in nodes(v, (*path, k)))]


def spoilt(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """Return a document with something else in one place."""
    if not path:
        return junk
    here = dict(value) if isinstance(value, dict) else list(value)
    here[path[0]] = spoilt(value[path[0]], path[1:], junk)
    return here


def values_of(path: Path) -> Any:
    return Source("c.yaml", path.read_text()).values()[0]


GOOD = {
    "dcs": (read_dcs, values_of(STANDARDS / "dcs/orders-latest.yaml")),
    "covid": (read_dcs, values_of(STANDARDS / "dcs/covid-cases.yaml")),
    "odcs": (
        read_odcs,
        native_to_odcs(values_of(Path(__file__).parents[2] / "sample_data/retail/sales/sales_orders.yaml")).document,
    ),
    "full": (read_odcs, values_of(STANDARDS / "odcs/all/full-example.odcs.yaml")),
}


@settings(max_examples=examples(60, 200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_wrong_in_a_contract_is_told_and_nothing_breaks(data: Any) -> None:
    read, good = GOOD[data.draw(st.sampled_from(sorted(GOOD)))]
    path = data.draw(st.sampled_from(nodes(good)[1:]))
    source = Source("c.yaml", dump(spoilt(good, path, data.draw(JUNK))))
    values, problems = source.values()
    loaded = read(values, source, problems)
    compile_checks(loaded.contract, "k", source.place)
    if not any(p.severity is Severity.ERROR for p in loaded.problems):  # any other is refused before it is converted
        odcs = values if read is read_odcs else dcs_to_odcs(values).document
        assert odcs_to_native(odcs).document["name"]
        assert odcs_to_dcs(odcs).document["info"]
