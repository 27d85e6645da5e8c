import math

import pytest

from pipeline.evaluation.claims import claims
from pipeline.evaluation.pairs import BenchmarkPair


def bench(count):
    """Two criteria in turn, a cluster each; every fourth chosen side is the shorter one."""
    sides = [("a", "aaa") if i % 4 == 0 else ("aa", "a") for i in range(count)]
    return [
        BenchmarkPair(f"{i:02d}", f"p{i}", *both, "Go", "AB"[i % 2], "S", "security_hardness", cluster=f"c{i}")
        for i, both in enumerate(sides)
    ]


def test_each_claim_is_tested_against_its_control():
    pairs = bench(40)
    right = [1.0] * 36 + [-1.0] * 4
    rule = [-1.0 if i % 4 == 0 else 1.0 for i in range(38)] + [0.0, 1.0]  # where it is silent it does not disagree
    nothing = [0.0] * 40
    found = claims(pairs, right, {"length_on_training": rule, "bag": right, "original_wins": nothing})
    rows = {row["against"]: row for row in found["rows"]}
    assert list(rows) == ["chance", "length_disagrees", "length_on_training", "bag"]
    assert rows["chance"]["name"] == "beats chance"
    assert (rows["chance"]["difference"]["estimate"], rows["chance"]["holds"]) == (0.4, True)
    assert (rows["length_disagrees"]["pairs"], rows["length_disagrees"]["difference"]["estimate"]) == (10, 0.4)
    # Of ten pairs nine are right: |sum| reaches 8 of 10 in 2 * (1 + 10) of 1024 flips; second of four by Holm: times 3.
    assert rows["length_disagrees"]["p"] == pytest.approx(22 / 1024, abs=1e-6)
    assert (rows["bag"]["difference"]["estimate"], rows["bag"]["p"], rows["bag"]["holds"]) == (0.0, 1.0, False)
    assert rows["bag"]["name"] == "beats the token bag"
    assert rows["length_on_training"]["difference"]["estimate"] == pytest.approx(36 / 40 - 29.5 / 40)
    assert all(row["p_holm"] >= row["p"] for row in rows.values())


def test_criteria_are_corrected_by_themselves():
    pairs = bench(24)
    found = claims(pairs, [1.0 if pair.aspect == "A" else 0.0 for pair in pairs], {})["by_criterion"]
    assert [(row["against"], row["holds"], row["p_holm"]) for row in found] == [
        ("A", True, pytest.approx(2 * 2 / 4096, abs=1e-6)), ("B", False, 1.0),
    ]  # fmt: skip


def test_a_control_is_compared_where_it_was_measured():
    pairs = bench(8)
    likelihood = [1.0, -1.0] + [math.nan] * 6
    found = claims(pairs, [-1.0, 1.0] + [1.0] * 6, {"likelihood_mean": likelihood, "bag": [math.nan] * 8})
    rows = {row["against"]: row for row in found["rows"]}
    assert list(rows) == ["chance", "likelihood_mean"]
    assert (rows["likelihood_mean"]["pairs"], rows["likelihood_mean"]["difference"]["estimate"]) == (2, 0.0)
    assert "can't hold" in rows["likelihood_mean"]["note"]


def test_missing_scores_lose():
    pairs = bench(10)
    row = claims(pairs, [math.nan] * 10, {})["rows"][0]
    assert (row["difference"]["estimate"], row["holds"]) == (-0.5, False)


def test_flips_are_a_claim():
    texts = [("a", "b"), ("b", "a")]
    pairs = [
        BenchmarkPair(f"{i}{j}", f"p{i}", *sides, "Go", "A", "S", f"criterion{j}", cluster=f"c{i}")
        for i in range(8)
        for j, sides in enumerate(texts)
    ]
    rows = {row["against"]: row for row in claims(pairs, [1.0] * 16, {})["rows"]}
    assert (rows["flips"]["pairs"], rows["flips"]["difference"]["estimate"], rows["flips"]["holds"]) == (8, 0.75, True)
    blind = {row["against"]: row for row in claims(pairs, [1.0, -1.0] * 8, {})["rows"]}
    assert (blind["flips"]["difference"]["estimate"], blind["flips"]["holds"]) == (-0.25, False)
    assert not blind["chance"]["holds"]
