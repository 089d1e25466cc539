"""A folder, or one file, to all that a mesh is made of, with every problem found on the way."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from meshkit.errors import ContractError, Place
from meshkit.later import Later
from meshkit.loading.cache import Cache, cache_folder
from meshkit.loading.forms import validate
from meshkit.loading.loaded import Group, Loaded, LoadedProduct
from meshkit.loading.mesh_lints import lint_mesh
from meshkit.loading.native import read_product
from meshkit.loading.product_form import ProductForm
from meshkit.loading.settings_place import Where, find_settings
from meshkit.loading.source import MAX_BYTES, Source, Value
from meshkit.model.base import Document, Form
from meshkit.model.catalog import Entry, Head, head_of
from meshkit.model.contract import Contract
from meshkit.model.problem import Problem
from meshkit.model.table import Severity

if TYPE_CHECKING:
    from meshkit.loading import dcs, settings, spread
    from meshkit.loading.odcs import contract as odcs
    from meshkit.loading.odps import ports
    from meshkit.loading.odps import product as odps
    from meshkit.model import governance, organization, platform
else:  # what reads a form is imported when a file of that form is met
    governance, organization = Later("meshkit.model.governance"), Later("meshkit.model.organization")
    platform = Later("meshkit.model.platform")
    dcs, odcs = Later("meshkit.loading.dcs"), Later("meshkit.loading.odcs.contract")
    odps, ports = Later("meshkit.loading.odps.product"), Later("meshkit.loading.odps.ports")
    settings, spread = Later("meshkit.loading.settings"), Later("meshkit.loading.spread")

SMALL_MESH = 32
"""Up to so many files, reading them is faster than opening a cache."""

KEPT = 2_000
"""Up to so many files, contracts that were just read are kept as they are; beyond, as JSON, which weighs a tenth."""

MESH_FILES: Mapping[str, Callable[[], type[Form]]] = {
    "organization": lambda: organization.OrganizationFile,
    "platform": lambda: platform.PlatformFile,
    "governance": lambda: governance.GovernanceFile,
    "waivers": lambda: governance.WaiversFile,
    "principals": lambda: governance.PrincipalsFile,
}
_PRODUCT_KEYS = frozenset(field.alias or name for name, field in ProductForm.model_fields.items())
_ROOT_KEY = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
_FOREIGN_KEYS = {"dataContractSpecification", "apiVersion"}
_STRAY_KEYS = frozenset({"global_policies", "domain_policies", "automated_policies"})
_OTHER = '{"other":true}'

Progress = Callable[[int, int], None]


class Summary(Document):
    """What is known of a product file before its contract is read in full."""

    head: Head
    problems: tuple[Problem, ...] = ()


class MeshFiles(NamedTuple):
    """Everything that was found under one path."""

    root: Path
    products: list[LoadedProduct]
    files: dict[str, tuple[Any, Source]]
    problems: list[Problem]
    others: int
    is_alone: bool = False  # one file was given, and no folder

    def problems_by_file(self) -> dict[str, list[Problem]]:
        """Return the problems of each product's file: its own, and those that other files have with it."""
        found: dict[str, list[Problem]] = {f.source.file: list(f.problems) for f in self.products}
        for problem in self.problems:
            if problem.product and problem.place.file in found:
                found[problem.place.file].append(problem)
        return found


