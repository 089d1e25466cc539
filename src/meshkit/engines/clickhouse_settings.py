"""What ClickHouse is told with each statement, so that it answers as DuckDB does. The SQL writer counts on each of these."""

from __future__ import annotations

from collections.abc import Mapping

ANSWERS: Mapping[str, str | int] = {
    # Times are read, cut and shown in UTC, whatever the server's zone is.
    "session_timezone": "UTC",
    # What a LEFT JOIN does not find is NULL, not 0 or ''; else no anti-join ever finds a row. The same for ROLLUP.
    "join_use_nulls": 1,
    "group_by_use_nulls": 1,
    # SUM, MIN, MAX, AVG over no row are NULL, not 0 or ''; COUNT stays 0.
    "aggregate_functions_null_for_empty": 1,
    "empty_result_for_aggregation_by_empty_set": 0,
    # CAST keeps NULL, where it would be an error.
    "cast_keep_nullable": 1,
    # NULL IN (NULL) is NULL.
    "transform_null_in": 0,
    # UNION is UNION DISTINCT, where it would be an error; EXCEPT and INTERSECT are not of ALL rows.
    "union_default_mode": "DISTINCT",
    "except_default_mode": "DISTINCT",
    "intersect_default_mode": "DISTINCT",
    # In WHERE, a name is the table's column, not an alias of the SELECT list that hides it.
    "prefer_column_name_to_alias": 1,
    # COUNT(DISTINCT) is exact.
    "count_distinct_implementation": "uniqExact",
    # A date, time or decimal beyond its type is an error, not another value.
    "date_time_overflow_behavior": "throw",
    "decimal_check_overflow": 1,
    # GREATEST and LEAST pass over NULL.
    "least_greatest_legacy_null_behavior": 0,
    # CASE works out a branch only for its own rows, so that a guarded division is guarded.
    "short_circuit_function_evaluation": "enable",
    # A text that is no time is never guessed at.
    "date_time_input_format": "basic",
    # No part of an answer stands for the whole, whatever the user's profile says.
    "read_overflow_mode": "throw",
    "group_by_overflow_mode": "throw",
    "sort_overflow_mode": "throw",
    "result_overflow_mode": "throw",
    "timeout_overflow_mode": "throw",
    "set_overflow_mode": "throw",
    "join_overflow_mode": "throw",
    "distinct_overflow_mode": "throw",
    "transfer_overflow_mode": "throw",
    "skip_unavailable_shards": 0,
    "limit": 0,
    "offset": 0,
    "extremes": 0,
}
"""By name; each is there since ClickHouse 24.12."""

FORMAT: Mapping[str, str | int] = {
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
    "output_format_arrow_fixed_string_as_fixed_byte_array": 0,
    "output_format_arrow_date_as_uint16": 0,
}
"""How answers become Arrow."""

READ_ONLY: Mapping[str, str | int] = {"readonly": 2}
"""Nothing is written. 2 = settings may still be given with a statement; it cannot be taken back."""


def timeout(seconds: float | None) -> Mapping[str, str | int | float]:
    """Return what ends a statement that takes too long; the engine looks at the clock now and then."""
    return {"max_execution_time": max(0.001, round(seconds, 3))} if seconds else {"max_execution_time": 0}
