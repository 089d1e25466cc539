"""What the codes of SQL and of engines mean."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

RUN_CODES: Mapping[str, Code] = {
    "MK201": Code(
        "Not one SELECT", "A check's query is exactly one SELECT.", "Take out what is not, and any ';' inside."
    ),
    "MK202": Code(
        "Not read-only", "The query would write or change something. Contracts only read.", "Write a SELECT."
    ),
    "MK203": Code(
        "A function that is not allowed",
        "Only functions on a list may be used: none that reads files, settings or secrets, is random, or writes.",
        "Use another function; if a harmless one is missing from the list, please report it.",
    ),
    "MK204": Code(
        "Unknown table",
        "The name is no table of this product, no --table, no input, and no product of the mesh.",
        "Name it under inputs: with a product or a location, or give --table NAME=LOCATION.",
    ),
    "MK205": Code(
        "A table name with several meanings",
        "More than one product is called so.",
        "Name the one you mean under inputs:.",
    ),
    "MK206": Code(
        "Unknown column",
        "The contract, or the data, has no such column.",
        "Take the near name that the message proposes.",
    ),
    "MK207": Code("Not SQL", "The query cannot be parsed.", "Look at the place named; DuckDB's dialect is meant."),
    "MK208": Code(
        "Not one number",
        "A quality check's query returns one row with one number. NULL, text, no row and several rows are no answer.",
        "Count or aggregate; guard with coalesce and nullif.",
    ),
    "MK209": Code(
        "A construct that is not allowed",
        "The query uses something besides plain SELECTs, such as PIVOT, TABLESAMPLE, WITH RECURSIVE or a parameter.",
        "Write it as a plain SELECT.",
    ),
    "MK210": Code(
        "It has no equal on that engine",
        "A part of the query means something else on the engine that holds the data, or is not there; it is never guessed.",
        "Write the check in the engine's own words under sql:, or bring the columns into DuckDB with --fetch.",
    ),
    "MK301": Code(
        "A driver is missing",
        "The engine is known, but the Python package that talks to it is not installed: drivers are extras.",
        "Run the pip install that the message names.",
    ),
    "MK302": Code(
        "The data is not there",
        "No file is at the location, or the contract names none.",
        "Correct it, or give --table NAME=LOCATION.",
    ),
    "MK303": Code(
        "The data cannot be read",
        "A file is damaged, locked, or not what its ending says.",
        "Write it again, or correct the format.",
    ),
    "MK304": Code(
        "The statement failed",
        "The engine could not finish the query.",
        "Read its message; `meshkit sql` prints the query.",
    ),
    "MK305": Code(
        "No answer in time",
        "A statement ran longer than --timeout.",
        "Raise --timeout, or narrow the check with where:.",
    ),
    "MK306": Code("Interrupted", "The run was stopped before this check had an answer.", "Run it again."),
    "MK307": Code(
        "An extension is missing",
        "Remote locations need an extension of DuckDB that is not on this machine.",
        "Install it once while online, or copy the data and use --table NAME=LOCATION.",
    ),
    "MK308": Code(
        "A format that is not read",
        "The files are of a format that this version does not read, or of several formats at once.",
        "Declare schema.type, narrow the location, or give a copy with --table NAME=LOCATION.",
    ),
    "MK309": Code(
        "Types that cannot be compared",
        "The column's type in the data does not fit what the check compares it with.",
        "Store both sides in one type, or declare the type that is there.",
    ),
    "MK310": Code(
        "Outside the folders that may be read",
        "Behind a server, contracts only read files below the mesh's own folder.",
        "Move the data there, or run the check from the command line.",
    ),
    "MK312": Code(
        "A check over two engines",
        "The check reads tables that different engines hold.",
        "Run with --fetch to bring the columns that it needs into DuckDB.",
    ),
    "MK313": Code(
        "Too much to fetch",
        "The columns that a check needs are more than may be brought into DuckDB.",
        "Raise --fetch-rows or --fetch-bytes, or write the check in the engine's own words under sql:.",
    ),
    "MK311": Code(
        "The engine is not reached",
        "Nobody answers at the engine's address, or the login is refused. Checks that read its tables have no answer.",
        "See that it is up and may be reached from here; correct the URL, the user or the password.",
    ),
    "MK315": Code(
        "A query needs more than it may have",
        "Queries run in a process with limits on memory, on what is read for them and on what they answer.",
        "Name fewer columns, filter or aggregate earlier, join fewer rows.",
    ),
}
"""Codes MK2.. and MK3.."""
