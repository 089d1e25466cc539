"""A product as a dbt properties file: one model per table, with its contract, constraints and data tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from meshkit.errors import MeshkitError
from meshkit.export.marker import MARKER
from meshkit.loading.dump import dump
from meshkit.model.contract import Contract, Status
from meshkit.model.exported import NotHeld, why_soft
from meshkit.model.literals import parse_literal
from meshkit.model.names import fold
from meshkit.model.table import Column, Constraint, Severity, Table
from meshkit.model.types import Family, LogicalType
from meshkit.sql.ddl import CHECKS, target_of
from meshkit.sql.ddl_checks import condition_text, conditions
from meshkit.sql.ddl_types import native_text, words_of
from meshkit.sql.expressions import written_in

Node = dict[str, Any]
_OPENING = re.compile(r"\{[{%#]")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE = frozenset({Family.INTEGER, Family.DECIMAL, Family.FLOAT, Family.NUMBER, Family.BOOLEAN})


def dbt_file(contract: Contract, tables: Sequence[Table], dialect: str) -> tuple[str, list[NotHeld]]:
    """Return the properties file of a product's tables, and what dbt core has no words for.

    That is kept below `meta.meshkit` too, so that the file alone says what is not tested.

    Raises:
        UsageError: A dialect in which no tables are written.
    """
    words_of(dialect)
    missing: list[NotHeld] = []
    models = [_Model(contract, table, dialect, missing).node() for table in tables]
    text = dump(_without_jinja({"version": 2, "models": models}))
    return f"# {MARKER} --to dbt --dialect {dialect}\n{text}", missing


def _without_jinja(value: Any) -> Any:
    """Take the meaning from what dbt would run as a template; a contract's text is only text.

    Example:
        >>> _without_jinja("{{ env_var('X') }}")
        "{{ '{{' }} env_var('X') }}"
    """
    if isinstance(value, _Template):
        return str(value)
    if isinstance(value, str):
        return _OPENING.sub(lambda m: "{{ '" + m[0] + "' }}", value)
    if isinstance(value, dict):
        return {k: _without_jinja(v) for k, v in value.items()}
    return [_without_jinja(v) for v in value] if isinstance(value, list) else value


class _Template(str):
    """A text that is a template on purpose."""

    __slots__ = ()


class _Model:
    """Writes one table."""

    def __init__(self, contract: Contract, table: Table, dialect: str, missing: list[NotHeld]) -> None:
        self.contract, self.table, self.dialect, self.missing = contract, table, dialect, missing
        self.columns = [c for c in table.columns if not c.is_measure]
        self.untested: list[str] = []

    def node(self) -> Node:
        for measure in (c for c in self.table.columns if c.is_measure):
            self._note(measure.name, "a measure is computed by readers; the model has no such column")
        columns = [self._column(c) for c in self.columns]
        is_enforced = bool(columns) and all(c.type for c in self.columns)
        if columns and not is_enforced:
            self._note("", "the model's contract is not enforced, since a column has no declared type")
        node: Node = {"name": self.table.name}
        description = (self.table.description or self.contract.description).strip()
        if description:
            node["description"] = description
        if self.contract.status is Status.DEPRECATED and self.contract.deprecation and self.contract.deprecation.until:
            node["deprecation_date"] = self.contract.deprecation.until
        constraints = self._constraints() if is_enforced else []
        self._tell_the_rest()
        config: Node = {"contract": {"enforced": is_enforced}}
        if self.contract.tags:
            config["tags"] = list(self.contract.tags)
        node["config"] = {**config, "meta": {"meshkit": self._meta()}}
        if constraints:
            node["constraints"] = constraints
        return {**node, "columns": columns} if columns else node

    def _note(self, step: str, reason: str) -> None:
        subject = f"{self.table.name}.{step}" if step else self.table.name
        self.missing.append(NotHeld(subject=subject, reason=reason))
        self.untested.append(f"{step}: {reason}" if step else reason)

    def _meta(self) -> Node:
        owner = self.contract.owner
        facts = {
            "product": self.contract.product_id,
            "version": self.contract.version,
            "status": str(self.contract.status),
            "owner": owner.team,
            "contact": owner.contact,
            "classification": self.contract.classification,
            "not_tested_by_dbt": self.untested,
        }
        return {k: v for k, v in facts.items() if v}

    def _column(self, column: Column) -> Node:
        node: Node = {"name": column.name}
        if not _PLAIN.fullmatch(column.name):
            node["quote"] = True
        if column.description.strip():
            node["description"] = column.description.strip()
        if column.type:
            node["data_type"] = native_text(column, self.dialect, lambda reason: self._note(column.name, reason))
        facts = {
            "unit": column.unit,
            "is_pii": column.is_pii,
            "pii_category": column.pii_category,
            "classification": column.classification,
        }
        meta = {k: v for k, v in facts.items() if v}
        if meta:
            node["config"] = {"meta": meta}
        if all(c.type for c in self.columns):
            held = self._column_constraints(column)
            if held:
                node["constraints"] = held
        tests = [t for c in self._with_key(column) if (t := self._test(column, c)) is not None]
        for _ in column.parts:
            self._note(column.name, "dbt core has no tests for the parts of a column")
            break
        return {**node, "data_tests": tests} if tests else node

    def _with_key(self, column: Column) -> list[Constraint]:
        """Return a column's constraints, with those that the primary key implies."""
        key = [fold(k) for k in self.table.primary_key]
        if fold(column.name) not in key:
            return list(column.constraints)
        implied = ["not_null", *(["unique"] if len(key) == 1 else [])]
        stated = {c.kind for c in column.constraints if not c.where}
        return [*(Constraint(kind=k) for k in implied if k not in stated), *column.constraints]

    def _column_constraints(self, column: Column) -> list[Node]:
        key = {fold(k) for k in self.table.primary_key}
        must = any(c.kind == "not_null" and not why_soft(c) for c in column.constraints)
        held: list[Node] = [{"type": "not_null"}] if must or fold(column.name) in key else []
        if self.dialect in CHECKS:
            found = conditions(column, self.dialect, lambda *_: None)
            texts = [condition_text(c, self.dialect) for c in found if c.kind != "in"]  # accepted_values tests that
            held += [{"type": "check", "expression": text} for text in texts]
        return held

    def _constraints(self) -> list[Node]:
        key = list(self.table.primary_key)
        own = {fold(c.name) for c in self.columns}
        return [{"type": "primary_key", "columns": key}] if key and {fold(k) for k in key} <= own else []

    def _tell_the_rest(self) -> None:
        """Note what is about the whole table or product."""
        if len(self.table.primary_key) > 1:
            self._note("primary_key", "dbt core has no test for several columns together; it is a constraint only")
        for constraint in self.table.constraints:
            self._note(constraint.name or constraint.kind, "dbt core has no test for it")
        if self.table is not self.contract.tables[0]:
            return
        sla = self.contract.sla
        if sla.freshness and sla.freshness.max_age_hours is not None:
            self._note(
                "freshness", f"dbt core tests the age of sources only; at most {sla.freshness.max_age_hours:g} hours"
            )
        if sla.completeness and sla.completeness.min_ratio:
            self._note(
                "completeness", f"dbt core has no test for it; at least {sla.completeness.min_ratio} of the cells"
            )
        for check in self.contract.quality_checks:
            self._note(check.name, "a check in SQL; write it as a singular test")

    def _test(self, column: Column, constraint: Constraint) -> str | Node | None:
        """Return a data test, or None after noting why there is none."""
        step = f"{column.name}.{constraint.kind}"
        try:
            arguments = self._arguments(column, constraint)
            config = self._config(constraint)
        except _NotHeldError as error:
            if str(error):
                self._note(step, str(error))
            return None
        name = {"in": "accepted_values", "references": "relationships"}.get(constraint.kind, constraint.kind)
        parts = {"description": constraint.description.strip(), "arguments": arguments, "config": config}
        body = {k: v for k, v in parts.items() if v}
        return {name: body} if body else name

    def _arguments(self, column: Column, constraint: Constraint) -> Node:
        if constraint.refusal:
            raise _NotHeldError(why_soft(constraint))
        match constraint.kind:
            case "not_null" | "unique":
                return {}
            case "in":
                if column.logical is not None and column.logical.family is Family.BINARY:
                    raise _NotHeldError("dbt core has no test for it")
                return _accepted(constraint.values, column.logical)
            case "references" if len(constraint.values) == 2:
                return self._target(constraint)
        is_check = self.dialect in CHECKS and all(c.type for c in self.columns) and not why_soft(constraint)
        if is_check and self._is_condition(column, constraint):
            raise _NotHeldError("")  # a check constraint holds it
        raise _NotHeldError("dbt core has no test for it")

    def _is_condition(self, column: Column, constraint: Constraint) -> bool:
        alone = column.model_copy(update={"constraints": (constraint,)})
        return bool(conditions(alone, self.dialect, lambda *_: None))

    def _target(self, constraint: Constraint) -> Node:
        name, field = constraint.values
        own = target_of(constraint, self.contract.tables)
        if own is not None:
            model = own.name
        else:
            product = next((v for k, v in self.contract.inputs.items() if fold(k) == fold(name)), name)
            if any(c in product for c in "/\\:*'\""):
                raise _NotHeldError("its target is a location, and no model")
            model = product.partition("@")[0].rpartition(".")[2]
        if "'" in model or "\\" in model or "{" in model:
            raise _NotHeldError("its target has no name that a model could have")
        return {"to": _Template(f"ref('{model}')"), "field": field}

    def _config(self, constraint: Constraint) -> Node:
        config: Node = {}
        if constraint.severity.rank < Severity.ERROR.rank:
            config["severity"] = "warn"
        if constraint.where:
            where = written_in(constraint.where, self.dialect)
            if not where:
                raise _NotHeldError(f"its `where` cannot be written in {self.dialect}")
            config["where"] = where
        limit = constraint.threshold.strip()
        if limit in ("", "0", "0%"):
            return config
        if constraint.kind == "unique":
            raise _NotHeldError("dbt counts duplicate values, not rows; its threshold would mean something else")
        if constraint.kind == "in":
            raise _NotHeldError(
                "dbt counts values that are not listed, not rows; its threshold would mean something else"
            )
        if not limit.isdigit():
            raise _NotHeldError(f"dbt core counts rows and knows no threshold of {limit}")
        return {**config, "warn_if": f">{limit}", "error_if": f">{limit}"}


class _NotHeldError(Exception):
    """Carries why there is no data test; an empty text where something else holds the assertion."""


def _accepted(values: Sequence[str], logical: LogicalType | None) -> Node:
    """Return the arguments of accepted_values: numbers and booleans bare, texts as the macro puts them in quotes."""
    if logical is None or logical.family not in _BARE:
        return {"values": [v.replace("'", "''") for v in values]}
    parsed: list[Any] = []
    for text in values:
        try:
            value = parse_literal(text, logical)
        except MeshkitError as error:
            raise _NotHeldError(error.what) from None
        parsed.append(_plain(value) if isinstance(value, Decimal) else value)
    return {"values": parsed, "quote": False}


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
