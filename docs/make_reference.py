"""Write docs/reference.md and docs/compliance.schema.json from the code, so that they cannot fall behind it."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from meshkit.converting.twins import TWINS, Twin
from meshkit.loading.constraints import SPELLINGS
from meshkit.model.codes import list_codes
from meshkit.model.contract import KNOWN_METRICS
from meshkit.model.policy_rows import ROWS, TABLES
from meshkit.model.types import TYPE_NAMES
from meshkit.policy.builtin import ALERT, BUILT_IN, DOMAIN, METRIC
from meshkit.report.compliance_json import compliance_schema
from meshkit.schemas import FORMS

PAGE = Path(__file__).parent / "reference.md"
POLICIES = Path(__file__).parent / "policies.md"
COMPLIANCE = Path(__file__).parent / "compliance.schema.json"
TITLES = {
    "product": "Product",
    "organization": "Organisation",
    "platform": "Platform",
    "governance": "Governance",
    "waivers": "Waivers",
    "principals": "Principals",
    "settings": "Settings (meshkit.yaml)",
}


def _parts(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [p for a in get_args(annotation) for p in _parts(a)]
    return [annotation]


def _model(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """Return the form behind a key, and how its keys continue the path."""
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, "."
        if get_origin(part) in (list, dict):
            inner, _ = _model(get_args(part)[-1])
            if inner is not None:
                return inner, "[]." if get_origin(part) is list else ".NAME."
    return None, ""


def _kind(field: FieldInfo) -> str:
    words = []
    for part in _parts(field.annotation):
        if get_origin(part) is Literal:
            words.append(" or ".join(f"`{a}`" for a in get_args(part)))
        elif get_origin(part) is list:
            words.append("list")
        elif get_origin(part) is dict:
            words.append("mapping")
        elif part is not type(None):
            names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
            words.append(names.get(getattr(part, "__name__", ""), "mapping"))
    return ", ".join(dict.fromkeys(words))


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False)
    return (
        ""
        if value in (None, [], {}, PydanticUndefined)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _rows(form: type[BaseModel], path: str = "", twins: Mapping[str, Twin] | None = None) -> list[str]:
    rows = []
    for name, field in form.model_fields.items():
        key = f"{path}{field.alias or name}"
        inner, joint = _model(field.annotation)
        cells = [f"`{key}`", _kind(field), _default(field), field.description or ""]
        cells += [twins[key].odcs, twins[key].dbt] if twins else []
        rows.append(f"| {' | '.join(cells)} |".replace("  |", " |"))
        if inner is not None:
            rows += _rows(inner, key + joint, twins)
    return rows


def render() -> str:
    """Render the whole page."""
    lines = [
        "# Reference",
        "",
        "Written by docs/make_reference.py from the forms in the code. `meshkit schema NAME` writes the same as JSON Schema;",
        "with it, an editor completes and checks: put `# yaml-language-server: $schema=product.schema.json` on a file's first line.",
        "",
    ]
    for name, form in FORMS.items():
        lines += [
            f"## {TITLES[name]}",
            "",
            f"{form.__doc__}",
            "",
        ]
        if name == "product":
            lines += [
                "The last columns name the twin of each key in ODCS v3.2 and in dbt; `-` = it has none. See [converting](converting.md).",
                "",
                "| key | kind | default | meaning | ODCS | dbt |",
                "|---|---|---|---|---|---|",
                *_rows(form, twins=TWINS),
                "",
            ]
            continue
        lines += ["| key | kind | default | meaning |", "|---|---|---|---|", *_rows(form), ""]
    lines += ["## Constraints", "", "| constraint | also read as | argument |", "|---|---|---|"]
    for kind, spelling in SPELLINGS.items():
        argument = spelling.argument.get("type", "") if spelling.argument else ""
        shown = " or ".join(argument) if isinstance(argument, list) else argument
        lines.append(f"| `{kind}` | {', '.join(f'`{s}`' for s in spelling.synonyms)} | {shown} |")
    lines += [
        "",
        "Each may be written long, with `value` and the options `threshold` (rows, or a share such as 3%), `severity`, `where`,",
        "`description` and `dimension`. `references` takes `customers.id`, or `{table: customers, column: id}`, or dbt's",
        "`{to: ref('customers'), field: id}`. dbt's `arguments:` and `config:` are read too.",
        "",
        "## Types",
        "",
        ", ".join(f"`{name}`" for name in TYPE_NAMES) + ".",
        "",
        "`decimal(p,s)` and `string(n)` take arguments; `array<...>` and `map<...>` an inner type.",
        "",
        "## Metrics",
        "",
        "Known by name: " + ", ".join(f"`{name}`" for name in KNOWN_METRICS) + ".",
        "",
        "## Codes",
        "",
        "```",
        list_codes().rstrip(),
        "```",
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_schema() -> str:
    """Render the JSON Schema of the compliance report."""
    return json.dumps(compliance_schema(), indent=2, ensure_ascii=False) + "\n"


def rule_rows() -> list[str]:
    """Return the table of built-in rules."""
    rules = [r for policy in BUILT_IN.values() for r in policy] + [*DOMAIN.values(), METRIC, ALERT]
    rows = ["| rule | severity | rows | demands |", "|---|---|---|---|"]
    for rule in rules:
        demanded = rule.require.replace("{op}", "as written").replace("|", "\\|")
        when = f" where `{rule.when}`" if rule.when else ""
        rows.append(f"| `{rule.id}` | {rule.severity} | {rule.over} | `{demanded}`{when} |")
    return rows


def row_rows() -> list[str]:
    """Return the tables of the rows that policies are written over."""
    lines = []
    for over, columns in ROWS.items():
        lines += [
            "",
            f"`over: {over}`, table `{TABLES[over]}`:",
            "",
            "| column | type | meaning | needs |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{name}` | {c.type} | {c.text} | {c.needs} |" for name, c in columns.items()]
    return lines[1:]


def render_policies(text: str) -> str:
    """Return the page of policies with its tables written anew."""
    for name, lines in (("rules", rule_rows()), ("rows", row_rows())):
        start, end = f"<!-- {name}: start, written by docs/make_reference.py -->\n", f"<!-- {name}: end -->"
        before, _, rest = text.partition(start)
        text = (
            before
            + start
            + "\n"
            + "\n".join(line.replace("|  |", "| |") for line in lines)
            + "\n\n"
            + end
            + rest.partition(end)[2]
        )
    return text


if __name__ == "__main__":
    PAGE.write_text(render())
    POLICIES.write_text(render_policies(POLICIES.read_text()))
    COMPLIANCE.write_text(render_schema())
    sys.stdout.write(f"wrote {PAGE.name}, {POLICIES.name} and {COMPLIANCE.name}\n")
