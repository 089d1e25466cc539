"""The header of a CSV file as it stands in its first line, whatever an engine guesses from the rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from meshkit.engines.sources import find_source
from meshkit.model.names import fold
from meshkit.model.relation import Relation

_LONGEST = 1_000_000
_COMPRESSED = (".gz", ".zst")


def header_of(relation: Relation, guessed: Sequence[str], roots: Sequence[str] = ()) -> list[str]:
    """Return the names in the first line of a CSV relation's first file, where they can be made out; else `guessed`.

    An engine that weighs the rows takes a whole line for one name, or a later line for the header, where some rows have
    too few or too many values.

    Raises:
        SourceError: The relation cannot be found.
    """
    source = find_source(relation, roots)
    if source.extension or source.files[0].endswith(_COMPRESSED):
        return list(guessed)
    with Path(source.files[0]).open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        line = lines.readline(_LONGEST)
    if line.count('"') % 2 or "\ufffd" in line:
        return list(guessed)
    split = [[n.strip() for n in next(csv.reader([line], delimiter=d), [])] for d in ",;\t|"]
    names = max(split, key=len)
    is_plain = len(names) > 1 and all(names) and len({fold(n) for n in names}) == len(names)
    if not is_plain or any({n.strip() for n in guessed} >= set(s) and len(s) > 1 for s in split):
        return list(guessed)  # the engine saw them too, and perhaps columns that the folders' names give besides
    return names
