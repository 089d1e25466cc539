"""A new mesh from data: drafted contracts, who owns them, and what keeps them true: an editor, a hook and a workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from meshkit.drafts import DraftFile, Reading, draft_files, is_dbt_manifest
from meshkit.errors import UsageError
from meshkit.loading.contract_text import render_yaml
from meshkit.model.draft import DraftOptions
from meshkit.model.names import DEFAULT_DOMAIN
from meshkit.schemas import form_schema

_SCHEMAS = "schemas"
_HOOKS = """\
# Install once with: pre-commit install --hook-type pre-commit --hook-type pre-push
repos:
  - repo: local
    hooks:
      - id: meshkit-lint
        name: lint contracts
        entry: meshkit lint .
        language: system
        files: \\.ya?ml$
        pass_filenames: false
      - id: meshkit-check
        name: check data against contracts
        entry: meshkit check .
        language: system
        always_run: true
        pass_filenames: false
        stages: [pre-push]
"""
_WORKFLOW = """\
name: meshkit
"on": [push, pull_request]
permissions:
  contents: read
jobs:
  contracts:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install meshkit
      - run: meshkit lint . --format github
      - run: meshkit check . --format github
"""


class NewMesh(NamedTuple):
    """A mesh that is not written yet.

    Attributes:
        files: Path from the mesh's folder -> text.
        products: Ids of the products.
    """

    files: dict[str, str]
    products: tuple[str, ...]


def new_mesh(
    locations: Sequence[str], folder: Path, reading: Reading, *, name: str = "", domain: str = "", owner: str = ""
) -> NewMesh:
    """Make a mesh of what lies at some locations, each file, folder or glob one table, each DuckDB file all of its tables.

    Args:
        locations: Data.
        folder: Where the mesh will be.
        reading: How to read them.
        name: The organisation's name.
        domain: The domain of all products.
        owner: The team that owns them.

    Raises:
        MeshkitError: A location cannot be read, or is no data.
    """
    domain = domain or DEFAULT_DOMAIN
    options = DraftOptions(domain=domain, owner=owner)
    drafts = list(_drafts(locations, folder / domain, options, reading))
    products = [name for name, _ in drafts]
    files = {
        f"{domain}/{product}.yaml": draft.text(schema=f"../{_SCHEMAS}/product.schema.json") for product, draft in drafts
    }
    files["organization.yaml"] = _organization(name or folder.absolute().name or "mesh", domain, owner, products)
    for schema in ("product", "organization"):
        text = json.dumps(form_schema(schema), indent=2, ensure_ascii=False)
        files[f"{_SCHEMAS}/{schema}.schema.json"] = text + "\n"
    files[".pre-commit-config.yaml"] = _HOOKS
    files[".github/workflows/meshkit.yaml"] = _WORKFLOW
    return NewMesh(files, tuple(f"{domain}.{p}" for p in products))


def _drafts(
    locations: Sequence[str], folder: Path, options: DraftOptions, reading: Reading
) -> Iterator[tuple[str, DraftFile]]:
    taken: set[str] = set()
    for location in locations:
        path = Path(location)
        if path.suffix.lower() == ".sql" or is_dbt_manifest(path):
            raise UsageError(f"'{location}' is no data, so nothing could be checked", "draft it with meshkit draft")
        for draft in draft_files(location, folder, options, reading):
            name, number = draft.name, 2
            while name.casefold() in taken:
                name, number = f"{draft.name}_{number}", number + 1
            taken.add(name.casefold())
            yield name, draft._replace(name=name, document={**draft.document, "name": name})


def _organization(name: str, domain: str, owner: str, products: Sequence[str]) -> str:
    team = {"team": {"names": [owner]}} if owner else {}
    document = {"organization": {"name": name, "domains": [{"name": domain, "data_products": list(products), **team}]}}
    head = (
        f"yaml-language-server: $schema={_SCHEMAS}/organization.schema.json",
        "Who owns what: each domain with its products.",
    )
    return render_yaml(document, head)
