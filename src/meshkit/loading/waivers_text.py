"""The text of a file of waivers with more of them at its end; all that stands there stays as it is, comments too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from meshkit.errors import ContractError, UsageError
from meshkit.loading.dump import dump
from meshkit.loading.source import Source

_NEW = """\
# Dated, signed permits to miss one policy or one check for one subject; `until` is the last day on which one holds.
waivers:
"""
_EMPTY_LIST = re.compile(r"^(waivers[ \t]*:)[ \t]*(?:\[[ \t]*\]|~|null)(?=[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
_END = re.compile(r"^\.\.\.[ \t]*(?:#.*)?\r?$", re.MULTILINE)


class Entry(NamedTuple):
    """A waiver to be written: its keys, and a comment before it."""

    values: Mapping[str, Any]
    note: str = ""


def listed_waivers(text: str, file: str) -> list[Any]:
    """Return the entries of a file of waivers as plain values; none of an empty one.

    Raises:
        ContractError: The text is no YAML.
        UsageError: It is no file of waivers.
    """
    values, problems = Source(file, text.removeprefix("\ufeff")).values()
    fatal = next((p for p in problems if values is None or p.code in ("MK101", "MK105", "MK106")), None)
    if fatal is not None:
        raise ContractError(fatal.message, "nothing was written; mend it first", fatal.place, fatal.code)
    if values is None:
        return []
    if not isinstance(values, dict) or set(values) != {"waivers"} or not isinstance(values["waivers"] or [], list):
        raise UsageError(f"'{file}' is no file of waivers", "nothing was written; name another file with --output")
    return values["waivers"] or []


def append_waivers(text: str, entries: Sequence[Entry], heading: str, file: str) -> str:
    """Return a file's text with entries at the end of its list.

    Args:
        text: The text as it stands; empty where there is no file.
        entries: What to add, in order; none leave the text as it is.
        heading: A comment before the first of them.
        file: The file's name, for messages.

    Raises:
        ContractError: The text is no YAML.
        UsageError: It is no file of waivers, or its list is written in brackets.
    """
    there = listed_waivers(text, file)
    if not entries:
        return text
    line_break = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text, file) if there else "  "
    before = text if text.strip("\ufeff \t\r\n") else text + _NEW
    before = before if there else _opened(before)
    ends = list(_END.finditer(before))
    tail = before[ends[-1].start() :] if ends else ""
    before = before[: ends[-1].start()] if ends else before
    if not before.endswith("\n"):
        before += line_break
    added = "".join(_written(e, indent) for e in entries)
    if heading:
        added = f"{indent}# {heading}\n{added}"
    result = before + added.replace("\n", line_break) + tail
    _require_kept(result, there, entries, file)
    return result


def _indent(text: str, file: str) -> str:
    """Return the white space before the dashes of the list."""
    root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader)
    assert isinstance(root, MappingNode)
    node = root.value[0][1]
    assert isinstance(node, SequenceNode)
    if root.flow_style or node.flow_style:
        raise UsageError(
            f"the list of '{file}' is written in brackets",
            "nothing was written; write each waiver on lines of its own, after a dash",
        )
    return " " * int(node.start_mark.column)


def _opened(text: str) -> str:
    """Return a text whose list is empty as one to which entries can be added below the key."""
    root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader)
    if root is None:
        return text if text.endswith(_NEW) else f"{text}{'' if text.endswith(chr(10)) else chr(10)}waivers:\n"
    is_bare = isinstance(root, MappingNode) and isinstance(root.value[0][1], ScalarNode) and not root.value[0][1].value
    return text if is_bare else _EMPTY_LIST.sub(r"\1", text, count=1)


def _written(entry: Entry, indent: str) -> str:
    text = dump([dict(entry.values)])
    note = f"{indent}# {entry.note}\n" if entry.note else ""
    return note + "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _require_kept(text: str, there: Sequence[Any], entries: Sequence[Entry], file: str) -> None:
    """Read the new text again: it must hold what stood there, and after it what was added."""
    if listed_waivers(text, file) != [*there, *(dict(e.values) for e in entries)]:
        raise UsageError(
            f"nothing can be added at the end of '{file}' without changing what stands there",
            "nothing was written; write it as `waivers:` with a list below, or name another file with --output",
        )
