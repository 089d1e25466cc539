"""A contract of the Open Data Contract Standard to a `Contract`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from meshkit.converting.placeholders import Subject
from meshkit.loading.forms import Finding, validate
from meshkit.loading.loaded import Loaded
from meshkit.loading.native import last_segment
from meshkit.loading.odcs.columns import ColumnReader
from meshkit.loading.odcs.engines import server_of
from meshkit.loading.odcs.form import (
    DescriptionForm,
    MemberForm,
    ObjectForm,
    OdcsContractForm,
    PropertyForm,
    SupportForm,
    TeamForm,
)
from meshkit.loading.odcs.identity import identity_of
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odcs.own import own_names, restored
from meshkit.loading.odcs.quality import table_rules, written_rules
from meshkit.loading.odcs.references import ReferenceReader
from meshkit.loading.odcs.servers import DIALECTS, check_secrets, check_servers, chosen, locate
from meshkit.loading.odcs.service import availability, read_promises
from meshkit.loading.source import Source, Value
from meshkit.model.contract import Access, Contract, Owner, QualityCheck, Rule, Sla
from meshkit.model.names import fold
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, RowCount, Table

VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")


def read_odcs(values: Value, source: Source, yaml_problems: Iterable[Problem] = ()) -> Loaded:
    """Read a contract of the standard. What is wrong is reported and left out of the contract."""
    form, findings = validate(OdcsContractForm, values, source)
    form = form or OdcsContractForm()
    findings += [Finding(pointer=(), problem=p) for p in yaml_problems]
    version = form.apiVersion or VERSIONS[-1]
    notes = Notes(source, findings, is_open=version.startswith("v3.0"))
    notes.require_needed(form)
    _check_version(form, notes)
    check_servers(form.servers, notes)
    check_secrets(form.servers, notes)
    tables = _Reader(form, notes, version)
    contract = restored(tables.contract(), form, values, notes)
    problems = [f.problem.model_copy(update={"product": contract.product_id}) for f in notes.findings]
    return Loaded(contract=contract, problems=tuple(sorted(problems, key=lambda p: p.place)))


def _check_version(form: OdcsContractForm, notes: Notes) -> None:
    version = form.apiVersion
    if version is None or version in VERSIONS:
        return
    if version.startswith("v2."):
        hint = "its form is another one; the standard's site tells how to migrate to v3"
        notes.note("MK140", f"apiVersion {version} of the standard is not read", hint, ("apiVersion",))
    elif not version.startswith("v3."):
        notes.note("MK140", f"apiVersion '{version}' is not known", "known: " + ", ".join(VERSIONS), ("apiVersion",))
    else:
        notes.note(
            "MK140", f"apiVersion '{version}' is not known", "it is read as v3.2.0", ("apiVersion",), warning=True
        )


class _Reader:
    """Builds the contract of one form."""

    def __init__(self, form: OdcsContractForm, notes: Notes, version: str) -> None:
        self.form = form
        self.notes = notes
        self.version = version
        self.server = chosen(form.servers)
        self.dialect = DIALECTS.get(self.server.type or "", "duckdb") if self.server else "duckdb"
        self.references = ReferenceReader(form.schema_, notes)

    def contract(self) -> Contract:
        form = self.form
        named = [(i, o) for i, o in enumerate(form.schema_) if o.name]
        self._once([o.name or "" for _, o in named])
        tables = tuple(self._table(o, ("schema", i)) for i, o in named)
        checks = tuple(c for i, o in named for c in self._checks(o, ("schema", i)))
        for position, item in named:
            self._lint_parts(item, ("schema", position))
        team = form.team if isinstance(form.team, TeamForm) else None
        members = team.members if team else form.team if isinstance(form.team, list) else []
        return Contract(
            form="odcs",
            **identity_of(form),
            description=description_of(form.description),
            owner=owner_of(team.name or "" if team else "", members, form.support),
            tags=tuple(form.tags),
            tables=tables,
            server=server_of(self.server),
            access=Access(
                read=tuple(Rule(role=r.role) for r in form.roles if r.role and (r.access or "read") == "read"),
                write=tuple(Rule(role=r.role) for r in form.roles if r.role and r.access == "write"),
            ),
            sla=Sla(availability=availability(form.slaProperties)),
            promises=tuple(read_promises(form.slaProperties, form.slaDefaultElement or "", tables, self.notes)),
            quality_checks=checks,
        )

    def _lint_parts(self, form: ObjectForm, pointer: Pointer) -> None:
        """Note what is said of parts of columns and would have no verdict: keys, and properties without a name."""
        for position, item in enumerate(form.properties):
            top: Pointer = (*pointer, "properties", position)
            for part, here in _parts(item, top):
                if here == top:
                    continue
                if part.primaryKey:
                    hint = "flatten it, or write a rule in SQL"
                    self.notes.note(
                        "MK142", "a key inside a nested property is not checked", hint, (*here, "primaryKey")
                    )
                if not part.name and here[-2:-1] == ("properties",):
                    self.notes.note(
                        "MK104", "key 'name' is missing", "name the property", (*here, "name"), of_value=False
                    )

    def _once(self, names: list[str]) -> None:
        seen: set[str] = set()
        for position, name in enumerate(names):
            if fold(name) in seen:
                self.notes.note(
                    "MK114", f"object '{name}' stands twice", "give each its own name", ("schema", position, "name")
                )
            seen.add(fold(name))

    def _table(self, form: ObjectForm, pointer: Pointer) -> Table:
        stored = form.physicalName or form.name or ""
        located = locate(self.server, stored, len(self.form.schema_))
        reader = ColumnReader(self.notes, self.version, self.references)
        columns = []
        for position, item in enumerate(form.properties):
            here = (*pointer, "properties", position)
            if not item.name:
                self.notes.note("MK104", "key 'name' is missing", "name the property", (*here, "name"), of_value=False)
                continue
            columns.append(reader.column(item, here))
        rules = table_rules(form, (*pointer, "quality"), self.notes, self.version)
        counts = any(r.kind == "row_count" for r in rules)
        return Table(
            name=form.name or "",
            names=tuple(dict.fromkeys(n for n in (form.name, stored, *self._only(located.location)) if n)),
            physical_name=stored if stored != form.name else "",
            id=form.id or "",
            description=form.description or "",
            location=located.location,
            format=located.format,
            delimiter=located.delimiter,
            encoding=located.encoding,
            unreadable=located.unreadable,
            partitioned_by=own_names(form.customProperties, "partitioned_by")
            or _ordered(form.properties, "partitioned", "partitionKeyPosition"),
            columns=tuple(columns),
            primary_key=own_names(form.customProperties, "primary_key")
            or _ordered(form.properties, "primaryKey", "primaryKeyPosition"),
            row_count=None if counts else RowCount(pointer=pointer),
            constraints=(*rules, *self.references.of_object(form, pointer)),
            pointer=pointer,
        )

    def _only(self, location: str) -> tuple[str, ...]:
        """Return further names of the only table: what the contract is called, and what its location is."""
        return (self.form.name or "", last_segment(location)) if len(self.form.schema_) == 1 else ()

    def _checks(self, form: ObjectForm, pointer: Pointer) -> list[QualityCheck]:
        stored = form.physicalName or form.name or ""
        subject = Subject(stored, "", self.dialect)
        found = written_rules(form.quality, (*pointer, "quality"), self.notes, self.version, subject)
        for position, item in enumerate(form.properties):
            about = subject._replace(column=item.physicalName or item.name or "")
            for part, here in _parts(item, (*pointer, "properties", position)):
                subject_here = about if part is item else about._replace(column="")
                found += written_rules(part.quality, (*here, "quality"), self.notes, self.version, subject_here)
        return [c.model_copy(update={"table": form.name}) for c in found]


def _parts(form: PropertyForm, pointer: Pointer) -> Iterator[tuple[PropertyForm, Pointer]]:
    """Yield a property and all that is nested in it, each with its place."""
    yield form, pointer
    held: list[tuple[PropertyForm, Pointer]] = [(f, ("properties", i)) for i, f in enumerate(form.properties)]
    held += [(form.items, ("items",))] if form.items else []
    held += [(part, ("map", k)) for k in ("key", "value") if form.map and (part := getattr(form.map, k))]
    for part, step in held:
        yield from _parts(part, (*pointer, *step))


def _ordered(properties: list[PropertyForm], flag: str, position: str) -> tuple[str, ...]:
    """Return the data's names of the properties with a flag, in the order of their stated positions."""
    chosen_ones = [p for p in properties if p.name and getattr(p, flag)]
    chosen_ones.sort(key=lambda p: getattr(p, position) if (getattr(p, position) or -1) >= 0 else len(properties))
    return tuple(p.physicalName or p.name or "" for p in chosen_ones)


def description_of(parts: DescriptionForm | None) -> str:
    """Return what is said of the data, in one text."""
    if parts is None:
        return ""
    words = [
        parts.purpose,
        parts.usage and f"Usage: {parts.usage}",
        parts.limitations and f"Limitations: {parts.limitations}",
    ]
    return "\n".join(w.strip() for w in words if w)


def owner_of(team: str, members: Sequence[MemberForm], support: Sequence[SupportForm]) -> Owner:
    """Return who answers: the team, the mail address of the support or of the member who owns it, and a channel."""
    mails = [s.url.removeprefix("mailto:") for s in support if s.url and s.url.startswith("mailto:")]
    current = [m for m in members if not m.dateOut]
    owners = [m.username or "" for m in current if (m.role or "").casefold() == "owner"]
    channels = [s.channel or "" for s in support if s.tool == "slack" or (s.channel or "").startswith("#")]
    return Owner(team=team or next(iter(owners), ""), contact=next(iter(mails), ""), slack=next(iter(channels), ""))
