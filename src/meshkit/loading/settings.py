"""`meshkit.yaml` to settings: found beside the mesh or above it, read, and held against what can be meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from meshkit.loading.forms import validate
from meshkit.loading.secrets import inside_error, is_inside, is_open_to_others, secret_path
from meshkit.loading.settings_form import WAY_OUT, EngineForm, EnvironmentForm, SecretForm, SettingsFile
from meshkit.loading.settings_place import find_settings
from meshkit.loading.source import MAX_BYTES, Source
from meshkit.model.catalog import Head
from meshkit.model.names import did_you_mean
from meshkit.model.placement import FILES
from meshkit.model.problem import Problem
from meshkit.model.secret import is_reference, is_secret_name
from meshkit.model.table import Pointer, Severity

_SHOWN = re.compile(r"(?<=found )the (text|number) .*|(?<=the tag )\S+", re.DOTALL)
"""The parts of messages that show values, which may be secrets that stand in the wrong place."""


class MeshSettings(NamedTuple):
    """Where products may live.

    Attributes:
        root: The folder of the mesh.
        file: The settings file as it is shown; empty = there is none.
        folder: Its folder, where relative paths in it start.
        engines: By name.
        environments: By name.
        default_environment: The one that is taken without `--env`; empty = none.
        problems: What is wrong in the file.
    """

    root: Path
    file: str = ""
    folder: Path = Path()
    engines: Mapping[str, EngineForm] = {}
    environments: Mapping[str, EnvironmentForm] = {}
    default_environment: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Those that no secret may lie in."""
        return (self.root, self.folder) if self.file else (self.root,)


class Opened(NamedTuple):
    """A settings file as it was read: all that is right in it, its text for places, and what is wrong."""

    path: Path
    form: SettingsFile
    source: Source
    problems: tuple[Problem, ...]

    @property
    def names_others(self) -> bool:
        """Whether the mesh spans other folders or repositories."""
        return bool(self.form.extends or self.form.sources)


def open_settings(folder: Path, shown: Callable[[Path], str] = str) -> Opened | None:
    """Read the settings file of a mesh, and hold it against nothing yet; None where there is none."""
    path = find_settings(folder)
    if path is None:
        return None
    source, problem = _source(path, shown(path))
    if source is None:
        return Opened(path, SettingsFile(), Source(shown(path), ""), (problem,) if problem else ())
    values, problems = source.values()
    form: SettingsFile | None = None
    if values is not None:  # an empty file says nothing
        form, findings = validate(SettingsFile, values, source)
        problems += [f.problem for f in findings]
    problems = [p.model_copy(update={"message": _SHOWN.sub(_kind, p.message), "hint": _hint(p)}) for p in problems]
    return Opened(path, form or SettingsFile(), source, tuple(problems))


def load_settings(
    folder: Path,
    schemes: Iterable[str] = (),
    shown: Callable[[Path], str] = str,
    heads: Sequence[Head] = (),
    opened: Opened | None = None,
) -> MeshSettings:
    """Read the settings of a mesh.

    Args:
        folder: Of the mesh.
        schemes: What an engine's URL may start with; none = that is not looked at.
        shown: How a file is named to people.
        heads: The products, whose names are looked for in the names of tables; none = those are not looked at.
        opened: The file, where it was read already.

    Returns:
        All that is right in the file; what is wrong stands in `problems`. Empty settings where there is no file.
    """
    opened = opened or open_settings(folder, shown)
    if opened is None:
        return MeshSettings(folder)
    path, form, source, problems = opened
    found = MeshSettings(
        folder, source.file, path.parent, form.engines, form.environments, form.default_environment or "", ()
    )
    wrong = [*problems, *_Linter(found, source, tuple(schemes)).problems()]
    if heads and path.parent == folder.resolve():
        wrong += _unknown_tables(form, heads, source)
    return found._replace(problems=tuple(sorted(wrong, key=lambda p: p.place)))


def _source(path: Path, shown: str) -> tuple[Source | None, Problem | None]:
    empty = Source(shown, "")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            return None, empty.problem("MK106", f"is larger than {MAX_BYTES // 2**20} MiB", "no settings are", ())
        return Source(shown, raw.decode("utf-8-sig")), None
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        return None, empty.problem("MK108", f"cannot be read: {reason}", "check its permissions", ())
    except UnicodeDecodeError:
        return None, empty.problem("MK107", "is not UTF-8", "save it as UTF-8", ())


def _kind(found: re.Match[str]) -> str:
    return f"a {found[1]}" if found[1] else "here"


def _hint(problem: Problem) -> str:
    """Leave out a hint that would show a value again."""
    return "" if problem.hint.startswith(('put it in quotes: "', "write it as a list: [")) else problem.hint


