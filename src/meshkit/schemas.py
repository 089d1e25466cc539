"""The JSON Schemas of all files that users write, made from the forms."""

from __future__ import annotations

from typing import Any

from meshkit.loading.product_form import ProductForm
from meshkit.loading.settings_form import SettingsFile
from meshkit.loading.tree import MESH_FILES
from meshkit.model.base import Form

FORMS: dict[str, type[Form]] = {
    "product": ProductForm,
    **{name: form() for name, form in MESH_FILES.items()},
    "settings": SettingsFile,
}


def form_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of one of `FORMS`."""
    found = FORMS[name].model_json_schema(by_alias=True)
    if name == "product":
        found["required"] = ["name", "version", "description"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
