"""Files of draft policies, and the small products of policy tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from meshkit.errors import ContractError, Place
from meshkit.loading.dump import dump
from meshkit.loading.forms import validate
from meshkit.loading.loaded import LoadedProduct
from meshkit.loading.native import read_product
from meshkit.loading.source import MAX_BYTES, Source
from meshkit.loading.tree import shown
from meshkit.model.base import Form
from meshkit.model.catalog import Entry, head_of
from meshkit.model.governance import GovernanceFile, GovernanceForm, PolicyForm
from meshkit.model.problem import Problem
from meshkit.model.table import Pointer


class _PoliciesFile(Form):
    policies: list[PolicyForm] = Field(default=[])


class PolicyFile(NamedTuple):
    """Policies of a file: its `governance:`, its list of `policies:`, or the one policy that it is.

    Attributes:
        prefix: What stands before `policies` in the pointers of the file; None = the file is one policy.
    """

    form: GovernanceForm
    source: Source
    problems: tuple[Problem, ...]
    prefix: Pointer | None

    def place(self, pointer: Pointer, *, of_value: bool = False) -> Place:
        """Return where a pointer of a governance file leads in this one."""
        own = (*self.prefix, *pointer[1:]) if self.prefix is not None else pointer[3:]
        return self.source.place(own, of_value=of_value)


def read_policies(path: Path) -> PolicyFile:
    """Read a file of policies.

    Raises:
        ContractError: It is not there, is no YAML, or holds no policies.
    """
    source = Source(shown(path), _text(path))
    values, problems = source.values()
    if values is None and problems:
        raise ContractError(problems[0].message, problems[0].hint, problems[0].place, code=problems[0].code)
    if isinstance(values, dict) and "governance" in values:
        whole, findings = validate(GovernanceFile, values, source)
        form, prefix = whole.governance if whole else GovernanceForm(), ("governance",)
        return PolicyFile(form, source, (*problems, *(f.problem for f in findings)), prefix)
    if isinstance(values, dict) and "policies" in values:
        listed, findings = validate(_PoliciesFile, values, source)
        form = GovernanceForm(policies=listed.policies if listed else [])
        return PolicyFile(form, source, (*problems, *(f.problem for f in findings)), ())
    if isinstance(values, dict) and "id" in values:
        one, findings = validate(PolicyForm, values, source)
        form = GovernanceForm(policies=[one] if one else [])
        return PolicyFile(form, source, (*problems, *(f.problem for f in findings)), None)
    raise ContractError(
        "holds no policies",
        "write a list under `policies:`, or one policy with its `id`",
        Place(source.file, 1, 1),
        "MK109",
    )


def _text(path: Path) -> str:
    if not path.is_file():
        raise ContractError(f"'{path}' is no file", "give the file of a policy", code="MK108")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ContractError(
            f"'{path}' cannot be read: {(error.strerror or 'unknown error').lower()}", code="MK108"
        ) from None
    except UnicodeDecodeError:
        raise ContractError(f"'{path}' is not UTF-8", "save it as UTF-8", code="MK107") from None


def made_up_product(values: Mapping[str, Any], name: str) -> LoadedProduct:
    """Read a small product as a test of a policy writes it, in native form.

    Raises:
        ContractError: It cannot be written as YAML.
    """
    try:
        source = Source(name, dump(dict(values)))
    except (TypeError, ValueError):
        raise ContractError("the product of a test holds what no contract can hold", code="MK103") from None
    read, problems = source.values()
    loaded = read_product(read, source, problems)
    contract = loaded.contract
    return LoadedProduct(Entry(head_of(contract), lambda: contract), loaded.problems, source)
