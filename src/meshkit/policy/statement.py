"""Rules to one statement: a SELECT for each rule, all of them together, and the waivers that cover what they find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from meshkit.model.policy import Over, PolicyRule
from meshkit.model.policy_rows import ROWS, TABLES
from meshkit.sql.policies import Row, compile_expression, compile_message, compile_select, literal_of

MOST = 1_000_000
"""So many violations of one `sql:` policy are told; more are a mistake of the policy."""

_FIELD = {Over.COLUMN: "own.name", Over.CHECK: "own.column_name", Over.DEPENDENCY: "own.alias"}
_TABLE = {Over.COLUMN: "own.table_name", Over.CHECK: "own.id"}
_PARAM = re.compile(r"\bparams\.(\w+)")
_NAMED = re.compile(r"\b((?:own|product)\.\w+)")
_AT_PRODUCT = re.compile(r"\bown\.")


class Compiled(NamedTuple):
    """A rule as a SELECT of policy, rule, no, tab, field, message; and what must be known for it: `run`, `requests`.

    Attributes:
        source: What it reads rows from; empty = more than one row at a time.
        where: What holds for a row that violates it.
    """

    rule: PolicyRule
    sql: str
    needs: frozenset[str]
    source: str = ""
    where: str = ""


def compile_rule(rule: PolicyRule, position: int) -> Compiled:
    """Compile a rule.

    Raises:
        SqlError: One of its expressions cannot be read, or names what the row does not have.
    """
    head = f"SELECT {position} AS rule"
    if rule.python:
        return Compiled(rule, _of_all(head, f"SELECT * FROM reported WHERE rule = {position}", rule), frozenset())
    if rule.sql:
        found = f"{compile_select(rule.sql, TABLES.values())} LIMIT {MOST + 1}"
        return Compiled(rule, _of_all(head, found, rule), frozenset())
    when, require, message, used = _trusted(rule) if rule.is_trusted else _read(rule)
    conditions = [
        *([f"({when})"] if when else []),
        f"CAST(({require}) AS BOOLEAN) IS NOT TRUE",
        *_binding(rule),
    ]
    where, no = " AND ".join(conditions), "own.no"
    if rule.over is Over.PRODUCT:
        where, message, no = _AT_PRODUCT.sub("product.", where), _AT_PRODUCT.sub("product.", message), "product.no"
        source = "products AS product"
    elif "product." in f"{where} {message}":
        source = f"{TABLES[rule.over]} AS own JOIN products AS product ON product.no = own.no"
    else:
        source = f"{TABLES[rule.over]} AS own"
    sql = (
        f"{head}, {no}, {_TABLE.get(rule.over, 'NULL')} AS tab, {_FIELD.get(rule.over, 'NULL')} AS field, "
        f"{message} AS message FROM {source} WHERE {where}"
    )
    needs = {ROWS[Over.PRODUCT if n.startswith("product.") else rule.over][n.partition(".")[2]].needs for n in used}
    return Compiled(rule, sql, frozenset(needs - {""}), source, where)


def _of_all(head: str, found: str, rule: PolicyRule) -> str:
    """Join what a policy over all products found to the products; one that is not there is found with its id as `tab`."""
    bound = " AND ".join(_binding(rule)) or "true"
    said = literal_of(rule.message or f"{rule.id} is not met")
    return (
        f"{head}, product.no, CASE WHEN product.no IS NULL THEN coalesce(f.product, '') END AS tab, f.field, "
        f"coalesce(f.message, {said}) AS message FROM ({found}) AS f "
        f"LEFT JOIN products AS product ON product.id = f.product WHERE product.no IS NULL OR ({bound})"
    )


def _read(rule: PolicyRule) -> tuple[str, str, str, frozenset[str]]:
    row = Row(tuple(ROWS[rule.over]), tuple(ROWS[Over.PRODUCT]), rule.params)
    when = compile_expression(rule.when, row) if rule.when else None
    require = compile_expression(rule.require, row)
    message = (
        compile_message(rule.message or f"{rule.id} demands {rule.require}", row)
        if rule.message
        else literal_of(f"{rule.id} demands {' '.join(rule.require.split())}")
    )
    return when.sql if when else "", require.sql, message, require.columns | (when.columns if when else frozenset())


def _trusted(rule: PolicyRule) -> tuple[str, str, str, frozenset[str]]:
    """Write meshkit's own expressions, which need no proof: a test holds them to the governors' compiler."""
    row = Row(tuple(ROWS[rule.over]), tuple(ROWS[Over.PRODUCT]), rule.params)
    when, require = (_PARAM.sub(lambda m: literal_of(rule.params[m[1]]), t) for t in (rule.when, rule.require))
    return when, require, compile_message(rule.message, row), frozenset(_NAMED.findall(f"{when} {require}"))


def columns_read(rule: PolicyRule) -> frozenset[str]:
    """Return the columns of rows that a rule's expressions name, as `own.x` and `product.x`; of `sql:` and Python none.

    Raises:
        SqlError: As `compile_rule`.
    """
    if rule.looks_at_all:
        return frozenset()
    used = (_trusted(rule) if rule.is_trusted else _read(rule))[3]
    if rule.over is Over.PRODUCT:
        return frozenset(_AT_PRODUCT.sub("product.", name) for name in used)
    return used


def _binding(rule: PolicyRule) -> list[str]:
    found = []
    if rule.domains:
        found.append(f"product.domain IN ({', '.join(map(literal_of, rule.domains))})")
    if rule.but:
        found.append(f"product.domain NOT IN ({', '.join(map(literal_of, rule.but))})")
    if rule.opt_in:
        found.append(f"list_contains(product.policies, {literal_of(rule.policy)})")
    return found


def together(compiled: Sequence[Compiled], *, is_waived: bool) -> str:
    """Return one statement for all rules, with the position of the waiver that covers each violation, or NULL.

    It gives rule, no, tab, field, message, waiver; `no` is NULL where a policy names a product that is not there.
    A waiver for the column comes before one for the product; one that names its table covers no other table's. Where several
    cover the same, the caller has chosen one. Of a check, the id says which table and column it is about.
    """
    found = " UNION ALL ".join(c.sql for c in compiled)
    if not is_waived:
        return f"SELECT rule, no, tab, field, message, NULL::BIGINT AS waiver FROM ({found}) AS found"
    return (
        f"WITH found AS ({found}) "
        "SELECT found.rule, found.no, found.tab, found.field, found.message, "
        "coalesce(t.position, c.position, p.position) AS waiver FROM found "
        "LEFT JOIN waivers AS p ON p.rule = found.rule AND p.no = found.no AND p.field IS NULL "
        "LEFT JOIN waivers AS c ON c.rule = found.rule AND c.no = found.no AND c.field = lower(found.field) AND c.tab IS NULL "
        "LEFT JOIN waivers AS t ON t.rule = found.rule AND t.no = found.no AND t.field = lower(found.field) "
        "AND (t.tab = lower(found.tab) OR contains(lower(found.tab), '.' || t.tab || '.' || t.field || '.'))"
    )


def any_found(compiled: Sequence[Compiled]) -> tuple[list[int], str]:
    """Return one SELECT that tells which rules find anything, a column each in the order of the positions returned.

    Rules over several rows at once are not among them. It writes no messages, so it is planned in a fraction of the time.
    """
    by_source: dict[str, list[int]] = {}
    for position, one in enumerate(compiled):
        if one.source:
            by_source.setdefault(one.source, []).append(position)
    selects = [
        f"(SELECT {', '.join(f'bool_or({compiled[p].where}) AS r{p}' for p in positions)} FROM {source}) AS s{no}"
        for no, (source, positions) in enumerate(by_source.items())
    ]
    order = [p for positions in by_source.values() for p in positions]
    return order, f"SELECT {', '.join(f'r{p}' for p in order)} FROM {', '.join(selects)}"
