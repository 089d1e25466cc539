"""The folders that `extends` and `sources` of meshkit.yaml name, found or fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from meshkit.errors import ContractError
from meshkit.loading.addresses import parse_address
from meshkit.loading.fetching import Pinned, fetched
from meshkit.loading.settings_form import RepositoryForm, SettingsFile
from meshkit.loading.settings_place import Where
from meshkit.loading.source import Source
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_KEYS = ("git", "commit", "path", "name")
_PLAIN = re.compile(r"[\w./-]{1,100}")


class Part(NamedTuple):
    """A folder or file that belongs to a mesh besides its own, and where that is said."""

    path: Path
    pointer: Pointer


class Span(NamedTuple):
    """What a mesh consists of besides its own folder.

    Attributes:
        extended: Governors' folders and files, in the order of their rank.
        sources: Folders and files with products.
        problems: Why others are not among them.
    """

    extended: tuple[Part, ...]
    sources: tuple[Part, ...]
    problems: tuple[Problem, ...]


def find_span(form: SettingsFile, source: Source, where: Where, cache: Path | None) -> Span:
    """Find or fetch what `extends` and `sources` name.

    Args:
        form: The settings.
        source: Their file.
        where: The mesh, which is no part of itself.
        cache: The folder of caches; None = a temporary one.
    """
    finder = _Finder(source, where, cache)
    extended = tuple(finder.parts("extends", form.extends))
    sources = tuple(finder.parts("sources", form.sources))
    return Span(extended, sources, tuple(finder.problems))


class _Finder:
    """Follows entry after entry, and notes what is wrong."""

    def __init__(self, source: Source, where: Where, cache: Path | None) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._where = where
        self._cache = cache

    def parts(self, key: str, forms: Sequence[RepositoryForm]) -> Iterator[Part]:
        is_list = self._source.has((key, 0))
        for position, form in enumerate(forms):
            pointer: Pointer = (key, position) if is_list else (key,)
            if self._was_reported(form, pointer):
                continue
            try:
                path = self._fetched(form) if form.git is not None else self._local(form)
            except _At as error:
                at = (*pointer, error.key)
                is_there = self._source.has(at)
                cause = error.cause
                self.problems.append(
                    self._source.problem(cause.code, cause.what, cause.hint, at if is_there else pointer, of_value=True)
                )
                continue
            yield Part(path, pointer)

    def _was_reported(self, form: RepositoryForm, pointer: Pointer) -> bool:
        """Tell whether a key of an entry could not be read: without it, another thing would be taken than was meant."""
        is_kept = bool(form.model_fields_set)
        return not is_kept or any(getattr(form, k) is None and self._source.has((*pointer, k)) for k in _KEYS)

    def _local(self, form: RepositoryForm) -> Path:
        if form.commit is not None:
            raise _At("commit", "MK104", "a commit without git", "write git: and the repository's address")
        given = (form.path or "").replace("\0", "")
        path = self._where.root / given
        if self._where.beside is not None and not path.exists():
            path = self._where.beside / given
        if not given or not path.exists():
            raise _At("path", "MK170", f"'{_shown(given)}' is not there", "a path starts at meshkit.yaml")
        if os.path.realpath(path) == os.path.realpath(self._where.root):
            raise _At("path", "MK170", f"'{_shown(given)}' is the mesh itself", "name other folders")
        return path

    def _fetched(self, form: RepositoryForm) -> Path:
        assert form.git is not None
        try:
            address = parse_address(form.git, self._where.beside or self._where.root)
        except ContractError as error:
            raise _At("git", error.code, error.what, error.hint) from None
        ask = f"git ls-remote {address.shown}"
        if form.commit is None:
            raise _At("commit", "MK172", "no commit is given", f"run: {ask}")
        if not _COMMIT.fullmatch(form.commit):
            what = f"'{_shown(form.commit)}' is no full hash of a commit"
            name = f" {form.commit}" if _PLAIN.fullmatch(form.commit) and not form.commit.startswith("-") else ""
            raise _At("commit", "MK172", what, f"write the one that this shows: {ask}{name}")
        inside = PurePosixPath(form.path or ".")
        if inside.is_absolute() or ".." in inside.parts or "\\" in str(inside) or "\0" in str(inside):
            what = f"'{_shown(str(inside))}' leads out of the repository"
            raise _At("path", "MK170", what, "a path starts at the top of the repository")
        try:
            top = fetched(Pinned(address, form.commit.lower(), form.name or ""), self._cache)
        except ContractError as error:
            raise _At("git", error.code, error.what, error.hint) from None
        path = Path(os.path.abspath(top / inside))  # noqa: PTH100  # the cache stays named as it was given
        if not path.exists():
            what = f"the commit has no '{_shown(str(inside))}'"
            raise _At("path", "MK170", what, "a path starts at the top of the repository")
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top)):
            raise _At("path", "MK170", f"'{_shown(str(inside))}' leads out of the repository", "name what is inside")
        return path


class _At(Exception):  # noqa: N818
    """An entry is wrong at one of its keys."""

    def __init__(self, key: str, code: str, what: str, hint: str) -> None:
        self.key = key
        self.cause = ContractError(what, hint, code=code)
        super().__init__(what)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:100])
