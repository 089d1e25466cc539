"""A file to plain values in another form of contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from meshkit.converting.dcs_in import dcs_to_odcs
from meshkit.converting.dcs_out import odcs_to_dcs
from meshkit.converting.document import Converted
from meshkit.converting.native import native_to_odcs, odcs_to_native
from meshkit.errors import ContractError
from meshkit.loading.dcs import read_dcs
from meshkit.loading.loaded import Loaded
from meshkit.loading.native import read_product
from meshkit.loading.odcs.contract import read_odcs
from meshkit.loading.source import MAX_BYTES, Source
from meshkit.loading.tree import form_of, shown
from meshkit.model.table import Severity

FormName = Literal["odcs", "native", "dcs"]
_READERS: Mapping[str, Callable[..., Loaded]] = {"native": read_product, "odcs": read_odcs, "dcs": read_dcs}


def convert_file(path: Path, to: FormName) -> Converted:
    """Read one contract's file and convert it; one that is in that form already stays as it is written.

    Raises:
        ContractError: The file holds no contract, or one with errors.
    """
    source = _source(path)
    values, problems = source.values()
    form = form_of(values) if isinstance(values, dict) else ""
    if form in ("odps", "mesh"):
        hint = "convert the contracts that its ports name" if form == "odps" else "give a contract's file"
        what = (
            f"{source.file} is {'a data product of ODPS' if form == 'odps' else 'no contract'}, which has no other form"
        )
        raise ContractError(what, hint, code="MK151")
    if form not in _READERS and not problems:
        hint = "a contract is native, ODCS (kind: DataContract) or DCS (dataContractSpecification)"
        raise ContractError(f"{source.file} is no contract that meshkit knows", hint, code="MK109")
    loaded = _READERS[form](values, source, problems).problems if form in _READERS else tuple(problems)
    errors = [p for p in loaded if p.severity is Severity.ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more; meshkit lint tells all)" if len(errors) > 1 else ""
        raise ContractError(errors[0].message + more, errors[0].hint, errors[0].place, code=errors[0].code)
    return _converted(values, form, to, source)


def _converted(values: dict[str, Any], form: str, to: FormName, source: Source) -> Converted:
    if form == to:
        return Converted(values)
    first = Converted(values)
    if form == "native":
        first = native_to_odcs(values)
    elif form == "dcs":
        first = dcs_to_odcs(values)
    if to == "odcs":
        return first
    second = odcs_to_native(first.document) if to == "native" else odcs_to_dcs(first.document)
    return Converted(second.document, (*first.losses, *second.losses))


def _source(path: Path) -> Source:
    name = shown(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ContractError(
                f"{name} is larger than {MAX_BYTES // 2**20} MiB", "no contract is; is it data?", code="MK106"
            )
        return Source(name, raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ContractError(f"{name} is not UTF-8", "save it as UTF-8", code="MK107") from None
    except OSError as error:
        what = f"{name} cannot be read: {(error.strerror or 'unknown error').lower()}"
        raise ContractError(what, "check its permissions", code="MK108") from None
