"""A pair to start from, for tests of filters."""

from dataclasses import replace
from typing import Any

from schemas.provenance import Origin, Step
from schemas.records import Pair

CHOSEN = """def total(values: list[int]) -> int:
    result = 0
    for value in values:
        result += value
    return result
"""
REJECTED = CHOSEN.replace("result = 0", "result = 1")
PROMPT = "Write a Python function that returns the sum of the numbers in a list."
PAIR = Pair(
    id="p1",
    parent_id="c1",
    cluster="p1",
    origin=Origin("pypi", "pypi:sums", "1.0", "sums/core.py", "0" * 64, "MIT", 1_500_000_000),
    language="Python",
    criterion="functional_correctness",
    prompt=PROMPT,
    chosen=CHOSEN,
    rejected=REJECTED,
    spans=((0, 10),),
    steps=(Step("chosen", "source", "1"),),
)


def pair(**changes: Any) -> Pair:
    origin = {k: changes.pop(k) for k in ("path", "license") if k in changes}
    return replace(PAIR, origin=replace(PAIR.origin, **origin), **changes)
