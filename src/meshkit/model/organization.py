"""The organisation file: domains, their products and their teams."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from pydantic import Field

from meshkit.model.base import Form
from meshkit.model.values import Identifier, Whole


class TeamForm(Form):
    """Who works in a domain."""

    product_owner: str | None = Field(None, description="A person or a role.")
    data_engineers: Whole | None = Field(None, description="How many.")
    analytics_engineers: Whole | None = Field(None, description="How many.")
    names: list[str] = Field(
        default=[], description="The teams that may own products; where given, owner.team must be one."
    )


class DomainForm(Form):
    """A part of the organisation that owns its data."""

    name: Identifier | None = Field(None, description="Unique. Required.")
    bounded_context: str | None = Field(None, description="What the domain is about.")
    data_products: list[str] = Field(default=[], description="The products it owns, by name.")
    team: TeamForm | None = Field(None, description="Who works in it.")


class OrganizationForm(Form):
    """Who owns what."""

    name: str | None = Field(None, description="The organisation's name.")
    domains: list[DomainForm] = Field(default=[], description="All domains.")

    def domain(self, name: str) -> DomainForm | None:
        """Return the domain of that name, or None."""
        return next((d for d in self.domains if d.name == name), None)


class OrganizationFile(Form):
    """The file with the root key `organization`."""

    organization: OrganizationForm
