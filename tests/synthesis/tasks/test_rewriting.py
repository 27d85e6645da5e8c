import asyncio

import pytest

from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError, ParseRefused
from synthesis.calls import AnswerUnusable, CallRefused
from synthesis.tasks.asking import Asked
from synthesis.tasks.bug import bug
from synthesis.tasks.degrade import degrade
from synthesis.tasks.fix import fix
from synthesis.tasks.rewriting import Rewritten, Rules, complaint
from tests.synthesis.tasks.callers import Scripted, answer, said, user

CODE = '''def clamp(value, low, high):
    """Keep a value within two bounds."""
    # the bounds are inclusive
    if value < low:
        return low
    if value > high:
        return high
    return value'''
BUGGY = CODE.replace("value > high", "value >= low")
PROMPT = "Write `clamp`. It takes `value` and keeps it between low and high."
RULES = Rules(max_share=0.2)


def rewritten(code: str, explanation: str = "the upper bound is compared with low") -> Rewritten:
    return Rewritten(explanation=explanation, where="second condition", code=code)


def wrong(code: str, rules: Rules = RULES, language: str = "Python", old: str = CODE, **other: str) -> str:
    return complaint(language, old, PROMPT, rewritten(code, **other), rules) or ""


def test_a_bug_is_asked_for_with_task_and_code_and_its_answer_taken() -> None:
    caller = Scripted([said(explanation="e", where="w", code=BUGGY)])
    asked = asyncio.run(bug(caller, "m", language="Python", code=CODE, prompt=PROMPT, seed=1, record="r"))
    assert asked == Asked(Rewritten(explanation="e", where="w", code=BUGGY), (caller.asked[0].key,))
    assert CODE in user(caller.asked[0])
    assert PROMPT in user(caller.asked[0])
    assert caller.asked[0].task == "bug"


def test_the_complaint_reaches_the_model_once() -> None:
    caller = Scripted([said(explanation="e", where="w", code=CODE), said(explanation="e", where="w", code=BUGGY)])
    asked = asyncio.run(bug(caller, "m", language="Python", code=CODE, prompt=PROMPT, seed=1, record="r"))
    assert asked.value.code == BUGGY
    assert "same as before" in caller.asked[1].messages[3][1]
    again = Scripted(lambda _: said(explanation="e", where="w", code=CODE))
    with pytest.raises(AnswerUnusable, match="same as before"):
        asyncio.run(bug(again, "m", language="Python", code=CODE, prompt=PROMPT, seed=1, record="r"))


def test_a_cut_answer_is_unusable() -> None:
    cut = answer('{"explanation": "e", "where": "w", "code": "def cl', "length")
    with pytest.raises(AnswerUnusable, match="cut"):
        asyncio.run(bug(Scripted([cut, cut]), "m", language="Python", code=CODE, prompt=PROMPT, seed=1, record="r"))


@pytest.mark.parametrize("fence", ["```python\n{}\n```", "```\n{}\n```\n", "\n{}\n\n"])
def test_a_code_fence_around_the_code_is_no_part_of_it(fence: str) -> None:
    assert rewritten(fence.format(CODE)).code == CODE


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (BUGGY, ""),
        (CODE.replace("        return high\n    return value", "        return high\n        return value"), ""),
        (CODE.replace("value > high:", "value > high"), "does not parse"),
        ("clamp = 3", "must define clamp"),
        ("", "must define clamp"),
        ("x\0y", "can't be parsed"),
        (BUGGY + "\n\n\nclamp(1, 2, 3)", "nothing else"),
        (BUGGY + "\n\n\ndef other():\n    pass", "nothing else"),
        (BUGGY.replace("clamp", "limit"), "must define clamp"),
        (BUGGY.replace("value, low, high", "value, high, low"), "signature must stay"),
        (CODE, "same as before"),
        (CODE.replace("    return value", "\n    return   value"), "same as before"),
        (CODE.replace("inclusive", "included"), "same as before"),
        ("def clamp(value, low, high):\n    return sorted([x for x in (value, low, high) if x])[1]", "too much"),
        (BUGGY.replace("        return low", "        return low  # BUG"), "'bug'"),
        (BUGGY.replace("        return low", "        return low  # TODO: upper bound"), "'todo'"),
        (BUGGY.replace("inclusive", "inclusive; compared in one place"), "'compared'"),
        (BUGGY.replace("inclusive", "inclusive, though it is incorrect here"), "'incorrect'"),
        (BUGGY.replace("        return low", "        buggyBound = low\n        return buggyBound"), "'buggy'"),
    ],
)
def test_rules_of_a_rewritten_function(code: str, words: str) -> None:
    if words:
        assert words in wrong(code)
    else:
        assert wrong(code) == ""


def test_the_words_of_the_prompt_stay() -> None:
    loose = Rules(1.0, same_interface=False)
    assert "`value` is named by the task" in wrong(BUGGY.replace("value", "v"), loose)
    assert wrong(BUGGY.replace("high", "top"), loose) == ""


def test_an_old_comment_may_speak_of_bugs() -> None:
    old = CODE.replace("inclusive", "inclusive (see bug 12)")
    assert wrong(old.replace("value > high", "value >= low"), old=old) == ""


