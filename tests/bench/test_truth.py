"""The exact join finds what comparing every two documents finds, and the figures are what they say they are."""

from fractions import Fraction
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import truth
from bench.planted import plant_all
from filters.minhash import jaccard, shingles


def made_documents() -> list[tuple[str, str]]:
    """Texts of few and many tokens, some sharing a long head, some without any token, with copies of some of them."""
    random = Random(7)
    head = " ".join(f"shared{n}" for n in range(60))
    texts = []
    for number in range(160):
        words = " ".join(
            f"{random.choice('abcdef')}{random.randrange(4)}" for _ in range(random.choice((3, 19, 40, 250)))
        )
        texts.append((f"d{number:03d}", f"{head} {words}" if number % 3 == 0 else words))
    texts += [(one.id, text) for one, text in plant_all(texts, 15, 3)]
    again = [(f"again-{id_}", text) for id_, text in texts[::17]]
    return [*texts, *again, ("nothing", ""), ("space", " \n"), ("control", "\x01")]


def brute_force(texts: list[tuple[str, str]], threshold: float) -> list[truth.Pair]:
    found = [(id_, shingles(text)) for id_, text in texts]
    pairs = []
    for at, (left, own) in enumerate(found):
        for right, other in found[at + 1 :]:
            first, second = sorted((left, right))
            if (value := jaccard(own, other)) >= threshold:
                pairs.append((first, second, value))
    return sorted(pairs)


def test_the_join_finds_every_pair_that_comparing_all_finds() -> None:
    texts = made_documents()
    pairs = truth.join(truth.sets(texts))
    assert len(pairs) > 60
    assert {value == 1.0 for _, _, value in pairs} == {True, False}
    assert pairs == brute_force(texts, 0.75)
    assert truth.join(truth.sets(texts), Fraction(1, 2)) == brute_force(texts, 0.5)


def test_compiled_and_plain_python_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = made_documents()[::3]
    compiled = truth.join(truth.sets(texts))
    for name in ("_prefixes", "_common", "_joined"):
        monkeypatch.setattr(truth, name, getattr(truth, name).py_func)
    assert truth.join(truth.sets(texts)) == compiled != []


def test_a_pair_exactly_at_the_threshold_is_in() -> None:
    tokens = [f"w{n}" for n in range(40)]  # 21 shingles; 3 tokens fewer leave 18 of 21, 7 shingles more make 21 of 28
    more = [*tokens, *(f"x{n}" for n in range(7))]
    found = truth.join(truth.sets([("a", " ".join(tokens)), ("b", " ".join(more))]))
    assert found == [("a", "b", 0.75)]
    assert truth.join(truth.sets([("a", " ".join(tokens)), ("b", " ".join([*more, "y"]))])) == []


def test_short_documents_are_compared_whole_and_those_without_tokens_are_alike() -> None:
    found = truth.join(truth.sets([("a", "return x"), ("b", "return  x\n"), ("c", "return y"), ("d", ""), ("e", "\n")]))
    assert found == [("a", "b", 1.0), ("d", "e", 1.0)]
    assert truth.join(truth.sets([])) == []


def test_a_document_goes_only_for_one_that_stays() -> None:
    chain = [("a", "b", 0.8), ("b", "c", 0.8), ("c", "d", 0.8)]
    assert truth.greedy(chain, ["a", "b", "c", "d"]) == {"b": "a", "d": "c"}
    assert truth.greedy(chain, ["b", "a", "c", "d"]) == {"a": "b", "c": "b"}
    assert truth.greedy([("a", "c", 0.9), ("b", "c", 0.8)], ["b", "a", "c"]) == {"c": "b"}
    with pytest.raises(KeyError):
        truth.greedy(chain, ["a", "b", "c"])


def test_recall_and_precision() -> None:
    chain = [("a", "b", 0.8), ("b", "c", 0.8), ("c", "d", 0.8)]
    assert truth.recall(["b", "x"], ["b", "d"]) == 0.5
    assert truth.recall([], []) == 1.0
    assert truth.precision(["b", "d"], chain) == 1.0
    assert truth.precision(["b", "c", "d"], chain) == pytest.approx(1 / 3)  # what connected components would do
    assert truth.precision(["b", "x"], chain) == 0.5
    assert truth.precision([], chain) == 1.0


def test_planted_copies_count_where_the_exact_pass_removes_them() -> None:
    planted = [
        {"id": f"p{n}", "low": low, "high": high} for n, (low, high) in enumerate([(0.75, 0.8)] * 3 + [(0.9, 1.0)])
    ]
    found = truth.planted_recall(planted, removed=["p0", "p3"], truth=["p0", "p1", "p3"])
    assert found == {"0.75-0.80": 0.5, "0.90-1.00": 1.0}


def test_the_command_writes_the_pairs_of_a_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(f"w{n}" for n in range(60))
    for shard, rows in enumerate(([("a", text), ("c", "something else")], [("b", text + " end")])):
        table = pa.table(
            {"id": [id_ for id_, _ in rows], "text": pa.array([text for _, text in rows], pa.large_string())}
        )
        pq.write_table(table, tmp_path / f"files-{shard:05d}-of-00002.parquet")
    assert truth.main(["--corpus", str(tmp_path)]) == 0
    assert truth.read(tmp_path / "truth.parquet") == [("a", "b", 41 / 42)]
    said = capsys.readouterr().out
    assert '"documents": 3' in said and '"removed": 1' in said


def test_no_pairs_are_written_and_read_too(tmp_path: Path) -> None:
    truth.write([], tmp_path / "truth.parquet")
    assert truth.read(tmp_path / "truth.parquet") == []