def load_files(
    path: Path,
    environment: dict[str, str] | None = None,
    progress: Progress | None = None,
    schemes: Callable[[], Sequence[str]] = tuple,
    beside: Path | None = None,
) -> MeshFiles:
    """Read a mesh folder, or one file alone.

    Args:
        path: Of either.
        environment: Variables, of which the place of the cache is taken; None = those of the process.
        progress: Called with the files read, and files in all.
        schemes: Gives what the URL of an engine may start with, where there are settings.
        beside: Where the folders are that the mesh names and that do not lie beside it, as in a revision written elsewhere.

    Raises:
        ContractError: The path is not there, or a single file is of no kind that meshkit knows.
    """
    if not path.exists():
        raise ContractError(f"'{path}' is not there", "give a mesh folder or a contract's file", code="MK108")
    alone = path.is_file()
    root = path.parent if alone else path
    variables = environment if environment is not None else dict(os.environ)
    place = find_settings(root)
    opened = settings.open_settings(root, shown) if place is not None else None
    paths = [path] if alone else sorted(yaml_files(path))
    paths = [p for p in paths if place is None or p.name != place.name or p.parent.resolve() != place.parent]
    spans = opened is not None and not alone and opened.names_others and opened.path.parent == root.resolve()
    span = (
        spread.find(opened, Where(root, beside), paths, variables, yaml_files) if opened is not None and spans else None
    )
    groups = span.groups if span is not None else [Group(paths)]
    count = sum(len(g.paths) for g in groups)
    cache = Cache(cache_folder(variables) if count > SMALL_MESH else None)
    reader = _TreeReader(cache, alone=alone, is_large=count > KEPT)
    try:
        with _no_collection():
            done = 0
            for group in groups:
                reader.enter(group)
                for file in group.paths:
                    reader.read(file)
                    done += 1
                    if progress:
                        progress(done, count)
    finally:
        cache.close()
    products, problems = reader.products, reader.problems
    if any(p.entry.head.form == "odps" for p in products):
        products, between = ports.own_contracts(products)
        problems = problems + between
    if span is not None:
        products, between = span.join(products)
        problems = problems + between
    files = groups[0].files
    problems += lint_mesh([p.entry.head for p in products], files, [p.source for p in products])
    if opened is not None:
        heads = [] if alone else [p.entry.head for p in products]
        found = settings.load_settings(root, schemes(), shown, heads, opened)
        files["settings"] = (found, Source(found.file, ""))
        problems += found.problems
    return MeshFiles(root, products, files, problems, reader.others, alone)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the cyclic collector from looking at everything read so far, again and again: nothing here is cyclic."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def yaml_files(folder: Path) -> Iterator[Path]:
    """Yield the YAML files below a folder; hidden ones are left out."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(here) / name


def shown(path: Path) -> str:
    """Return how a file is named to people: from the working folder if it lies below it, else in full."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links, and show a name nobody wrote
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


