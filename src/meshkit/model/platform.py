"""The platform file: compute, storage and the services around them."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from meshkit.model.base import Form
from meshkit.model.units import parse_cpu, parse_size
from meshkit.model.values import Duration, Identifier, parsed

Cpu = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if not isinstance(v, (bool, list, dict)) and v is not None else v),
    parsed(parse_cpu),
    WithJsonSchema({"type": ["number", "string"], "examples": [4, "500m"]}),
]
Memory = Annotated[str, parsed(parse_size), WithJsonSchema({"type": "string", "examples": ["16Gi"]})]


class ResourcesForm(Form):
    """What a component may use."""

    cpu: Cpu | None = Field(None, description="Cores: 4, or 500m.")
    memory: Memory | None = Field(None, description="16Gi, 512MB, ...")


class ComponentForm(Form):
    """What all components say of themselves."""

    name: Identifier | None = Field(None, description="Unique among its kind. Required.")
    type: str | None = Field(None, description="The product behind it: databricks, s3, snowflake, ...")
    purpose: str | None = Field(None, description="What it is for.")


class ComputeForm(ComponentForm):
    """Where transformations run."""

    auto_scaling: bool | None = Field(None, description="Whether it grows with the work.")
    resources: ResourcesForm | None = Field(None, description="What it may use.")


class LifecycleForm(Form):
    """When stored objects move or end."""

    transition_to_glacier: Duration | None = Field(None, description="Moved to cold storage after: 90_days.")
    transition_to_infrequent_access: Duration | None = Field(
        None, description="Moved to cheaper storage after: 30_days."
    )
    expire: Duration | None = Field(None, description="Deleted after: 365_days.")


class StorageForm(ComponentForm):
    """Where data lies."""

    lifecycle_policies: list[LifecycleForm] = Field(default=[], description="When stored objects move or end.")
    auto_suspend: Duration | None = Field(None, description="Suspended when idle for: 10_minutes.")


class OrchestrationForm(ComponentForm):
    """What starts the work."""

    version: str | None = Field(None, description="The version that runs.")


class CatalogForm(ComponentForm):
    """Where products are listed."""

    features: list[str] = Field(default=[], description="What it is used for.")


class ServiceForm(ComponentForm):
    """A service that is joined to others."""

    integration: str | None = Field(None, description="What it is joined to.")


class ObservabilityServiceForm(ServiceForm):
    """Where metrics are shown."""

    dashboards: list[str] = Field(default=[], description="The boards that are kept there.")


class PlatformForm(Form):
    """The self-serve platform's components."""

    compute: list[ComputeForm] = Field(default=[], description="Where transformations run.")
    storage: list[StorageForm] = Field(default=[], description="Where data lies.")
    orchestration: list[OrchestrationForm] = Field(default=[], description="What starts the work.")
    data_catalog: list[CatalogForm] = Field(default=[], description="Where products are listed.")
    quality: list[ServiceForm] = Field(default=[], description="Other quality tools in use.")
    observability: list[ObservabilityServiceForm] = Field(default=[], description="Where metrics are shown.")
    access_control: list[ServiceForm] = Field(default=[], description="Where identities and grants live.")

    def components(self) -> Iterator[tuple[str, int, ComponentForm]]:
        """Yield each component with its kind and its position in that kind's list."""
        for kind in PlatformForm.model_fields:
            for position, component in enumerate(getattr(self, kind)):
                yield kind, position, component


class PlatformFile(Form):
    """The file with the root key `platform`."""

    platform: PlatformForm
