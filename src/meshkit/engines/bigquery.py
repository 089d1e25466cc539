"""BigQuery, by Google's own client: results arrive as Arrow. Not run on BigQuery here: written from the client's documentation."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from meshkit.engines.base import Settings
from meshkit.engines.dbapi import LOST, OVERFLOW, PATTERN, VALUE, ZERO, Reason, placed, told, words_for
from meshkit.engines.driver import Address, Capabilities
from meshkit.engines.logins import login_of, unreached
from meshkit.engines.one_select import require_select
from meshkit.engines.pick_table import pick
from meshkit.engines.registry import lacking
from meshkit.errors import EngineError, InterruptedRunError, SourceError
from meshkit.model.relation import SeenColumn

if TYPE_CHECKING:
    import pyarrow as pa

_OPTIONS = ("location", "credentials_file", "maximum_bytes_billed", "dataset")
_WORDS = {
    "string": "VARCHAR", "bytes": "BLOB", "integer": "BIGINT", "int64": "BIGINT", "float": "DOUBLE", "float64": "DOUBLE",
    "boolean": "BOOLEAN", "bool": "BOOLEAN", "timestamp": "TIMESTAMP WITH TIME ZONE", "datetime": "TIMESTAMP", "date": "DATE",
    "time": "TIME", "json": "JSON",
}  # fmt: skip
_PLACED = re.compile(r"\s*at \[\d+:\d+\]\s*$")
"""What the analyser adds to its errors, who sees no row; errors of rows have no place."""


def connect(address: Address, settings: Settings) -> BigQuery:
    """Connect; see `Opener`.

    `bigquery://project/dataset?location=EU`, as the default credentials of the environment, or by `credentials_file`, given as an
    option; `maximum_bytes_billed` limits each statement.
    """
    try:
        module, failures = import_module("google.cloud.bigquery"), import_module("google.api_core.exceptions")
        refused = import_module("google.auth.exceptions").GoogleAuthError
    except ImportError:
        raise lacking("bigquery", "google-cloud-bigquery") from None
    return BigQuery(module, (failures.GoogleAPICallError, failures.RetryError, refused), address, settings)


class BigQuery:
    """A client. Each statement is first planned: what is no single SELECT is refused by the engine's own word.

    Args:
        module: `google.cloud.bigquery`.
        errors: What its calls raise.
        address: Where to.
        settings: Limits; the engine ends what takes too long.

    Raises:
        EngineError: MK311 it is not reached.
    """

    dialect = "bigquery"
    version = "bigquery"
    capabilities = Capabilities(is_read_only=True, has_timeout=True, can_cancel=True, is_concurrent=True)

    def __init__(self, module: Any, errors: tuple[type[Exception], ...], address: Address, settings: Settings) -> None:
        self._module, self._errors, self._seconds = module, errors, settings.timeout_seconds
        self._failures: tuple[type[Exception], ...] = (*errors, OSError)
        login = login_of(address, _OPTIONS)
        options = dict(login.options)
        self._limit = options.get("maximum_bytes_billed", "")
        self._place = (urlsplit(address.url).netloc.rpartition("@")[2] or "", options.get("dataset") or login.database)
        self._turn = threading.Lock()
        self._job: Any = None
        self._is_cancelled = False
        own = {"project": self._place[0] or None, "location": options.get("location")}
        refusals: tuple[type[Exception], ...] = (*self._failures, ValueError)
        try:
            if options.get("credentials_file"):
                self._client = module.Client.from_service_account_json(options["credentials_file"], **own)
            else:
                self._client = module.Client(**own)
            self._place = (self._place[0] or self._client.project, self._place[1])
            self._plan("SELECT 1")
        except refusals:
            hint = "log in by `gcloud auth application-default login`, or give credentials_file"
            raise unreached(address, "the login is refused, or there is no such project", hint) from None

    def columns(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[SeenColumn, ...]]:
        """Return a table's name and columns; see `Driver.columns`."""
        called = ".".join(parts)
        project, dataset, _ = placed(parts, self._place, ("project", "dataset"))
        try:
            known = [(t.project, t.dataset_id, t.table_id) for t in self._client.list_tables(f"{project}.{dataset}")]
            found = pick(parts[-1], known, called)
            table = self._client.get_table(".".join(found))
        except self._errors:
            raise SourceError(f"there is no table '{called}'", "may this user read its dataset?") from None
        return found, tuple(SeenColumn(f.name, word_of(f)) for f in table.schema)

    def rows_of(self, parts: tuple[str, ...]) -> int | None:
        """Return what the engine counted; None for a view; see `Driver.rows_of`."""
        try:
            table = self._client.get_table(".".join(parts))
        except self._errors as error:
            raise self._explained(error) from None
        return int(table.num_rows) if table.table_type == "TABLE" and table.num_rows is not None else None

    def execute(self, query: str) -> pa.Table:
        """Run one SELECT; see `Driver.execute`."""
        text = require_select(query)
        self._is_cancelled = False
        try:
            if self._plan(text).statement_type != "SELECT":
                raise EngineError("refused, since it does more than read", "let it be one SELECT")
            config = self._config(use_query_cache=True)
            if self._limit:
                config.maximum_bytes_billed = int(self._limit)
            if self._seconds:
                config.job_timeout_ms = max(1, round(self._seconds * 1000))
            job = self._client.query(text, job_config=config)
            with self._turn:
                self._job = job
            return job.result().to_arrow(create_bqstorage_client=False)
        except self._failures as error:
            raise self._explained(error) from None
        finally:
            with self._turn:
                self._job = None

    def explain(self, query: str) -> str:
        """Return how many bytes it would read: BigQuery has no plan before a run; see `Driver.explain`."""
        try:
            job = self._plan(require_select(query))
        except self._failures as error:
            raise self._explained(error) from None
        return f"{job.statement_type}, {job.total_bytes_processed:,} bytes to read"

    def cancel(self) -> None:
        """Stop the running job; see `Driver.cancel`."""
        with self._turn:
            self._is_cancelled = True
            if self._job is not None:
                with contextlib.suppress(*self._errors):  # it has ended meanwhile
                    self._job.cancel()

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _plan(self, query: str) -> Any:
        return self._client.query(query, job_config=self._config(dry_run=True, use_query_cache=False))

    def _config(self, **more: Any) -> Any:
        config = self._module.QueryJobConfig(use_legacy_sql=False, labels={"application": "meshkit"}, **more)
        config.connection_properties = [self._module.ConnectionProperty("time_zone", "UTC")]
        return config

    def _explained(self, error: BaseException) -> EngineError:
        if self._is_cancelled:
            return InterruptedRunError("interrupted before it had an answer")
        return told(reason_of(error), self._seconds)


