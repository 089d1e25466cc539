"""The names by which users write constraints in the native form."""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "not_null": ("required", "not-null", "notnull"),
    "unique": (),
    "min": ("minimum",),
    "max": ("maximum",),
    "in": ("accepted_values", "enum", "allowed_values", "values"),
    "pattern": ("regex", "matches"),
    "min_length": ("minLength", "minlength"),
    "max_length": ("maxLength", "maxlength"),
    "references": ("relationships", "foreign_key", "reference"),
}
"""Kind of constraint -> the other names that it is read by."""

WITHOUT_ARGUMENT = frozenset({"not_null", "unique"})