def test_layout_that_carries_meaning_counts_as_a_change() -> None:
    moved = CODE.replace("        return high\n    return value", "        return high\n        return value")
    assert wrong(moved) == ""
    java = "int f(int a) {\n  int b = a;\n  return b;\n}"
    assert "same as before" in wrong(java.replace("\n  ", "\n      "), language="Java", old=java)


def test_comments_alone_are_a_change_only_where_words_count() -> None:
    bare = CODE.replace("    # the bounds are inclusive\n", "")
    assert "same as before" in wrong(bare)
    assert wrong(bare, Rules(0.5, words_count=True)) == ""


def test_a_text_of_several_functions_is_compared_whole() -> None:
    old = "def f(a):\n    return a + 1\n\n\ndef g(a):\n    return f(a) * 2"
    assert wrong(old.replace("* 2", "* 3"), old=old) == ""
    assert "must define f, g" in wrong(old.split("\n\n\n")[0], old=old)


def test_what_did_not_parse_before_need_not_now() -> None:
    old = CODE + "\n    return )("
    assert wrong(old.replace("value > high", "value >= low"), old=old) == ""


@pytest.mark.parametrize("criterion", [key for key in CODE_CRITERIA if key != "functional_correctness"])
def test_degrade_asks_by_the_criterions_rubric(criterion: str) -> None:
    caller = Scripted([said(explanation="e", where="w", code=BUGGY)])
    asked = degrade(caller, "m", language="Python", code=CODE, prompt=PROMPT, criterion=criterion, seed=1, record="r")
    assert asyncio.run(asked).value.code == BUGGY
    assert all(question in user(caller.asked[0]) for question in CODE_CRITERIA[criterion].rubric)
    assert ("same results" in user(caller.asked[0])) == (criterion != "security_hardness")


@pytest.mark.parametrize("criterion", CODE_CRITERIA)
def test_fix_may_change_the_signature_but_not_the_name(criterion: str) -> None:
    better = CODE.replace("value, low, high", "value, low=0, high=1")
    renamed = better.replace("clamp", "limit")
    caller = Scripted([said(explanation="e", where="w", code=code) for code in (renamed, better)])
    asked = fix(caller, "m", language="Python", code=CODE, prompt=PROMPT, criterion=criterion, seed=1, record="r")
    assert asyncio.run(asked).value.code == better
    assert CODE_CRITERIA[criterion].definition in user(caller.asked[0])
    assert "must define clamp" in caller.asked[1].messages[3][1]


def test_a_fix_may_bring_imports_and_helpers() -> None:
    loose = Rules(1.0, same_interface=False)
    helped = "import math\n\n\ndef least(a, b):\n    return a if a < b else b\n\n\n" + BUGGY
    assert wrong(helped, loose) == ""
    assert "must define clamp" in wrong(helped.replace("clamp", "limit"), loose)


def test_documentation_that_a_fix_brings_may_use_the_words_of_its_explanation() -> None:
    loose = Rules(1.0, same_interface=False, words_count=True)
    told = CODE.replace("inclusive", "inclusive, both of the limits")
    assert wrong(told, loose, explanation="says that the limits are inclusive") == ""
    assert "'limits'" in wrong(told, Rules(1.0, words_count=True), explanation="says that the limits are inclusive")
    assert "'better'" in wrong(CODE.replace("inclusive", "better so"), loose)


def test_readability_may_change_comments_alone() -> None:
    bare = said(explanation="e", where="w", code=CODE.replace("    # the bounds are inclusive\n", ""))
    one = degrade(Scripted([bare]), "m", language="Python", code=CODE, prompt=PROMPT,
                  criterion="readability_maintainability", seed=1, record="r")  # fmt: skip
    assert "inclusive" not in asyncio.run(one).value.code
    other = degrade(Scripted([bare, bare]), "m", language="Python", code=CODE, prompt=PROMPT,
                    criterion="runtime_efficiency", seed=1, record="r")  # fmt: skip
    with pytest.raises(AnswerUnusable):
        asyncio.run(other)


def test_a_criterion_that_does_not_fit_is_refused_before_any_call() -> None:
    values = {"language": "Python", "code": CODE, "prompt": PROMPT, "record": "r"}
    with pytest.raises(ConfigError, match="task `bug`"):
        asyncio.run(degrade(Scripted([]), "m", criterion="functional_correctness", seed=1, **values))
    with pytest.raises(ConfigError, match="speed"):
        asyncio.run(fix(Scripted([]), "m", criterion="speed", seed=1, **values))


def test_code_that_cannot_be_shown_or_parsed_is_refused_before_any_call() -> None:
    marked = CODE.replace("inclusive", "<|im_end|>")
    with pytest.raises(CallRefused) as refused:
        asyncio.run(bug(Scripted([]), "m", language="Python", code=marked, prompt=PROMPT, seed=1, record="r"))
    assert refused.value.reason == "control_marks"
    with pytest.raises(ParseRefused):
        asyncio.run(bug(Scripted([]), "m", language="Python", code="x\0", prompt=PROMPT, seed=1, record="r"))
