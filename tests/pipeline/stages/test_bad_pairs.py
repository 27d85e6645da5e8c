"""Pairs that no one should have made: each is dropped with a reason, none ends the run or takes its memory."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.config import DEFAULT_FILTERS
from schemas.records import Pair
from tests.pipeline.stages.conftest import PAIR

GOOD = """def total(values: list[int]) -> int:
    result = 0
    for value in values:
        result += value
    return result
"""
PROMPT = "Write a function that returns the sum of the whole numbers in a list."


def pair(id_: str, **changes: Any) -> Pair:
    texts = {"prompt": PROMPT, "chosen": GOOD, "rejected": GOOD.replace("= 0", "= 1")}
    return replace(PAIR, id=id_, cluster=id_, parent_id=id_, **(texts | changes))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chosen": GOOD * 500_000}, "length"),  # 57 MB
        ({"rejected": "{[(" * 400_000}, "length"),
        ({"prompt": "a" * 5_000_000}, "length"),
        ({"chosen": " " * 3_000_000}, "length"),
        ({"chosen": ""}, "too_short"),
        ({"chosen": "", "rejected": ""}, "too_short"),
        ({"chosen": "\n", "rejected": " "}, "identical"),
        ({"prompt": ""}, None),
        ({"chosen": GOOD + "\0\0"}, "invisible"),
        ({"chosen": GOOD + "# \u202e evil\n"}, "bidi"),
        ({"prompt": "\ufffd" * 60 + PROMPT}, None),
        ({"chosen": "This can be done with a loop over all of the values, and the sum is then returned."}, None),
    ],
)
def test_each_is_dropped_or_kept_and_nothing_is_lost(curate: Any, changes: dict[str, Any], reason: str | None) -> None:
    good = pair("good")
    kept, dropped = curate([replace(good, prompt=PROMPT + " Thanks."), pair("bad", **changes)], DEFAULT_FILTERS)
    told = {one.id: one.reason for one in dropped}
    assert "good" in {one.pair.id for one in kept} or told["good"] == "near_duplicate"
    if reason is not None:
        assert told["bad"] == reason
    assert all(len(one.detail) < 500 for one in dropped)
