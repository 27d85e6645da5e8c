import asyncio

import pytest

from schemas.criteria import CODE_CRITERIA
from synthesis.calls import AnswerUnusable
from synthesis.tasks.rate import MAX_DIFF_CHARS, Rating, diff, rate
from tests.synthesis.tasks.callers import Scripted, said, user

GOOD = said(summary="s", description="d", single_purpose=True, saliency=4)
BEFORE = "def first(a):\n    b = a\n    return b[0]\n"
AFTER = "def first(a):\n    return a[0]\n"


def run(caller: Scripted, **other: str) -> Rating:
    values = {"before": BEFORE, "after": AFTER, "criterion": "readability_maintainability", "control": ""} | other
    asked = rate(caller, "m", language="Python", message="Drop a name", seed=1, record="r", **values)
    return asyncio.run(asked).value


def test_the_prompt_has_message_diff_rubric_and_scale() -> None:
    caller = Scripted([GOOD])
    assert run(caller).saliency == 4
    text = user(caller.asked[0])
    assert "Drop a name" in text
    assert "-    b = a\n-    return b[0]\n+    return a[0]" in text
    criterion = CODE_CRITERIA["readability_maintainability"]
    assert criterion.definition in text
    assert all(question in text for question in criterion.rubric)
    assert all(f"\n{grade}: " in text for grade in range(1, 6))
    assert caller.asked[0].task == "rate"
    assert caller.asked[0].sampling.temperature == 0


def test_a_control_is_named_and_asks_by_the_same_words() -> None:
    caller = Scripted([GOOD, GOOD, GOOD])
    run(caller)
    run(caller, control="reversed", before=AFTER, after=BEFORE)
    run(caller, control="placebo")
    assert [request.task for request in caller.asked] == ["rate", "rate/reversed", "rate/placebo"]
    assert "+    b = a\n+    return b[0]\n-    return a[0]" not in user(caller.asked[0])
    assert "-    return a[0]\n+    b = a\n+    return b[0]" in user(caller.asked[1])
    assert caller.asked[0].key == caller.asked[2].key


@pytest.mark.parametrize("saliency", [0, 6, "high", None])
def test_a_rating_off_the_scale_is_unusable(saliency: object) -> None:
    bad = said(summary="s", description="d", single_purpose=True, saliency=saliency)
    with pytest.raises(AnswerUnusable, match="saliency"):
        run(Scripted([bad, bad]))


def test_a_diff_has_context_and_is_bounded() -> None:
    lines = [f"line{i}" for i in range(60)]
    shown = diff("\n".join(lines), "\n".join([*lines[:30], "new", *lines[30:]]))
    assert "+new" in shown
    assert " line18" in shown
    assert " line17" not in shown
    assert "---" not in shown
    assert diff("a\n", "a\n") == ""
    huge = diff("", "\n".join(["x" * 100] * 1_000))
    assert len(huge) < MAX_DIFF_CHARS + 60
    assert huge.endswith("more characters left out]")
