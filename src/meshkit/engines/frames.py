"""Frames that a caller hands over, as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from meshkit.errors import SourceError
from meshkit.later import Later

if TYPE_CHECKING:
    import pyarrow as pa
else:  # only a caller who hands over a frame needs it
    pa = Later("pyarrow")


def as_arrow(frame: Any) -> pa.Table:
    """Return an Arrow table over a frame: Arrow itself, polars, pandas, or anything that exports Arrow's C stream.

    Raises:
        SourceError: It is none of these, or holds what Arrow cannot.
    """
    try:
        if isinstance(frame, pa.Table):
            return frame
        if isinstance(frame, (pa.RecordBatch, pa.RecordBatchReader)):
            return pa.table(frame) if isinstance(frame, pa.RecordBatch) else frame.read_all()
        library = type(frame).__module__.partition(".")[0]
        if library == "pandas":
            return pa.Table.from_pandas(frame, preserve_index=False)
        if library == "polars" and hasattr(frame, "collect"):
            frame = frame.collect()
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise SourceError(
            f"the frame cannot be read as Arrow: {type(error).__name__}", "give columns of one type each"
        ) from error
    raise SourceError(
        f"a table cannot be a {type(frame).__name__}", "give a path, an Arrow table, a polars or a pandas frame"
    )
