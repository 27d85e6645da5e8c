"""Near-duplicates on Beam equal the greedy choice over exact similarities, and name the one that is kept."""

from itertools import combinations
from random import Random
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from filters import greedy
from filters.minhash import jaccard, shingles
from pipeline.stages.near_duplicates import Document, NearDuplicateOptions, NearDuplicates, Standing, Verdict, settle

OPTIONS = NearDuplicateOptions()
UNDECIDED: Standing = ("undecided", "", 0.0)


def test_without_better_neighbours_a_document_is_kept() -> None:
    assert settle(UNDECIDED, []) == ("kept", "", 0.0)


def test_the_nearest_kept_neighbour_is_named() -> None:
    told: list[Standing] = [("kept", "a", 0.8), ("dropped", "b", 0.99), ("kept", "c", 0.9), ("undecided", "d", 0.95)]
    assert settle(UNDECIDED, told) == ("dropped", "c", 0.9)
    assert settle(UNDECIDED, told[::-1]) == ("dropped", "c", 0.9)


def test_an_undecided_neighbour_leaves_it_open_and_a_dropped_one_frees_it() -> None:
    assert settle(UNDECIDED, [("undecided", "a", 0.8), ("dropped", "b", 0.9)]) == ("undecided", "a", 0.8)
    assert settle(UNDECIDED, [("dropped", "b", 0.9)]) == ("kept", "", 0.0)


def test_a_decided_document_stays_as_it_is() -> None:
    for standing in (("kept", "", 0.0), ("dropped", "x", 0.8)):
        assert settle(standing, [("kept", "a", 0.99)]) == standing


def planted(seed: int) -> list[Document]:
    """Texts of 150 words; most are edited copies, and chains of copies of copies, of a few."""
    rng = Random(seed)
    texts: list[list[str]] = [[f"w{rng.randrange(10**6)}" for _ in range(150)] for _ in range(4)]
    for _ in range(40):
        words = list(rng.choice(texts))
        for _ in range(rng.randrange(1, 5)):
            at = rng.choice([0, 10, rng.randrange(150)])
            words[at] = f"n{rng.randrange(10**6)}"
        texts.append(words)
    texts += [texts[5], texts[5], ["a", "b"], ["a", "b"], ["a", "c"], []]
    order = list(range(len(texts)))
    rng.shuffle(order)
    documents = [Document(f"d{n:02d}", f"1:{place:04d}", " ".join(texts[n])) for place, n in enumerate(order)]
    rng.shuffle(documents)
    return documents


def verdicts_of(documents: list[Document], options: NearDuplicateOptions, expected: Any) -> None:
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        assert_that(p | beam.Create(documents) | NearDuplicates(options), expected)


def test_the_kept_are_those_of_the_greedy_choice_and_each_verdict_is_exact() -> None:
    documents = planted(11)
    sets = {one.id: shingles(one.text, OPTIONS.shingle_tokens) for one in documents}
    similarity = {pair: jaccard(sets[pair[0]], sets[pair[1]]) for pair in combinations(sorted(sets), 2)}
    edges = [pair for pair, value in similarity.items() if value >= OPTIONS.threshold]
    priority = [one.id for one in sorted(documents, key=lambda one: one.priority)]
    kept = greedy.keep(edges, priority)
    assert 8 < len(kept) < 35
    text = {one.id: one.text for one in documents}
    rank = {id_: place for place, id_ in enumerate(priority)}

    def check(found: list[tuple[str, Verdict]]) -> None:
        verdicts = dict(found)
        assert len(verdicts) == len(found)
        assert set(verdicts) == set(sets) - kept
        for id_, verdict in verdicts.items():
            assert rank[verdict.winner] < rank[id_]
            if verdict.reason == "exact_duplicate":
                assert text[verdict.winner] == text[id_] and verdict.jaccard == 1.0
            else:
                assert verdict.reason == "near_duplicate"
                assert verdict.winner in kept
                first, second = sorted((id_, verdict.winner))
                assert verdict.jaccard == round(similarity[first, second], 6)
        assert sum(verdict.reason == "exact_duplicate" for verdict in verdicts.values()) == 3

    verdicts_of(documents, OPTIONS, check)


def test_the_kept_one_is_named_with_its_similarity() -> None:
    words = [f"w{n}" for n in range(40)]
    documents = [
        Document("kept", "1", " ".join(words)),
        Document("near", "2", " ".join(["new", *words[1:]])),
        Document("far", "3", " ".join(words[::-1])),
    ]
    options = NearDuplicateOptions(shingle_tokens=3)
    verdicts_of(documents, options, equal_to([("near", Verdict("near_duplicate", "kept", round(37 / 39, 6)))]))


def test_what_rounds_do_not_decide_is_dropped_with_a_reason_of_its_own() -> None:
    words = [f"w{n}" for n in range(60)]
    chain = []
    for n in range(6):
        words[n] = f"x{n}"
        chain.append(Document(f"d{n}", str(n), " ".join(words)))
    options = NearDuplicateOptions(shingle_tokens=1, threshold=0.96, rounds=4)
    verdicts_of(
        chain,
        options,
        equal_to(
            [
                ("d1", Verdict("near_duplicate", "d0", round(59 / 61, 6))),
                ("d3", Verdict("near_duplicate", "d2", round(59 / 61, 6))),
                ("d4", Verdict("near_duplicate_unresolved", "d3", round(59 / 61, 6))),
                ("d5", Verdict("near_duplicate_unresolved", "d4", round(59 / 61, 6))),
            ]
        ),
    )
