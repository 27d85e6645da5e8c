import pytest
from judge_calls import ANSWERS, KEYS, PROMPTS, at, section
from model_server import answers, serving

from pipeline.evaluation.scorers.pairwise import PairwiseOptions, agreed


def longer(body):
    first, second = (len(section(body, name)) for name in ("first", "second"))
    return "Verdict: " + ("A" if first > second else "B" if second > first else "TIE")


def test_swapping_the_answers_swaps_the_scores(ledger):
    first, second = ["xx", "x", "same", "yy"], ["x", "xx", "same", "zz"]
    with serving(answers(longer)) as server:
        judge = PairwiseOptions(**at(server.url, ledger)).load("m")
        scores = judge.compare(["p"] * 4, first, second, KEYS * 2)
        asked = len(server.requests)
        swapped = judge.compare(["p"] * 4, second, first, KEYS * 2)
    assert scores == [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.5, 0.5)]
    assert swapped == [(b, a) for a, b in scores]
    assert asked == len(server.requests) == 7  # two orders a pair, but one of two equal answers


@pytest.mark.parametrize(("said", "score"), [("Verdict: A", (0.5, 0.5)), ("Verdict: B", (0.5, 0.5)), ("A!", None)])
def test_a_judge_that_looks_at_the_place_alone_gives_ties(says_always, said, score):
    judge = PairwiseOptions(max_new_tokens=4).load(str(says_always(said)))
    assert judge.compare(PROMPTS, ANSWERS, ["1", "2"], KEYS) == [score] * 2


@pytest.mark.parametrize(
    ("one", "other", "scores"),
    [
        ("A", "B", (1.0, 0.0)),
        ("B", "A", (0.0, 1.0)),
        ("TIE", "TIE", (0.5, 0.5)),
        ("A", "TIE", (0.5, 0.5)),
        ("TIE", "A", (0.5, 0.5)),
        ("B", "B", (0.5, 0.5)),
        ("A", None, None),
        (None, "A", None),
    ],
)
def test_the_orders_must_agree(one, other, scores):
    assert agreed(one, other) == scores
