"""Curation on a small set: who is kept, why the others are not, and that every pair is accounted for."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from filters.base import Filter
from filters.decontaminate import Against, Decontamination
from filters.identical import Identical
from filters.length import Length
from filters.licence import Licence
from pipeline import execute
from pipeline.config import CurateOptions, RunConfig
from pipeline.sources.files import FilesSource
from pipeline.stages.curate import SplitOptions, operator_caps
from pipeline.stages.keys import Key, Located, examine
from pipeline.stages.selection import benchmark_repositories, length_side
from schemas.provenance import Step
from schemas.records import Dropped, Pair
from tests.pipeline.stages.curation import NO_SPLIT, SEED, unlike, words, written


def test_the_first_filter_that_refuses_gives_the_reason(make_pair: Any) -> None:
    filters = (Licence(), Identical(), Length())
    good = unlike(make_pair, "good")
    (key,) = examine(Located(5, good), filters)
    assert isinstance(key, Key) and (key.doc, key.id, key.cluster) == (5, "good", "good")
    same = replace(good, chosen="x", rejected="x")
    unlicensed = make_pair("both", license=None, chosen="x", rejected="x")
    children = [
        examine(Located(0, pair), used)
        for pair, used in ((unlicensed, filters), (same, filters), (unlicensed, filters[1:]))
    ]
    first, second, third = (child for found in children if isinstance(found, list) for child in found)
    assert isinstance(first, Dropped) and isinstance(second, Dropped)
    assert first.reason != second.reason == "identical"
    assert (first.stage, first.id, first.origin) == ("curate", "both", unlicensed.origin)
    assert third.reason == "identical"


def test_filters_drop_with_their_reason_and_the_kept_name_what_they_passed(make_pair: Any, curate: Any) -> None:
    pairs = [unlike(make_pair, "a"), unlike(make_pair, "b", chosen="x", rejected="x"), unlike(make_pair, "c")]
    kept, dropped = curate(pairs, (Identical(),))
    assert [one.pair for one in kept] == [pairs[0], pairs[2]]
    assert [(one.id, one.reason) for one in dropped] == [("b", "identical")]
    assert {one.split for one in kept} == {"train"}
    assert {one.filters for one in kept} == {("identical", "near_duplicates", "decontaminate", "split")}


def test_members_of_a_cluster_never_deduplicate_each_other(make_pair: Any, curate: Any) -> None:
    texts = {"prompt": words("p"), "chosen": words("c")}
    mine = [unlike(make_pair, f"a{n}", cluster="one", committed_at=1, **texts) for n in range(3)]
    other = [unlike(make_pair, f"b{n}", cluster="two", committed_at=2, **texts) for n in range(2)]
    kept, dropped = curate(mine + other)
    assert [one.pair.id for one in kept] == ["a0", "a1", "a2"]
    assert [(one.id, one.reason) for one in dropped] == [("b0", "exact_duplicate"), ("b1", "exact_duplicate")]
    assert dropped[0].detail == "Jaccard 1.0 with cluster one"


def test_the_older_of_two_near_duplicates_stays(make_pair: Any, curate: Any) -> None:
    code = words("c", 200)
    old = unlike(make_pair, "z", prompt="p", chosen=code, committed_at=1)
    new = unlike(make_pair, "a", prompt="p", chosen=code + " tail", committed_at=2)
    kept, dropped = curate([new, old])
    assert [one.pair.id for one in kept] == ["z"]
    assert [(one.id, one.reason) for one in dropped] == [("a", "near_duplicate")]
    assert dropped[0].detail.startswith("Jaccard 0.9") and dropped[0].detail.endswith("with cluster z")


def test_clusters_that_the_rounds_leave_undecided_are_kept_and_the_log_says_so(
    make_pair: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = words("chain", 400).split()
    pairs = []
    for n in range(200):  # each near to its neighbours only
        texts[n] = f"x{n}"
        pairs.append(unlike(make_pair, f"p{n:03}", prompt="p", chosen=" ".join(texts), committed_at=n))
    paths = written(tmp_path, pairs)
    near = {"shingle_tokens": 1, "threshold": 0.993, "partitions": 4096, "rounds": 1}
    config = RunConfig(
        name="chain",
        sources=(FilesSource(name="none", paths=("none",)),),
        curate=CurateOptions.model_validate(
            {"filters": (), "near_duplicates": near, "split": {"benchmark_share": 0.0}, "max_operator_share": 1.0}
        ),
    )
    monkeypatch.setattr(execute.LOG, "handlers", [caplog.handler])
    counts = execute.curate(str(tmp_path), [str(Path(path).relative_to(tmp_path)) for path in paths], config, 1)
    assert counts["kept"] > 100
    assert re.search(
        r"^curate: [1-9]\d* clusters are kept undecided: raise curate\.near_duplicates\.rounds$", caplog.messages[-1]
    )


def _held(pairs: list[Pair], split: SplitOptions) -> frozenset[str]:
    counts = Counter((pair.origin.repo, pair.language) for pair in pairs)
    return benchmark_repositories(counts.items(), split.benchmark_share, split.min_repositories, SEED)


SPLIT = SplitOptions(benchmark_share=0.5, min_repositories=2)


def test_repositories_are_split_whole_and_the_benchmark_wins_a_duplicate(make_pair: Any, curate: Any) -> None:
    pairs = [unlike(make_pair, f"{repo}-{n}", repo=repo) for repo in "abcd" for n in range(4)]
    held = sorted(_held(pairs, SPLIT))
    assert len(held) == 2
    free = next(repo for repo in "abcd" if repo not in held)
    texts = {"prompt": words("shared"), "chosen": words("shared code")}
    late = unlike(make_pair, "late", repo=held[0], committed_at=2_000_000_000, **texts)
    early = unlike(make_pair, "early", repo=free, committed_at=1, **texts)
    late = replace(late, rejected=late.chosen[::-1])  # as long: length balance keeps it
    pairs = [replace(pair, rejected=pair.chosen[::-1]) for pair in pairs]
    kept, dropped = curate([*pairs, late, early], split=SPLIT)
    assert [(one.id, one.reason, one.detail) for one in dropped] == [
        ("early", "exact_duplicate", "Jaccard 1.0 with cluster late")
    ]
    assert all((one.split == "benchmark") == (one.pair.origin.repo in held) for one in kept)
    assert Counter(one.split for one in kept) == {"train": 8, "benchmark": 9}


def test_the_benchmark_is_balanced_by_length_and_training_is_not(make_pair: Any, curate: Any) -> None:
    pairs = [
        unlike(make_pair, f"{repo}-{n}", repo=repo, rejected=words(f"r{repo}{n}", 10 if n < 4 else 40))
        for repo in "abcd"
        for n in range(6)
    ]
    kept, dropped = curate(pairs, split=SPLIT)
    sides = Counter((one.split, length_side(one.pair.chosen, one.pair.rejected)) for one in kept)
    assert sides == {
        ("benchmark", "longer"): 4,
        ("benchmark", "shorter"): 4,
        ("train", "longer"): 8,
        ("train", "shorter"): 4,
    }
    assert Counter((one.reason, one.detail) for one in dropped) == {
        ("length_balance", "longer chosen sides outnumber the others in its stratum"): 4
    }


def test_training_prompts_that_share_words_with_a_benchmarks_are_dropped(
    make_pair: Any, curate: Any, tmp_path: Path
) -> None:
    shared = words("shared", 13)
    (tmp_path / "given.txt").write_text(f"{words('x')}\n{words('y')} {shared} {words('z')}\n")
    given = Decontamination(against=(Against(path=str(tmp_path / "given.txt"), name="given"),))
    hit = unlike(make_pair, "hit", prompt=f"Please: {shared.upper()}, thanks")
    near = unlike(make_pair, "near", prompt=" ".join(shared.split()[:12]) + " " + words("n"))
    kept, dropped = curate([hit, near], decontamination=given)
    assert [one.pair.id for one in kept] == ["near"]
    assert [(one.id, one.reason) for one in dropped] == [("hit", "contaminated")]
    assert "shares 13 words in a row with the benchmark prompt given/" in dropped[0].detail


def test_training_is_clean_of_the_runs_own_benchmark(make_pair: Any, curate: Any) -> None:
    pairs = [unlike(make_pair, repo, repo=repo) for repo in "abcd"]
    held = _held(pairs, SPLIT)
    shared = words("shared", 13)
    pairs = [replace(pair, prompt=f"{pair.prompt} {shared}", rejected=pair.chosen[::-1]) for pair in pairs]
    kept, dropped = curate(pairs, split=SPLIT)
    assert {one.pair.id for one in kept} == held
    assert {one.id for one in dropped} == set("abcd") - held
    assert all(one.reason == "contaminated" and one.detail[-1] in held for one in dropped)


def test_no_operator_has_more_than_its_share_of_a_split(make_pair: Any, curate: Any) -> None:
    pairs = [unlike(make_pair, f"a{n:02d}", operator="mutation/a") for n in range(20)]
    pairs += [unlike(make_pair, f"{name}{n}", operator=f"mutation/{name}") for name in "bc" for n in range(3)]
    pairs += [unlike(make_pair, f"commit{n}", operator="commit/before") for n in range(6)]
    kept, dropped = curate(pairs, share=0.4)
    made = Counter(one.pair.steps[1].name for one in kept)
    assert made == {"mutation/a": 8, "mutation/b": 3, "mutation/c": 3, "commit/before": 6}
    assert {one.reason for one in dropped} == {"operator_share"}
    assert {one.detail for one in dropped} == {"mutation/a has 20 pairs, at most 8"}
    assert ([one.pair for one in curate(pairs[::-1], share=0.4)[0]]) == [one.pair for one in kept]


def test_caps_are_per_split() -> None:
    counts = [(("train", "mutation/a"), 90), (("train", "mutation/b"), 10), (("benchmark", "mutation/a"), 5)]
    assert operator_caps(counts, 0.5) == {"train": 10, "benchmark": 5}


def test_nothing_in_gives_nothing_out(curate: Any) -> None:
    assert curate([], (Identical(),), split=SPLIT) == ([], [])


def even(make_pair: Any, id_: str, **changes: Any) -> Pair:
    """A pair like no other, with sides of equal length, so that the benchmark keeps it."""
    pair = unlike(make_pair, id_, **changes)
    return replace(pair, rejected=pair.chosen[::-1])


def named(*patterns: str) -> SplitOptions:
    return SplitOptions(benchmark_repositories=patterns)


def reasons(dropped: list[Dropped]) -> list[tuple[str, str]]:
    return [(one.id, one.reason) for one in dropped]


def test_forks_are_never_on_both_sides(make_pair: Any, curate: Any) -> None:
    families = {"a": "f1", "fork of a": "f1", "b": None, "c": "f2", "d": "f2", "e": None}
    pairs = [even(make_pair, f"{repo}{n}", repo=repo, family=family) for repo, family in families.items() for n in "12"]
    for seed, share in ((1, 0.3), (2, 0.5), (3, 0.8)):
        split = SplitOptions(benchmark_share=share, min_repositories=1)
        kept, dropped = curate(pairs, split=split, seed=seed)
        assert dropped == []
        sides = {repo: {one.split for one in kept if one.pair.origin.repo == repo} for repo in families}
        assert sides["a"] == sides["fork of a"] and sides["c"] == sides["d"]
        assert all(len(side) == 1 for side in sides.values())
        assert {"train"} in sides.values() and {"benchmark"} in sides.values()


def test_repositories_can_be_named(make_pair: Any, curate: Any) -> None:
    pairs = [even(make_pair, repo, repo=repo) for repo in ("github.com/a/x", "github.com/a/y", "github.com/b/x")]
    kept, _ = curate(pairs, split=named("github.com/a/*"))
    assert [one.split for one in kept] == ["benchmark", "benchmark", "train"]
    fork = even(make_pair, "fork", repo="elsewhere", family="f")
    pairs[0] = even(make_pair, "github.com/a/x", repo="github.com/a/x", family="f")
    kept, _ = curate([*pairs, fork], split=named("github.com/[a]/x"))
    assert {one.pair.id: one.split for one in kept} == {
        "github.com/a/x": "benchmark", "fork": "benchmark", "github.com/a/y": "train", "github.com/b/x": "train"
    }  # fmt: skip


def test_a_pair_of_the_other_sides_time_is_dropped(make_pair: Any, curate: Any) -> None:
    pairs = [
        even(make_pair, f"{repo}-{window}", repo=repo, window=window)
        for repo in ("held", "free")
        for window in ("train", "benchmark", None)
    ]
    kept, dropped = curate(pairs, split=named("held"))
    assert {one.pair.id: one.split for one in kept} == {
        "held-benchmark": "benchmark", "held-None": "benchmark", "free-train": "train", "free-None": "train"
    }  # fmt: skip
    assert [(one.id, one.reason, one.detail) for one in dropped] == [
        ("free-benchmark", "split_window", "of the window benchmark, in a training repository"),
        ("held-train", "split_window", "of the window train, in a held-out repository"),
    ]


def test_a_pair_of_the_other_sides_time_wins_against_no_duplicate(make_pair: Any, curate: Any) -> None:
    texts = {"prompt": words("p"), "chosen": words("c")}
    gone = even(make_pair, "gone", repo="held", window="train", committed_at=1, **texts)
    stays = even(make_pair, "stays", repo="free", window="train", committed_at=2, **texts)
    kept, dropped = curate([gone, stays], split=named("held"))
    assert [one.pair.id for one in kept] == ["stays"]
    assert reasons(dropped) == [("gone", "split_window")]


def test_what_has_no_pair_that_a_benchmark_can_use_is_not_held_out(make_pair: Any, curate: Any) -> None:
    pairs = [even(make_pair, repo, repo=repo, window="benchmark" if repo == "late" else "train") for repo in "abcde"]
    pairs.append(even(make_pair, "late", repo="late", window="benchmark"))
    for seed in range(2):
        kept, dropped = curate(pairs, split=SplitOptions(min_repositories=2), seed=seed)
        assert dropped == []
        assert {one.pair.id for one in kept if one.split == "benchmark"} == {"late"}


@pytest.mark.parametrize("theirs", ["blob_sha256", "before_sha256"])
@pytest.mark.parametrize("ours", ["blob_sha256", "before_sha256"])
def test_a_training_pair_of_a_file_that_the_benchmark_has_is_dropped(
    make_pair: Any, curate: Any, theirs: str, ours: str
) -> None:
    held = [even(make_pair, f"held{n}", repo="held", **{theirs: "5" * 64}) for n in (2, 1)]
    vendored = even(make_pair, "vendored", repo="free", cluster="one", **{ours: "5" * 64})
    beside = even(make_pair, "beside", repo="free", cluster="one")
    alike = [even(make_pair, f"free{n}", repo=f"free{n}", blob_sha256="6" * 64) for n in range(2)]
    kept, dropped = curate([*held, vendored, beside, *alike], split=named("held"))
    assert [(one.id, one.reason, one.detail) for one in dropped] == [
        ("vendored", "shared_blob", f"the file {'5' * 64} is of the benchmark's held1 too")
    ]
    assert len(kept) == 5


@pytest.mark.parametrize("side", ["chosen", "rejected"])
@pytest.mark.parametrize("other", ["chosen", "rejected"])
def test_a_training_pair_with_a_side_near_to_one_of_the_benchmark_is_dropped(
    make_pair: Any, curate: Any, side: str, other: str
) -> None:
    code = " ".join(f"code{n:03d}" for n in range(200))
    sides = {"chosen": code.replace("code", "good"), "rejected": code.replace("code", "poor")}
    held = unlike(make_pair, "held", repo="held", **(sides | {other: code}))
    near = unlike(make_pair, "near", repo="free", **{side: code.replace("code009", "edited")})
    twin = unlike(make_pair, "twin", repo="free2", **{side: code.replace("code100", "edited")})
    far = unlike(make_pair, "far", repo="free", **{side: " ".join(code.split()[:120])})
    kept, dropped = curate([held, near, far], split=named("held"))
    assert [one.pair.id for one in kept] == ["far", "held"]
    detail = f"Jaccard 0.895288 of the {side} side with a side of the benchmark's held"
    assert [(one.id, one.reason, one.detail) for one in dropped] == [("near", "near_benchmark", detail)]
    assert len(curate([near, twin])[0]) == 2  # both of training, so only prompt and chosen together count


def test_nothing_is_held_out_at_a_share_of_zero(make_pair: Any, curate: Any) -> None:
    windows = {"a": None, "b": None, "c": "train", "d": "train"}
    pairs = [even(make_pair, repo, repo=repo, window=window) for repo, window in windows.items()]
    kept, dropped = curate(pairs, split=NO_SPLIT)
    assert (len(kept), {one.split for one in kept}, dropped) == (4, {"train"}, [])


CODE = """def total(values, limit):
    result = 0
    for value in values:
        if value > limit:
            raise ValueError("too large")
        if value < 0:
            continue
        result += value * 2 + 7 * len(values)
        print(result, value, limit - value)
        values = [one for one in values if one != value]
    return result, len(values)
