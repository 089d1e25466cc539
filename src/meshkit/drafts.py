"""`draft`: what lies at a location, as a contract that is proposed, each proposal with its evidence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from meshkit.drafting.propose import propose_contract
from meshkit.drafting.settle import settle
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.engines.duckdb_tables import is_database, list_tables
from meshkit.engines.sources import redacted
from meshkit.errors import ContractError, SourceError, UsageError
from meshkit.loading.contract_text import Comments, draft_document, render_contract, render_drafts
from meshkit.loading.dbt_manifest import is_manifest, read_manifest
from meshkit.loading.draft_forms import as_odcs
from meshkit.loading.native import last_segment
from meshkit.loading.product_form import OwnerForm
from meshkit.model.draft import DraftContract, DraftOptions
from meshkit.model.names import is_identifier
from meshkit.model.relation import Relation
from meshkit.run.profile import profile_table
from meshkit.sql.create_table import contract_type, read_tables

_GLOB = re.compile(r"[*?\[]")
_FORMATS = ("yaml", "json")
_HINTS = {
    "MK302": "check the location",
    "MK308": "give parquet, csv or json; --data-format says which, where the ending does not",
}
"""What helps here; a contract's own ways out (schema.type, --table) do not."""
_NO_SECRETS = (
    "what may be a secret in the location is left out; put it into the environment, or use --table NAME=LOCATION"
)
_DATA_FORMATS = ("", "parquet", "csv", "json")


class Reading(NamedTuple):
    """How a location is to be read.

    Attributes:
        data_format: `parquet`, `csv` or `json`, where the location's ending does not tell.
        dialect: Whose SQL a script is.
        settings: Limits of the engine.
    """

    data_format: str = ""
    dialect: str = ""
    settings: Settings = Settings()  # frozen


class DraftFile(NamedTuple):
    """One contract that is proposed, before it is text."""

    name: str
    document: Mapping[str, Any]
    comments: Comments

    @property
    def file(self) -> str:
        """How its file is called."""
        return f"{self.name}.yaml"

    def text(self, schema: str = "") -> str:
        """Return it as YAML; `schema` is where its JSON Schema is, for editors."""
        return render_contract(self.document, self.comments, schema=schema)


def draft(
    location: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    name: str = "",
    domain: str = "",
    owner: str = "",
    contact: str = "",
    description: str = "",
    to: Literal["native", "odcs"] = "native",
    format: str = "yaml",  # noqa: A002  # the word of the command line
    data_format: str = "",
    dialect: str = "",
    threads: int | None = None,
    memory: str | None = None,
) -> str:
    """Draft a contract for what lies at a location, and return its text.

    All rows are looked at, and none is fetched. What the text proposes holds on the data it was drafted from.

    Args:
        location: A parquet, CSV or JSON file, folder or glob; a DuckDB file, or `file.duckdb#schema.table`; a SQL script
            with CREATE TABLE; a dbt `manifest.json`.
        folder: Where the contract will lie; its location starts there. None = beside the data.
        name: The product's name; empty = as the location is called.
        domain: The domain that owns it.
        owner: The owning team.
        contact: An e-mail address.
        description: What the product is.
        to: `native`, or `odcs` for a contract of the Open Data Contract Standard.
        format: `yaml`; several contracts are separated by `---` lines. Or `json`: contracts and evidence, for programs.
        data_format: `parquet`, `csv` or `json`, where the location's ending does not tell.
        dialect: Whose SQL a script is, such as `postgres`; empty = what most have in common.
        threads: How many the engine may use; None = all cores.
        memory: How much the engine may use, such as `4GB`.

    Raises:
        SourceError: The location cannot be read. SqlError: The script cannot be parsed. UsageError: An option is wrong.

    Example:
        >>> print(draft("sample_data/flights/data/airlines.parquet").splitlines()[1])
        name: airlines
    """
    if format not in _FORMATS:
        raise UsageError(f"unknown format '{format}'", "known: yaml, json")
    where = os.fspath(location)
    if to not in ("native", "odcs"):
        raise UsageError(f"unknown form '{to}'", "known: native, odcs")
    options = DraftOptions(name=name, to=to, domain=domain, owner=owner, contact=contact, description=description)
    reading = Reading(data_format, dialect, Settings(threads=threads, memory=memory))
    files = draft_files(where, Path(folder) if folder is not None else beside(where), options, reading)
    return render_files(files, format)


