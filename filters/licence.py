"""Licence: the file's licence is one that the corpus may be built from."""

from functools import cache
from typing import Any, Literal

from license_expression import ExpressionError, get_spdx_licensing

from filters.base import Filter, Refusal
from schemas.records import Pair

PERMISSIVE = (
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unlicense",
)
"""SPDX ids of the paper's commit query that ask for no more than naming the author."""

COPYLEFT = (
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "EPL-1.0",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "MPL-2.0",
)
"""SPDX ids of the paper's commit query that pass terms on; only by opt-in."""

MAX_EXPRESSION = 2000
"""Characters of an expression that is parsed at all."""

_NONE = frozenset({"", "NOASSERTION", "NONE", "UNKNOWN"})


class Licence(Filter):
    """Pairs whose licence does not allow their use.

    An `OR` passes where one side is allowed, an `AND` where all are; an exception after `WITH` only permits more, so
    the licence before it decides. Case and deprecated ids (`GPL-3.0+`) don't matter.

    Attributes:
        allow: SPDX ids.
        allow_copyleft: whether the ids of `COPYLEFT` are allowed too.
        allow_unknown: whether a file without a stated licence passes.
    """

    kind: Literal["licence"] = "licence"
    allow: tuple[str, ...] = PERMISSIVE
    allow_copyleft: bool = False
    allow_unknown: bool = False

    def refuse(self, pair: Pair) -> Refusal | None:
        """`licence_unknown` where none is stated, `licence` where it is not allowed or no SPDX expression."""
        return _refusal(pair.origin.license, self.allow + COPYLEFT * self.allow_copyleft, self.allow_unknown)


@cache
def _licensing() -> Any:
    return get_spdx_licensing()


@cache
def _allowed_ids(allow: tuple[str, ...]) -> frozenset[str]:
    """The ids as the library spells them, so that a deprecated one in the configuration still matches."""
    return frozenset(str(_licensing().parse(name)).lower() for name in allow)


@cache
def _refusal(expression: str | None, allow: tuple[str, ...], allow_unknown: bool) -> Refusal | None:
    if expression is None or expression.strip().upper() in _NONE:
        return None if allow_unknown else Refusal("licence_unknown", "no licence is stated")
    if len(expression) > MAX_EXPRESSION:
        return Refusal("licence", f"an expression of {len(expression)} characters, at most {MAX_EXPRESSION}")
    try:
        parsed = _licensing().parse(expression)
        allowed = _passes(parsed, _allowed_ids(allow))
    except (ExpressionError, RecursionError):
        return Refusal("licence", f"{expression!r:.200} is no SPDX expression")
    return None if allowed else Refusal("licence", f"{expression} is not among those allowed"[:300])


def _passes(node: Any, allowed: frozenset[str]) -> bool:
    """Whether the expression `node` can be satisfied by allowed licences alone."""
    operator = getattr(node, "operator", "").strip()
    if operator == "OR":
        return any(_passes(part, allowed) for part in node.args)
    if operator == "AND":
        return all(_passes(part, allowed) for part in node.args)
    return str(getattr(node, "license_symbol", node)).lower() in allowed
