"""A ranked full-text index over products, in an SQLite database in memory (FTS5)."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from meshkit.finding.typos import Vocabulary
from meshkit.finding.words import HUMP, split_words
from meshkit.model.found import Found, Hit

START, END = "\x02", "\x03"
"""What stands around each word that was found; a report puts its own marks there."""
_FIELDS = ("name", "tags", "columns", "description", "owner")
_WEIGHTS = (10.0, 6.0, 4.0, 2.0, 2.0)
_AROUND = 12
_MOST_WORDS = 16
_MOST_COLUMNS = 5
_LEAST_PAGE = 50
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Entry(NamedTuple):
    """A product as it is found: texts of its fields, each column as its name and description."""

    product: str
    version: str
    domain: str
    name: str
    status: str = ""
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


class Index:
    """Products that can be searched. Threads may share it.

    Args:
        entries: The products.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        fields = ", ".join(_FIELDS)
        self._database.execute(
            f"CREATE VIRTUAL TABLE products USING fts5({fields}, tokenize = \"unicode61 remove_diacritics 2\", prefix = '2 3')"
        )
        marks = ", ".join("?" * (len(_FIELDS) + 1))
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT INTO products (rowid, {fields}) VALUES ({marks})", self._rows())  # noqa: S608  # constants
        self._database.execute("COMMIT")
        self._database.execute("CREATE VIRTUAL TABLE words USING fts5vocab(products, row)")
        found = self._database.execute("SELECT term, doc FROM words").fetchall()
        self._vocabulary = Vocabulary(dict(found))

    def __len__(self) -> int:
        """Return how many products it holds."""
        return len(self._entries)

    def search(
        self,
        text: str,
        *,
        limit: int = 20,
        domain: str | None = None,
        tag: str | None = None,
        may_see: Callable[[Entry], bool] = lambda _: True,
    ) -> Found:
        """Return the products that fit best.

        Args:
            text: Words in any order; the last one may be a beginning. Nothing = all products, by their names.
            limit: How many at most.
            domain: Only of this domain.
            tag: Only with this tag.
            may_see: Whether the caller may know of a product; the others are as if they were not there.
        """
        words, read_as = self._vocabulary.read(split_words(text)[:_MOST_WORDS])
        hits: list[Hit] = []
        told: set[str] = set()
        for entry, score, snippets in self._ranked(words, text, max(2 * limit, _LEAST_PAGE)):
            is_wanted = domain in (None, entry.domain) and (tag is None or tag in entry.tags)
            if is_wanted and may_see(entry):
                hits.append(_hit(entry, score, snippets, words))
                told |= {near for _, near in read_as if near in _words_of(entry)}
                if len(hits) > limit:
                    break
        shown = tuple(pair for pair in read_as if pair[1] in told)  # no word of what the caller may not know of
        return Found(text=text, hits=tuple(hits[:limit]), read_as=shown, more=len(hits) > limit)

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for number, e in enumerate(self._entries):
            columns = "\n".join(_plain(f"{_apart(name)} {about}") for name, about in e.columns)
            name = f"{_apart(e.name)} {e.domain}"
            yield number, _plain(name), _plain("\n".join(e.tags)), columns, _plain(e.description), _plain(e.owner)

    def _ranked(self, words: Sequence[str], text: str, page: int) -> Iterator[tuple[Entry, float, Sequence[str]]]:
        """Yield products, the best first: those that have all words, then those that have some."""
        if not words:
            if not split_words(text):
                for entry in sorted(self._entries, key=lambda e: (e.domain, e.name)):
                    yield entry, 0.0, [""] * len(_FIELDS)
            return
        seen: set[int] = set()
        for joint in (" AND ", " OR ") if len(words) > 1 else (" AND ",):
            for number, score, *snippets in self._matching(joint.join(_phrases(words)), page):
                if number not in seen:
                    seen.add(number)
                    yield self._entries[number], -score, snippets

    def _matching(self, query: str, size: int) -> Iterator[tuple[int, float, str]]:
        marked = ", ".join(f"snippet(products, {n}, ?2, ?3, '…', {_AROUND})" for n in range(len(_FIELDS)))
        weights = ", ".join(map(str, _WEIGHTS))
        best = (  # texts around words are made for this page alone, and not for all that match
            f"SELECT rowid AS number, bm25(products, {weights}) AS score FROM products WHERE products MATCH ?1 "  # noqa: S608  # constants
            "ORDER BY score, rowid LIMIT ?4 OFFSET ?5"
        )
        statement = (
            f"SELECT number, score, {marked} FROM ({best}) JOIN products ON products.rowid = number "  # noqa: S608  # constants
            "WHERE products MATCH ?1 ORDER BY score, number"
        )
        start = 0
        while True:
            with self._lock:
                page = self._database.execute(statement, (query, START, END, size, start)).fetchall()
            yield from page
            if len(page) < size:
                return
            start += size


def _phrases(words: Sequence[str]) -> list[str]:
    """Quote each word, so that none of them is an operator; the last may be a beginning."""
    return [f'"{w}"{"*" if n == len(words) - 1 and len(w) > 1 else ""}' for n, w in enumerate(words)]


def _hit(entry: Entry, score: float, snippets: Sequence[str], words: Sequence[str]) -> Hit:
    matched = tuple((f, s) for f, s in zip(_FIELDS, snippets, strict=True) if START in s)
    fitting = [name for name, about in entry.columns if _fits(f"{name} {about}", words)]
    return Hit(
        product=entry.product, version=entry.version, domain=entry.domain, name=entry.name, description=entry.description,
        owner=entry.owner, tags=entry.tags, status=entry.status, score=round(score, 6), matched=matched,
        columns=tuple(fitting[:_MOST_COLUMNS]),
    )  # fmt: skip


def _words_of(entry: Entry) -> set[str]:
    texts = [
        entry.name,
        entry.domain,
        entry.description,
        entry.owner,
        *entry.tags,
        *(t for c in entry.columns for t in c),
    ]
    return {word for text in texts for word in split_words(text)}


def _fits(text: str, words: Sequence[str]) -> bool:
    found = split_words(text)
    return any(w in found for w in words[:-1]) or any(f.startswith(words[-1]) for f in found if words)


def _apart(name: str) -> str:
    """Add the parts of a name in camel case, which the tokenizer leaves whole."""
    return f"{name} {' '.join(split_words(name))}" if HUMP.search(name) else name


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)
