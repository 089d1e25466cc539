"""Files of one kind that several repositories give, as one: lists one after the other, each entry at its own place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from meshkit.errors import Place
from meshkit.later import Later
from meshkit.loading.source import Source
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer

if TYPE_CHECKING:
    from meshkit.loading import joined_domains
    from meshkit.model import governance
else:
    joined_domains = Later("meshkit.loading.joined_domains")
    governance = Later("meshkit.model.governance")

Files = Mapping[str, tuple[Any, Source]]

_LISTS: Mapping[str, tuple[Pointer, ...]] = {
    "governance": (
        ("governance", "global_policies"),
        ("governance", "automated_policies"),
        ("governance", "policies"),
    ),
    "organization": (("organization", "domains"),),
    "waivers": (("waivers",),),
    "principals": (("principals",),),
}


class _Item(NamedTuple):
    source: Source
    pointer: Pointer


class JoinedSource(Source):
    """The texts of several files of one kind; a pointer leads to the file that the entry comes from.

    Args:
        extended: Governors' files, in the order of their rank.
        own: The mesh's own file, or None.
        routes: What stands elsewhere than in the first file: its pointer here -> its file, and its pointer there.
    """

    __slots__ = ("_routes", "extended", "own")

    def __init__(self, extended: Sequence[Source], own: Source | None, routes: Mapping[Pointer, _Item]) -> None:
        super().__init__((own or extended[0]).file, "")
        self.extended = tuple(extended)
        self.own = own
        self._routes = dict(routes)

    @property
    def files(self) -> tuple[str, ...]:
        """All files that it is made of."""
        return tuple(s.file for s in self._all())

    def place(self, pointer: Pointer, *, of_value: bool = False) -> Place:
        """Return where `pointer` is written, in its own file."""
        item = self._item(pointer)
        return item.source.place(item.pointer, of_value=of_value)

    def has(self, pointer: Pointer) -> bool:
        """Tell whether its file has a node there."""
        item = self._item(pointer)
        return item.source.has(item.pointer)

    def scalar_text(self, pointer: Pointer) -> str:
        """Return the text of a scalar of its file as it is written."""
        item = self._item(pointer)
        return item.source.scalar_text(item.pointer)

    def forget(self) -> None:
        """Let go of the nodes of all files."""
        for source in self._all():
            source.forget()

    def text_of(self, file: str) -> str:
        """Return the text of one of its files."""
        return next((s.text for s in self._all() if s.file == file), "")

    def is_extended(self, pointer: Pointer) -> bool:
        """Tell whether what stands there is a governor's."""
        return self._item(pointer).source is not self.own

    def _all(self) -> tuple[Source, ...]:
        return (*self.extended, self.own) if self.own else self.extended

    def _item(self, pointer: Pointer) -> _Item:
        for length in range(len(pointer), 0, -1):
            item = self._routes.get(pointer[:length])
            if item is not None:
                return _Item(item.source, (*item.pointer, *pointer[length:]))
        having = next((s for s in self._all() if s.has(pointer)), None)
        return _Item(having or self._all()[-1], pointer)


def is_extended(source: Source, pointer: Pointer) -> bool:
    """Tell whether what stands at a pointer of a mesh's file is a governor's."""
    return isinstance(source, JoinedSource) and source.is_extended(pointer)


def join_files(extended: Sequence[Files], own: Files) -> tuple[dict[str, tuple[Any, Source]], list[Problem]]:
    """Join the files that `extends` brings with the mesh's own, and say what contradicts.

    Args:
        extended: What each entry of `extends` holds, in the order of their rank.
        own: What the mesh itself holds.
    """
    files, problems = dict(own), []
    for kind in dict.fromkeys(kind for layer in extended for kind in layer):
        above = [layer[kind] for layer in extended if kind in layer]
        below = own.get(kind)
        if kind not in _LISTS:  # of these a mesh has one
            first, *others = [*above, *([below] if below else [])]
            files[kind] = first
            problems += [
                s.problem("MK114", f"a second {kind} file", f"the first is {first[1].file}; keep one", (kind,))
                for _, s in others
            ]
            continue
        joined, found = _joined(kind, above, below)
        files[kind] = joined
        problems += found
    return files, problems


def _joined(
    kind: str, above: Sequence[tuple[Any, Source]], below: tuple[Any, Source] | None
) -> tuple[tuple[Any, Source], list[Problem]]:
    layers = [*above, *([below] if below else [])]
    routes: dict[Pointer, _Item] = {}
    update: dict[str, Any] = {}
    for at in _LISTS[kind]:
        items: list[Any] = []
        for form, source in layers:
            for position, item in enumerate(form if len(at) == 1 else getattr(form, str(at[1]))):
                routes[*at, len(items)] = _Item(source, (*at, position))
                items.append(item)
        update[str(at[-1])] = items
    problems: list[Problem] = []
    if kind == "governance":
        found = joined_domains.join_domains(layers)
        update |= found.update
        routes |= {pointer: _Item(source, there) for pointer, (source, there) in found.routes.items()}
        problems = found.problems
    source = JoinedSource([s for _, s in above], below[1] if below else None, routes)
    first = layers[0][0]
    if isinstance(first, list):
        return (update[kind], source), problems
    if kind == "governance":
        values = {**dict(first), **update, "files": source.files}
        return (governance.JoinedGovernanceForm.model_construct(**values), source), problems
    return (first.model_copy(update=update), source), problems