"""


@pytest.mark.parametrize("side", ["chosen", "rejected"])
def test_a_training_pair_with_the_syntax_tree_of_one_of_the_benchmark_is_dropped(
    make_pair: Any, curate: Any, side: str
) -> None:
    renamed = CODE.replace("value", "item").replace("result", "sum_").replace("too large", "big").replace("limit", "m")
    other = CODE.replace("+=", "-=")
    held = unlike(make_pair, "held", repo="held", language="Python", chosen=CODE, rejected=other)
    clone = unlike(make_pair, "clone", repo="free", language="Python", **{side: renamed})
    own = unlike(make_pair, "own", repo="free", language="Python", chosen=renamed.replace("continue", "break"))
    kept, dropped = curate([held, clone, own], split=named("held"))
    assert {one.pair.id for one in kept} == {"held", "own"}
    assert reasons(dropped) == [("clone", "syntax_clone")]
    assert dropped[0].detail.endswith("is of the benchmark's held too")


def test_a_training_pair_near_to_a_side_of_another_benchmark_is_dropped(
    make_pair: Any, curate: Any, tmp_path: Path
) -> None:
    code = words("other code", 100)
    row = {"id": "r7", "prompt": words("other prompt"), "chosen": code, "rejected": words("other bad", 100)}
    (tmp_path / "other.jsonl").write_text(json.dumps(row) + "\n")
    against = Against(path=str(tmp_path / "other.jsonl"), name="other", side_columns=("chosen", "rejected"))
    near = unlike(make_pair, "near", rejected=f"{code} tail")
    far = unlike(make_pair, "far")
    kept, dropped = curate([near, far], decontamination=Decontamination(against=(against,)))
    assert [one.pair.id for one in kept] == ["far"]
    assert reasons(dropped) == [("near", "near_benchmark")]
    assert dropped[0].detail.endswith("of the rejected side with a side of the benchmark's other/r7")


class Shout(Filter):
    """Redacts one word, for these tests."""

    kind: str = "shout"

    def mend(self, pair: Pair) -> Pair:
        """Without the word."""
        if "SECRET" not in pair.prompt + pair.chosen + pair.rejected:
            return pair
        texts = {name: getattr(pair, name).replace("SECRET", "hidden") for name in ("prompt", "chosen", "rejected")}
        return replace(pair, steps=(*pair.steps, Step("prompt", "redact/shout", "1")), **texts)

    def refuse(self, pair: Pair) -> None:
        """Nothing."""


def test_what_a_filter_redacts_is_redacted_in_what_is_kept_and_compared(make_pair: Any, curate: Any) -> None:
    code = words("c", 25)
    plain = unlike(make_pair, "plain", prompt="say hidden", chosen=f"{code} hidden", committed_at=1)
    loud = unlike(make_pair, "loud", prompt="say SECRET", chosen=f"{code} SECRET", committed_at=2)
    alone = unlike(make_pair, "alone", rejected=f"{words('r')} SECRET", repo="free")
    held = unlike(make_pair, "held", repo="held", chosen=words("h", 25), rejected=words("h2", 25))
    near = unlike(make_pair, "near", repo="free", chosen=held.chosen.replace(held.chosen.split()[0], "SECRET"))
    held = replace(held, chosen=near.chosen.replace("SECRET", "hidden"))
    held = replace(held, rejected=words("h2", 25)[: len(held.chosen)].ljust(len(held.chosen), "x"))
    kept, dropped = curate([plain, loud, alone, near, held], (Shout(),), split=named("held"))
    by_id = {one.pair.id: one.pair for one in kept}
    assert reasons(dropped) == [("loud", "exact_duplicate"), ("near", "near_benchmark")]
    assert dropped[1].detail.startswith("Jaccard 1.000000 of the chosen side")
    assert by_id["alone"].rejected == f"{words('r')} hidden"
    assert by_id["alone"].steps[-1].name == "redact/shout"
    assert by_id["plain"] == plain
