"""YAML text to plain values, and from any value back to its `Place`. The only room that knows YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from meshkit.errors import Place
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer

MAX_BYTES = 16 * 2**20
MAX_DEPTH = 100
MAX_EXPANDED_NODES = 500_000

Value = Any
"""A plain value: dict, list, str, int, Decimal, bool or None."""

_CONSTANTS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}  # fmt: skip
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,38})")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,38})\.\d{1,38}")
_LEAD = re.compile(r"^[ \-?:\t]*", re.MULTILINE)
_PLAIN = "plain"
_STR_TAG = "tag:yaml.org,2002:str"
_SCALAR_TAGS = {f"tag:yaml.org,2002:{t}" for t in ("int", "float", "bool", "null", "timestamp")}


@lru_cache(maxsize=65536)
def read_scalar(text: str) -> str | int | Decimal | bool | None:
    """Read an unquoted scalar, losing nothing.

    A number is an `int` or a `Decimal` only if it renders as the same text; all other spellings (`1e3`, `007`,
    `0x1F`, `12:30:00`, dates) stay text, so whoever knows the wanted type reads what was written. The booleans of
    YAML 1.1 (`yes`, `NO`, `on`) are booleans: most tools read them so, and lint must see them.

    Example:
        >>> read_scalar("10"), read_scalar("1e3"), read_scalar("12:30:00"), read_scalar("no")
        (10, '1e3', '12:30:00', False)
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and str(Decimal(text)) == text:
        return Decimal(text)
    return text


