"""Queries with DuckDB's meaning, written so that another engine gives the same answer; what has no equal is refused."""
