"""Contracts from one form to another, as plain values. No YAML, no files, no clock."""
