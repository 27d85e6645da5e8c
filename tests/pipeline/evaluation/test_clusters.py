import random

from pipeline.evaluation.clusters import cluster_names, components, described, ties_of


def test_components_follow_chains_of_ties():
    assert components([["a"], ["b"], ["a", "b"], ["c"], []]) == [0, 0, 0, 1, 2]


def reachable(links):
    """Independent of the code: spread numbers over shared ties until nothing changes."""
    numbers = list(range(len(links)))
    changed = True
    while changed:
        changed = False
        for i, one in enumerate(links):
            for j, other in enumerate(links):
                if set(one) & set(other) and numbers[i] != numbers[j]:
                    numbers[i] = numbers[j] = min(numbers[i], numbers[j])
                    changed = True
    return numbers


def test_components_are_those_of_a_slow_search():
    rng = random.Random(1)
    for _ in range(30):
        links = [[rng.randrange(25) for _ in range(rng.randrange(3))] for _ in range(20)]
        slow, fast = reachable(links), components(links)
        assert [slow.index(number) for number in slow] == [fast.index(number) for number in fast]


def test_what_ties_a_pair():
    origin = {"repo": "r", "family": "f", "blob_sha256": "x", "before_sha256": None, "cluster": "c"}
    assert ties_of(origin, "Do it", "a", "b") == [
        ("repository", "r"), ("fork", "f"), ("blob", "x"), ("cluster", "c"),
        ("function", "a"), ("function", "b"), ("problem", "Do it"),
    ]  # fmt: skip
    assert ties_of(None, " ", "", "b") == [("function", "b")]


def test_a_newer_and_an_older_blob_are_one_kind_of_tie():
    newer = ties_of({"blob_sha256": "x"}, "", "a", "b")
    older = ties_of({"before_sha256": "x"}, "", "c", "d")
    assert components([newer, older]) == [0, 0]


def test_each_kind_of_tie_joins_repositories():
    def pair(**columns):
        texts = {"prompt": str(len(rows)), "chosen": f"c{len(rows)}", "rejected": f"r{len(rows)}"}
        given = {name: columns.pop(name, text) for name, text in texts.items()}
        return ties_of({"repo": f"repo{len(rows)}", **columns}, **given)

    rows = []
    for change in (
        {}, {}, {"family": "fork"}, {"family": "fork"}, {"blob_sha256": "b"}, {"blob_sha256": "b"},
        {"prompt": "same"}, {"prompt": "same"}, {"rejected": "text"}, {"chosen": "text"},
    ):  # fmt: skip
        rows.append(pair(**change))
    assert components(rows) == [0, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_cluster_is_named_by_its_smallest_repository():
    links = [["a"], ["a", "b"], ["b"], ["z"], ["y"]]
    assert cluster_names(["3", "1", "2", "5", "4"], ["r2", "r1", "", "", "r9"], links) == ["r1", "r1", "r1", "5", "r9"]


def test_what_is_said_of_clusters():
    many = described([str(i) for i in range(20)], True)
    assert (many["clusters"], many["largest_share"], many["notes"]) == (20, 0.05, [])
    few = described(["a"] * 9 + ["b"], False)
    assert few["known"] is False
    assert [note.split(":")[0] for note in few["notes"]] == [
        "no provenance", "2 clusters, below 20", "the largest cluster holds 90% of the pairs",
    ]  # fmt: skip
