"""The kinds of value that forms are made of: text that is checked as it is read and kept as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from meshkit.errors import MeshkitError
from meshkit.model import units
from meshkit.model.names import is_identifier, is_semver
from meshkit.model.types import parse_type

_EMAIL = re.compile(r"[^@\s<>,;]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")


def refuse(code: str, message: str, hint: str = "") -> PydanticCustomError:
    """Make the error that a validator raises, to become a `Problem` with this code."""
    return PydanticCustomError("meshkit", "{message}", {"code": code, "message": message, "hint": hint})


def parsed(parse: Callable[[str], object]) -> AfterValidator:
    """Keep the text when `parse` can read it, and pass its own error on when it cannot."""

    def check(text: str) -> str:
        try:
            parse(text)
        except MeshkitError as error:
            raise refuse(error.code, error.what, error.hint) from None
        return text

    return AfterValidator(check)


def _identifier(text: str) -> str:
    if not is_identifier(text):
        raise refuse("MK111", f"'{text}' is not a name", "start with a letter; then letters, digits, '_' and '-'")
    return text


def _version(value: Any) -> Any:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        text = str(value)
        parts = [*text.split("."), "0", "0"][:3]
        hint = f'write three numbers in quotes: "{".".join(parts)}"'
        raise refuse("MK112", f"version {text} is read as a number", hint)
    if isinstance(value, str) and not is_semver(value):
        raise refuse("MK112", f"version '{value}' is not a semantic version", "write three numbers, like 2.1.0")
    return value


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or ".." in text:
        raise refuse("MK132", f"'{text}' is not an e-mail address", "write it like team@company.com")
    return text


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise refuse("MK133", f"'{text}' is not a date", "write it like 2024-01-15") from None
    return text


def _ratio(value: Any) -> Any:
    """Read `99.5%`, or a number with a point such as 0.995, as the text of a ratio."""
    if isinstance(value, Decimal) and 0 <= value <= 1:
        return str(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        raise refuse("MK118", f"{value} could be a percentage or a ratio", f"write {value}%, or a ratio such as 0.995")
    if isinstance(value, str):
        try:
            return str(units.parse_percentage(value))
        except MeshkitError as error:
            raise refuse(error.code, error.what, error.hint) from None
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return value


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _severity(value: Any) -> Any:
    if isinstance(value, str):
        return {"warn": "warning"}.get(value.lower(), value.lower())
    return value


def _status(value: Any) -> Any:
    return {"current": "active"}.get(value, value) if isinstance(value, str) else value


def _lower(value: str) -> str:
    return value.strip().lower()


Text = Annotated[str, Field()]
Filled = Annotated[str, Field(min_length=1, pattern=r"\S")]
Identifier = Annotated[
    str, AfterValidator(_identifier), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"})
]
Version = Annotated[str, BeforeValidator(_version), WithJsonSchema({"type": "string", "pattern": r"^\d+\.\d+\.\d+"})]
Email = Annotated[str, AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email"})]
Date = Annotated[str, AfterValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Ratio = Annotated[
    str, BeforeValidator(_ratio), WithJsonSchema({"type": ["string", "number"], "examples": ["99.5%", 0.995]})
]
Duration = Annotated[str, parsed(units.parse_duration), WithJsonSchema({"type": "string", "examples": ["90_days"]})]
TypeName = Annotated[str, parsed(parse_type)]
Scalar = Annotated[str, BeforeValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Names = Annotated[
    list[str], BeforeValidator(_names), WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}})
]
Whole = Annotated[int, Field(ge=0)]
Hours = Annotated[float, Field(gt=0), BeforeValidator(lambda v: float(v) if isinstance(v, Decimal) else v)]
SeverityName = Annotated[
    Literal["info", "warning", "error", "critical"],
    BeforeValidator(_severity),
    WithJsonSchema({"type": "string", "enum": ["info", "warning", "warn", "error", "critical"]}),
]
StatusName = Annotated[
    Literal["draft", "beta", "active", "deprecated", "retired"],
    BeforeValidator(_status),
    WithJsonSchema({"type": "string", "enum": ["draft", "beta", "active", "current", "deprecated", "retired"]}),
]
Lowered = Annotated[str, AfterValidator(_lower)]
Dimension = Annotated[
    Literal[
        "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness", "validity"
    ],
    BeforeValidator(lambda v: v.lower() if isinstance(v, str) else v),
]
