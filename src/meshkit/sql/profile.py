"""What a profile asks of a table: counts and extremes of all its columns in a few fused scans."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from sqlglot import exp

from meshkit.model.profile import Form, Pattern
from meshkit.model.types import Family, LogicalType
from meshkit.sql.builders import column, count_if, count_rows, count_values, table
from meshkit.sql.personal import is_personal
from meshkit.sql.trees import Tree

_NUMERAL = r"\s*[+(]?\d[\d ()./-]{6,40}"
_LETTERED = r"(?i)\s*(?:[A-Z]{2}[ -]?\d{2}[A-Z0-9 -]{11,40}|[XYZ\d][\d.-]{7,9}-?[A-Z])\s*"
_ZONE = r"(?:[Zz]|[ ]?[+-]\d{2}(?::?\d{2})?)"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_NUMBER_FORMS: Sequence[tuple[Form, str]] = (
    (Form.INTEGER, r"\s*[-+]?(?:0|[1-9]\d{0,37})\s*"),
    (Form.DECIMAL, r"\s*[-+]?(?:0|[1-9]\d{0,37})?\.\d+\s*"),
    (Form.FLOAT, r"\s*[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d{1,3}\s*"),
)
_TEXT_FORMS: Sequence[tuple[Form, str]] = (
    (Form.DATE, rf"\s*{_DAY}\s*"),
    (Form.TIMESTAMP, rf"\s*{_DAY}[ T]{_TIME}\s*"),
    (Form.TIMESTAMP_TZ, rf"\s*{_DAY}[ T]{_TIME}{_ZONE}\s*"),
    (Form.TIME, rf"\s*{_TIME}\s*"),
)
_WORD_FORMS: Sequence[tuple[Form, str]] = (
    (Form.NAN, r"(?i)\s*(?:nan|[-+]?inf(?:inity)?)\s*"),
    (Form.BOOLEAN, r"(?i)\s*(?:true|false)\s*"),
)
_JSON_FORMS: Mapping[str, Form] = {"BOOLEAN": Form.BOOLEAN, "OBJECT": Form.OBJECT, "ARRAY": Form.ARRAY}


def form_measures(name: str, file_format: str) -> dict[str, Tree]:
    """Measure what the values of a column of text look like, so that a type can be proposed.

    Shape: one row; forms (the `Form`s of all values or-ed together, NULL when there is none), whole and fraction (the
    most digits before and after the point, NULL when there is none).
    """
    value: Tree = column(name)
    if file_format == "json":
        value = exp.Anonymous(this="json_extract_string", expressions=[column(name), exp.Literal.string("$")])
    form = _json_form(name, value) if file_format == "json" else _text_form(value)
    return {
        "forms": exp.Anonymous(this="bit_or", expressions=[form]),
        "whole": _longest_match(value, r"^\s*[-+]?0*(\d*)"),
        "fraction": _longest_match(value, r"^\s*[-+]?\d*\.(\d*?)0*\s*$"),
    }


def _text_form(value: Tree) -> Tree:
    known = (*_NUMBER_FORMS, *_TEXT_FORMS, *_WORD_FORMS)
    return _form_case([(_matches(value, pattern), form) for form, pattern in known], value)


def _json_form(name: str, value: Tree) -> Tree:
    kind = exp.Anonymous(this="json_type", expressions=[column(name)])

    def has(json_type: str) -> Tree:
        return exp.EQ(this=kind.copy(), expression=exp.Literal.string(json_type))

    cases: list[tuple[Tree, Form]] = [(has(json_type), form) for json_type, form in _JSON_FORMS.items()]
    texts = [(exp.and_(has("VARCHAR"), _matches(value, pattern)), form) for form, pattern in _TEXT_FORMS]
    numbers = [(_matches(value, pattern), form) for form, pattern in _NUMBER_FORMS]
    return _form_case([*cases, *texts, (has("VARCHAR"), Form.TEXT), *numbers], value)


def _form_case(cases: Iterable[tuple[Tree, Form]], value: Tree) -> Tree:
    ifs = [exp.If(this=condition, true=exp.Literal.number(int(form))) for condition, form in cases]
    null = exp.If(this=value.copy().is_(exp.null()), true=exp.null())  # of a JSON null the text is NULL too
    return exp.Case(ifs=[null, *ifs], default=exp.Literal.number(int(Form.TEXT)))


def _longest_match(value: Tree, pattern: str) -> Tree:
    arguments = [value.copy(), exp.Literal.string(pattern), exp.Literal.number(1)]
    return exp.Max(this=exp.Length(this=exp.Anonymous(this="regexp_extract", expressions=arguments)))


def column_measures(name: str, native: LogicalType | None, *, is_comparable: bool) -> dict[str, Tree]:
    """Measure a column once over: how much of it is filled, how many values it may have, and its extremes.

    Shape: one row; filled (rows), about_distinct (an estimate), least and most (as text, NaN aside; NULL when there is
    none), nans (rows), longest (characters), at_signs, numerals, lettered and long_numbers (rows); those that mean something
    for its type.
    """
    family = native.family if native else None
    measures: dict[str, Tree] = {"filled": count_values(column(name))}
    if is_comparable:
        measures["about_distinct"] = exp.func("APPROX_COUNT_DISTINCT", column(name))
    if native is not None and family in (Family.INTEGER, Family.DECIMAL, Family.FLOAT, *_TEMPORAL):
        operand: Tree = column(name)
        if family is Family.FLOAT:
            is_nan = exp.IsNan(this=column(name))
            measures["nans"] = count_if(is_nan)
            operand = exp.Case(ifs=[exp.If(this=exp.Not(this=is_nan.copy()), true=column(name))])
        measures["least"] = _as_text(exp.Min(this=operand))
        measures["most"] = _as_text(exp.Max(this=operand.copy()))
    if family is Family.INTEGER:
        measures["long_numbers"] = count_if(exp.GTE(this=column(name), expression=exp.Literal.number(_LEAST_LONG)))
    if family is Family.STRING:
        text = _as_text(column(name))
        measures["longest"] = exp.Max(this=exp.Length(this=text))
        measures["at_signs"] = count_if(_call("contains", text, exp.Literal.string("@")))
        measures["numerals"] = count_if(_matches(text, _NUMERAL))
        measures["lettered"] = count_if(_matches(text, _LETTERED))
    return measures


_LEAST_LONG = 10**8
_SEED = 42
_TEMPORAL = (Family.DATE, Family.TIMESTAMP, Family.TIME)


def distinct_measure(name: str) -> Tree:
    """Count the distinct values of a column, exactly; NULL is none."""
    return exp.Count(this=exp.Distinct(expressions=[column(name)]), big_int=True)


def members_measure(name: str) -> Tree:
    """Count the rows of each value of a column of few values: a map from value, as text, to rows."""
    return _call("histogram", _as_text(column(name)))


def pattern_measure(name: str, pattern: Pattern) -> Tree:
    """Count the rows whose value has a form of personal data."""
    return count_if(is_personal(pattern, _as_text(column(name))))


def sampled(relation_id: str, names: Iterable[str], texts: Container[str], rows: int) -> exp.Select:
    """Select a random sample of a relation, the same one each time it is asked for.

    Shape: at most `rows` rows; the columns named, those in `texts` as text: JSON values that are texts or whole numbers.

    Args:
        relation_id: What is read.
        names: Of its columns.
        texts: Those that hold JSON.
        rows: At most.
    """
    chosen = [exp.alias_(_scalar(name) if name in texts else column(name), name, quoted=True) for name in names]
    query = exp.Select(expressions=chosen).from_(table(relation_id))
    size, seed = exp.Literal.number(rows), exp.Literal.number(_SEED)
    query.set("sample", exp.TableSample(method=exp.Var(this="RESERVOIR"), size=size, seed=seed))
    return query


def _scalar(name: str) -> Tree:
    kinds = [exp.Literal.string(k) for k in ("VARCHAR", "BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT")]
    is_scalar = exp.In(this=_call("json_type", column(name)), expressions=kinds)
    return exp.Case(
        ifs=[exp.If(this=is_scalar, true=_call("json_extract_string", column(name), exp.Literal.string("$")))]
    )


def groups(relation_id: str, names: Sequence[str]) -> exp.Select:
    """Count the combinations of values of some columns.

    Shape: 1 row; n (combinations, >= 0).
    """
    one = exp.Select(expressions=[exp.Literal.number(1)]).from_(table(relation_id))
    return exp.Select(expressions=[exp.alias_(count_rows(), "n")]).from_(
        one.group_by(*(column(name) for name in names)).subquery("g")
    )


def _as_text(value: Tree) -> Tree:
    return exp.cast(value.copy(), "VARCHAR", dialect="duckdb")


def _matches(value: Tree, pattern: str) -> Tree:
    return _call("regexp_full_match", value, exp.Literal.string(pattern))


def _call(name: str, *arguments: Tree) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])
