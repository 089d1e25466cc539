"""Queries whose right answers are known, and the rows that they are asked of: what every engine is held against."""
