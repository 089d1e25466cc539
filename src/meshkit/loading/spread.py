"""A mesh that spans repositories: which files are read, and what they are together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from meshkit.loading.cache import cache_folder
from meshkit.loading.joined import join_files
from meshkit.loading.loaded import Group, LoadedProduct
from meshkit.loading.settings import Opened
from meshkit.loading.settings_place import NAMES, Where
from meshkit.loading.source import Source
from meshkit.loading.spanning import Part, find_span
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

Walk = Callable[[Path], Iterable[Path]]


class _Named(NamedTuple):
    """A group of files, and where its place is named."""

    group: Group
    pointer: Pointer


class Spread(NamedTuple):
    """The files of a mesh by their origin: its own, its governors' (`extends`), and those of other repositories (`sources`)."""

    own: Group
    extended: Sequence[_Named]
    sources: Sequence[_Named]
    settings: Source
    problems: Sequence[Problem]

    @property
    def groups(self) -> list[Group]:
        """All of them, the mesh's own first."""
        return [self.own, *(n.group for n in (*self.extended, *self.sources))]

    def join(self, products: Sequence[LoadedProduct]) -> tuple[list[LoadedProduct], list[Problem]]:
        """Make one of all, once they are read: the own group then holds whatever binds the mesh.

        Returns:
            The products, each id from one place alone, and what contradicts.
        """
        kept, problems = self._apart(products)
        problems += [*self.problems, *self._empty(), *self._left_out()]
        files, found = join_files([n.group.files for n in self.extended], self.own.files)
        self.own.files = files
        return kept, problems + found

    def _apart(self, products: Sequence[LoadedProduct]) -> tuple[list[LoadedProduct], list[Problem]]:
        """Leave out products whose id another repository has already."""
        origin = {file: position for position, group in enumerate(self.groups) for file in group.products}
        first: dict[str, tuple[int, Source]] = {}
        kept, problems = [], []
        for product in sorted(products, key=lambda p: origin.get(p.source.files[0], 0)):
            known = product.entry.head.product_id
            at = origin.get(product.source.files[0], 0)
            there = first.setdefault(known, (at, product.source))
            if there[0] == at:
                kept.append(product)
                continue
            hint = f"the first is {there[1].place(_name(there[1]))}; rename one, or leave one of the sources out"
            message = f"product '{known}' stands in two repositories"
            problems.append(product.source.problem("MK174", message, hint, _name(product.source)))
        return kept, problems

    def _empty(self) -> Iterator[Problem]:
        for named in self.extended:
            if not named.group.files:
                message = "no policy or organisation file is there"
                yield self.settings.problem("MK170", message, "extends names governors' files", named.pointer)
        for named in self.sources:
            if not named.group.products and named.group.paths is not _SEEN:
                found = self.settings.problem("MK170", "no contract is there", "sources names contracts", named.pointer)
                yield found.model_copy(update={"severity": Severity.WARNING})

    def _left_out(self) -> Iterator[Problem]:
        extended = {source.file for n in self.extended for _, source in n.group.files.values()}
        for named in self.sources:
            for kind, (_, source) in named.group.files.items():
                if source.file not in extended:
                    message = f"the {kind} of a source do not count here"
                    hint = "name the file under extends if it should, or narrow the path of the source"
                    found = source.problem("MK176", message, hint, (kind,))
                    yield found.model_copy(update={"severity": Severity.WARNING})


_SEEN: list[Path] = []
"""The paths of a source that is part of the mesh's own folder."""


def _name(source: Source) -> Pointer:
    return next((pointer for pointer in (("name",), ("id",)) if source.has(pointer)), ())


def find(opened: Opened, where: Where, own: Sequence[Path], environment: Mapping[str, str], walk: Walk) -> Spread:
    """Find or fetch what a mesh spans, and say which file is read as what.

    Args:
        opened: The settings that name it.
        where: The mesh folder.
        own: The files in it.
        environment: Variables, of which the place of the cache is taken.
        walk: Yields the files of a folder.
    """
    span = find_span(opened.form, opened.source, where, cache_folder(environment))
    here = os.path.realpath(where.root)
    inside = [real for part in span.extended if _is_below(real := os.path.realpath(part.path), here)]
    own = [p for p in own if not inside or not any(_is_below(os.path.realpath(p), i) for i in inside)]
    extended = []
    for part in span.extended:
        holds_mesh = _is_below(here, os.path.realpath(part.path))
        paths = [p for p in _files(part, walk) if not holds_mesh or not _is_below(os.path.realpath(p), here)]
        extended.append(_Named(Group(paths, has_products=False), part.pointer))
    seen = {os.path.realpath(p) for p in own}
    sources = []
    for part in span.sources:
        there = _files(part, walk)
        new = [p for p in there if os.path.realpath(p) not in seen]
        seen.update(os.path.realpath(p) for p in new)
        sources.append(_Named(Group(new if new or not there else _SEEN), part.pointer))
    return Spread(Group(own), extended, sources, opened.source, span.problems)


def _files(part: Part, walk: Walk) -> list[Path]:
    if part.path.is_file():
        return [part.path]
    return [p for p in sorted(walk(part.path)) if p.name not in NAMES]


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
