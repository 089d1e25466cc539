"""Documents that were made from others: places are those of the file that was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from meshkit.errors import Place
from meshkit.loading.source import Source
from meshkit.model.table import Pointer

Translate = Callable[[Pointer], Pointer]
ModelT = TypeVar("ModelT", bound=BaseModel)


class MappedSource(Source):
    """A file, asked by the pointers of a document that was made from it.

    Args:
        source: The file.
        translate: Leads from a pointer of the made document to one of the file.
    """

    __slots__ = ("_source", "_translate")

    def __init__(self, source: Source, translate: Translate) -> None:
        super().__init__(source.file, source.text)
        self._source = source
        self._translate = translate

    def place(self, pointer: Pointer, *, of_value: bool = False) -> Place:
        """Return where the file says what the made document has at `pointer`."""
        return self._source.place(self._translate(pointer), of_value=of_value)

    def has(self, pointer: Pointer) -> bool:
        """Tell whether the file has a node there."""
        return self._source.has(self._translate(pointer))

    def scalar_text(self, pointer: Pointer) -> str:
        """Return the text of the scalar there, as the file has it."""
        return self._source.scalar_text(self._translate(pointer))


def by_origin(origins: Mapping[Pointer, Pointer]) -> Translate:
    """Return what leads from a pointer to its origin: that of its longest known beginning, and the rest as it is."""

    def translate(pointer: Pointer) -> Pointer:
        for length in range(len(pointer), -1, -1):
            found = origins.get(pointer[:length])
            if found is not None:
                return (*found, *pointer[length:])
        return pointer

    return translate


def repointed(model: ModelT, translate: Translate) -> ModelT:
    """Return a copy of a model in which each `pointer`, at any depth, is translated."""
    changes: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        changed = translate(value) if name == "pointer" else _repointed(value, translate)
        if changed is not value:
            changes[name] = changed
    return model.model_copy(update=changes) if changes else model


def _repointed(value: Any, translate: Translate) -> Any:
    if isinstance(value, BaseModel):
        return repointed(value, translate)
    if isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
        return tuple(_repointed(item, translate) for item in value)
    return value
