"""Chat messages and system prompts: what each holds, and how often each is drawn."""

from collections import Counter
from random import Random

import pytest

from schemas.conversation import draw_system_prompt, messages, system_prompt, system_prompt_all
from schemas.criteria import CODE_CRITERIA, CRITERIA

SHARES = (0.15, 0.60, 0.25)


@pytest.mark.parametrize("key", sorted(CRITERIA))
def test_a_criterions_prompt_names_it_and_no_other(key: str) -> None:
    text = system_prompt(key)
    assert text == text.strip()
    for other, criterion in CRITERIA.items():
        assert (criterion.definition in text) == (criterion.principle in text) == (other == key)


def test_the_prompt_of_all_names_the_five_in_a_drawn_order() -> None:
    orders: Counter[tuple[str, ...]] = Counter()
    for seed in range(300):
        text = system_prompt_all(Random(seed))
        assert text == text.strip()
        assert text == system_prompt_all(Random(seed))
        lines = text.split("\n")[1:]
        assert sorted(lines) == sorted(f"- {c.name}: {c.definition}" for c in CODE_CRITERIA.values())
        orders[tuple(lines)] += 1
    assert len(orders) > 80  # of 120
    assert {order[0] for order in orders} == set(lines)


def test_shares_are_those_asked_for() -> None:
    drawn = [draw_system_prompt("runtime_efficiency", SHARES, Random(f"pair {n}")) for n in range(8_000)]
    own = system_prompt("runtime_efficiency")
    counts = Counter("none" if text is None else "own" if text == own else "all" for text in drawn)
    for kind, share in zip(("none", "own", "all"), SHARES, strict=True):
        assert abs(counts[kind] / len(drawn) - share) < 0.02
    assert len({text for text in drawn if text not in (None, own)}) == 120


@pytest.mark.parametrize(
    ("shares", "kind"), [((1.0, 0.0, 0.0), "none"), ((0.0, 1.0, 0.0), "own"), ((0.0, 0.0, 1.0), "all")]
)
def test_a_share_of_one_is_always_drawn(shares: tuple[float, float, float], kind: str) -> None:
    for seed in range(100):
        text = draw_system_prompt("memory_efficiency", shares, Random(seed))
        if kind == "none":
            assert text is None
        else:
            assert text is not None
            assert (text == system_prompt("memory_efficiency")) == (kind == "own")


def test_messages_leave_out_what_is_not_there() -> None:
    assert messages(None, "p") == [{"role": "user", "content": "p"}]
    assert messages("s", "p", "") == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "p"},
        {"role": "assistant", "content": ""},
    ]
