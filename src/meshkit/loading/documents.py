"""The files of a mesh that are no products: organisation, platform, governance, waivers, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from meshkit.later import Later
from meshkit.loading.joined import JoinedSource
from meshkit.loading.source import Source

if TYPE_CHECKING:  # a mesh without these files need not wait for their forms
    from meshkit.loading import settings as reading
    from meshkit.loading.settings import MeshSettings
    from meshkit.model.governance import GovernanceForm, PrincipalForm, WaiverForm
    from meshkit.model.organization import OrganizationForm
    from meshkit.model.platform import PlatformForm
else:
    reading = Later("meshkit.loading.settings")


class Documents:
    """What the files of a mesh say that are no products."""

    root: Path

    def __init__(self, documents: Mapping[str, tuple[Any, Source]]) -> None:
        self._documents = documents

    @property
    def organization(self) -> OrganizationForm | None:
        """The organisation file, or None."""
        return cast("OrganizationForm | None", self._file("organization"))

    @property
    def platform(self) -> PlatformForm | None:
        """The platform file, or None."""
        return cast("PlatformForm | None", self._file("platform"))

    @property
    def governance(self) -> GovernanceForm | None:
        """The governance file, or None."""
        return cast("GovernanceForm | None", self._file("governance"))

    @property
    def waivers(self) -> Sequence[WaiverForm]:
        """The waivers, in the file's order."""
        return self._file("waivers") or []

    @property
    def principals(self) -> Sequence[PrincipalForm]:
        """Who reads data, in the file's order."""
        return self._file("principals") or []

    @property
    def settings(self) -> MeshSettings:
        """Where products may live, by `meshkit.yaml`; empty settings where there is none."""
        found = self._file("settings")
        return found if found is not None else reading.MeshSettings(self.root)

    def environment(self, env: str | None) -> str:
        """Return the environment of a call: the one that is asked for, else the default one; empty = none."""
        return env or (self.settings.default_environment if self.file_of("settings") is not None else "")

    def source_of(self, kind: str) -> Source:
        """Return the text of a file that the mesh has."""
        return self._documents[kind][1]

    def file_of(self, kind: str) -> str | None:
        """Return the name of the mesh's own file of a kind, such as `waivers`, as it is shown; None where there is none."""
        if kind not in self._documents:
            return None
        source = self._documents[kind][1]
        return None if isinstance(source, JoinedSource) and source.own is None else source.file

    def _file(self, kind: str) -> Any:
        return self._documents[kind][0] if kind in self._documents else None