class _Linter:
    """Looks for what no single key shows."""

    def __init__(self, settings: MeshSettings, source: Source, schemes: Sequence[str]) -> None:
        self._settings = settings
        self._source = source
        self._schemes = schemes

    def problems(self) -> Iterator[Problem]:
        for name, engine in self._settings.engines.items():
            yield from self._engine(name, engine, ("engines", name))
        for name, environment in self._settings.environments.items():
            yield from self._environment(environment, ("environments", name))
        default, known = self._settings.default_environment, self._settings.environments
        if default and default not in known:
            hint = did_you_mean(default, known) or "add it to environments"
            yield self._note("MK162", f"there is no environment '{default}'", hint, ("default_environment",))

    def _note(self, code: str, message: str, hint: str, pointer: Pointer) -> Problem:
        return self._source.problem(code, message, hint, pointer, of_value=True)

    def _engine(self, name: str, engine: EngineForm, pointer: Pointer) -> Iterator[Problem]:
        if name.casefold() == FILES:
            yield self._source.problem("MK111", f"'{FILES}' names the embedded engine", "choose another name", pointer)
        if engine.url is None and not self._source.has((*pointer, "url")):
            yield self._source.problem("MK104", "key 'url' is missing", "say where the engine is", pointer)
        if engine.url and not is_reference(engine.url):
            yield from self._scheme(engine.url, (*pointer, "url"))
        for option, value in engine.options.items():
            here: Pointer = (*pointer, "options", option)
            if isinstance(value, SecretForm):
                yield from self._secret(value, here)
            elif is_secret_name(option) and not is_reference(value):
                yield self._note("MK160", f"'{option}' stands here in the clear", WAY_OUT, here)
        if engine.password:
            yield from self._secret(engine.password, (*pointer, "password"))

    def _scheme(self, url: str, pointer: Pointer) -> Iterator[Problem]:
        scheme = url.partition("://")[0].partition("+")[0].strip().lower()
        if self._schemes and scheme not in self._schemes and not scheme.startswith("${"):
            hint = did_you_mean(scheme[:40], self._schemes)
            yield self._note("MK162", f"no engine has URLs that start with '{scheme[:40]}'", hint, pointer)

    def _secret(self, source: SecretForm, pointer: Pointer) -> Iterator[Problem]:
        if not source.file:
            return
        path = secret_path(source.file, self._settings.folder)
        if is_inside(path, self._settings.folders):
            error = inside_error(source.file)
            yield self._note(error.code, error.what, error.hint, pointer)
        elif is_open_to_others(path):
            message = f"the secret's file '{source.file}' can be read by others"
            yield _mild(self._note("MK161", message, f"run: chmod 600 {source.file}", pointer))

    def _environment(self, form: EnvironmentForm, pointer: Pointer) -> Iterator[Problem]:
        if form.engine and form.dbt:
            yield self._note("MK103", "engine and dbt both name an engine", "leave one out", (*pointer, "dbt"))
        if form.dbt and not form.dbt.profile and not self._source.has((*pointer, "dbt", "profile")):
            yield self._source.problem("MK104", "key 'profile' is missing", "name a profile of dbt", (*pointer, "dbt"))
        yield from self._engine_name(form.engine or FILES, (*pointer, "engine"))

    def _engine_name(self, name: str, pointer: Pointer) -> Iterator[Problem]:
        known = [*self._settings.engines, FILES]
        if name in self._settings.engines or name.casefold() == FILES or is_reference(name):
            return
        if "://" in name:
            yield from self._scheme(name, pointer)
        elif self._schemes and name.lower() not in self._schemes:
            hint = did_you_mean(name, known)
            yield self._note("MK162", f"there is no engine '{name}'", hint, pointer)


def _unknown_tables(form: SettingsFile, heads: Sequence[Head], source: Source) -> Iterator[Problem]:
    """Note names of tables that nothing in the mesh has: they would have no effect."""
    known: dict[str, str] = {}
    for head in heads:
        ids = (head.product_id, f"{head.product_id}@{head.version}")
        names = (*ids, head.name, *head.tables, *(f"{i}.{t}" for i in ids for t in head.tables))
        known.update((name.casefold(), name) for name in names)
    for environment, entry in form.environments.items():
        for name in entry.tables:
            if name.casefold() not in known:
                pointer: Pointer = ("environments", environment, "tables", name)
                hint = did_you_mean(name, known.values())
                yield _mild(source.problem("MK162", f"no table of this mesh is called '{name}'", hint, pointer))


def _mild(problem: Problem) -> Problem:
    return problem.model_copy(update={"severity": Severity.WARNING})
