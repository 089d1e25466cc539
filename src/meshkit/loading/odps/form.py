"""The keys of the Open Data Product Standard (v0.9 and v1.0), as its text names them."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from typing import Any

from pydantic import Field

from meshkit.loading.odcs.form import (
    DefinitionForm,
    Described,
    DescriptionForm,
    Lenient,
    OdcsForm,
    SupportForm,
    TeamForm,
    Texts,
)


class InputPortForm(Described):
    """What the product reads."""

    needed = ("name", "version", "contractId")
    name: str | None = None
    version: Lenient | None = None
    contractId: Lenient | None = None
    description: str | None = None


class InputContractForm(OdcsForm):
    """A contract that an output port is made from."""

    needed = ("id", "version")
    id: Lenient | None = None
    version: Lenient | None = None


class OutputPortForm(Described):
    """What the product serves."""

    needed = ("name", "version")
    name: str | None = None
    version: Lenient | None = None
    type: str | None = None
    contractId: Lenient | None = None
    description: str | None = None
    sbom: list[dict[str, Any]] = Field(default_factory=list)
    inputContracts: list[InputContractForm] = Field(default_factory=list)


class ManagementPortForm(Described):
    """Where the product is discovered, observed or controlled."""

    needed = ("name", "content")
    name: str | None = None
    content: str | None = None
    type: str | None = None
    url: str | None = None
    channel: str | None = None
    description: str | None = None


class ProductSupportForm(SupportForm):
    """Where help is found."""

    tags: Texts = Field(default_factory=list)
    authoritativeDefinitions: list[DefinitionForm] = Field(default_factory=list)


class DataProductForm(Described):
    """A data product."""

    needed = ("apiVersion", "kind", "id", "status")
    apiVersion: str | None = None
    kind: str | None = None
    id: Lenient | None = None
    name: str | None = None
    version: Lenient | None = None
    status: str | None = None
    domain: str | None = None
    tenant: str | None = None
    description: DescriptionForm | None = None
    inputPorts: list[InputPortForm] = Field(default_factory=list)
    outputPorts: list[OutputPortForm] = Field(default_factory=list)
    managementPorts: list[ManagementPortForm] = Field(default_factory=list)
    support: list[ProductSupportForm] = Field(default_factory=list)
    team: TeamForm | None = None
    productCreatedTs: str | None = None
