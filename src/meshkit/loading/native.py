"""The native product form to a `Contract`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from meshkit.errors import MeshkitError
from meshkit.loading.constraints import read_constraints
from meshkit.loading.forms import Finding, validate
from meshkit.loading.lints import lint_product
from meshkit.loading.loaded import Loaded
from meshkit.loading.product_form import AccessForm, ProductForm, QualityCheckForm, RuleForm, SchemaForm, SlaForm
from meshkit.loading.source import Source, Value, is_prefix
from meshkit.model.contract import (
    Access,
    Alert,
    ChangelogEntry,
    Completeness,
    Contract,
    Decision,
    Deprecation,
    Freshness,
    Metric,
    Owner,
    Port,
    Privacy,
    QualityCheck,
    Rule,
    Sla,
    Status,
)
from meshkit.model.dialects import DIALECTS, near_dialect
from meshkit.model.names import DEFAULT_DOMAIN
from meshkit.model.problem import Problem
from meshkit.model.table import Column, Pointer, RowCount, Severity, Table
from meshkit.model.threshold import COMPARATORS, parse_range
from meshkit.model.types import parse_type

_CHECKS: Pointer = ("sla", "quality_checks")
_GLOB = re.compile(r"[*?\[]")


def read_product(values: Value, source: Source, yaml_problems: Iterable[Problem] = ()) -> Loaded:
    """Read a native product. What is wrong is reported and left out of the contract."""
    form, findings = validate(ProductForm, values, source)
    form = form or ProductForm()
    findings += [Finding(pointer=(), problem=p) for p in yaml_problems]
    findings += lint_product(form, source, [f.pointer for f in findings if f.pointer])
    columns, constraint_problems = _columns(form.schema_, source)
    checks, check_problems = _quality_checks(form.sla, source, findings)
    contract = _contract(form, columns, checks)
    problems = [*(_scoped(f, form) for f in findings), *constraint_problems, *check_problems]
    for problem_position, problem in enumerate(problems):
        problems[problem_position] = problem.model_copy(update={"product": contract.product_id})
    return Loaded(contract=contract, problems=tuple(sorted(problems, key=lambda p: p.place)))


def read_form(form: ProductForm) -> Contract:
    """Return what a form says of the product itself, without its columns and checks in SQL."""
    return _contract(form, (), ())


def last_segment(location: str) -> str:
    """Return the name that a location gives its table: its last part without glob and ending.

    Example:
        >>> last_segment("s3://data-products/sales/orders/"), last_segment("data/orders/*.parquet")
        ('orders', 'orders')
        >>> last_segment("shop.duckdb#main.orders")
        'orders'
    """
    if "#" in location:
        return location.rpartition("#")[2].rpartition(".")[2]
    path = location.partition("://")[2] or location
    parts = [p for p in re.split(r"[/\\]", path) if p and not _GLOB.search(p)]
    return parts[-1].partition(".")[0] if parts else ""


def _scoped(finding: Finding, form: ProductForm) -> Problem:
    """Bind a problem inside one quality check to that check."""
    if finding.pointer[:2] != _CHECKS or len(finding.pointer) < 3 or form.sla is None:
        return finding.problem
    position = finding.pointer[2]
    named = (
        isinstance(position, int) and position < len(form.sla.quality_checks) and form.sla.quality_checks[position].name
    )
    return finding.problem.model_copy(update={"check": named or ""})


def _contract(form: ProductForm, columns: tuple[Column, ...], checks: tuple[QualityCheck, ...]) -> Contract:
    name = form.name or "unnamed"
    observed = form.observability
    return Contract(
        name=name,
        version=form.version or "0.0.0",
        domain=form.domain or DEFAULT_DOMAIN,
        status=Status(form.status),
        data_kind=form.data_kind,
        cadence=form.cadence or "",
        classification=form.classification or "",
        description=form.description or "",
        owner=Owner(**_filled(form.owner)),
        tags=tuple(form.tags),
        tables=_tables(form.schema_, name, columns),
        inputs=form.inputs,
        access=_access(form.access),
        row_filter=form.row_filter or "",
        sla=_sla(form.sla),
        quality_checks=checks,
        metrics=tuple(_metrics(observed.metrics if observed else [])),
        alerts=tuple(
            Alert(
                type=a.type or "",
                condition=a.condition,
                severity=Severity(a.severity),
                pointer=("observability", "alerts", i),
            )
            for i, a in enumerate(observed.alerts if observed else [])
            if a.condition
        ),
        changelog=tuple(
            ChangelogEntry(
                version=e.version,
                date=e.date or "",
                changes=tuple(e.changes),
                breaking=e.breaking,
                pointer=("changelog", i),
            )
            for i, e in enumerate(form.changelog)
            if e.version
        ),
        retention_days=form.retention_days,
        trash_days=form.trash_days,
        encryption_enabled=form.encryption_enabled,
        audit_logging_enabled=form.audit_logging_enabled,
        privacy=Privacy(**_filled(form.privacy)) if form.privacy else None,
        policies=tuple(form.policies),
        deprecation=Deprecation(**_filled(form.deprecation)) if form.deprecation else None,
        decisions=tuple(Decision(**_filled(d)) for d in form.decisions if d.change),
        ports=tuple(Port(**_filled(p)) for p in form.ports if p.name),
        transformation_sql=(form.transformation.sql or "") if form.transformation else "",
    )


def _filled(form: Any) -> dict[str, Any]:
    """Return the keys of a form that were given, lists as tuples."""
    if form is None:
        return {}
    given = {k: v for k, v in form if v is not None}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}


def _tables(schema: SchemaForm | None, name: str, columns: tuple[Column, ...]) -> tuple[Table, ...]:
    if schema is None or not (schema.fields or schema.location):
        return ()
    names = dict.fromkeys(n for n in (schema.alias, name, last_segment(schema.location or "")) if n)
    key = tuple(schema.primary_key) or tuple(c.name for c in columns if c.is_primary_key)
    return (
        Table(
            name=schema.alias or name,
            names=tuple(names),
            location=schema.location or "",
            format=schema.type or "",
            partitioned_by=tuple(schema.partitioned_by),
            columns=columns,
            primary_key=key,
            row_count=_row_count(schema),
            pointer=("schema",),
        ),
    )


def _row_count(schema: SchemaForm) -> RowCount:
    form = schema.row_count
    if form is None:
        return RowCount(pointer=("schema",))
    least = 1 if form.min is None and form.max is None else form.min
    text = f"<= {form.max}" if least is None else f"between {least} and {form.max}"
    if form.max is None or (least is not None and least > form.max):
        text = f">= {least}"
    return RowCount(
        range=text,
        severity=Severity(form.severity),
        description=form.description or "",
        pointer=("schema", "row_count"),
    )


def _columns(schema: SchemaForm | None, source: Source) -> tuple[tuple[Column, ...], list[Problem]]:
    columns: list[Column] = []
    problems: list[Problem] = []
    for position, form in enumerate(schema.fields if schema else []):
        if not form.name:
            continue
        pointer: Pointer = ("schema", "fields", position)
        logical = parse_type(form.type) if form.type else None
        constraints, found = read_constraints(form.constraints, form.name, logical, source, (*pointer, "constraints"))
        problems += found
        columns.append(
            Column(
                name=form.name,
                type=form.type or "",
                description=form.description or "",
                constraints=tuple(constraints),
                is_primary_key=form.is_primary_key,
                is_pii=form.is_pii or bool(form.pii_category),
                pii_category=form.pii_category or "",
                mask=form.mask or "",
                classification=form.classification or "",
                encrypted=form.encrypted,
                unit=form.unit or "",
                default=form.default,
                renamed_from=form.renamed_from or "",
                open_enum=form.open_enum,
                pointer=pointer,
            )
        )
    return tuple(columns), problems


def _rules(forms: list[RuleForm]) -> tuple[Rule, ...]:
    return tuple(Rule(role=f.role or "", domain=f.domain or "") for f in forms)


def _access(form: AccessForm | None) -> Access:
    if form is None:
        return Access()
    return Access(
        discovery=form.discovery or "",
        read=_rules(form.read),
        write=_rules(form.write),
        purposes=tuple(form.purposes),
        unmask=_rules(form.unmask),
    )


def _sla(form: SlaForm | None) -> Sla:
    if form is None:
        return Sla()
    freshness = completeness = None
    if form.freshness is not None:
        freshness = Freshness(
            max_age_hours=form.freshness.max_age_hours,
            update_schedule=form.freshness.update_schedule or "",
            column=form.freshness.column or "",
            source=form.freshness.source or "",
            severity=Severity(form.freshness.severity),
            pointer=("sla", "freshness"),
        )
    if form.completeness is not None:
        completeness = Completeness(
            min_ratio=form.completeness.min_threshold or "",
            columns=tuple(form.completeness.columns),
            severity=Severity(form.completeness.severity),
            pointer=("sla", "completeness"),
        )
    return Sla(availability=form.availability or "", freshness=freshness, completeness=completeness)


def _metrics(items: list[Any]) -> Iterable[Metric]:
    for position, item in enumerate(items):
        pointer: Pointer = ("observability", "metrics", position)
        if isinstance(item, str) and item:
            yield Metric(name=item, pointer=pointer)
        elif isinstance(item, dict) and len(item) == 1:
            name, expression = next(iter(item.items()))
            if isinstance(expression, str):
                yield Metric(name=name, expression=expression, pointer=(*pointer, name))


def _quality_checks(
    sla: SlaForm | None, source: Source, findings: list[Finding]
) -> tuple[tuple[QualityCheck, ...], list[Problem]]:
    """Read the SQL checks; one with a problem keeps its name and says why it cannot run."""
    checks: list[QualityCheck] = []
    problems: list[Problem] = []
    for position, form in enumerate(sla.quality_checks if sla else []):
        if not form.name:
            continue
        pointer: Pointer = (*_CHECKS, position)
        wrong = [
            f.problem for f in findings if is_prefix([pointer], f.pointer) and f.problem.severity is Severity.ERROR
        ]
        threshold = "<= 0"
        try:
            threshold = _threshold(form)
        except MeshkitError as error:
            key = next((k for k in ("threshold", *COMPARATORS) if getattr(form, k) is not None), "name")
            found = source.problem(
                error.code, f"check '{form.name}': {error.what}", error.hint, (*pointer, key), of_value=True
            )
            problems.append(found.model_copy(update={"check": form.name}))
            wrong.append(found)
        for dialect in form.sql:
            if dialect not in DIALECTS:
                hint = near_dialect(dialect)
                found = source.problem(
                    "MK110", f"check '{form.name}': unknown engine '{dialect}'", hint, (*pointer, "sql", dialect)
                )
                problems.append(found.model_copy(update={"check": form.name}))
                wrong.append(found)
        checks.append(
            QualityCheck(
                name=form.name,
                query=form.query or "",
                overrides=tuple((d, text) for d, text in form.sql.items() if text),
                threshold=threshold,
                severity=Severity(form.severity),
                description=form.description or "",
                dimension=form.dimension or "",
                pointer=pointer,
                refusal=f"{wrong[0].code} {wrong[0].message}" if wrong else "",
            )
        )
    return tuple(checks), problems


def _threshold(form: QualityCheckForm) -> str:
    """Return the range that the check's number must lie in, as text."""
    given = {k: getattr(form, k) for k in ("threshold", *COMPARATORS) if getattr(form, k) is not None}
    if len(given) > 1:
        raise MeshkitError(f"'{' and '.join(given)}' cannot both hold", "keep one of them", code="MK122")
    if not given:
        return "<= 0"
    key, value = next(iter(given.items()))
    if key == "threshold":
        if isinstance(value, str) and "%" in value:
            raise MeshkitError(
                f"threshold '{value}' is a share, but a query returns one number of which the whole is not known",
                "let the query return a ratio and write must_be: \"<= 0.03\"", code="MK122",
            )  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int):
            raise MeshkitError(
                f"threshold '{value}' is not a whole number", 'write an integer, or must_be: "<= 0.5"', code="MK122"
            )
        return f"<= {value}"
    if "between" in key:
        if not isinstance(value, list) or len(value) != 2 or not all(_is_number(v) for v in value):
            raise MeshkitError(f"{key} needs two numbers", f"write {key}: [1, 10]", code="MK122")
        text = f"{COMPARATORS[key]} {value[0]} and {value[1]}"
    elif key == "must_be" and isinstance(value, str):
        text = value
    elif _is_number(value):
        text = f"{COMPARATORS[key]} {value}"
    else:
        raise MeshkitError(f"{key} needs a number", f"write {key}: 10", code="MK122")
    parse_range(text)
    return text


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
