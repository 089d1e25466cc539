"""The table of twins names every native key, and what it says of custom properties is what the converter does."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from meshkit.converting.native import native_to_odcs
from meshkit.converting.twins import CUSTOM_KEYS, TWINS
from meshkit.loading.product_form import ProductForm


def keys(form: type[BaseModel], path: str = "") -> list[str]:
    found = []
    for name, field in form.model_fields.items():
        key = path + (field.alias or name)
        found.append(key)
        for inner, joint in forms(field.annotation, "."):
            found += keys(inner, key + joint)
    return found


def forms(annotation: Any, joint: str) -> list[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, joint)]
    inner = getattr(annotation, "__args__", ())
    joint = "[]." if getattr(annotation, "__origin__", None) is list else joint
    return [found for part in inner for found in forms(part, joint)]


def test_each_native_key_has_its_twins() -> None:
    assert set(TWINS) == set(keys(ProductForm))


def test_keys_without_a_word_in_the_standard_become_custom_properties() -> None:
    assert {"inputs", "changelog", "row_filter", "ports"} <= CUSTOM_KEYS
    document = native_to_odcs({"name": "p", "version": "1.0.0", **{key: ["x"] for key in CUSTOM_KEYS}}).document
    assert {p["property"] for p in document["customProperties"]} == {f"meshkit.{key}" for key in CUSTOM_KEYS}
