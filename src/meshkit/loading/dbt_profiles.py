"""dbt's profiles.yml: one target of one profile, its variables of the environment put in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from meshkit.errors import ContractError, EngineError, Place
from meshkit.loading.secrets import is_inside
from meshkit.loading.settings import MeshSettings
from meshkit.loading.settings_form import DbtForm
from meshkit.loading.source import MAX_BYTES, Source, Value
from meshkit.model.names import did_you_mean
from meshkit.model.secret import Secret, is_secret_name

_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CALL = re.compile(
    r"""\s*env_var\(\s*(?P<a>['"])(?P<name>[^'"]+)(?P=a)\s*(?:,\s*(?P<b>['"])(?P<default>[^'"]*)(?P=b)\s*)?\)
    \s*(?:\|\s*(?:int|as_number|as_bool|as_text|as_native)\s*)?""",
    re.VERBOSE,
)
_JINJA = re.compile(r"\{\{|\{%|\{#")
_MEND = "write the value, or {{ env_var('NAME') }}"


class Target(NamedTuple):
    """A target as it is written, its variables not yet put in.

    Attributes:
        name: `PROFILE.TARGET`.
        outputs: Its keys; values may be secrets, and are only taken out by `DbtValues`.
        pointer: Where it stands in the file.
        source: The file.
        folder: Where relative paths start: that of the settings.
    """

    name: str
    outputs: Mapping[str, Secret]
    pointer: tuple[str, ...]
    source: Source
    folder: Path

    def place(self, key: str = "") -> Place:
        """Return where a key is written."""
        return self.source.place((*self.pointer, *(key.split(".") if key else ())))


class DbtValues:
    """The values of a target, as texts."""

    def __init__(self, target: Target, environment: Mapping[str, str]) -> None:
        self.target = target
        self._environment = environment

    def get(self, *keys: str) -> str:
        """Return the value of the first of some keys that has one, or an empty text.

        Raises:
            ContractError: MK163, Jinja that is not read here; EngineError: MK314, a variable has no value.
        """
        for key in keys:
            written = self.target.outputs.get(key)
            text = self._put(written.reveal(), key) if written else ""
            if text:
                return text
        return ""

    def needed(self, *keys: str) -> str:
        """Return what `get` returns.

        Raises:
            ContractError: MK163, it is empty; else as `get`.
        """
        found = self.get(*keys)
        if not found:
            raise self.error(f"target '{self.target.name}' has no '{keys[0]}'", "add it")
        return found

    def inside(self, key: str) -> dict[str, str]:
        """Return the values of a mapping.

        Raises:
            ContractError, EngineError: As `get`.
        """
        names = [name for name in self.target.outputs if name.startswith(f"{key}.")]
        return {name.removeprefix(f"{key}."): self.get(name) for name in names}

    def is_true(self, key: str) -> bool:
        """Tell whether a key says yes."""
        return self.get(key).lower() in ("true", "1", "yes", "on")

    def error(self, what: str, hint: str, key: str = "") -> ContractError:
        """Return an error at a key of the target."""
        return ContractError(what, hint, self.target.place(key), code="MK163")

    def _put(self, text: str, key: str) -> str:
        def value(found: re.Match[str]) -> str:
            call = _CALL.fullmatch(found[1])
            if call is None:
                raise self.error(f"'{key}' holds Jinja other than env_var", _MEND, key)
            given = self._environment.get(call["name"])
            if given is None and call["default"] is None:
                place = self.target.place(key)
                raise EngineError(
                    f"variable '{call['name']}' has no value", "set it in the environment of this run", place, "MK314"
                )
            return given if given is not None else call["default"]

        if _JINJA.search(_EXPRESSION.sub("", text)):
            raise self.error(f"'{key}' holds Jinja other than env_var", _MEND, key)
        return _EXPRESSION.sub(value, text)


def read_target(form: DbtForm, settings: MeshSettings, environment: Mapping[str, str]) -> Target:
    """Find and read the target of an environment.

    Raises:
        ContractError: MK163, the file, profile or target is not there or cannot be read; MK160, it is in the mesh and holds a
            secret in the clear.
    """
    path = _find(form, settings, environment)
    source = Source(str(path), _text(path))
    values, problems = source.values()
    if not isinstance(values, dict):
        place = problems[0].place if problems else Place(str(path), 1, 1)
        raise ContractError("this is not dbt's profiles.yml: a mapping of profiles is wanted", "", place, "MK163")
    profile = _profile(values, form.profile or "", source)
    outputs = profile.get("outputs")
    outputs = outputs if isinstance(outputs, dict) else {}
    name = form.target or _chosen(profile, form.profile or "", source, environment)
    output = outputs.get(name)
    if not isinstance(output, dict):
        what = f"profile '{form.profile}' has no target '{name}'"
        raise ContractError(what, did_you_mean(name, outputs), source.place((form.profile or "", "outputs")), "MK163")
    pointer = (form.profile or "", "outputs", name)
    written = {key: Secret(text) for key, text in _flat(output)}
    target = Target(f"{form.profile}.{name}", written, pointer, source, settings.folder)
    _refuse_clear(target, path, settings)
    return target


def _find(form: DbtForm, settings: MeshSettings, environment: Mapping[str, str]) -> Path:
    """Return the file: where the settings say, where DBT_PROFILES_DIR says, beside the settings, or in the home folder."""
    stated = form.profiles_dir or environment.get("DBT_PROFILES_DIR", "")
    folders = [stated] if stated else [".", "~/.dbt"]
    paths = [settings.folder / os.path.expanduser(f) / "profiles.yml" for f in folders]  # noqa: PTH111  # never an error
    found = next((p for p in paths if p.is_file()), None)
    if found is None:
        where = " or ".join(f"'{Path(f) / 'profiles.yml'}'" for f in folders)
        hint = "give dbt.profiles_dir in meshkit.yaml, or set DBT_PROFILES_DIR"
        raise ContractError(f"dbt's profiles are not at {where}", hint, code="MK163")
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ContractError(f"'{path}' cannot be read: {reason}", "check its permissions", code="MK163") from None
    except UnicodeDecodeError:
        raise ContractError(f"'{path}' is not UTF-8", "save it as UTF-8", code="MK163") from None


def _profile(values: Mapping[str, Value], name: str, source: Source) -> dict[str, Any]:
    found = values.get(name)
    if not isinstance(found, dict):
        known = [n for n, p in values.items() if isinstance(p, dict) and "outputs" in p]
        raise ContractError(f"dbt has no profile '{name}'", did_you_mean(name, known), source.place(()), "MK163")
    return found


def _chosen(profile: Mapping[str, Value], name: str, source: Source, environment: Mapping[str, str]) -> str:
    """Return the target that a profile itself names; dbt's own word for none is `default`."""
    written = _written(profile.get("target") or "default")
    alone = Target(name, {"target": Secret(written)}, (name,), source, Path())
    return DbtValues(alone, environment).get("target")


def _flat(output: Mapping[str, Value], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield keys with their values as texts; a key inside a mapping is called `OUTER.INNER`."""
    for key, value in output.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", _written(value)


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if not isinstance(value, list) else ""


def _refuse_clear(target: Target, path: Path, settings: MeshSettings) -> None:
    """Refuse a secret in the clear in a file that lies where contracts do, and may be committed with them."""
    if not is_inside(path, settings.folders):
        return
    for key, value in target.outputs.items():
        if is_secret_name(key) and _EXPRESSION.sub("", value.reveal()).strip():
            hint = "write {{ env_var('NAME') }}, or move profiles.yml out of the mesh, to ~/.dbt"
            raise ContractError(f"'{key}' stands here in the clear", hint, target.place(key), code="MK160")
