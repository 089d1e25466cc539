"""A product of the Open Data Product Standard to a `Contract` that has ports and, as yet, no tables."""

from __future__ import annotations

from collections.abc import Iterable

from meshkit.loading.forms import Finding, validate
from meshkit.loading.loaded import Loaded
from meshkit.loading.odcs.contract import description_of, owner_of
from meshkit.loading.odcs.identity import identity_of
from meshkit.loading.odcs.notes import Notes
from meshkit.loading.odps.form import DataProductForm
from meshkit.loading.source import Source, Value
from meshkit.model.contract import Contract, InputPort, OutputPort, Port, Upstream
from meshkit.model.problem import Problem

VERSIONS = ("v0.9.0", "v1.0.0")


def read_odps(values: Value, source: Source, yaml_problems: Iterable[Problem] = ()) -> Loaded:
    """Read a product of the standard. What is wrong is reported and left out."""
    form, findings = validate(DataProductForm, values, source)
    form = form or DataProductForm()
    findings += [Finding(pointer=(), problem=p) for p in yaml_problems]
    notes = Notes(source, findings, is_open=False)
    notes.require_needed(form)
    if form.apiVersion and form.apiVersion not in VERSIONS:
        is_near = form.apiVersion.startswith(("v0.9.", "v1."))
        hint = "it is read as v1.0.0" if is_near else "known: " + ", ".join(VERSIONS)
        notes.note("MK140", f"apiVersion '{form.apiVersion}' is not known", hint, ("apiVersion",), warning=is_near)
    contract = _contract(form)
    problems = [f.problem.model_copy(update={"product": contract.product_id}) for f in notes.findings]
    return Loaded(contract=contract, problems=tuple(sorted(problems, key=lambda p: p.place)))


def _contract(form: DataProductForm) -> Contract:
    members = form.team.members if form.team else []
    return Contract(
        form="odps",
        **identity_of(form),
        description=description_of(form.description),
        owner=owner_of((form.team.name or "") if form.team else "", members, form.support),
        tags=tuple(form.tags),
        input_ports=tuple(
            InputPort(
                name=p.name or "", version=p.version or "", contract_id=p.contractId or "", pointer=("inputPorts", i)
            )
            for i, p in enumerate(form.inputPorts)
        ),
        output_ports=tuple(
            OutputPort(
                name=p.name or "",
                version=p.version or "",
                type=p.type or "",
                contract_id=p.contractId or "",
                description=p.description or "",
                inputs=tuple(
                    Upstream(id=c.id or "", version=c.version or "", pointer=("outputPorts", i, "inputContracts", j))
                    for j, c in enumerate(p.inputContracts)
                ),
                pointer=("outputPorts", i),
            )
            for i, p in enumerate(form.outputPorts)
        ),
        ports=tuple(
            Port(name=p.name, type=p.content or "", location=p.url or p.channel or "", description=p.description or "")
            for p in form.managementPorts
            if p.name
        ),
    )
