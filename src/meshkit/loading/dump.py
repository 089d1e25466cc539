"""Plain values to YAML text that reads back as the same values, by `Source` and by other readers of YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from meshkit.loading.source import Value, read_scalar

_STR = "tag:yaml.org,2002:str"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_BOOL = "tag:yaml.org,2002:bool"
_NULL = "tag:yaml.org,2002:null"
_NUMBER_LIKE = re.compile(r"[-+]?\.?\d[\w.,:+/-]*|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_VERSION = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}")
_ONE_LETTER_BOOLEANS = frozenset("yYnN")
_BREAK = re.compile(r"[\n\r\x85\u2028\u2029\ufeff]")
_BLOCK = re.compile(r"[^\s#%\-][^\r\x85\u2028\u2029\ufeff]*")


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and shares nothing."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # the base's signature
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dump(values: Value) -> str:
    """Write dicts, lists, texts, integers, decimals, booleans and None as a YAML document, keys in the order given.

    A text is quoted wherever any reader could take it for something else (`no`, `1e3`, `2024-01-15`), and written as a
    block where it has several lines. A decimal that is a whole number without places (`1E+3`) reads back as an integer
    of the same value.

    Raises:
        TypeError: A value of another type, or a key that is no text.
        ValueError: A number that is not finite, or of more digits than YAML readers keep.

    Example:
        >>> print(dump({"name": "no", "min": Decimal("0.50"), "tags": ["a", "007"]}), end="")
        name: 'no'
        min: 0.50
        tags:
          - a
          - '007'
    """
    text: str = yaml.serialize(
        _node(values, is_block_allowed=False), Dumper=_Dumper, allow_unicode=True, width=float("inf")
    )
    return text.removesuffix("...\n")


def _node(value: Value, *, is_block_allowed: bool = True) -> Node:
    if value is None:
        return ScalarNode(_NULL, "null")
    if isinstance(value, bool):
        return ScalarNode(_BOOL, "true" if value else "false")
    if isinstance(value, str):
        return _text(str(value), is_block_allowed=is_block_allowed)
    if isinstance(value, (int, Decimal)):
        return _number(value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"a key of type {type(key).__name__} cannot be written")
        pairs = [(_text(str(k), is_block_allowed=False), _node(v)) for k, v in value.items()]
        return MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return SequenceNode("tag:yaml.org,2002:seq", [_node(v) for v in value], flow_style=not value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be written")


def _number(value: int | Decimal) -> Node:
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("a number that is not finite cannot be written")
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    read = read_scalar(text)
    if isinstance(read, str) or read != value:
        raise ValueError("a number of so many digits cannot be written as a number")
    return ScalarNode(_FLOAT if "." in text else _INT, text)


def _text(text: str, *, is_block_allowed: bool) -> Node:
    """Choose how a text is written: plain, as a block of lines, or in quotes."""
    if _BREAK.search(text):  # YAML 1.1 folds each of these in other quotes
        is_block = is_block_allowed and "\n" in text and _BLOCK.fullmatch(text) is not None
        return ScalarNode(_STR, text, style="|" if is_block else '"')
    return ScalarNode(_STR, text, style=None if _means_itself(text) else "'")


def _means_itself(text: str) -> bool:
    """Tell whether every reader takes the unquoted text as that text."""
    if text in _ONE_LETTER_BOOLEANS or text == "=":
        return False
    if _NUMBER_LIKE.fullmatch(text) and not _VERSION.fullmatch(text):
        return False
    return read_scalar(text) == text
