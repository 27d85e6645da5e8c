"""A planted copy has the similarity that was asked for, whatever the document."""

from random import Random

import pytest

from bench.planted import INTERVALS, MAX_TOKENS, MIN_TOKENS, Edit, applied, choose, plant, plant_all, token_spans
from filters.minhash import jaccard, shingles, tokens


def code(lines: int, seed: int = 0) -> str:
    random = Random(seed)
    names = ["größe", "naïve", "total", "index", "数量", "buffer_size"]
    return "".join(
        f"    {random.choice(names)}{random.randrange(50)} = {random.choice(names)}[{random.randrange(99)}] + {line}\n"
        for line in range(lines)
    )


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("lines", [5, 12, 300])
def test_a_copy_lies_in_its_interval(interval: tuple[float, float], lines: int) -> None:
    low, high = interval
    for seed in range(4):
        text = code(lines, seed)
        copy = plant(text, low, high, Random(seed))
        assert copy is not None
        assert copy.jaccard == jaccard(shingles(text), shingles(copy.text))
        assert low <= copy.jaccard < high and copy.edits >= 1
        assert plant(text, low, high, Random(seed)) == copy


def test_long_documents_differ_in_several_places() -> None:
    copy = plant(code(300), 0.75, 0.80, Random(1))
    assert copy is not None and copy.edits > 10


def test_what_cannot_be_had_is_none() -> None:
    assert plant("", 0.75, 0.8, Random(0)) is None
    assert plant("one", 0.75, 0.8, Random(0)) is None
    assert plant("return x + y", 0.75, 0.8, Random(0)) is None  # one shingle: alike or not at all


def test_tokens_are_those_of_the_shingles() -> None:
    text = "x_1 = naïve('数量') ^ `a`; b\t-- {c}\x00~d[0]"
    data = text.encode()
    spans = token_spans(data)
    assert [data[start:end] for start, end in spans][:3] == [b"x_1", b"=", "naïve".encode()]
    assert len(spans) == len(tokens(data))
    assert all(len(tokens(data[start:end])) == 1 for start, end in spans)


def test_edits_are_made_at_their_places() -> None:
    assert applied(b"a b c", [Edit(4, 5, b"z"), Edit(0, 1, b""), Edit(2, 2, b"x ")]) == b" x b z"


def test_originals_are_of_every_sort() -> None:
    documents = [(f"a{n}", f"value_{n} = (1 + 2)\n" * 8) for n in range(30)]
    documents += [(f"b{n}", code(40, n)) for n in range(30)]
    documents += [(f"c{n}", f"long_{n} = [3, 4, {n}];\n" * 90) for n in range(30)]
    documents += [("same", documents[0][1]), ("tiny", "x = 1"), ("huge", "y = 2\n" * MAX_TOKENS)]
    chosen = choose(documents, 20, 0)
    assert len(chosen) == 20 and len({one.id for one in chosen}) == 20
    assert all(MIN_TOKENS <= one.tokens <= MAX_TOKENS for one in chosen)
    assert sum(one.tokens < 100 for one in chosen) == 6
    assert sum(not one.text.isascii() for one in chosen) == 2
    assert choose(reversed(documents), 20, 0) == chosen


def test_as_many_copies_as_asked_for_each_of_another_original() -> None:
    documents = [(f"d{n}", code(20, n)) for n in range(30)]
    made = plant_all(documents, 5, 0)
    by_interval = [sum(one.low == low for one, _ in made) for low, _ in INTERVALS]
    assert by_interval == [5, 5, 5, 5]
    assert len({one.original for one, _ in made}) == 20
    texts = dict(documents)
    for one, text in made:
        assert one.jaccard == jaccard(shingles(texts[one.original]), shingles(text))
        assert one.id == f"planted:{one.low:.2f}:{one.jaccard:.6f}:{one.original}"
