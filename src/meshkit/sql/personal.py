"""Personal values by their form: for each `Pattern`, the condition that a text is one, its check digit included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from sqlglot import exp

from meshkit.model.profile import Pattern
from meshkit.sql.trees import Tree

_DIGITS = "0123456789"
_DOUBLED = "0516273849"  # where a digit stands here, counted from 0, is the sum of the digits of its double
_LONGEST_CARD = 19
_IBAN_CHUNK = 30
_IBAN_LONGEST = 68  # 34 characters, of which a letter counts as two digits

_EMAIL = r"(?:^|[\s<,;:(])[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_PLUS_PHONE = r"\s*\+\d[\d ()./-]{6,20}\d\s*"
_US_PHONE = r"\s*(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}\s*"
_TRUNK_PHONE = r"\s*\(?0\d{1,5}\)?[ /.-]\d[\d /.-]{4,14}\s*"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP = rf"\s*(?:{_BYTE}\.){{3}}{_BYTE}\s*"
_IBAN = r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"
_CARD = (
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|(?:6011|64[4-9]\d|65\d{2})\d{12}|62\d{14,17}"
)
_SSN = (
    r"\s*(?:00[1-9]|0[1-9]\d|[1-5]\d{2}|6[0-57-9]\d|66[0-57-9]|[78]\d{2})-(?:0[1-9]|[1-9]\d)"
    r"-(?:\d{3}[1-9]|\d{2}[1-9]\d|\d[1-9]\d{2}|[1-9]\d{3})\s*"
)
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_personal(pattern: Pattern, operand: Tree) -> Tree:
    """Return the condition that the text `operand` has the form of `pattern`; NULL or false over NULL.

    Source: RFC 5322 (a practical part), ITU-T E.164, ISO 13616 with ISO 7064 MOD 97-10, ISO/IEC 7812-1 (Luhn) with the
    issuers' ranges, RFC 791, and each country's own rule for its number.
    """
    return _CONDITIONS[pattern](operand)


def _email(text: Tree) -> Tree:
    return _call("regexp_matches", text.copy(), _string(_EMAIL))


def _phone(text: Tree) -> Tree:
    digits = exp.Length(this=_without(text, r"\D"))
    with_plus = exp.and_(_matches(text, _PLUS_PHONE), exp.Between(this=digits, low=_int(8), high=_int(15)))
    with_trunk = exp.and_(
        _matches(text, _TRUNK_PHONE), exp.Between(this=digits.copy(), low=_int(9), high=_int(15))
    )  # nine, so that 01/02/2024 is none
    return exp.or_(with_plus, _matches(text, _US_PHONE), with_trunk)


def _ip(text: Tree) -> Tree:
    return _matches(text, _IP)


def _ssn(text: Tree) -> Tree:
    return _matches(text, _SSN)


def _iban(text: Tree) -> Tree:
    bare = exp.Upper(this=_without(text, r"[\s-]"))
    turned: Tree = exp.DPipe(this=_call("substr", bare, _int(5)), expression=_part(bare, 1, 4))
    letters = ((chr(ord("A") + i), str(10 + i)) for i in range(26))
    spelt = reduce(lambda tree, pair: _call("replace", tree, _string(pair[0]), _string(pair[1])), letters, turned)
    rest: Tree = _string("")
    for start in range(1, _IBAN_LONGEST + 1, _IBAN_CHUNK):
        chunk = exp.DPipe(this=rest, expression=_part(spelt, start, _IBAN_CHUNK))
        rest = exp.cast(_mod(exp.TryCast(this=chunk, to=_type("HUGEINT")), 97), "VARCHAR", dialect="duckdb")
    return _guarded(_matches(bare, _IBAN), exp.EQ(this=rest, expression=_string("1")))


def _card(text: Tree) -> Tree:
    bare = _without(text, "[ -]")
    padded = _call("lpad", bare, _int(_LONGEST_CARD), _string("0"))
    from_right = range(_LONGEST_CARD, 0, -1)
    terms = [_digit(padded, at, _DOUBLED if i % 2 else _DIGITS) for i, at in enumerate(from_right)]
    return _guarded(_matches(bare, _CARD), _is_zero(_mod(_sum(terms), 10)))


def _dni(text: Tree) -> Tree:
    bare = exp.Upper(this=_without(text, r"[\s.-]"))
    number = reduce(
        lambda tree, pair: _call("replace", tree, _string(pair[0]), _string(pair[1])),
        (("X", "0"), ("Y", "1"), ("Z", "2")),
        _part(bare, 1, 8),
    )
    place = exp.Add(this=_mod(exp.TryCast(this=number, to=_type("BIGINT")), 23), expression=_int(1))
    wanted = _call("substr", _string(_DNI_LETTERS), place, _int(1))
    return _guarded(_matches(bare, r"[XYZ\d]\d{7}[A-Z]"), exp.EQ(this=_part(bare, 9, 1), expression=wanted))


def _nir(text: Tree) -> Tree:
    bare = _without(text, r"\s")
    number = exp.TryCast(this=_part(bare, 1, 13), to=_type("BIGINT"))
    key = exp.TryCast(this=_part(bare, 14, 2), to=_type("BIGINT"))
    wanted = exp.Sub(this=_int(97), expression=_mod(number, 97))
    return _guarded(_matches(bare, r"[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)\d{10}"), exp.EQ(this=key, expression=wanted))


def _bsn(text: Tree) -> Tree:
    bare = _without(text, r"[\s.]")
    total = _weighted(bare, (9, 8, 7, 6, 5, 4, 3, 2, -1))
    return _guarded(_matches(bare, r"\d{9}"), exp.and_(_is_zero(_mod(total, 11)), _is_varied(bare)))


def _pesel(text: Tree) -> Tree:
    bare = _without(text, r"\s")
    total = _weighted(bare, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1))
    shape = r"\d{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}"
    return _guarded(_matches(bare, shape), _is_zero(_mod(total, 10)))


def _cpf(text: Tree) -> Tree:
    bare = _without(text, r"[\s.-]")
    checks = []
    for last in (9, 10):
        total = _weighted(bare, tuple(range(last + 1, 1, -1)))
        rest = _mod(_mod(exp.Mul(this=exp.Paren(this=total), expression=_int(10)), 11), 10)
        checks.append(exp.EQ(this=rest, expression=_digit(bare, last + 1)))
    return _guarded(_matches(bare, r"\d{11}"), exp.and_(*checks, _is_varied(bare)))


_CONDITIONS: Mapping[Pattern, Callable[[Tree], Tree]] = {
    Pattern.EMAIL: _email,
    Pattern.PHONE: _phone,
    Pattern.IP_ADDRESS: _ip,
    Pattern.IBAN: _iban,
    Pattern.CARD_NUMBER: _card,
    Pattern.US_SSN: _ssn,
    Pattern.ES_DNI: _dni,
    Pattern.FR_NIR: _nir,
    Pattern.NL_BSN: _bsn,
    Pattern.PL_PESEL: _pesel,
    Pattern.BR_CPF: _cpf,
}


def _weighted(text: Tree, weights: Sequence[int]) -> Tree:
    terms: list[Tree] = []
    for position, weight in enumerate(weights, 1):
        factor = _int(weight) if weight >= 0 else exp.Neg(this=_int(-weight))
        terms.append(exp.Mul(this=_digit(text, position), expression=factor))
    return _sum(terms)


def _digit(text: Tree, position: int, digits: str = _DIGITS) -> Tree:
    """Return the digit at a position as a number, without a cast that could fail."""
    found = _call("strpos", _string(digits), _part(text, position, 1))
    return exp.Paren(this=exp.Sub(this=found, expression=_int(1)))


def _sum(terms: Sequence[Tree]) -> Tree:
    return reduce(lambda left, right: exp.Add(this=left, expression=right), terms)


def _mod(value: Tree, by: int) -> Tree:
    return exp.Mod(this=exp.Paren(this=value), expression=_int(by))


def _is_zero(value: Tree) -> Tree:
    return exp.EQ(this=value, expression=_int(0))


def _is_varied(text: Tree) -> Tree:
    """Return the condition that not all digits are the same: such numbers are fillers."""
    same = _call("repeat", _part(text, 1, 1), exp.Length(this=text.copy()))
    return exp.NEQ(this=text.copy(), expression=same)


def _guarded(shape: Tree, proof: Tree) -> Tree:
    return exp.Case(ifs=[exp.If(this=shape, true=proof)], default=exp.false())


def _matches(text: Tree, pattern: str) -> Tree:
    return _call("regexp_full_match", text.copy(), _string(pattern))


def _without(text: Tree, pattern: str) -> Tree:
    return _call("regexp_replace", text.copy(), _string(pattern), _string(""), _string("g"))


def _part(text: Tree, start: int, length: int) -> Tree:
    return _call("substr", text, _int(start), _int(length))


def _call(name: str, *arguments: Tree) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[a.copy() for a in arguments])


def _string(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _int(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")
