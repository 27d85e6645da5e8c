"""Candidates are read strictly, ranked, and written; what can't be ranked is told apart."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.candidates import read_candidates
from pipeline.evaluation.rerank import GROUPS, KS, RerankOptions, interval, rerank
from schemas.errors import CheckFailed, ConfigError


class Digits:
    """Scores an answer by the number in it; `none` and `nan` have no score."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float | None]:
        self.seen += criteria
        return [None if answer == "none" else float(answer) for answer in answers]


def row(task: str, answer: str, rate: float, **more: Any) -> dict[str, Any]:
    return {
        "task_id": task,
        "id": f"{task}/{answer}",
        "prompt": f"Do {task}.",
        "answer": answer,
        "pass_rate": rate,
    } | more


MIXED = [row("t1", "3", 1.0), row("t1", "2", 0.0), row("t1", "1", 0.5), row("t2", "1", 1.0), row("t2", "5", 0.25)]
ALL = [row("t3", "1", 1.0), row("t3", "2", 1.0)]
NONE = [row("t4", "1", 0.5), row("t4", "2", 0.0)]


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(one) for one in rows) + "\n\n", encoding="utf-8")
    return path


def test_report(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    found = rerank(Digits(), lines(tmp_path / "c.jsonl", MIXED + ALL + NONE), tmp_path / "out", told.append)
    overall = found["overall"]
    assert (overall["lists"], overall["candidates"]) == (4, 9)
    assert [overall[name]["lists"] for name in ("mixed", "all_pass", "none_pass")] == [2, 1, 1]
    hits = overall["mixed"]["hits"]
    assert [hits[str(k)]["estimate"] for k in KS] == [0.5, 1, 1, 1]
    assert [hits[str(k)]["whole"] for k in KS] == [0, 1, 2, 2]
    assert hits["1"]["random"] == pytest.approx((1 / 3 + 1 / 2) / 2, abs=1e-4)
    best = overall["mixed"]["best_of_n"]
    assert best["picked"]["estimate"] == pytest.approx((1.0 + 0.25) / 2)
    assert best["random"]["estimate"] == pytest.approx((0.5 + 0.625) / 2, abs=1e-4)
    assert best["oracle"]["estimate"] == 1
    assert overall["mixed"]["spearman"]["estimate"] == pytest.approx((0.5 - 1) / 2)
    assert overall["mixed"]["kendall"]["estimate"] == pytest.approx((1 / 3 - 1) / 2, abs=1e-4)
    assert overall["mixed"]["variance"]["within"] == pytest.approx((1 + 8) / 2)
    assert overall["mixed"]["variance"]["between"] == pytest.approx(0.5)
    assert "hits" not in overall["all_pass"]
    assert overall["all_pass"]["spearman"] == {"estimate": None, "low": None, "high": None, "lists": 0, "undefined": 1}
    assert overall["none_pass"]["best_of_n"]["picked"]["estimate"] == 0
    assert told[-1] == {"stage": "rerank", "step": 9, "steps": 9}
    assert json.loads((tmp_path / "out" / "rerank.json").read_text()) == found
    written = pq.read_table(tmp_path / "out" / "rerank.parquet").to_pylist()
    assert [one["id"] for one in written] == sorted(one["id"] for one in MIXED + ALL + NONE)
    assert written[0]["score"] == 1.0


def test_order_and_format_change_nothing(tmp_path: Path) -> None:
    rows = MIXED + ALL + NONE
    pq.write_table(pa.Table.from_pylist(rows[::-1]), tmp_path / "c.parquet")
    folder = tmp_path / "many"
    folder.mkdir()
    lines(folder / "a.jsonl", rows[3:])
    lines(folder / "b.jsonl", rows[:3])
    for number, path in enumerate((lines(tmp_path / "c.jsonl", rows), tmp_path / "c.parquet", folder)):
        rerank(Digits(), path, tmp_path / str(number), lambda _: None)
    for name in ("rerank.json", "rerank.parquet"):
        assert len({(tmp_path / str(number) / name).read_bytes() for number in range(3)}) == 1


def test_groups_by_criterion_and_language(tmp_path: Path) -> None:
    rows = [one | {"criterion": "Runtime_Efficiency", "language": "Go"} for one in MIXED[:3]] + MIXED[3:]
    scorer = Digits()
    options = RerankOptions(criterion="memory_efficiency")
    found = rerank(scorer, lines(tmp_path / "c.jsonl", rows), tmp_path / "out", lambda _: None, options)
    assert list(found["by_criterion"]) == ["memory_efficiency", "runtime_efficiency"]
    assert list(found["by_language"]) == ["unknown", "Go"]
    assert found["by_language"]["Go"]["mixed"]["hits"]["1"]["estimate"] == 1
    assert sorted(set(scorer.seen)) == ["memory_efficiency", "runtime_efficiency"]


def test_what_passes_is_set(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", [*MIXED, *NONE])
    for passing, groups in ((1.0, [2, 0, 1]), (0.5, [3, 0, 0]), (0.25, [2, 1, 0])):
        found = rerank(Digits(), path, tmp_path / "out", lambda _: None, RerankOptions(passing=passing))
        assert [found["overall"][name]["lists"] for name in GROUPS] == groups
        assert found["passing"] == passing
    assert found["overall"]["all_pass"]["best_of_n"]["picked"]["estimate"] == 0.25


def test_interval_is_a_bootstrap_over_tasks() -> None:
    values = [float(i % 4 == 0) for i in range(400)]
    found = interval(values)
    assert found["estimate"] == 0.25
    half = 1.96 * (0.25 * 0.75 / 400) ** 0.5
    assert found["low"] == pytest.approx(0.25 - half, abs=0.006)
    assert found["high"] == pytest.approx(0.25 + half, abs=0.006)
    assert interval([0.5]) == {"estimate": 0.5, "low": None, "high": None}


def test_passed_and_missing_ids(tmp_path: Path) -> None:
    rows = [{"task_id": 7, "prompt": "p", "answer": str(n), "passed": n == 1} for n in range(3)]
    ((first, *others),) = read_candidates(lines(tmp_path / "c.jsonl", rows))
    assert (first.task, first.id, first.pass_rate) == ("7", "c.jsonl, line 1", 0.0)
    assert [one.pass_rate for one in others] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no candidate"),
        ([row("t", "1", 1.0)], "the task 't' has one candidate, must have 2 or more"),
        ([row("t", "1", 1.0), row("t", "1", 0.0)], "the id 't/1' is that of"),
        ([row("t", "1", 1.5)], "pass_rate is 1.5, must be a number from 0 to 1"),
        ([row("t", "1", -0.1)], "pass_rate is -0.1, must be"),
        ([row("t", "1", float("nan"))], "pass_rate is nan, must be"),
        ([row("t", "1", True)], "pass_rate is True, must be"),
        ([row("t", "1", "1")], "pass_rate is '1', must be"),  # type: ignore[arg-type]
        ([row("t", "1", 1.0) | {"pass_rate": None}], "has neither pass_rate nor passed"),
        ([row("t", "1", 1.0) | {"pass_rate": None, "passed": "yes"}], "passed is 'yes', must be true or false"),
        ([row("t", "1", 1.0) | {"answer": None}], "lacks answer. A row needs task_id, prompt"),
        ([row("t", "1", 1.0) | {"prompt": 3}], "prompt is 3, must be a text"),
        ([row("t", "1", 1.0, criterion="speed")], "criterion is 'speed', must be one of readability"),
        ([row("t", "1", 1.0, criterion=["a"])], "criterion is ['a'], must be one of"),
        ([row("t", "1", 1.0), row("t", "2", 1.0, prompt="other")], "differ in prompt: 'Do t.' and 'other'"),
        ([row("t", "1", 1.0), row("t", "2", 1.0, language="Go")], "differ in language: '' and 'Go'"),
    ],
)
def test_bad_rows(tmp_path: Path, rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_candidates(lines(tmp_path / "c.jsonl", rows))
    assert said in str(raised.value)


def test_bad_files(tmp_path: Path) -> None:
    for name, data, said in (
        ("c.jsonl", b"{", "line 1: not JSON"),
        ("c.jsonl", b"[1]\n", "line 1: holds list, must be an object"),
        ("c.jsonl", b"\xff\n", "not UTF-8"),
        ("c.parquet", b"no", "not a Parquet file"),
        ("c.csv", b"a,b", "ends in .csv, must be .parquet or .jsonl"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ConfigError, match=said):
            read_candidates(tmp_path / name)
    for path in (tmp_path / "missing.jsonl", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ConfigError, match=r"no \.parquet or \.jsonl file there"):
            read_candidates(path)
    with pytest.raises(ConfigError, match="--criterion speed: no such criterion"):
        read_candidates(tmp_path, "speed")


@pytest.mark.parametrize("answer", ["none", "nan", "inf"])
def test_answers_without_a_score_are_named_and_nothing_is_written(tmp_path: Path, answer: str) -> None:
    path = lines(tmp_path / "c.jsonl", [*MIXED, row("t1", answer, 0.0)])
    with pytest.raises(CheckFailed, match=f"no finite score for t1/{answer} of task t1"):
        rerank(Digits(), path, tmp_path / "out", lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_scorer_of_pairs_cannot_rerank(tmp_path: Path) -> None:
    class Pairs:
        compare = None

    scorer: Any = Pairs()
    with pytest.raises(ConfigError, match="Pairs: compares two answers, and reranking needs a score for each"):
        rerank(scorer, lines(tmp_path / "c.jsonl", MIXED), tmp_path / "out", lambda _: None)
