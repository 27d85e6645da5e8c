"""Where a record came from, what made it, and the ids that follow from both.

Ids are sha256 over length-prefixed parts, so no two different lists of parts can collide by joining.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""Half-open byte range into the UTF-8 bytes of a text."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The public place that a text was read from.

    Attributes:
        source: name of the configured source, such as `pypi`.
        repo: the unit that a split keeps whole: `pypi:requests`, `github.com/pallets/flask`, a folder.
        revision: version or commit.
        path: path inside the repository, with forward slashes.
        blob_sha256: sha256 of the file's bytes (of the newer side, for a change).
        license: SPDX expression, or None where none was stated.
        committed_at: Unix seconds, or None where unknown.
        before_sha256: sha256 of the older side's bytes; None where there is none.
        family: what a repository and its forks share (the smallest sha of a root commit); None where unknown.
    """

    source: str
    repo: str
    revision: str
    path: str
    blob_sha256: str
    license: str | None = None
    committed_at: int | None = None
    before_sha256: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to make one side of a pair.

    Attributes:
        side: `chosen` or `rejected`; `prompt` for what made the prompt, `pair` for what was asked about both sides.
        name: `source` for text taken as it was found; `mutation/<operator>`, `repair/<operator>` or
            `placebo/<operator>` for an edit; `commit/after` and `commit/before`; a model's task, such as `judge`.
        version: version of the code that did it.
        parameters: sorted (name, value) pairs, enough to do it again.
        spans: byte ranges touched, in the text that the step started from.
    """

    side: str
    name: str
    version: str
    parameters: tuple[tuple[str, str], ...] = ()
    spans: tuple[Span, ...] = ()


REDACT = "redact/"
"""What the names of steps begin with that replace secrets or personal data, after all others."""


def decisive(steps: Iterable[tuple[str, str]]) -> str:
    """Name of the step that decides a pair, such as `mutation/boundary_moved` or `commit/before`.

    It is the last one that made the rejected side; where that side is as it was found, the chosen side's last one.
    Redacting a side decides nothing.

    Args:
        steps: (side, name) of each step, in order.
    """
    made = {side: name for side, name in steps if side in ("chosen", "rejected") and not name.startswith(REDACT)}
    rejected = made.get("rejected", "source")
    return rejected if rejected != "source" else made.get("chosen", "source")


def sha256(data: bytes) -> str:
    """Hex sha256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def content_id(*parts: str) -> str:
    """Hex sha256 over `parts`, each prefixed by its length in bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def child_id(parent: str, step: str, version: str, parameters: Mapping[str, str], spans: tuple[Span, ...]) -> str:
    """Id of what `step` made from the record `parent`."""
    return content_id(
        parent, step, version, json.dumps(dict(parameters), sort_keys=True), json.dumps([list(s) for s in spans])
    )


def seeded(seed: int, step: str, record_id: str) -> Random:
    """The random source of one step on one record: the same on every worker and in every order of arrival."""
    return Random(f"{seed}:{step}:{record_id}")