def render_files(files: Sequence[DraftFile], form: str) -> str:
    """Write drafts as one text."""
    if form == "json":
        return render_drafts([(f.file, f.document, f.comments) for f in files])
    return "---\n".join(f.text() for f in files)


def draft_files(location: str, folder: Path, options: DraftOptions, reading: Reading) -> list[DraftFile]:
    """Draft the contracts for one location, to be saved in `folder`."""
    _require(options, reading)
    drafts = settle(_propose(location, folder, options, reading))
    if options.name and len(drafts) > 1:
        raise UsageError(f"'{location}' gives {len(drafts)} contracts, which cannot all be '{options.name}'",
                         "leave --name out, or name one table")  # fmt: skip
    files = [DraftFile(options.name or d.name, *draft_document(d, options)) for d in drafts]
    if options.to == "odcs":
        files = [DraftFile(f"{f.name}.odcs", *as_odcs(f.document, f.comments)) for f in files]
    return files


def _require(options: DraftOptions, reading: Reading) -> None:
    for what, text in (("name", options.name), ("domain", options.domain)):
        if text and not is_identifier(text):
            raise UsageError(f"{what} '{text}' is not a name", "start with a letter; then letters, digits, '_' and '-'")
    try:
        OwnerForm(contact=options.contact or None)
    except ValidationError as error:
        what = f"'{options.contact}' is not an e-mail address"
        raise UsageError(what, "write it like team@company.com") from error
    if reading.data_format not in _DATA_FORMATS:
        raise UsageError(f"unknown data format '{reading.data_format}'", "known: parquet, csv, json")


def _propose(location: str, folder: Path, options: DraftOptions, reading: Reading) -> list[DraftContract]:
    path = Path(os.path.expanduser(location))  # noqa: PTH111  # `~` alone, and never an error
    if path.suffix.lower() == ".sql" and path.is_file():
        return read_tables(_text(path), reading.dialect, path.name)
    if is_dbt_manifest(path):
        return read_manifest(_text(path), path.name, contract_type)
    if is_database(path) and "#" not in location:
        return [_profile(f"{location}#{table}", folder, options, reading) for table in list_tables(path)]
    return [_profile(location, folder, options, reading)]


def is_dbt_manifest(path: Path) -> bool:
    """Tell whether a path is a dbt manifest, by its name and its first words."""
    if path.name != "manifest.json" or not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return is_manifest(file.read(4096))


def _profile(location: str, folder: Path, options: DraftOptions, reading: Reading) -> DraftContract:
    name = options.name or last_segment(location)
    relation = Relation(id="drafted", location=location, base=str(Path.cwd()), format=reading.data_format)
    try:
        profile = profile_table(DuckDB(), relation, name, reading.settings)
    except SourceError as error:
        raise SourceError(error.what, _HINTS.get(error.code, error.hint), code=error.code) from error
    shown = redacted(location).rpartition("/")[2] or location
    written = location_from(folder, location)
    draft = propose_contract(profile, name, written, shown=shown, declared_format=reading.data_format)
    if "***" in written and "***" not in location:
        return draft.model_copy(update={"notes": (*draft.notes, _NO_SECRETS)})
    return draft


def location_from(folder: Path, location: str) -> str:
    """Return a location as a contract in `folder` names it: relative, or remote without what may be a secret in it."""
    if "://" in location and not location.startswith("file://"):
        return redacted(location)
    path, hash_, table = location.removeprefix("file://").partition("#")
    whole = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111  # links stay as they were written
    relative = Path(os.path.relpath(whole, os.path.abspath(folder))).as_posix()  # noqa: PTH100
    return f"{relative}{'/' if path.endswith('/') and relative != '.' else ''}{hash_}{table}"


def beside(location: str) -> Path:
    """Return the folder that the data lies in, where a contract beside it would be; the working folder for remote data."""
    if "://" in location and not location.startswith("file://"):
        return Path.cwd()
    path = Path(os.path.expanduser(location.removeprefix("file://").partition("#")[0])).parent  # noqa: PTH111
    while _GLOB.search(str(path)) and not path.exists():
        path = path.parent
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(f"'{path.name}' is not UTF-8", "save it as UTF-8", code="MK107") from error
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise ContractError(f"'{path.name}' cannot be read: {reason}", "check its permissions", code="MK108") from error
