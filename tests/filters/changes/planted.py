"""A change to plant, and what a filter says of it."""

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.provenance import Origin
from schemas.records import Change, Facts

BEFORE = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
AFTER = "def total(xs):\n    return sum(xs)\n"


def change(
    message: str = "Sum with the built-in function",
    before: str = BEFORE,
    after: str = AFTER,
    path: str = "src/totals.py",
    language: str = "Python",
    facts: Facts | None = None,
    repo: str = "github.com/a/b",
) -> Change:
    return Change(Origin("git", repo, "0" * 40, path, "1" * 64), language, message, before, after, facts or Facts())


def refusal(filter_: ChangeFilter, planted: Change) -> Refusal | None:
    return filter_.refuse(planted, Edit(planted.language, planted.before, planted.after))


def reason(filter_: ChangeFilter, planted: Change) -> str | None:
    found = refusal(filter_, planted)
    assert found is None or found.detail
    return found.reason if found else None
