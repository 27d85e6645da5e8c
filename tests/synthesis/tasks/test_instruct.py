import asyncio

import pytest

from schemas.errors import ConfigError
from synthesis.calls import AnswerUnusable
from synthesis.tasks.hints import ATTEMPTS, hint, one_sided
from synthesis.tasks.instruct import STYLES, Instruction, InstructionLeaks, draw_style, instruct
from synthesis.tasks.recover import recover
from tests.synthesis.tasks.callers import Scripted, said, user

BEFORE = "def total(orders):\n    found = 0\n    for o in orders:\n        found += o.price\n    return found\n"
AFTER = "def total(orders):\n    return sum(o.price for o in orders)\n"
SIDES = (BEFORE, AFTER)
CLEAN = said(text="Write a function `total` that takes orders and gives their price, all in all.")


def run(caller: Scripted, style: str | None = "quora", record: str = "r") -> tuple[Instruction, tuple[str, ...]]:
    asked = asyncio.run(
        instruct(caller, "m", language="Python", before=BEFORE, after=AFTER, criterion="runtime_efficiency",
                 style=style, seed=1, record=record)
    )  # fmt: skip
    return asked.value, asked.keys


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Write `total`, which takes orders and gives the price.", None),
        ("Write `total` with a `found` variable.", "found"),
        ("Write `total`, by way of found.", "found"),
        ("Write `total` to sum the orders.", "sum"),
        ("Write `total`, summing the orders.", "summing"),
        ("Write `total` for the orders as it is fast.", "fast"),
        ("Write total, efficiently, of the orders.", "efficiently"),
        ("Write total, of the orders, without a hot path.", "hot path"),
        ("Write total of the orders and fix the bug.", "fix"),
        ("Write a secure total of the orders.", "secure"),
        ("Write a more readable total of the orders.", "readable"),
        ("Write total of the orders; mind edge cases.", "edge cases"),
        ("Write total at runtime.", "runtime"),
    ],
)
def test_hints(text: str, word: str | None) -> None:
    assert hint(text, SIDES, "runtime_efficiency") == word


def test_inflections_of_a_word_that_one_side_has_are_hints() -> None:
    sides = ("def get(k):\n    return load(k)\n", "def get(k):\n    return cached(k, load)\n")
    assert hint("get a key, caching it", sides, None) == "caching"
    assert hint("get a key, loading it", sides, None) is None


def test_a_word_of_quality_that_both_sides_have_is_no_hint() -> None:
    sides = ("int fix_path(int memory) { return 1; }", "int fix_path(int memory) { return 2; }")
    assert hint("Write fix_path, which takes memory.", sides, "memory_efficiency") is None
    assert hint("Write fix_path, which takes little memory and leaks none.", sides, "memory_efficiency") == "leaks"


def test_small_words_of_the_language_are_no_hints() -> None:
    sides = ("for x in a:\n    if x not in b: pass\n", "a - b\n")
    assert hint("what is in a and not in b, if any, for both", sides, None) is None


def test_one_sided_words_are_ranked_and_bounded() -> None:
    assert one_sided(SIDES) == ["found", "0", "sum"]
    many = one_sided(("", " ".join(f"word{i}" for i in range(500)) + " " + "x" * 31))
    assert len(many) == 40


def test_a_clean_request_takes_one_call() -> None:
    caller = Scripted([CLEAN])
    value, keys = run(caller)
    assert value.text.startswith("Write a function `total`")
    assert keys == (caller.asked[0].key,)
    text = user(caller.asked[0])
    assert BEFORE in text
    assert AFTER in text
    assert STYLES["quora"].description in text
    assert "found, 0, sum" in text


def test_the_sides_come_in_either_order() -> None:
    first = set()
    for i in range(12):
        caller = Scripted([CLEAN])
        run(caller, record=str(i))
        first.add(user(caller.asked[0]).index(BEFORE) < user(caller.asked[0]).index(AFTER))
    assert first == {True, False}


def test_a_hint_is_asked_anew_with_another_seed_and_the_word_named() -> None:
    caller = Scripted([said(text="Total the orders with elegance, elegantly."), CLEAN])
    value, keys = run(caller)
    assert value.text.startswith("Write a function")
    first, second = caller.asked
    assert keys == (first.key, second.key)
    assert first.sampling.seed != second.sampling.seed
    assert "elegantly" in user(second)
    assert len(second.messages) == 2


def test_a_request_that_always_hints_is_given_up_with_the_word() -> None:
    caller = Scripted(lambda _: said(text="Make total of orders faster."))
    with pytest.raises(InstructionLeaks, match="'faster'") as raised:
        run(caller)
    assert raised.value.word == "faster"
    assert isinstance(raised.value, AnswerUnusable)
    assert len(caller.asked) == ATTEMPTS
    assert len({request.sampling.seed for request in caller.asked}) == ATTEMPTS


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("", "empty"), ("total", "empty"), ("orders " * 81, "81 words"), ("the orders\x1b[0m", "control characters")],
)
def test_a_request_out_of_shape_is_mended_then_unusable(text: str, wrong: str) -> None:
    caller = Scripted([said(text=text), said(text=text)])
    with pytest.raises(AnswerUnusable, match=wrong):
        run(caller)
    assert wrong in caller.asked[1].messages[3][1]


def test_a_style_is_drawn_from_the_record() -> None:
    drawn = {record: draw_style(1, record) for record in map(str, range(60))}
    assert set(drawn.values()) == set(STYLES)
    assert len(STYLES) == 5
    caller = Scripted([CLEAN])
    record = next(record for record, name in drawn.items() if name == "contest")
    run(caller, None, record)
    assert STYLES["contest"].description in user(caller.asked[0])
    with pytest.raises(ConfigError, match="haiku"):
        run(Scripted([]), "haiku")


def test_a_statement_is_recovered_and_checked_like_a_request() -> None:
    solutions = ("n = int(input())\nprint(n * 2)\n", "m = int(input())\nprint(m + m)\n")
    caller = Scripted([said(statement="Sum it, with the variable m."), said(statement="Print the input twice over.")])
    asked = asyncio.run(recover(caller, "m", language="Python", solutions=solutions, seed=1, record="p"))
    assert asked.value.statement == "Print the input twice over."
    assert asked.keys == tuple(request.key for request in caller.asked)
    assert {request.task for request in caller.asked} == {"recover"}
    assert all(solution in user(caller.asked[0]) for solution in solutions)
