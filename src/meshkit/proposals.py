"""A proposed contract as users ask about it: pasted text, which is believed nothing, against what readers have."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from meshkit.arguments import moment
from meshkit.change.mesh_diff import Judgement, Served, diff_meshes
from meshkit.engines.duckdb import DuckDB
from meshkit.errors import Place, StoreError, UsageError
from meshkit.histories import open_store
from meshkit.known import published_mesh
from meshkit.lineages import LineageIndex, Visible, product_seen
from meshkit.loading.cron import year_of
from meshkit.loading.loaded import LoadedProduct
from meshkit.loading.mesh_lints import lint_mesh
from meshkit.loading.source import Source, Value
from meshkit.loading.tree import MeshFiles, form_of, read_contract
from meshkit.mesh import Mesh
from meshkit.model.catalog import Entry, head_of
from meshkit.model.change import Change, Effect, MeshDiff, Perspective, ProductDiff
from meshkit.model.contract import KNOWN_METRICS, Contract
from meshkit.model.problem import Problem
from meshkit.model.proposal import Proposal
from meshkit.model.variables import from_environment
from meshkit.product import Product
from meshkit.run.lint import Linter

MAX_TEXT = 256 * 1024
"""Bytes of a proposed contract."""
LABEL = "proposal"
_FILE = "a proposed contract.yaml"
_WORDS = re.compile(r"\w+")
_REST = Contract(name="", version="1.0.0", domain="")
"""Reads nothing, and is read by nobody."""
_FORMS = ("native", "odcs", "dcs")

Base = Literal["published", "current"]


class _Asked(NamedTuple):
    """How the text is to be judged."""

    base: Base | None
    is_beside: bool
    env: str | None
    now: datetime


class _Sides(NamedTuple):
    """What is compared: the versions that readers have, those that they would have, and who reads them."""

    base: Base
    old: Sequence[Product]
    new: Sequence[Served]
    readers: Sequence[Product]


def judge_change(
    mesh: Mesh,
    product: str,
    text: str,
    *,
    base: Base | None = None,
    beside: bool = False,
    now: datetime | str | None = None,
    env: str | None = None,
    visible: Visible | None = None,
    index: LineageIndex | None = None,
) -> Proposal:
    """Judge a proposed contract of a product: what it changes, whom it breaks, which version it needs, what is wrong with it.

    The text may come from anybody: nothing is run or written, no file and no variable that it names is read, and at most
    256 KiB are looked at. Policies are not judged here; see `govern`.

    Args:
        mesh: What `load` returned.
        product: The product's id, with `@version` for another version's file.
        text: The whole contract, as YAML or JSON, native, ODCS or DCS.
        base: Compare with what is `published` or `current` (in the folder); None = published, where the store has that.
        beside: Whether the version of the folder is kept, in a file of its own, beside the proposed one.
        now: The day on which deprecations are judged; none = the present.
        env: The environment whose store is asked for what is published.
        visible: Whether a product may be shown; see `lineage`. Readers that may not be shown count, and are not named.
        index: See `lineage`.

    Raises:
        UsageError: The product is not known, or its contract is spread over files; the text is too long, or of something else.
    """
    found, clock = product_seen(mesh, product, visible), moment(now)
    source = _source(found, text)
    values, wrong = source.values()
    if values is None and wrong:
        return Proposal(product=found.id, problems=_placed(wrong))
    loaded = _read(found, source, values, wrong)
    key = (loaded.entry.head.product_id, loaded.entry.head.version)
    around = _around(mesh, found, text, visible)
    problems = [*loaded.problems, *_lint(mesh, loaded, around)]
    if any(p.severity == "error" and not p.check for p in loaded.problems):
        return Proposal(product=found.id, version=key[1], problems=_placed(problems))
    index = index or LineageIndex(mesh)
    readers = [index.product(k) for k in index.readers(found.id)]
    asked = _Asked(base, beside, env, clock)
    sides = _sides(mesh, found, loaded, asked)._replace(readers=readers)
    whole = _diff(mesh, sides, asked)
    shown, shown_readers = whole, [p for p in readers if visible is None or visible(p.id)]
    if len(shown_readers) < len(readers):
        shown = _diff(mesh, sides._replace(readers=shown_readers), asked)
    one = next((d for d in shown.products if (d.product, d.new_version) == key), None)
    problems += _of_change(shown, one, key[0])
    if _is_blocked(whole, key) and not _is_blocked(shown, key):
        what = "readers that are not shown to you are not told in time of what breaks them"
        place = loaded.source.place(("version",))
        problems.append(
            Problem(code="MK503", message=what, hint="ask the product's owner", place=place, product=key[0])
        )
    return _proposal(found, sides, one, problems).model_copy(
        update={"version": key[1], "has_hidden_consumers": len(shown_readers) < len(readers)}
    )


def _source(product: Product, text: str) -> Source:
    """Return the text as a file that stands beside the product's own."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise UsageError(f"the proposed contract is larger than {MAX_TEXT // 1024} KiB", "no contract is; is it data?")
    if product.head.form == "odps":
        raise UsageError(f"{product.id} is a product of ports, whose contract is in several files", "use: meshkit diff")
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return Source(str(Path(product.source.file).with_name(_FILE)), whole)


