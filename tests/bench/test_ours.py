"""What the bench measures as ours removes what the exact greedy pass over the truth removes."""

from fractions import Fraction
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from bench import ours, truth


def test_removed_are_those_of_the_exact_pass(tmp_path: Path) -> None:
    rng = Random(5)
    texts: list[str] = []
    for place in range(60):
        words = texts[rng.randrange(place)].split() if place > 6 and rng.random() < 0.7 else []
        words = words or [f"w{rng.randrange(10**6)}" for _ in range(120)]
        words[rng.randrange(120)] = f"n{place}"
        texts.append(" ".join(words))
    texts += [texts[0], "", "short", "short one"]
    rows = [{"id": f"{place:016x}", "text": text} for place, text in enumerate(texts)]
    paths = []
    for part in range(2):
        paths.append(str(tmp_path / f"files-{part}.parquet"))
        pq.write_table(pa.Table.from_pylist(rows[part::2]), paths[-1], row_group_size=9)
    pairs = truth.join(truth.sets((row["id"], row["text"]) for row in rows), Fraction(3, 4))
    expected = truth.greedy(pairs, [row["id"] for row in rows])
    ours.warm_up()
    found = ours.removed_documents(paths)
    assert len(found) > 10
    assert found.keys() == expected.keys()
    similarity = {frozenset(pair[:2]): pair[2] for pair in pairs}
    for loser, (winner, jaccard) in found.items():
        assert winner not in found and winner < loser
        assert jaccard == similarity[frozenset((winner, loser))]
