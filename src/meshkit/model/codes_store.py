"""The codes of the store of runs, which `codes.py` lists with the others."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

STORE_CODES: Mapping[str, Code] = {
    "MK410": Code(
        "The store cannot be opened or written",
        "The folder is read-only, is not there, is a symbolic link, or something else stands at its place. Verdicts are not "
        "touched by that.",
        "Mend the folder, or name another place with MESHKIT_STORE. --no-record, or MESHKIT_STORE=off, records nothing.",
    ),
    "MK411": Code(
        "The store is locked",
        "Another process has been writing to the store for longer than this one waits.",
        "Run it again; if it stays so, look which process holds the file open.",
    ),
    "MK412": Code(
        "Not a store, or a damaged one",
        "The file is no SQLite database, is damaged, or holds the tables of something else. It is left as it is.",
        "Move the file away and a new store is made; bring what is left of the old one over with `meshkit store export` and "
        "`import`.",
    ),
    "MK413": Code(
        "No room for the store",
        "The disk is full, or a quota is reached. What was recorded before is whole.",
        "Make room; `meshkit store prune --before DATE` removes old runs.",
    ),
    "MK414": Code(
        "The store is of a newer meshkit",
        "A newer version has changed its tables, and this one could misread them.",
        "Use that version of meshkit, or name another place with MESHKIT_STORE.",
    ),
    "MK415": Code(
        "A package for the store is missing",
        "PostgreSQL as a store needs SQLAlchemy, alembic and psycopg: an extra.",
        "Run: pip install 'meshkit[store]'",
    ),
    "MK416": Code(
        "The audit log is not what was written",
        "An entry was changed, removed or put in: its hash, or the hash of the one before it, is another.",
        "Look at the entry that is named; all before it are whole. An export from before has the true ones.",
    ),
    "MK417": Code(
        "The file cannot be imported",
        "It is neither a report of `meshkit check --format json` nor written by `meshkit store export`, or it is damaged.",
        "Give RUN.json, or the folder of an export.",
    ),
    "MK418": Code(
        "The store's server cannot be reached",
        "The PostgreSQL server of the store does not answer, refuses the login, or refused a statement.",
        "Look at the URL, the login and the server; `pip install 'meshkit[store]'` brings the driver.",
    ),
    "MK419": Code(
        "Nothing of it is recorded",
        "The store has no run of that product or id, or there is no store yet.",
        "Run meshkit check on the mesh folder, or name the store with MESHKIT_STORE.",
    ),
}