class _Composer(CParser):
    """The C parser with a resolver that does no work: scalars are read by `read_scalar`, by their style."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:  # libyaml's signature
        return _PLAIN

    def check_resolver_prefix(self, *_: object) -> None:
        """Tell the C composer that there is nothing to follow."""

    descend_resolver = ascend_resolver = check_resolver_prefix


class Source:
    """One file's text; its values and the place of each.

    Args:
        file: The file's name as it is shown in places.
        text: Its whole text.
    """

    __slots__ = ("_root", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._root: Node | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """All files that it is made of."""
        return (self.file,)

    @property
    def whole(self) -> str:
        """The text of all files that it is made of."""
        return self.text

    def text_of(self, file: str) -> str:
        """Return the text of one of the files that it is made of."""
        return self.text if file == self.file else ""

    def place(self, pointer: Pointer, *, of_value: bool = False) -> Place:
        """Return where `pointer` is written: its key, or with `of_value` what stands behind the key.

        A pointer that leads further than the document does gives the deepest node that is there.
        """
        node = self._compose()
        found = node
        for step in pointer:
            entry = _step(node, step)
            if entry is None:
                break
            key, node = entry
            found = node if of_value or key is None else key
        return self._at(found)

    def has(self, pointer: Pointer) -> bool:
        """Tell whether the document has a node at `pointer`."""
        node: Node | None = self._compose()
        for step in pointer:
            entry = _step(node, step) if node is not None else None
            if entry is None:
                return False
            node = entry[1]
        return True

    def scalar_text(self, pointer: Pointer) -> str:
        """Return the text of the scalar at `pointer` as it is written, or an empty text."""
        node: Node | None = self._compose()
        for step in pointer:
            entry = _step(node, step) if node is not None else None
            if entry is None:
                return ""
            node = entry[1]
        return str(node.value) if isinstance(node, ScalarNode) else ""

    def values(self) -> tuple[Value, list[Problem]]:
        """Return the document as plain values, with the problems of YAML itself.

        A text that is no YAML gives None and one problem. Duplicate keys keep the first value.
        """
        try:
            too_deep = self._too_deep()
            if too_deep is not None:
                return None, [too_deep]
            root = self._compose()
        except yaml.YAMLError as error:
            return None, [self._syntax_problem(error)]
        if root is None:
            return None, []
        reader = _Reader(self)
        value = reader.read(root)
        return (None if reader.is_fatal else value), reader.problems

    def forget(self) -> None:
        """Let go of the nodes, which weigh far more than the text; places are found again when they are asked for."""
        self._root = None

    def problem(self, code: str, message: str, hint: str, pointer: Pointer, *, of_value: bool = False) -> Problem:
        """Make a problem at `pointer`."""
        return Problem(code=code, message=message, hint=hint, place=self.place(pointer, of_value=of_value))

    def _compose(self) -> Any:
        if self._root is None:
            self._root = _Composer(self.text).get_single_node()
        return self._root

    def _at(self, node: Node | None) -> Place:
        if node is None:
            return Place(self.file, 1, 1)
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _too_deep(self) -> Problem | None:
        """Refuse deep nesting before composing, which recurses in C and would end the process."""
        bound = max((len(m) for m in _LEAD.findall(self.text)), default=0)
        bound += self.text.count("[") + self.text.count("{")
        if bound < MAX_DEPTH:
            return None
        depth = 0
        for event in _events(self.text):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                place = Place(self.file, mark.line + 1, mark.column + 1)
                return Problem(code="MK106", message=f"nested deeper than {MAX_DEPTH} levels", place=place)
        return None

    def _syntax_problem(self, error: yaml.YAMLError) -> Problem:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        if mark is not None:
            line, column = mark.line, mark.column
        else:
            before = self.text[: getattr(error, "position", 0) or 0]
            line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
        lines = self.text.splitlines()
        rest = lines[line][column:] if line < len(lines) else ""
        if rest.startswith("\t") or (
            line < len(lines) and "\t" in lines[line][: len(lines[line]) - len(lines[line].lstrip())]
        ):
            what, hint = "a tab cannot indent YAML", "use spaces"
        elif rest.startswith(("@", "`", "%")):
            what, hint = f"a value cannot start with {rest[0]!r}", "put it in quotes"
        elif rest.startswith("*") or "alias" in str(what):
            hint = "quote a value that starts with '*'; unquoted, it means an alias"
        elif "mapping values are not allowed" in str(what):
            hint = "quote a value that holds ': '"
        elif "expected a single document" in str(getattr(error, "context", "")):
            what, hint = "more than one document in the file", "give each document a file of its own"
        else:
            hint = "check the indentation and the quotes around here"
        return Problem(code="MK101", message=str(what), hint=hint, place=Place(self.file, line + 1, column + 1))


class _Reader:
    """Turns nodes into values, once per node, and notes what YAML lets pass and nobody means."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.is_fatal = False
        self._shares = "&" in source.text
        self._done: dict[int, tuple[Value, int]] = {}
        self._open: set[int] = set()

    def read(self, root: Node) -> Value:
        value, size = self._node(root)
        if size > MAX_EXPANDED_NODES:
            self._fatal("MK106", f"its aliases expand to more than {MAX_EXPANDED_NODES:,} values", root)
        return value

    def _fatal(self, code: str, message: str, node: Node) -> None:
        self.is_fatal = True
        self._note(code, message, "", node)

    def _note(self, code: str, message: str, hint: str, node: Node) -> None:
        self.problems.append(Problem(code=code, message=message, hint=hint, place=self.source._at(node)))

    def _node(self, node: Node) -> tuple[Value, int]:
        if isinstance(node, ScalarNode):
            return self._scalar(node), 1
        if not self._shares:
            return self._collection(node)
        key = id(node)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            self._fatal("MK106", "an alias holds itself", node)
            return None, 1
        self._open.add(key)
        self._done[key] = self._collection(node)
        self._open.discard(key)
        return self._done[key]

    def _collection(self, node: Node) -> tuple[Value, int]:
        if node.tag is not _PLAIN and node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"):
            self._note("MK103", f"the tag {_short_tag(node.tag)} is not allowed", "leave the tag out", node)
        if isinstance(node, MappingNode):
            return self._mapping(node)
        assert isinstance(node, SequenceNode)
        return self._sequence(node)

    def _sequence(self, node: SequenceNode) -> tuple[list[Value], int]:
        values, size = [], 1
        for child in node.value:
            value, weight = self._node(child)
            values.append(value)
            size += weight
        return values, size

    def _mapping(self, node: MappingNode) -> tuple[dict[str, Value], int]:
        result: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        size = 1
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._note("MK103", "a key must be a plain name", "", key_node)
                continue
            key = key_node.value
            value, weight = self._node(value_node)
            size += weight
            if key == "<<" and not key_node.style:
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, dict):
                        merged = {**part, **merged}
                    else:
                        self._note("MK103", "'<<' takes a mapping", "", value_node)
            elif key in result:
                first = next(k for k, _ in node.value if k.value == key)
                hint = f"the first stands in line {first.start_mark.line + 1}"
                self._note("MK105", f"key '{key}' stands twice in one mapping", hint, key_node)
            else:
                result[key] = value
        return ({**merged, **result} if merged else result), size

    def _scalar(self, node: ScalarNode) -> Value:
        if node.tag is _PLAIN:
            return node.value if node.style else read_scalar(node.value)
        if node.tag in _SCALAR_TAGS:
            return read_scalar(node.value)
        if node.tag not in (_STR_TAG, "!"):
            self._note("MK103", f"the tag {_short_tag(node.tag)} is not allowed", "leave the tag out", node)
        return node.value


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _events(text: str) -> Iterator[Any]:
    parser = _Composer(text)
    while parser.check_event():
        yield parser.get_event()


def _step(node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
    """Return the key node (None in a list) and the value node one step down, or None."""
    if isinstance(node, SequenceNode) and isinstance(step, str):  # a list of one-key mappings, read as one mapping
        return next((found for child in node.value if (found := _step(child, step)) is not None), None)
    if isinstance(node, SequenceNode) and isinstance(step, int):
        return (None, node.value[step]) if 0 <= step < len(node.value) else None
    if not isinstance(node, MappingNode):
        return None
    merges: list[Node] = []
    for key, value in node.value:
        if key.value == step:
            return key, value
        if key.value == "<<" and isinstance(key, ScalarNode):
            merges.extend(value.value if isinstance(value, SequenceNode) else [value])
    for merge in merges:
        found = _step(merge, step)
        if found is not None:
            return found
    return None


def is_prefix(pointers: Sequence[Pointer], pointer: Pointer) -> bool:
    """Tell whether any of `pointers` is `pointer` or leads to it."""
    return any(pointer[: len(p)] == p for p in pointers)
