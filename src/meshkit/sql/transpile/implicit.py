"""What DuckDB does without being asked: it is written out, or refused where engines do it each in another way."""

from __future__ import annotations

import re
import struct

from sqlglot import exp

from meshkit.sql.transpile.kinds import Kind, kind_of
from meshkit.sql.transpile.rules import Context
from meshkit.sql.transpile.writing import grouped

_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_COMPUTED = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Pow)
_GATHERED = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop)

_DECIMAL = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


def written_out(query: exp.Query, context: Context) -> None:
    """Write out, in place, what DuckDB makes of floats of 32 bits, of sets of several kinds, and of CASE x WHEN NULL."""
    for node in list(query.walk()):
        if isinstance(node, exp.SetOperation):
            _of_one_kind(node, context)
        elif isinstance(node, exp.Cast):
            _number_read(node)
        elif isinstance(node, exp.Case) and node.this is not None:
            _searched(node)
        elif isinstance(node, _COMPARED):
            _compared(node, node.expression, context)
            _compared(node, node.this, context)
        elif isinstance(node, exp.Between | exp.In):
            for part in [node.args.get("low"), node.args.get("high"), *node.expressions]:
                if part is not None:
                    _compared(node, part, context)
            if any(map(_is_short, (node.args.get("low"), node.args.get("high"), *node.expressions))):
                _compared(node, node.this, context)
        elif isinstance(node, exp.Min | exp.Max) and (node.expressions or node.args.get("count")):
            context.refuse(node, "of several rows")
        elif isinstance(node, _COMPUTED) and any(map(_is_short, (node.this, node.expression))):
            context.refuse(node, "of floats of 32 bits")
        elif isinstance(node, _GATHERED) and _is_short(node.this):
            cast = exp.Cast(this=node.this.copy(), to=exp.DataType.build("DOUBLE", dialect="duckdb"))
            cast.type = exp.DataType.build("DOUBLE", dialect="duckdb")
            node.set("this", cast)


def _number_read(cast: exp.Cast) -> None:
    """Read a text with decimal places that becomes a whole number as a number, which rounds."""
    if kind_of(cast) is not Kind.INTEGER or not isinstance(cast.this, exp.Literal) or not cast.this.is_string:
        return
    name = cast.this.name.strip()
    if not _DECIMAL.fullmatch(name):
        return
    made: exp.Expr = exp.Literal.number(name.lstrip("-"))
    kind = exp.DataType.build(f"DECIMAL(38,{len(name.partition('.')[2])})", dialect="duckdb")
    made.type = kind
    if name.startswith("-"):
        made = exp.Neg(this=made)
        made.type = kind.copy()
    cast.set("this", made)


def _of_one_kind(made: exp.SetOperation, context: Context) -> None:
    for left, right in zip(made.left.selects, made.right.selects, strict=False):
        kinds = {kind_of(left.unalias()), kind_of(right.unalias())} - {Kind.NULL, Kind.UNKNOWN}
        if len(kinds) > 1 and not all(k.is_number for k in kinds):
            context.refuse(made, f"of {' and '.join(sorted(kinds))} in one column")


def _searched(case: exp.Case) -> None:
    """Write CASE x WHEN y as CASE WHEN x = y, where y may be NULL: some engines take NULL for NULL then."""
    branches = case.args["ifs"]
    if all(isinstance(branch.this.unnest(), exp.Literal | exp.Neg | exp.Boolean) for branch in branches):
        return
    value = case.this
    for branch in branches:
        same = exp.EQ(this=grouped(value), expression=grouped(branch.this))
        same.this.type, same.expression.type = value.type, branch.this.type
        same.type = exp.DataType.build("BOOLEAN")
        branch.set("this", same)
    case.set("this", None)


def _is_short(node: exp.Expr | None) -> bool:
    return node is not None and isinstance(node.type, exp.DataType) and node.type.this is exp.DType.FLOAT


def _compared(node: exp.Expr, part: exp.Expr, context: Context) -> None:
    """Read an exact number beside a float of 32 bits as one, where that makes another number of it."""
    others = [node.this, node.args.get("expression"), node.args.get("low"), node.args.get("high"), *node.expressions]
    if kind_of(part) not in (Kind.INTEGER, Kind.DECIMAL) or not any(map(_is_short, others)):
        return
    bare = part.unnest()
    literal = bare.this.unnest() if isinstance(bare, exp.Neg) else bare
    if not isinstance(literal, exp.Literal) or len(literal.name.replace(".", "").strip("0")) > 7:
        context.refuse(node, "of an exact number and a float of 32 bits")
    if struct.unpack("f", struct.pack("f", float(literal.name)))[0] == float(literal.name):
        return
    context.note("a number beside a float of 32 bits is read as one")
    cast = exp.Cast(this=part.copy(), to=exp.DataType.build("FLOAT", dialect="duckdb"))
    cast.type = exp.DataType.build("FLOAT", dialect="duckdb")
    part.replace(cast)
