"""A drafted contract as a file's text: plain values, with the evidence as comments at what it speaks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from meshkit.loading.source import read_scalar
from meshkit.model.draft import DraftColumn, DraftContract, DraftOptions, Proposal
from meshkit.model.table import Pointer

Comments = Mapping[Pointer, Sequence[str]]

FIRST_VERSION = "0.1.0"
_HEAD = "A draft: each proposal stands with its evidence. Review it, then set status: active."
_PLAIN = re.compile(r"(?:\.{1,2}/)*[A-Za-z_](?:[A-Za-z0-9_./@-]|\((?=\d)|(?<=\d)\)|(?<=\d),(?=\d)| (?=[A-Za-z0-9_(]))*")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_./-]| (?=[A-Za-z0-9_]))*")
_PLAIN_NUMBER = re.compile(r"\d+\.\d+\.\d+|\d+%")
_SHORT_BOOLEANS = {"y", "n"}  # of YAML 1.1; meshkit reads them as text, other tools do not
_WITH_NUMBERS = ("min", "max", "min_length", "max_length")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INDENT = "  "


def draft_document(
    draft: DraftContract, options: DraftOptions
) -> tuple[dict[str, Any], dict[Pointer, tuple[str, ...]]]:
    """Return a draft as the plain values of the native form, and what is to be said at which of them."""
    comments: dict[Pointer, tuple[str, ...]] = {}
    document: dict[str, Any] = {"name": options.name or draft.name, "version": FIRST_VERSION}
    if options.domain:
        document["domain"] = options.domain
    document["status"] = "draft"
    owner = {"team": options.owner, "contact": options.contact}
    if any(owner.values()):
        document["owner"] = {k: v for k, v in owner.items() if v}
    document["description"] = options.description or draft.about
    if draft.tags:
        document["tags"] = list(draft.tags)
    document["schema"] = _schema(draft, comments)
    if draft.notes:
        comments["schema",] = draft.notes
    return document, comments


def _schema(draft: DraftContract, comments: dict[Pointer, tuple[str, ...]]) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if draft.format:
        schema["type"] = draft.format
    if draft.location:
        schema["location"] = draft.location
    if draft.primary_key:
        schema["primary_key"] = list(draft.primary_key)
        comments["schema", "primary_key"] = (draft.key_evidence,)
    if draft.is_empty:
        schema["row_count"] = {"min": 0}
        comments["schema", "row_count", "min"] = ("there are no rows yet; without this, at least one is expected",)
    fields = []
    for position, column in enumerate(draft.columns):
        fields.append(_field(column, ("schema", "fields", position), comments))
    schema["fields"] = fields
    return schema


def _field(column: DraftColumn, pointer: Pointer, comments: dict[Pointer, tuple[str, ...]]) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name}
    notes = column.notes
    if column.type:
        field["type"] = column.type
        if column.type_evidence:
            comments[*pointer, "type"] = (column.type_evidence,)
    elif column.type_evidence:
        notes = (column.type_evidence, *notes)
    if notes:
        comments[pointer] = ("; ".join(notes),)
    if column.description:
        field["description"] = column.description
    if column.key_evidence:
        field["is_primary_key"] = True
        comments[*pointer, "is_primary_key"] = (column.key_evidence,)
    if column.pii_category:
        field["is_pii"] = True
        comments[*pointer, "is_pii"] = (column.pii_evidence,)
        field["pii_category"] = column.pii_category
    if column.default:
        field["default"] = column.default
    if column.proposals:
        field["constraints"] = [_constraint(p) for p in column.proposals]
    for position, proposal in enumerate(column.proposals):
        comments[*pointer, "constraints", position] = (proposal.evidence,)
    return field


def _constraint(proposal: Proposal) -> Any:
    options = {k: v for k, v in (("threshold", proposal.threshold), ("severity", proposal.severity)) if v}
    if not proposal.values:
        return {proposal.kind: options} if options else proposal.kind
    if proposal.kind == "in":
        return {"in": {"values": list(proposal.values), **options} if options else list(proposal.values)}
    text = ".".join(proposal.values)
    value = read_scalar(text) if proposal.kind in _WITH_NUMBERS else text
    return {proposal.kind: {"value": value, **options} if options else value}


def render_contract(document: Mapping[str, Any], comments: Comments, *, schema: str = "") -> str:
    """Write a document as YAML that reads back as the same values.

    Args:
        document: Plain values.
        comments: What to say at which of them.
        schema: Where the file's JSON Schema is, for editors; empty = not said.
    """
    head = [f"# yaml-language-server: $schema={schema}"] if schema else []
    return "\n".join([*head, *_comment((_HEAD,), ""), *_mapping(document, (), comments, "")]) + "\n"


def render_yaml(document: Mapping[str, Any], head: Sequence[str] = ()) -> str:
    """Write plain values as YAML, below some lines of comment."""
    return "\n".join([*_comment(head, ""), *_mapping(document, (), {}, "")]) + "\n"


def render_drafts(drafts: Sequence[tuple[str, Mapping[str, Any], Comments]]) -> str:
    """Write drafts as JSON: for each its file's name, the contract, and the evidence with the path of what it is for."""
    contracts = [
        {
            "file": file,
            "contract": document,
            "evidence": [{"path": ".".join(map(str, p)), "text": "; ".join(texts)} for p, texts in comments.items()],
        }
        for file, document, comments in drafts
    ]
    return json.dumps({"contracts": contracts}, indent=2, ensure_ascii=False, default=str) + "\n"


