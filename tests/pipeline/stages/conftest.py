"""A pair to start from, and a way to run a transform in this process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas.provenance import Origin, Step, sha256
from schemas.records import Pair
from tests.pipeline.stages.curation import curate

__all__ = ["curate"]

PAIR = Pair(
    id="p",
    parent_id="p",
    cluster="p",
    origin=Origin("pypi", "repo", "1.0", "a.py", "ab" * 32, "MIT", 1_500_000_000),
    language="Python",
    criterion="functional_correctness",
    prompt="Write it.",
    chosen="def f(a):\n    return a\n",
    rejected="def f(a):\n    return b\n",
    spans=((0, 9),),
    steps=(Step("chosen", "source", "1"), Step("rejected", "mutation/m", "1", (("edits", "[]"),), ((1, 2),))),
)

ORIGIN = ("repo", "committed_at", "license", "path", "family", "blob_sha256", "before_sha256")
MakePair = Callable[..., Pair]


@pytest.fixture(scope="session")
def make_pair() -> MakePair:
    def make(id_: str, **changes: Any) -> Pair:
        """A pair of its own cluster and of its repository's one file; fields of the origin and `operator` are taken."""
        origin = {name: changes.pop(name) for name in ORIGIN if name in changes}
        origin.setdefault("blob_sha256", sha256(str(origin.get("repo")).encode()))
        operator = changes.pop("operator", PAIR.steps[1].name)
        steps = (PAIR.steps[0], replace(PAIR.steps[1], name=operator))
        made = {"id": id_, "cluster": id_, "parent_id": id_, "steps": steps} | changes
        return replace(PAIR, origin=replace(PAIR.origin, **origin), **made)

    return make
