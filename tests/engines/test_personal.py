"""Personal values by their form, on the real engine. The numbers are published examples, never a person's."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from meshkit.model.profile import Pattern
from meshkit.sql.dialects import render
from meshkit.sql.personal import is_personal

ARE = {
    # ISO 13616 registry, examples of the countries
    Pattern.IBAN: ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NL91ABNA0417164300", "NO9386011117947",
                   "MT84MALT011000012345MTLCAST001S", "gb82west12345698765432"],
    # test numbers that the card schemes publish
    Pattern.CARD_NUMBER: ["4111111111111111", "4222222222222", "5500-0000-0000-0004", "2223003122003222", "378282246310005",
                          "6011 1111 1111 1117", "30569309025904", "3530111333300000"],
    Pattern.US_SSN: ["123-45-6789", "001-01-0001", "899-99-9999"],
    Pattern.ES_DNI: ["12345678Z", "00000000T", "X1234567L", "12.345.678-Z"],
    Pattern.FR_NIR: ["255081416802538", "2 55 08 14 168 025 38"],
    Pattern.NL_BSN: ["111222333", "123456782"],
    Pattern.PL_PESEL: ["44051401359", "02070803628"],
    Pattern.BR_CPF: ["111.444.777-35", "52998224725"],
    Pattern.EMAIL: ["a.b+c@example.com", "write to x@y.org, please", "<me@sub.example.co.uk>"],
    Pattern.PHONE: ["+49 30 901820", "+14155550123", "(212) 555-0123", "212-555-0123", "030 9018 2045"],
    Pattern.IP_ADDRESS: ["192.168.0.1", "255.255.255.255"],
}  # fmt: skip
ARE_NOT = {
    Pattern.IBAN: ["GB82 WEST 1234 5698 7654 33", "DE88370400440532013000", "GB82", "XX00000000000000"],
    Pattern.CARD_NUMBER: ["4111111111111112", "1111111111111117", "1234567812345670", "1700000000000", "356938035643809"],
    Pattern.US_SSN: ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-1234", "123-45-0000", "123456789"],
    Pattern.ES_DNI: ["12345678A", "1234567Z", "Z12345678"],
    Pattern.FR_NIR: ["255081416802539", "355081416802538"],
    Pattern.NL_BSN: ["123456789", "000000000", "111111111"],
    Pattern.PL_PESEL: ["44051401358", "44131401359"],
    Pattern.BR_CPF: ["111.444.777-36", "11111111111"],
    Pattern.EMAIL: ["@handle", "nobody@nowhere", "a @ b.de"],
    Pattern.PHONE: ["01/02/2024", "2024-01-01", "1234567", "12345678901234567890", "1.5"],
    Pattern.IP_ADDRESS: ["256.1.1.1", "1.2.3", "1.2.3.4.5"],
}  # fmt: skip


def holds(pattern: Pattern, value: str) -> bool:
    query = exp.Select(expressions=[is_personal(pattern, exp.cast(exp.Literal.string(value), "VARCHAR"))])
    return bool(duckdb.connect().execute(render(query)).fetchall()[0][0])


@pytest.mark.parametrize(("pattern", "value"), [(p, v) for p, values in ARE.items() for v in values])
def test_a_published_example_has_its_form_and_its_check_digit_holds(pattern, value):
    assert holds(pattern, value)


@pytest.mark.parametrize(("pattern", "value"), [(p, v) for p, values in ARE_NOT.items() for v in values])
def test_a_wrong_check_digit_or_another_form_is_none(pattern, value):
    assert not holds(pattern, value)


def test_every_pattern_is_tried_both_ways():
    assert set(ARE) == set(ARE_NOT) == set(Pattern)