def _read(product: Product, source: Source, values: Value, wrong: Sequence[Problem]) -> LoadedProduct:
    if not isinstance(values, dict) or form_of(values) not in _FORMS:
        raise UsageError("the text is no contract", "give the whole contract, native, ODCS or DCS, as YAML")
    loaded = read_contract(values, source, wrong)
    contract = loaded.contract
    if contract.name and contract.product_id != product.head.product_id:
        raise UsageError(
            f"the text is of '{contract.product_id[:80]}', not of '{product.head.product_id}'",
            "a product of another name is a new one; name and domain stay",
        )
    return LoadedProduct(Entry(head_of(contract), lambda: contract), loaded.problems, source)


def _around(mesh: Mesh, product: Product, text: str, visible: Visible | None) -> list[Product]:
    """Return the products that the text may mean: all, or those that may be shown and whose names are in it."""
    others = [p for p in mesh.products if p.head.product_id != product.head.product_id]
    if visible is None:
        return others
    words = set(_WORDS.findall(text.casefold()))
    named = (p for p in others if any(_is_in(words, n) for n in (p.head.name, *p.head.tables)))
    return [p for p in named if visible(p.id)]


def _is_in(words: set[str], name: str) -> bool:
    return words.issuperset(_WORDS.findall(name.casefold()))


def _lint(mesh: Mesh, loaded: LoadedProduct, around: Iterable[Product]) -> list[Problem]:
    """Lint the text among the products around it; of the environment nothing is put into it but what every caller may name."""
    others = [LoadedProduct(_entry(p), (), p.source) for p in around]
    documents = {k: (getattr(mesh, k), mesh.source_of(k)) for k in ("organization", "governance") if mesh.file_of(k)}
    files = [*others, loaded]
    problems = [
        p
        for p in lint_mesh([f.entry.head for f in files], documents, [f.source for f in files])
        if p.place.file == loaded.source.file
    ]
    if any(p.severity == "error" and not p.check for p in loaded.problems):
        return problems
    alone = Mesh(MeshFiles(mesh.root, files, documents, [], 0))
    proposed = next(p for p in alone.products if p.source is loaded.source)
    linter = Linter(alone.catalog, DuckDB(), KNOWN_METRICS)
    try:
        variables = from_environment(os.environ, confined=True)
        return [*problems, *linter.lint(alone.target(proposed, variables=variables))]
    finally:
        linter.close()


