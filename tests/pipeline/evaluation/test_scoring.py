import json
import math

import pytest

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.scorers.length import LengthOptions
from pipeline.evaluation.scoring import HOPELESS, Scored, identity, score_all, score_pairs, store_key
from schemas.errors import CheckFailed, ConfigError


def pairs(count):
    return [
        BenchmarkPair(f"id{i:03d}", f"prompt {i}", f"good {i}", f"bad {i}", "Go", "A", "S", "security_hardness")
        for i in range(count)
    ]


class Pointwise:
    """1 for `good`, 0 for `bad`, but what `odd` says for an answer; notes every call."""

    def __init__(self, odd=None):
        self.odd, self.calls = odd or {}, []

    def score(self, prompts, answers, criteria):
        self.calls.append(list(answers))
        found = []
        for answer in answers:
            value = self.odd.get(answer, 1.0 if answer.startswith("good") else 0.0)
            if isinstance(value, Exception):
                raise value
            found.append(value)
        return found


class Pairwise:
    def __init__(self, odd=None):
        self.odd, self.firsts = odd or {}, []

    def compare(self, prompts, firsts, seconds, criteria):
        self.firsts += firsts
        return [
            self.odd.get(prompt, (len(first) + 0.5, len(second) + 0.5))
            for prompt, first, second in zip(prompts, firsts, seconds, strict=True)
        ]


def quiet(event):
    pass


def test_chunks_come_in_order_and_are_told():
    events = []
    found = score_all(Pointwise(), pairs(5), events.append, chunk_pairs=2)
    assert found == [Scored(1.0, 0.0)] * 5
    assert events == [{"stage": "evaluate", "step": step, "steps": 5} for step in (2, 4, 5)]


def test_a_pairwise_scorer_is_asked_in_both_orders():
    scorer = Pairwise({"prompt 3": None})
    found = score_all(scorer, pairs(40), quiet)
    shown = [first.startswith("good") for first in scorer.firsts]
    assert 8 < sum(shown) < 32
    assert all(
        one == Scored(len(pair.chosen) + 0.5, len(pair.rejected) + 0.5)
        for pair, one in zip(pairs(40), found, strict=True)
        if pair.id != "id003"
    )
    assert found[3].reason == "chosen has no score; rejected has no score"


def test_a_failed_row_is_listed_with_its_reason_and_the_others_are_scored():
    odd = {
        "good 1": None, "bad 2": math.nan, "good 4": math.inf,
        "bad 7": RuntimeError("out of\n memory"), "good 30": ValueError("no"),
    }  # fmt: skip
    found = score_all(Pointwise(odd), pairs(40), quiet)
    assert {i: one.reason for i, one in enumerate(found) if one.reason} == {
        1: "chosen has no score", 2: "rejected scores nan, must be finite", 4: "chosen scores inf, must be finite",
        7: "RuntimeError: out of memory", 30: "ValueError: no",
    }  # fmt: skip
    assert (found[1].chosen, found[1].rejected) == (None, 0.0)
    assert (found[7].chosen, found[7].rejected, found[7].raised) == (None, None, True)
    assert math.isnan(found[1].difference) and found[0].difference == 1.0


def test_a_scorer_that_always_raises_is_given_up():
    scorer = Pointwise({f"{side} {i}": OSError("server gone") for i in range(100) for side in ("good", "bad")})
    with pytest.raises(
        CheckFailed, match=rf"Pointwise: raises on each of {HOPELESS} pairs from id000 on, .*server gone"
    ):
        score_all(scorer, pairs(100), quiet)
    assert len(scorer.calls) == 1 + HOPELESS


def test_what_the_user_got_wrong_is_told_as_it_is():
    with pytest.raises(ConfigError, match="no such prompt"):
        score_all(Pointwise({"bad 3": ConfigError("no such prompt")}), pairs(5), quiet)


def test_a_scorer_that_miscounts_is_refused():
    class Short:
        def score(self, prompts, answers, criteria):
            return [0.0] * (len(answers) - 1)

    with pytest.raises(CheckFailed, match="Short: gave 9 scores for 10"):
        score_all(Short(), pairs(5), quiet)


def test_strict_scoring_wants_every_score():
    assert score_pairs(Pointwise(), pairs(2), quiet) == [(1.0, 0.0)] * 2
    with pytest.raises(CheckFailed, match="id001: rejected scores nan"):
        score_pairs(Pointwise({"bad 1": math.nan}), pairs(2), quiet)


def test_a_killed_evaluation_goes_on(tmp_path):
    def stop(event):
        if event["step"] == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_all(Pointwise(), pairs(7), stop, tmp_path, chunk_pairs=2)
    again = Pointwise()
    found = score_all(again, pairs(7), quiet, tmp_path, chunk_pairs=2)
    assert [len(answers) for answers in again.calls] == [4, 2]  # pairs 4 and 5, and 6
    assert found == score_all(Pointwise(), pairs(7), quiet)


def test_only_pairs_that_failed_are_asked_again(tmp_path):
    first = score_all(Pointwise({"bad 1": None, "good 5": None}), pairs(6), quiet, tmp_path, chunk_pairs=3)
    assert [bool(one.reason) for one in first] == [False, True, False, False, False, True]
    again = Pointwise({"good 5": None})
    found = score_all(again, pairs(6), quiet, tmp_path, chunk_pairs=3)
    assert again.calls == [["good 1", "bad 1"], ["good 5", "bad 5"]]
    assert [bool(one.reason) for one in found] == [False] * 5 + [True]


@pytest.mark.parametrize("content", [b"[[1.0,", b"[[1.0, 0.0]]", b'[[1.0, 0.0, ""]]', b"7"])
def test_a_chunk_that_is_not_what_was_written_is_scored_again(tmp_path, content):
    (tmp_path / "00000.json").write_bytes(content)
    assert score_all(Pointwise(), pairs(3), quiet, tmp_path) == [Scored(1.0, 0.0)] * 3
    assert len(json.loads((tmp_path / "00000.json").read_bytes())) == 3


def test_the_store_is_of_one_scorer_and_these_pairs():
    few = pairs(3)
    keys = {
        store_key("a", few, 2), store_key("b", few, 2), store_key("a", few, 3), store_key("a", few[:2], 2),
        store_key("a", few[::-1], 2),
    }  # fmt: skip
    assert len(keys) == 5
    assert store_key("a", pairs(3), 2) in keys


def test_a_scorer_is_its_options_and_its_bytes(tmp_path):
    model, words = tmp_path / "model", tmp_path / "words.yaml"
    model.mkdir()
    (model / "weights").write_bytes(b"1")
    words.write_text("default: a")
    options = LengthOptions(system="file", system_file=words)
    found = [identity(options, str(model)), identity(LengthOptions(), str(model)), identity(options, "org/name")]
    (model / "weights").write_bytes(b"2")
    found.append(identity(options, str(model)))
    words.write_text("default: b")
    found.append(identity(options, str(model)))
    found += [identity(options, str(words)), identity(options, str(tmp_path / "nothing"))]
    assert len(set(found)) == 7
    assert identity(options, str(model)) == found[4]