class _TreeReader:
    """Reads files one by one, each into the kind that its content shows."""

    def __init__(self, cache: Cache, *, alone: bool, is_large: bool) -> None:
        self.cache = cache
        self.is_large = is_large
        self.alone = alone
        self.products: list[LoadedProduct] = []
        self.group = Group([])
        self.problems: list[Problem] = []
        self.others = 0

    def enter(self, group: Group) -> None:
        """Read the files of a group from now on."""
        self.group = group

    def read(self, path: Path) -> None:
        name = shown(path)
        raw = self._bytes(path, name)
        if raw is None:
            return
        key = self.cache.key(raw)
        hit = self.cache.get(key)
        if hit is not None and hit[0] == _OTHER:
            self.others += 1
            return
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._note_encoding(name, raw, error)
            return
        source = Source(name, text)
        if hit is not None and self._from_cache(hit, source):
            return
        values, problems = source.values()
        if values is None and problems:
            self._broken(source, problems)
            return
        self._recognise(values, source, problems, key)
        source.forget()

    def _bytes(self, path: Path, name: str) -> bytes | None:
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            self._note(
                name, "MK108", f"cannot be read: {(error.strerror or 'unknown error').lower()}", "check its permissions"
            )
            return None
        if len(raw) > MAX_BYTES:
            self._note(name, "MK106", f"is larger than {MAX_BYTES // 2**20} MiB", "no contract is; is it data?")
            return None
        return raw

    def _note(self, name: str, code: str, message: str, hint: str, line: int = 1, column: int = 1) -> None:
        self.problems.append(Problem(code=code, message=message, hint=hint, place=Place(name, line, column)))

    def _note_encoding(self, name: str, raw: bytes, error: UnicodeDecodeError) -> None:
        before = raw[: error.start]
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        self._note(name, "MK107", "is not UTF-8", "save it as UTF-8", before.count(b"\n") + 1, column)

    def _from_cache(self, hit: tuple[str, str], source: Source) -> bool:
        try:
            summary = Summary.model_validate_json(hit[0])
        except ValidationError:
            return False
        if not self.group.has_products:
            self.others += 1
            return True
        problems = tuple(
            p.model_copy(update={"place": Place(source.file, p.place.line, p.place.column)}) for p in summary.problems
        )
        self._keep(
            LoadedProduct(Entry(summary.head, _reader(hit[1], source), partial(from_json, hit[1])), problems, source)
        )
        return True

    def _product(self, loaded: Loaded, source: Source, key: str) -> None:
        """Keep a product that was just read; in a large mesh as JSON, which weighs a tenth of the contract."""
        contract = loaded.contract
        head = head_of(contract)
        entry = Entry(head, lambda: contract)
        if self.cache.is_open or self.is_large:
            body = contract.model_dump_json(exclude_defaults=True)
            summary = Summary(head=head, problems=loaded.problems).model_dump_json(exclude_defaults=True)
            self.cache.put(key, summary, body)
            entry = Entry(head, _reader(body, source), partial(from_json, body)) if self.is_large else entry
        self._keep(LoadedProduct(entry, loaded.problems, source))

    def _keep(self, product: LoadedProduct) -> None:
        self.products.append(product)
        self.group.products.append(product.source.file)

    def _broken(self, source: Source, problems: Sequence[Problem]) -> None:
        """A file that is no YAML: an error if it looks like one of ours, else something a mesh may live with."""
        keys = set(_ROOT_KEY.findall(source.text))
        is_product = _is_product(keys) or bool(keys & _FOREIGN_KEYS)
        ours = self.alone or (is_product and self.group.has_products) or bool(keys & set(MESH_FILES))
        severity = Severity.ERROR if ours else Severity.WARNING
        self.problems += [p.model_copy(update={"severity": severity}) for p in problems]
        self.others += not ours

    def _recognise(self, values: Value, source: Source, problems: list[Problem], key: str) -> None:
        keys = set(values) if isinstance(values, dict) else set()
        kind = next((k for k in MESH_FILES if k in keys), None)
        foreign = _foreign_format(values) if keys else None
        if kind is not None:
            self._mesh_file(kind, values, source, problems)
        elif (foreign is not None or _is_product(keys)) and not self.group.has_products:
            self.others += 1
        elif foreign is not None or _is_product(keys):
            self._product(_READERS[foreign or "native"](values, source, problems), source, key)
        elif self.alone:
            hint = "a product has three or more of its keys, schema or sla among them; see meshkit schema"
            self._note(source.file, "MK109", "is no kind of file that meshkit knows", hint)
        elif stray := _STRAY_KEYS & keys:
            hint = "indent the whole file under governance:"
            self._note(source.file, "MK109", f"'{min(stray)}' at the root binds nothing", hint)
        else:
            self.others += 1
            self.cache.put(key, _OTHER, "")

    def _mesh_file(self, kind: str, values: Value, source: Source, problems: list[Problem]) -> None:
        self.problems += problems
        files = self.group.files
        if kind in files:
            first = files[kind][1].file
            self.problems.append(
                source.problem("MK114", f"a second {kind} file", f"the first is {first}; merge them", (kind,))
            )
            return
        form, findings = validate(MESH_FILES[kind](), values, source)
        self.problems += [f.problem for f in findings]
        if form is not None:
            files[kind] = (getattr(form, kind), source)


_READERS: Mapping[str, Callable[[Value, Source, Iterable[Problem]], Loaded]] = {
    "native": read_product,
    "odcs": lambda *read: odcs.read_odcs(*read),
    "odps": lambda *read: odps.read_odps(*read),
    "dcs": lambda *read: dcs.read_dcs(*read),
}


def _reader(body: str, source: Source) -> Callable[[], Contract]:
    """Return what reads a contract from JSON; where that is damaged, from its file's text."""

    def read() -> Contract:
        try:
            return Contract.model_validate_json(body)
        except ValidationError:
            values, problems = source.values()
            return read_contract(values, source, problems).contract

    return read


def _is_product(keys: Iterable[str]) -> bool:
    found = _PRODUCT_KEYS & set(keys)
    return len(found) >= 3 and bool(found & {"schema", "sla"})


def _foreign_format(values: dict[str, Value]) -> str | None:
    kinds = {"DataContract": "odcs", "DataProduct": "odps"}
    if isinstance(values.get("kind"), str) and values["kind"] in kinds:
        return kinds[values["kind"]]
    return "dcs" if "dataContractSpecification" in values else None


def read_contract(values: Value, source: Source, problems: Iterable[Problem]) -> Loaded:
    """Read a contract of any form."""
    foreign = _foreign_format(values) if isinstance(values, dict) else None
    return _READERS[foreign or "native"](values, source, problems)


def form_of(values: dict[str, Value]) -> str:
    """Return the form of a document: native, odcs, dcs, odps, or mesh for the other files of a mesh; else nothing."""
    if any(key in values for key in MESH_FILES):
        return "mesh"
    return _foreign_format(values) or ("native" if _is_product(values) else "")