def word_of(field: Any) -> str:
    """Return DuckDB's word for a field of a schema; BigQuery's own where there is none."""
    kind = str(field.field_type).lower()
    if kind in ("record", "struct"):
        word = _struct(field.fields)
    elif kind in ("numeric", "bignumeric"):
        word = _decimal(kind, field.precision, field.scale)
    else:
        word = words_for(kind, _WORDS)
    return f"{word}[]" if field.mode == "REPEATED" else word


def _struct(fields: Sequence[Any]) -> str:
    inner = (f'"{f.name}" {word_of(f)}' for f in fields)
    return f"STRUCT({', '.join(inner)})"


def _decimal(kind: str, precision: Any, scale: Any) -> str:
    """NUMERIC holds 38 digits, 9 of them after the point; BIGNUMERIC more than DuckDB's decimals do."""
    digits, places = (
        int(precision or (38 if kind == "numeric" else 76)),
        int(scale if precision else 9 if kind == "numeric" else 38),
    )
    return f"DECIMAL({digits},{places})" if digits <= 38 else "BIGNUMERIC"


def reason_of(error: BaseException) -> Reason:
    """Return why a statement failed; a text is kept only where the analyser wrote it."""
    text = str(getattr(error, "message", "") or "").partition("\n")[0].strip()
    low, code = text.lower(), int(getattr(error, "code", 0) or 0)
    if "timed out" in low or "timeout" in low:
        return Reason("the engine ended it before its time", is_late=True)
    if "division by zero" in low:
        return ZERO
    if "overflow" in low or "out of range" in low:
        return OVERFLOW
    if "cannot parse regular expression" in low:
        return PATTERN
    if "bytes billed" in low:
        return Reason("it would read more than maximum_bytes_billed", "raise it, or narrow the check")
    if _PLACED.search(text):
        return Reason(_PLACED.sub("", text).rstrip("."))
    if code in (403, 404):
        return Reason("a table is not there, or may not be read", "grant roles/bigquery.dataViewer on it")
    if code in (500, 502, 503, 504) or isinstance(error, OSError):
        return LOST
    return VALUE if code == 400 else Reason(f"the engine could not finish it (code {code})")
