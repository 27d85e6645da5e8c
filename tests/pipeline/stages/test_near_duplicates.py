"""Near-duplicates on Beam equal the greedy choice over exact similarities, and name the one that is kept."""

from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from filters.minhash import jaccard, shingles
from pipeline.stages.blocks import Texts, blocks_of
from pipeline.stages.near_duplicates import VERDICT, NearDuplicateOptions, NearDuplicates
from pipeline.stages.packed import DOC, number, rows, unpack
from tests import greedy


class Verdict(NamedTuple):
    winner: int
    jaccard: float
    exact: bool


class Found(NamedTuple):
    verdicts: dict[int, Verdict]
    open: int


@pytest.fixture
def find(tmp_path: Path) -> Any:
    """Runs the transform on texts, the earlier preferred: place to its verdict."""

    def run(texts: list[str], options: NearDuplicateOptions, order: list[int] | None = None) -> Found:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        placed = order or list(range(len(texts)))
        pq.write_table(
            pa.table({"text": [texts[at] for at in placed]}),
            folder / "t.parquet",
            row_group_size=max(7, len(texts) // 9),
        )
        blocks = blocks_of([str(folder / "t.parquet")])
        docs, at = [], {}
        for block, one in enumerate(blocks):
            numbers = [number(block, row) for row in range(one.rows)]
            places = placed[one.first : one.first + one.rows]
            at |= dict(zip(numbers, places, strict=True))
            docs.append((block, rows(DOC, doc=numbers, first=places, second=0).tobytes()))
        with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
            made = p | beam.Create(docs) | NearDuplicates(options, Texts(blocks, (("text",),)))
            _ = made["verdicts"] | beam.combiners.ToList() | beam.Map(_save, str(folder / "verdicts"))
            _ = made["open"] | "sum" >> beam.CombineGlobally(sum) | "keep" >> beam.Map(_count, str(folder / "open"))
        verdicts = unpack([(folder / "verdicts").read_bytes()], VERDICT)
        assert len(np.unique(verdicts["loser"])) == len(verdicts)
        named = {
            at[loser]: Verdict(at[winner], similarity, exact)
            for loser, winner, similarity, exact in (row.tolist() for row in verdicts)
        }
        return Found(named, int((folder / "open").read_text()))

    return run


def _save(parts: list[bytes], path: str) -> None:
    Path(path).write_bytes(b"".join(parts))


def _count(count: int, path: str) -> None:
    Path(path).write_text(str(count))


def planted(seed: int) -> list[str]:
    """Texts of 150 words; most are edited copies, and chains of copies of copies, of a few."""
    rng = Random(seed)
    texts: list[list[str]] = [[f"w{rng.randrange(10**6)}" for _ in range(150)] for _ in range(4)]
    for _ in range(60):
        words = list(rng.choice(texts))
        for _ in range(rng.randrange(1, 5)):
            at = rng.choice([0, 10, rng.randrange(150)])
            words[at] = f"n{rng.randrange(10**6)}"
        texts.append(words)
    texts += [texts[5], texts[5], ["a", "b"], ["a", "b"], ["a", "c"], [], []]
    rng.shuffle(texts)
    return [" ".join(words) for words in texts]


@pytest.mark.parametrize("partitions", [1, 5, 64])
def test_the_kept_are_those_of_the_greedy_choice_and_each_verdict_is_exact(find: Any, partitions: int) -> None:
    texts = planted(11)
    options = NearDuplicateOptions(partitions=partitions)
    sets = [shingles(text, options.shingle_tokens) for text in texts]
    similarity = {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in combinations(range(len(texts)), 2)}
    edges = [(str(a), str(b)) for (a, b), value in similarity.items() if value >= options.threshold]
    kept = {int(name) for name in greedy.keep(edges, [str(place) for place in range(len(texts))])}
    assert 8 < len(kept) < 60
    found = find(texts, options)
    assert found.open == 0
    assert set(found.verdicts) == set(range(len(texts))) - kept
    for place, verdict in found.verdicts.items():
        assert verdict.winner < place and verdict.winner in kept
        assert verdict.jaccard == similarity[verdict.winner, place]
        first = texts.index(texts[place])  # of a text that is there twice, the first one is compared
        nearest = max(similarity[winner, place] for winner in kept if winner < first or winner == first != place)
        assert verdict.jaccard == nearest
        assert not verdict.exact or texts[verdict.winner] == texts[place]
    assert sum(verdict.exact for verdict in found.verdicts.values()) >= 2


def test_neither_the_order_nor_the_partitions_change_a_verdict(find: Any) -> None:
    texts = planted(3)
    order = list(range(len(texts)))
    Random(1).shuffle(order)
    plain = find(texts, NearDuplicateOptions(partitions=2))
    assert find(texts, NearDuplicateOptions(partitions=9), order) == plain


def test_the_kept_one_is_named_with_its_similarity(find: Any) -> None:
    words = [f"w{n}" for n in range(40)]
    texts = [" ".join(words), " ".join(["new", *words[1:]]), " ".join(words[::-1])]
    found = find(texts, NearDuplicateOptions(shingle_tokens=3))
    assert found.verdicts == {1: Verdict(0, 37 / 39, False)}


def test_a_copy_of_a_dropped_text_names_the_one_that_is_kept(find: Any) -> None:
    words = [f"w{n}" for n in range(100)]
    near = " ".join([*words, "tail"])
    found = find([" ".join(words), near, near], NearDuplicateOptions())
    assert found.verdicts == {1: Verdict(0, 81 / 82, False), 2: Verdict(0, 81 / 82, False)}


def chain(length: int) -> list[str]:
    """Each near to the next one only."""
    words = [f"w{n}" for n in range(60)]
    texts = []
    for n in range(length):
        words[n] = f"x{n}"
        texts.append(" ".join(words))
    return texts


def test_a_chain_is_settled_in_a_few_rounds(find: Any) -> None:
    options = NearDuplicateOptions(shingle_tokens=1, threshold=0.96, partitions=7)
    found = find(chain(40), options)
    assert (set(found.verdicts), found.open) == (set(range(1, 40, 2)), 0)


def test_what_rounds_do_not_decide_is_kept_and_counted(find: Any) -> None:
    options = NearDuplicateOptions(shingle_tokens=1, threshold=0.96, partitions=4096, rounds=1)
    found = find(chain(40), options)
    assert found.open > 0
    assert set(found.verdicts) < set(range(1, 40, 2))
    assert {verdict.winner % 2 for verdict in found.verdicts.values()} == {0}


def test_one_text_two_hundred_thousand_times(find: Any) -> None:
    found = find(["one two three"] * 200_000, NearDuplicateOptions())
    assert len(found.verdicts) == 199_999
    assert set(found.verdicts.values()) == {Verdict(0, 1.0, True)}


def test_a_hot_key_costs_little_and_its_kept_one_still_wins(find: Any) -> None:
    head = " ".join(f"w{n}" for n in range(19))
    texts = [f"{head} n{place}" + ("" if place % 2 else " ") for place in range(3000)]  # one shingle each: all differ
    texts += [f"{head} same tail" + " " * place for place in range(3000)]  # one set of shingles: all the same
    found = find(texts, NearDuplicateOptions(rows=1, bands=8))
    assert set(found.verdicts) == set(range(3001, 6000))
    assert {verdict.winner for verdict in found.verdicts.values()} == {3000}


def test_texts_without_tokens_are_near_to_their_equals_only(find: Any) -> None:
    found = find(["", " ", "", "\n", "a"], NearDuplicateOptions())
    assert found.verdicts == {2: Verdict(0, 1.0, True)}


def test_nothing_at_all(find: Any, tmp_path: Path) -> None:
    counts = Counter(found_nothing(tmp_path))
    assert counts == Counter()


def found_nothing(folder: Path) -> list[int]:
    """Verdicts of an empty collection."""
    out = folder / "none"
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        made = p | beam.Create([]) | NearDuplicates(NearDuplicateOptions(), Texts((), (("text",),)))
        _ = made["verdicts"] | beam.combiners.ToList() | beam.Map(_save, str(out))
    return unpack([out.read_bytes()], VERDICT)["loser"].tolist()