def _mapping(values: Mapping[str, Any], pointer: Pointer, comments: Comments, pad: str) -> Iterator[str]:
    for key, value in values.items():
        here = (*pointer, key)
        said = comments.get(here, ())
        if _is_line(value) and key != "constraints":
            yield f"{pad}{scalar(key)}: {_flow(value)}{_trailing(said)}"
            continue
        yield from _comment(said, pad)
        yield f"{pad}{scalar(key)}:"
        if isinstance(value, Mapping):
            yield from _mapping(value, here, comments, pad + _INDENT)
        else:
            yield from _sequence(value, here, comments, pad + _INDENT)


def _sequence(values: Sequence[Any], pointer: Pointer, comments: Comments, pad: str) -> Iterator[str]:
    for position, value in enumerate(values):
        here = (*pointer, position)
        said = comments.get(here, ())
        if isinstance(value, Mapping) and pointer[-1:] == ("constraints",):
            kind, argument = next(iter(value.items()))
            yield f"{pad}- {kind}: {_flow(argument)}{_trailing(said)}"
        elif isinstance(value, Mapping):
            yield from _comment(said, pad)
            lines = list(_mapping(value, here, comments, pad + _INDENT))
            first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
            lines[first] = f"{pad}- {lines[first].removeprefix(pad + _INDENT)}"
            yield from lines
        else:
            yield f"{pad}- {_flow(value)}{_trailing(said)}"


def _is_line(value: Any) -> bool:
    if isinstance(value, Mapping):
        return not value
    return not isinstance(value, list) or not any(isinstance(v, (Mapping, list)) for v in value)


def _flow(value: Any, *, inside: bool = False) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_flow(v, inside=True)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v, inside=True) for v in value) + "]"
    return scalar(value, in_flow=inside)


def scalar(value: Any, *, in_flow: bool = False) -> str:
    r"""Write one value so that it reads back as itself, here and in other YAML tools.

    Example:
        >>> scalar("decimal(12,2)"), scalar("NO"), scalar("a: b"), scalar("x\ny"), scalar(True)
        ('decimal(12,2)', '"NO"', '"a: b"', '"x\\ny"', 'true')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    text = str(value)
    plain = _PLAIN_IN_FLOW if in_flow else _PLAIN
    is_plain = plain.fullmatch(text) and isinstance(read_scalar(text), str) and text.lower() not in _SHORT_BOOLEANS
    return text if is_plain or _PLAIN_NUMBER.fullmatch(text) else '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == " " or (character.isprintable() and character != "\ufeff"):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _comment(texts: Sequence[str], pad: str) -> Iterator[str]:
    for text in texts:
        yield f"{pad}# {_one_line(text)}"


def _trailing(texts: Sequence[str]) -> str:
    return f"  # {_one_line('; '.join(texts))}" if texts else ""


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else _escaped(c) for c in text)
