"""What is wrong with a product's form although every single value can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from meshkit.errors import ContractError
from meshkit.loading.cron import longest_gap
from meshkit.loading.forms import Finding
from meshkit.loading.product_form import ProductForm
from meshkit.loading.source import Source, is_prefix
from meshkit.model.contract import KNOWN_METRICS
from meshkit.model.names import did_you_mean, fold, version_key
from meshkit.model.secret import shows_password_in_location
from meshkit.model.table import Pointer, Severity


class _Lint:
    """Notes problems of one form, leaving alone what is reported already."""

    def __init__(self, source: Source, reported: Sequence[Pointer]) -> None:
        self.source = source
        self.reported = reported
        self.findings: list[Finding] = []

    def note(
        self, code: str, message: str, hint: str, pointer: Pointer, *, of_value: bool = True, warning: bool = False
    ) -> None:
        if is_prefix(self.reported, pointer):
            return
        problem = self.source.problem(code, message, hint, pointer, of_value=of_value)
        if warning:
            problem = problem.model_copy(update={"severity": Severity.WARNING})
        self.findings.append(Finding(pointer=pointer, problem=problem))

    def require(self, value: object, pointer: Pointer, hint: str) -> None:
        if value is None:
            self.note("MK104", f"key '{pointer[-1]}' is missing", hint, pointer, of_value=False)

    def unique(self, names: Sequence[str | None], pointer: Pointer, kind: str) -> None:
        first: dict[str, int] = {}
        for position, name in enumerate(names):
            if name is None:
                continue
            earlier = first.setdefault(fold(name), position)
            if earlier != position:
                line = self.source.place((*pointer, earlier)).line
                self.note(
                    "MK114",
                    f"{kind} '{name}' stands twice",
                    f"the first is in line {line}",
                    (*pointer, position, "name"),
                )


def lint_product(form: ProductForm, source: Source, reported: Sequence[Pointer]) -> list[Finding]:
    """Find what is missing, doubled, dangling or contradictory in one product."""
    lint = _Lint(source, reported)
    for rule in _RULES:
        rule(form, lint)
    return lint.findings


def _required(form: ProductForm, lint: _Lint) -> None:
    lint.require(form.name, ("name",), "name the product, like name: sales_orders")
    lint.require(form.version, ("version",), "write a semantic version, like version: 1.0.0")
    lint.require(form.description, ("description",), "say in a sentence what it is")
    for position, field in enumerate(form.schema_.fields if form.schema_ else []):
        lint.require(field.name, ("schema", "fields", position, "name"), "name the column")
    for position, check in enumerate(form.sla.quality_checks if form.sla else []):
        lint.require(check.name, ("sla", "quality_checks", position, "name"), "name the check")
        lint.require(
            check.query, ("sla", "quality_checks", position, "query"), "write one SELECT that returns one number"
        )
    for position, alert in enumerate(form.observability.alerts if form.observability else []):
        lint.require(
            alert.condition, ("observability", "alerts", position, "condition"), 'write one, like "age_hours > 26"'
        )
    for position, entry in enumerate(form.changelog):
        lint.require(entry.version, ("changelog", position, "version"), "say which version")
    for position, port in enumerate(form.ports):
        lint.require(port.name, ("ports", position, "name"), "name the port")


def _unique_names(form: ProductForm, lint: _Lint) -> None:
    lint.unique([f.name for f in form.schema_.fields] if form.schema_ else [], ("schema", "fields"), "column")
    lint.unique([c.name for c in form.sla.quality_checks] if form.sla else [], ("sla", "quality_checks"), "check")
    lint.unique([p.name for p in form.ports], ("ports",), "port")


def _named_columns(form: ProductForm) -> Iterator[tuple[str, Pointer]]:
    """Every name in the form that must be one of its columns."""
    if form.schema_:
        for key in ("partitioned_by", "primary_key"):
            for position, name in enumerate(getattr(form.schema_, key)):
                yield name, ("schema", key, position)
    if form.sla and form.sla.freshness and form.sla.freshness.column:
        yield form.sla.freshness.column, ("sla", "freshness", "column")
    if form.sla and form.sla.completeness:
        for position, name in enumerate(form.sla.completeness.columns):
            yield name, ("sla", "completeness", "columns", position)
    if form.privacy and form.privacy.erasure_key:
        yield form.privacy.erasure_key, ("privacy", "erasure_key")


def _columns_exist(form: ProductForm, lint: _Lint) -> None:
    known = [f.name for f in form.schema_.fields if f.name] if form.schema_ else []
    folded = {fold(name) for name in known}
    for name, pointer in _named_columns(form):
        if name and fold(name) not in folded:
            key = next(str(step) for step in reversed(pointer) if isinstance(step, str))
            lint.note("MK115", f"{key} names '{name}', which is no column", did_you_mean(name, known), pointer)


def _schedule(form: ProductForm, lint: _Lint) -> None:
    freshness = form.sla.freshness if form.sla else None
    if freshness is None or freshness.update_schedule is None:
        return
    pointer = ("sla", "freshness", "update_schedule")
    try:
        gap = longest_gap(freshness.update_schedule)
    except ContractError as error:
        lint.note(error.code, f"update_schedule: {error.what}", error.hint, pointer)
        return
    if freshness.max_age_hours is not None and gap > timedelta(hours=freshness.max_age_hours):
        hours = f"{gap.total_seconds() / 3600:g}"
        lint.note("MK117", f"update_schedule '{freshness.update_schedule}' leaves {hours} hours between updates, but max_age_hours is "
                  f"{freshness.max_age_hours:g}", "update more often, or allow a greater age", pointer)  # fmt: skip


def _changelog(form: ProductForm, lint: _Lint) -> None:
    entries = [(i, e) for i, e in enumerate(form.changelog) if e.version]
    if entries and form.version and version_key(entries[0][1].version or "") > version_key(form.version):
        lint.note("MK125", f"changelog starts with {entries[0][1].version}, above version {form.version}",
                  "raise the version, or take the entry out", ("changelog", entries[0][0], "version"))  # fmt: skip
    for (_, newer), (position, older) in pairwise(entries):
        if version_key(older.version or "") >= version_key(newer.version or ""):
            lint.note("MK125", f"changelog entry {older.version} follows {newer.version}", "put the newest version first",
                      ("changelog", position, "version"))  # fmt: skip
        if older.date and newer.date and older.date > newer.date:
            lint.note("MK125", f"changelog entry {older.version} of {older.date} is older in version but later than {newer.date}",
                      "correct one of the dates", ("changelog", position, "date"))  # fmt: skip


def _deprecation(form: ProductForm, lint: _Lint) -> None:
    deprecation = form.deprecation
    if deprecation and deprecation.announced and deprecation.until and deprecation.until < deprecation.announced:
        lint.note("MK133", f"deprecation ends on {deprecation.until}, before it is announced on {deprecation.announced}",
                  "correct one of the dates", ("deprecation", "until"))  # fmt: skip


def _row_count(form: ProductForm, lint: _Lint) -> None:
    count = form.schema_.row_count if form.schema_ else None
    if count and count.min is not None and count.max is not None and count.min > count.max:
        message = f"row_count: no number is at least {count.min} and at most {count.max}"
        lint.note("MK118", message, "correct one of them", ("schema", "row_count", "max"))


def _metrics(form: ProductForm, lint: _Lint) -> None:
    for position, item in enumerate(form.observability.metrics if form.observability else []):
        pointer = ("observability", "metrics", position)
        if isinstance(item, str):
            if item and item not in KNOWN_METRICS:
                lint.note("MK129", f"metric '{item}' is not one that meshkit knows, and has no expression",
                          f'write "{item}: EXPRESSION", like avg_order_value: avg(total_amount)', pointer, warning=True)  # fmt: skip
        elif not (isinstance(item, dict) and len(item) == 1 and isinstance(next(iter(item.values())), str)):
            lint.note("MK103", "a metric is a name, or a name with a SQL expression", "write name: expression", pointer)


def _secrets(form: ProductForm, lint: _Lint) -> None:
    """Note locations that hold a password or a signature, which everybody reads who reads the contract."""
    places: list[tuple[str | None, Pointer]] = [
        (form.schema_.location if form.schema_ else None, ("schema", "location"))
    ]
    places += [(target, ("inputs", alias)) for alias, target in form.inputs.items()]
    places += [(port.location, ("ports", position, "location")) for position, port in enumerate(form.ports)]
    for location, pointer in places:
        if location and shows_password_in_location(location):
            hint = "take it out, and change it if others have seen it; credentials come from the environment"
            lint.note("MK160", f"{pointer[-1]}: a secret stands in the location in the clear", hint, pointer)


_RULES: tuple[Callable[[ProductForm, _Lint], None], ...] = (
    _required,
    _unique_names,
    _columns_exist,
    _schedule,
    _changelog,
    _deprecation,
    _row_count,
    _metrics,
    _secrets,
)
