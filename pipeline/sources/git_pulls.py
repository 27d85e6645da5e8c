"""Which commits were part of a pull request, and how that is known. Nothing but the history and its refs is asked."""

import re
from collections.abc import Mapping, Sequence

from pipeline.sources.git_order import Order

MAX_VALUE_CHARS = 200
_MERGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"merge (?:pull|merge)[ -]request\b",
        r"merge (?:pr|mr)\b",
        r"(?:auto )?merge (?:of )?#\d+",
        r"merged? in(?:to)? .*\(pull request #\d+\)",
        r"merge .*\((?:pr )?#\d+\)$",
        r"merge .*/(?:pull|pulls|merge_requests)/\d+",
    )
)
_IN_BODY = re.compile(r"^see merge request \S+!\d+", re.IGNORECASE | re.MULTILINE)
_SQUASHED = re.compile(r"\((?:pull request |pr )?([#!]\d+)\)\s*$", re.IGNORECASE)
_TRAILER = re.compile(
    r"^(pr[-_ ]url|pull[-_ ]request(?:[-_ ]url)?|merge[-_ ]request|differential revision|reviewed-on|reviewed-by)"
    r"[ \t]*:[ \t]*(\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSED = re.compile(
    r"\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+(https?://\S+/(?:pull|pulls|merge_requests)/\d+)", re.IGNORECASE
)


def merges_pull_request(message: str) -> bool:
    """Whether a merge says that it merges a pull request (GitHub, GitLab, Bitbucket, bors, or by hand)."""
    subject = message.split("\n", 1)[0].strip()
    return any(pattern.match(subject) for pattern in _MERGES) or _IN_BODY.search(message) is not None


def squashed(message: str) -> str | None:
    """`squash #12` where the subject ends in the number of a pull request."""
    found = _SQUASHED.search(message.split("\n", 1)[0])
    return f"squash {found[1]}" if found else None


def trailer(message: str) -> str | None:
    """The trailer that tells of a review or a pull request, those with an address of one first."""
    body = message.partition("\n")[2]
    found = [(one[1], one[2].strip()) for one in _TRAILER.finditer(body)]
    found += [(one[1], one[2].strip()) for one in _CLOSED.finditer(body)]
    if not found:
        return None
    key, value = min(found, key=lambda one: "review" in one[0].lower())
    return f"trailer {key}: {value}"[:MAX_VALUE_CHARS]


def by_merge(order: Order, merges: Sequence[int]) -> dict[int, int]:
    """For each position that a pull request's merge brought, the first such merge's position.

    Args:
        order: of the history.
        merges: positions of merges of pull requests, ascending.
    """
    owner: dict[int, int] = {}
    for merge in merges:
        for at in range(order.brought[merge], merge):
            owner.setdefault(at, merge)
    return owner


def by_ref(order: Order, first_parents: Sequence[int | None], refs: Mapping[str, str]) -> dict[int, tuple[str, int]]:
    """For each position in a pull request that a ref keeps, the ref and the position it points at.

    The commits of a request are those from its head back to the mainline; of a head on the mainline, itself.

    Args:
        order: of the history.
        first_parents: position of each commit's first parent; None where it has none.
        refs: shas by ref, all of them such as `refs/pull/12/head`.
    """
    position = {sha: at for at, sha in enumerate(order.shas)}
    mainline = set(order.mainline)
    owner: dict[int, tuple[str, int]] = {}
    for ref in sorted((ref for ref, sha in refs.items() if sha in position), key=_number):
        head = position[refs[ref]]
        at: int | None = head
        while at is not None and at not in owner:
            if at in mainline and at != head:
                break
            owner[at] = (ref, head)
            at = None if at in mainline else first_parents[at]
    return owner


def _number(ref: str) -> tuple[int, str]:
    return int(ref.split("/")[2]), ref
