"""Edits by patterns: what a text says in one form, and the form that takes its place, language by language."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.operator import Edit, Site

Table = dict[str, tuple[tuple[str, str], ...]]
"""Language to (pattern, replacement) pairs over the function's text; `*` holds for every language."""


def _line(data: bytes, position: int) -> int:
    """The line feed before `position`, where only white space stands between; else `position`."""
    found = data.rfind(b"\n", 0, position)
    return found if found >= 0 and not data[found:position].strip() else position


def rewrites(syntax: Syntax, function: Function, table: Table) -> Iterator[Site]:
    """One site for each place of the function's body, outside of comments, where a pattern of `table` stands."""
    quiet = [(n.start_byte, n.end_byte) for n in syntax.nodes("comments", "comment", function.node)]
    quiet += [(n.start_byte, n.end_byte) for n in syntax.nodes("docstrings", "docstring", function.node)]
    start = _line(syntax.data, function.body.start_byte)
    body = syntax.data[start : function.body.end_byte]
    for pattern, replacement in table.get(syntax.language, ()) + table.get("*", ()):
        for match in re.finditer(pattern.encode(), body):
            at = start + match.start()
            if not any(a <= at < b for a, b in quiet):
                yield (Edit(at, start + match.end(), match.expand(replacement.encode()).decode("utf-8", "replace")),)
