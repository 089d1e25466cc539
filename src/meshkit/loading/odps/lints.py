"""What is wrong between products of ports: ports that lead nowhere, to the end of a life, or back to themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from meshkit.loading.loaded import LoadedProduct
from meshkit.model.contract import Contract, Status
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer, Severity

_ENDING = (Status.DEPRECATED, Status.RETIRED)


class PortLint:
    """Lints the ports of products. All it finds is what a mesh may live with.

    Args:
        contracts: The contracts of the mesh by their own id, all versions.
        owners: Contract id -> id of the product that owns it.
        products: All products of ports.
    """

    def __init__(
        self,
        contracts: Mapping[str, Sequence[LoadedProduct]],
        owners: Mapping[str, str],
        products: Sequence[LoadedProduct],
    ) -> None:
        self.contracts = contracts
        self.reads = {
            p.entry.head.product_id: [owners[i] for i in p.entry.head.inputs if i in owners] for p in products
        }

    def of(self, product: LoadedProduct) -> Iterator[Problem]:
        """Yield what is wrong with the ports of one product."""
        contract = product.entry.contract
        found = [
            *self._dangling(contract),
            *self._outputs(contract),
            *self._endings(contract),
            *self._circles(contract),
        ]
        for code, message, hint, pointer in found:
            problem = product.source.problem(code, message, hint, pointer)
            yield problem.model_copy(update={"severity": Severity.WARNING, "product": contract.product_id})

    def _dangling(self, contract: Contract) -> Iterator[tuple[str, str, str, Pointer]]:
        ports = [(p.name, p.contract_id, p.pointer) for p in contract.input_ports]
        ports += [(p.name, p.contract_id, p.pointer) for p in contract.output_ports]
        for name, contract_id, pointer in ports:
            if contract_id and contract_id not in self.contracts:
                what = f"port '{name}' names contract '{contract_id}', which this mesh does not have"
                yield "MK144", what, "put its file into the mesh folder", (*pointer, "contractId")

    def _outputs(self, contract: Contract) -> Iterator[tuple[str, str, str, Pointer]]:
        for port in contract.output_ports:
            if not port.contract_id:
                what = f"port '{port.name}' names no contract, so nothing of it is checked"
                yield "MK147", what, "add contractId", port.pointer
            for upstream in port.inputs:
                versions = [p.entry.head.version for p in self.contracts.get(upstream.id, [])]
                if upstream.version not in versions:
                    what = f"contract '{upstream.id}' has no version {upstream.version} in this mesh"
                    hint = f"it has {', '.join(versions)}" if versions else "put its file into the mesh folder"
                    yield "MK144", what, hint, upstream.pointer

    def _endings(self, contract: Contract) -> Iterator[tuple[str, str, str, Pointer]]:
        for port in contract.input_ports:
            statuses = {p.entry.head.status for p in self.contracts.get(port.contract_id, [])}
            if statuses and statuses <= set(_ENDING):
                what = f"port '{port.name}' reads a contract that is {' and '.join(sorted(statuses))}"
                yield "MK147", what, "move to its successor", port.pointer

    def _circles(self, contract: Contract) -> Iterator[tuple[str, str, str, Pointer]]:
        way = self._way_back(contract.product_id)
        if way:
            what = f"lineage goes in a circle: {' -> '.join(way)}"
            yield "MK147", what, "take one of the input ports out", ("inputPorts",)

    def _way_back(self, start: str) -> list[str]:
        """Return the way from a product through its inputs back to itself; empty when there is none."""
        before: dict[str, str] = {}
        queue = [start]
        while queue:
            here = queue.pop()
            for target in self.reads.get(here, []):
                if target == start:
                    way = [here]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return [*way[::-1], start]
                if target not in before:
                    before[target] = here
                    queue.append(target)
        return []
