"""What helps readers to move: the view under the old names, and the skeleton of a migration guide."""

from __future__ import annotations

from collections.abc import Sequence

from meshkit.change.pairing import pair_columns
from meshkit.model.change import Change, Effect
from meshkit.model.contract import Contract
from meshkit.model.names import fold, major_of
from meshkit.model.table import Table
from meshkit.sql.compat_view import OldColumn, compat_view


def compatibility_views(old: Contract, new: Contract) -> str:
    """Return a view for each table that lost a name that readers know; an empty text where none did."""
    tables = {fold(t.name): t for t in new.tables}
    pairs = [(t, tables[fold(t.name)]) for t in old.tables if fold(t.name) in tables]
    if not pairs and len(old.tables) == len(new.tables) == 1:
        pairs = [(old.tables[0], new.tables[0])]
    return "\n".join(v for one, other in pairs if (v := _view(one, other, old.version)))


def _view(old: Table, new: Table, version: str) -> str:
    pairing = pair_columns(old.columns, new.columns)
    now = {p.old.name: p.new.name for p in pairing.pairs}
    gone = [c.name for c in pairing.removed]
    renamed = {o: n for o, n in now.items() if o != n}
    if not gone and not renamed:
        return ""
    columns = [OldColumn(c.name, c.type, now.get(c.name, "")) for c in old.columns]
    notes = [f"-- {old.name} as version {version} served it, over the table as it is now."]
    notes += [f"-- {o} is {n} now." for o, n in renamed.items()]
    notes += [f"-- {name} is gone: its values cannot be brought back, so it is NULL." for name in gone]
    name = f"{old.name}_v{major_of(version) if major_of(version) is not None else version}"
    return "\n".join([*notes, compat_view(name, new.name, columns)]) + ";\n"


def migration_guide(old: Contract, new: Contract, changes: Sequence[Change]) -> str:
    """Return the skeleton of a guide: what changed for readers, and room for what they should do."""
    deprecation = old.deprecation
    until = f"until {deprecation.until}" if deprecation and deprecation.until else "until YYYY-MM-DD"
    breaking = [c for c in changes if c.consumer in (Effect.BREAKING, Effect.UNDETERMINED)]
    others = [c for c in changes if c.consumer is Effect.ADDITIVE]
    lines = [f"# From {old.name} {old.version} to {new.version}", ""]
    lines += [f"Version {old.version} is served {until}.", ""]
    if breaking:
        lines += ["## What breaks", "", "| where | what changed | what to do |", "|---|---|---|"]
        lines += [f"| `{c.path}` | {_cell(c.message)} | {_advice(c)} |" for c in breaking] + [""]
    if others:
        lines += ["## What is new", "", *(f"- {_cell(c.message)} (`{c.path}`)" for c in others), ""]
    view = compatibility_views(old, new)
    if view:
        lines += ["## To go on with the old names for a while", "", "```sql", view.rstrip(), "```", ""]
    readers = sorted({r.consumer for c in breaking for r in c.readings or ()})
    if readers:
        lines += ["## Whom it touches", "", *(f"- [ ] {r}" for r in readers), ""]
    owner = ", ".join(t for t in (new.owner.team, new.owner.contact, new.owner.slack) if t)
    return "\n".join([*lines, f"Questions: {owner or 'TODO: name the owner'}"]) + "\n"


def _advice(change: Change) -> str:
    return _cell(change.hint) if change.id == "C02" else "TODO"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