def _sides(mesh: Mesh, product: Product, loaded: LoadedProduct, asked: _Asked) -> _Sides:
    """Return the versions of the product before and after the change."""
    versions = [p for p in mesh.products if p.head.product_id == product.head.product_id]
    published = None if asked.base == "current" or mesh.is_alone else _published(mesh, product, asked.env)
    if published is None and asked.base == "published":
        raise UsageError(f"no version of {product.head.product_id} is published", "compare with the current one")
    version = loaded.entry.head.version
    replaced = {version} if asked.is_beside else {version, product.version}
    proposed = Served(loaded.entry, loaded.source.whole, loaded.source.place)
    new = [*(_served(p) for p in versions if p.version not in replaced), proposed]
    old = list(published.products) if published is not None else versions
    return _Sides("current" if published is None else "published", old, new, ())


def _published(mesh: Mesh, product: Product, env: str | None) -> Mesh | None:
    try:
        with open_store(mesh, env=env) as store:
            return published_mesh(store.published([product.head.product_id]))
    except StoreError as error:
        if error.code != "MK419":
            raise
        return None


def _diff(mesh: Mesh, sides: _Sides, asked: _Asked) -> MeshDiff:
    """Compare the versions among their readers. Where the mesh has other products, an empty one stands for all the rest."""
    own = sides.new[-1].entry.head.product_id
    others = [_served(p) for p in sides.readers if p.head.product_id != own]
    if any(p.head.product_id != own for p in mesh.products):
        others.append(Served(Entry(head_of(_REST), lambda: _REST), "", lambda _: Place("", 1, 1)))
    judgement = Judgement(asked.now.date(), year_of, is_beside=asked.is_beside)
    return diff_meshes([*map(_served, sides.old), *others], [*sides.new, *others], judgement)


def _entry(product: Product) -> Entry:
    return Entry(product.head, lambda: product.contract)


def _served(product: Product) -> Served:
    return Served(_entry(product), product.source.whole, product.source.place, product.is_stopped)


def _of_change(diff: MeshDiff, one: ProductDiff | None, product_id: str) -> list[Problem]:
    return [*(p for p in diff.problems if p.product == product_id), *(one.problems if one is not None else ())]


def _is_blocked(diff: MeshDiff, key: tuple[str, str]) -> bool:
    one = next((d for d in diff.products if (d.product, d.new_version) == key), None)
    return any(p.severity == "error" for p in _of_change(diff, one, key[0]))


def _proposal(product: Product, sides: _Sides, one: ProductDiff | None, problems: Iterable[Problem]) -> Proposal:
    version = sides.new[-1].key[1]
    against = one.old_version if one is not None else version
    before = next((p for p in sides.old if p.version == against), None)
    changes = one.changes if one is not None else ()
    effects = {c.consumer for c in changes}
    return Proposal(
        product=product.id, base=sides.base, against=against, required=one.computed if one is not None else against,
        bump=one.bump(Perspective.CONSUMER) if one is not None else None,
        is_breaking=bool(effects & {Effect.BREAKING, Effect.UNDETERMINED}),
        changes=tuple(_relabelled(c) for c in changes),
        consumers=tuple(dict.fromkeys(r.consumer for c in changes for r in c.readings or ())),
        unnotified=one.unnotified if one is not None else (),
        deprecation=before.contract.deprecation if before is not None and not before.is_stopped else None,
        problems=_placed(problems),
    )  # fmt: skip


def _placed(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems once each, by their place, which in the text is named after it."""
    ordered = sorted(problems, key=lambda p: (p.place, p.code))
    return tuple(dict.fromkeys(p.model_copy(update={"place": _label(p.place)}) for p in ordered))


def _relabelled(change: Change) -> Change:
    places: dict[str, Any] = {"new_place": _label(change.new_place) if change.new_place else None}
    return change.model_copy(update=places)


def _label(place: Place) -> Place:
    return Place(LABEL, place.line, place.column) if Path(place.file).name == _FILE else place
