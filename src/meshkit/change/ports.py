"""Ports: where a product is read beside its tables, and what it serves and reads under contracts (C06, C07, L03, X05)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from meshkit.change.notes import Notes
from meshkit.model.change import Direction
from meshkit.model.contract import InputPort, OutputPort, Port, Upstream
from meshkit.model.names import major_of

Declared = TypeVar("Declared", InputPort, OutputPort)


def compare_ports(notes: Notes) -> None:
    """Compare the ports of all three kinds by their names."""
    _compare_ports(notes)
    _outputs(notes)
    _inputs(notes)


def _compare_ports(notes: Notes) -> None:
    old, new = ({p.name: (n, p) for n, p in enumerate(c.ports)} for c in (notes.old, notes.new))
    for name, (n, port) in old.items():
        if name not in new:
            notes.add("C06", f"ports.{name}", Direction.LOOSENS, f"port {name} was removed", old=("ports", n))
            continue
        m, other = new[name]
        _compare_port(notes, port, other, n, m)
    for name, (m, _) in new.items():
        if name not in old:
            notes.add("C06", f"ports.{name}", Direction.TIGHTENS, f"port {name} was added", new=("ports", m))


def _compare_port(notes: Notes, old: Port, new: Port, n: int, m: int) -> None:
    path = f"ports.{new.name}"
    if old.location != new.location:
        notes.add(
            "C07",
            path,
            Direction.BOTH,
            f"port {new.name} moved to another location",
            old=("ports", n, "location"),
            new=("ports", m, "location"),
        )
    if old.type != new.type:
        notes.add(
            "L03",
            path,
            Direction.BOTH,
            f"port {new.name} is of another type",
            old=("ports", n, "type"),
            new=("ports", m, "type"),
        )
    if old.description != new.description:
        notes.add(
            "D01",
            path,
            Direction.NONE,
            f"the description of port {new.name} changed",
            old=("ports", n),
            new=("ports", m),
        )


def _paired(
    old: Sequence[Declared], new: Sequence[Declared]
) -> tuple[list[tuple[Declared, Declared]], list[Declared], list[Declared]]:
    """Pair ports of one name, those of one version first; return what is gone and what is new besides."""
    pairs: list[tuple[Declared, Declared]] = []
    gone, left = list(old), list(new)
    for keys in (("name", "version"), ("name",)):
        for port in list(left):
            before = next((p for p in gone if all(getattr(p, k) == getattr(port, k) for k in keys)), None)
            if before is not None:
                gone.remove(before)
                left.remove(port)
                pairs.append((before, port))
    return pairs, gone, left


def _outputs(notes: Notes) -> None:
    pairs, gone, left = _paired(notes.old.output_ports, notes.new.output_ports)
    for port in gone:
        notes.add("C06", f"output_ports.{port.name}", Direction.LOOSENS, f"output port {_said(port)} was removed",
                  old=port.pointer, hint="deprecate it first, and keep the old version in parallel")  # fmt: skip
    for port in left:
        said = f"output port {_said(port)} was added"
        notes.add("C06", f"output_ports.{port.name}", Direction.TIGHTENS, said, new=port.pointer)
    for old, new in pairs:
        _output(notes, old, new)


def _output(notes: Notes, old: OutputPort, new: OutputPort) -> None:
    path, said = f"output_ports.{new.name}", f"output port {new.name}"
    places = {"old": old.pointer, "new": new.pointer}
    if old.contract_id != new.contract_id:
        notes.add("C06", path, Direction.BOTH,
                  f"{said} serves {_contract(new.contract_id)} instead of {_contract(old.contract_id)}", **places)  # type: ignore[arg-type]  # both are pointers  # fmt: skip
    if old.type != new.type:
        notes.add("L03", path, Direction.BOTH, f"{said} is of type {new.type or 'none'} and no longer {old.type or 'none'}", **places)  # type: ignore[arg-type]  # fmt: skip
    if old.version != new.version:
        notes.add("D01", path, Direction.NONE, f"{said} is now version {new.version or 'none'}", **places)  # type: ignore[arg-type]
    if old.description != new.description:
        notes.add("D01", path, Direction.NONE, f"the description of {said} changed", **places)  # type: ignore[arg-type]
    _upstream(notes, path, said, old, new)


def _upstream(notes: Notes, path: str, said: str, old: OutputPort, new: OutputPort) -> None:
    """Compare the contracts that a port says it is made from."""
    before, after = _by_id(old.inputs), _by_id(new.inputs)
    for id_ in [*after, *(i for i in before if i not in after)]:
        one, other = before.get(id_), after.get(id_)
        places = (one.pointer if one else old.pointer, other.pointer if other else new.pointer)
        if one is None or other is None:
            words = f"{said} is {'now' if other else 'no longer'} made from contract {id_}"
            notes.add("X05", path, Direction.NONE, words, old=places[0], new=places[1])
        elif one.version != other.version:
            words = f"{said} is made from contract {id_} {other.version or 'of any version'}"
            _version(notes, path, words, (one.version, other.version), places)


def _by_id(inputs: Sequence[Upstream]) -> dict[str, Upstream]:
    return {u.id: u for u in inputs}


def _inputs(notes: Notes) -> None:
    """Compare what is read under contracts; a port whose product is known is compared as an input already."""
    pairs, gone, left = _paired(notes.old.input_ports, notes.new.input_ports)
    for words, ports in (("was removed", gone), ("was added", left)):
        for port in ports:
            if port.name not in {**notes.old.inputs, **notes.new.inputs}:
                places = (port.pointer, None) if words == "was removed" else (None, port.pointer)
                notes.add("X05", f"input_ports.{port.name}", Direction.NONE, f"input port {_said(port)} {words}",
                          old=places[0], new=places[1])  # fmt: skip
    for old, new in pairs:
        path, said = f"input_ports.{new.name}", f"input port {new.name}"
        is_told = notes.old.inputs.get(new.name) != notes.new.inputs.get(new.name)
        if old.contract_id != new.contract_id and not is_told:
            notes.add("X05", path, Direction.UNDETERMINED,
                      f"{said} reads {_contract(new.contract_id)} instead of {_contract(old.contract_id)}",
                      old=old.pointer, new=new.pointer,
                      hint="record a decision: no program can tell whether both hold the same")  # fmt: skip
        elif old.version != new.version:
            words = f"{said} reads version {new.version or 'none'} and no longer {old.version or 'none'}"
            _version(notes, path, words, (old.version, new.version), (old.pointer, new.pointer))


def _version(
    notes: Notes,
    path: str,
    words: str,
    versions: tuple[str, str],
    places: tuple[tuple[str | int, ...], tuple[str | int, ...]],
) -> None:
    """Note that a source is read in another version; only another major one may mean something else."""
    before, after = (major_of(v) for v in versions)
    is_major = before is None or before != after
    notes.add("X05", path, Direction.UNDETERMINED if is_major else Direction.NONE, words, old=places[0], new=places[1],
              hint="look at what changed there, then record a decision" if is_major else "")  # fmt: skip


def _said(port: InputPort | OutputPort) -> str:
    return f"{port.name} {port.version}".rstrip()


def _contract(id_: str) -> str:
    return f"contract {id_}" if id_ else "no contract"
