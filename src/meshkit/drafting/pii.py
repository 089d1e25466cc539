"""Suspects of personal data: by a column's name, and by the form of its values. A person decides."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from meshkit.drafting.words import words
from meshkit.model.profile import ColumnProfile, Pattern, Suspect
from meshkit.model.types import Family, parse_type

_TEXT = (Family.STRING,)
_NUMBER = (Family.STRING, Family.INTEGER)
_DAY = (Family.STRING, Family.DATE, Family.TIMESTAMP)
_QUALIFIERS = {"number", "no", "nr", "num", "address", "line", "primary", "secondary", "home", "work", "private"}

_NAMES: tuple[tuple[str, tuple[Family, ...], str], ...] = (
    ("email", _TEXT, "email, e mail, emailaddress, mail address, email address, e mail address"),
    ("phone", _NUMBER, "phone, telephone, phonenumber, mobile number, cell number, mobile phone, fax, msisdn"),
    ("birth_date", _DAY, "birth date, birthdate, birthday, birth day, date of birth, dob"),
    ("national_id", _NUMBER, "ssn, social security, national id, national insurance, nino, passport, drivers license, "
     "driver license, drivers licence, driving licence, tax id, bsn, pesel, cpf, dni, curp, aadhaar, personnummer"),
    ("iban", _NUMBER, "iban, bank account"),
    ("card_number", _NUMBER, "card number, credit card, creditcard, cardnumber, cvv, cvc"),
    ("ip_address", _TEXT, "ip, ip address, ipaddress, ip addr, remote addr, mac address"),
    ("name", _TEXT, "first name, last name, given name, family name, middle name, maiden name, full name, firstname, lastname, "
     "fullname, surname, forename, customer name, person name, patient name, employee name, contact name, user name, "
     "username, cardholder, holder name, passenger name, guest name, nickname"),
    ("address", _TEXT, "street, street address, address, home address, postal address"),
    ("gender", _TEXT, "gender, sex"),
    ("sensitive", _TEXT, "religion, ethnicity, nationality, marital status, disability"),
)  # fmt: skip
_PHRASES: Mapping[tuple[str, ...], tuple[str, tuple[Family, ...]]] = {
    tuple(phrase.split()): (category, families) for category, families, phrases in _NAMES for phrase in phrases.split(", ")
}  # fmt: skip
_LONGEST_PHRASE = max(map(len, _PHRASES))


class _Form(NamedTuple):
    """How a form makes a suspect: which category, in which share of the filled rows, of how many distinct values."""

    category: str
    label: str
    share: Decimal = Decimal("0.5")
    distinct: int = 3


_FORMS: Mapping[Pattern, _Form] = {
    Pattern.EMAIL: _Form("email", "hold an e-mail address", Decimal("0.1"), 1),
    Pattern.IBAN: _Form("iban", "are IBANs (mod 97 holds)", distinct=1),
    Pattern.CARD_NUMBER: _Form("card_number", "are card numbers (issuer's range, Luhn holds)"),
    Pattern.US_SSN: _Form("national_id", "have the form of a US social security number"),
    Pattern.ES_DNI: _Form("national_id", "are Spanish DNI or NIE (check letter holds)"),
    Pattern.FR_NIR: _Form("national_id", "are French NIR (key holds)"),
    Pattern.NL_BSN: _Form("national_id", "are Dutch BSN (11-test holds)", Decimal("0.9"), 5),
    Pattern.PL_PESEL: _Form("national_id", "are Polish PESEL (check digit holds)", Decimal("0.9"), 5),
    Pattern.BR_CPF: _Form("national_id", "are Brazilian CPF (both check digits hold)", Decimal("0.9")),
    Pattern.IP_ADDRESS: _Form("ip_address", "are IPv4 addresses"),
    Pattern.PHONE: _Form("phone", "have the form of a phone number"),
}
BY_NAME = "by its name"
_WITH_AT = (Pattern.EMAIL,)
_LETTERED = (Pattern.IBAN, Pattern.ES_DNI)
_OF_NUMBERS = (Pattern.CARD_NUMBER, Pattern.FR_NIR, Pattern.NL_BSN, Pattern.PL_PESEL, Pattern.BR_CPF)
_OF_DIGITS = (*_OF_NUMBERS, Pattern.US_SSN, Pattern.IP_ADDRESS, Pattern.PHONE)


def category_by_name(name: str, type_name: str) -> str:
    """Return the category that a name speaks of, if values of that type can be of it; else an empty text.

    Example:
        >>> category_by_name("customer_email", "string"), category_by_name("email_sent_at", "timestamp")
        ('email', '')
        >>> category_by_name("phone2", "integer"), category_by_name("has_email", "boolean")
        ('phone', '')
    """
    found = words(name)
    while found:
        for length in range(min(_LONGEST_PHRASE, len(found)), 0, -1):
            hit = _PHRASES.get(found[-length:])
            if hit is not None and (not type_name or parse_type(type_name).family in hit[1]):
                return hit[0]
        if not (found[-1].isdigit() or found[-1] in _QUALIFIERS):
            return ""
        found = found[:-1]
    return ""


def patterns_to_count(column: ColumnProfile) -> tuple[Pattern, ...]:
    """Return the forms worth counting in a column, by what its first measures say."""
    if not column.filled:
        return ()
    family = parse_type(column.type).family if column.type else None
    if family is Family.STRING:
        outlines = (
            (column.at_signs * 10, _WITH_AT),
            (column.numerals * 2, _OF_DIGITS),
            (column.lettered * 2, _LETTERED),
        )
        return tuple(p for weight, patterns in outlines if weight >= column.filled for p in patterns)
    if family is Family.INTEGER and column.long_numbers * 2 >= column.filled:
        return _OF_NUMBERS
    return ()


def suspect(column: ColumnProfile, rows: str = "filled rows") -> Suspect | None:
    """Return what a column is suspected of, and by what; None where it is of nothing.

    Args:
        column: What was measured of it.
        rows: What its filled rows are called.
    """
    by_name = category_by_name(column.name, column.type)
    for pattern, form in _FORMS.items():
        count = column.patterns.get(pattern, 0)
        if not count or count < form.share * column.filled or (column.about_distinct or 0) < form.distinct:
            continue
        of_name = ", and by its name" if by_name else ""
        return Suspect(form.category, f"by pattern: {count:,} of {column.filled:,} {rows} {form.label}{of_name}")
    return Suspect(by_name, BY_NAME) if by_name else None
