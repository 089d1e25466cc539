"""Text that a contract's author wrote, as Markdown that shows it and means nothing else."""

from __future__ import annotations

import re

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = "\\`*_{}[]()#!|~@$"
_AUTOLINK = re.compile(r"(?<=[A-Za-z]):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(?:[-+=]|\d+(?=[.)]))")
_SECRET = re.compile(r"(?<=://)[^/@\s]*@")


def inline(text: str) -> str:
    r"""Return a text on one line, for a cell or a heading, without any mark-up.

    Example:
        >>> inline("a|b\n<b>c</b> [x](http://y)")
        'a\\|b &lt;b&gt;c&lt;/b&gt; \\[x\\]\\(http&#58;//y\\)'
    """
    flat = " ".join(_printable(text).split())
    escaped = "".join(_ENTITIES.get(c, f"\\{c}" if c in _MARKS else c) for c in flat)
    return _AUTOLINK.sub(lambda m: f"&#{ord(m[0])};", escaped)


def paragraphs(text: str) -> list[str]:
    """Return a text of several lines as lines of Markdown; empty lines part paragraphs, and no line starts a list."""
    lines = [inline(line) for line in text.strip().splitlines()]
    return [_LINE_START.sub(lambda m: f"\\{m[0]}" if not m[0].isdigit() else f"&#{ord(m[0][0])};{m[0][1:]}", line)
            for line in lines]  # fmt: skip


def code(text: str) -> str:
    """Return a text as code on one line, for a cell too: its own backticks do not end it."""
    flat = " ".join(_printable(text).split())
    if not flat:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if "`" in flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}".replace("|", "\\|")


def block(text: str, language: str) -> list[str]:
    """Return lines of code in a fence that they cannot end."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return [f"{fence}{language}", *text.splitlines(), fence]


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return a table of cells that are Markdown already; columns without any content are left out."""
    used = [i for i in range(len(head)) if i == 0 or any(row[i] for row in rows)]
    lines = [[head[i] for i in used], ["---"] * len(used), *([row[i] for i in used] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]


def shown_location(location: str) -> str:
    """Return a location without the secrets that a URL may carry."""
    bare = _SECRET.sub("***@", location)
    return bare.partition("?")[0] + "?***" if "://" in bare and "?" in bare else bare


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
