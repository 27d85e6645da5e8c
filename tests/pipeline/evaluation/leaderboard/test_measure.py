"""Accuracies and intervals against pandas and scipy; benchmarks are told apart by the pairs they share."""

import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from pipeline.evaluation.leaderboard.boards import boards
from pipeline.evaluation.leaderboard.measure import NO_CLUSTERS, measure, pair_interval
from pipeline.evaluation.leaderboard.read import read_run, read_runs
from schemas import contract
from schemas.errors import ConfigError
from tests.pipeline.evaluation.leaderboard.scored import rows, save


def ties(made):
    """Every seventh pair tied."""
    for row in made[::7]:
        row |= {"rejected_score": row["chosen_score"], "score_diff": 0.0, "correct": False}
    return made


def frame_of(made):
    frame = pd.DataFrame(made)
    return frame.assign(half=frame["correct"] + 0.5 * (frame["score_diff"] == 0))


def test_shares_by_pandas(tmp_path):
    made = ties(rows(200))
    entry, frame = measure(read_run(save(tmp_path / "m-8B", made))), frame_of(made)
    assert entry.micro.value == pytest.approx(frame["correct"].mean())
    assert entry.macro.value == pytest.approx(frame.groupby("aspect")["correct"].mean().mean())
    assert entry.half_credit.value == pytest.approx(frame["half"].mean())
    assert (entry.ties, entry.failures, entry.clusters) == (29, None, None)
    assert {k: v.value for k, v in entry.by_criterion.items()} == pytest.approx(
        dict(frame.groupby("aspect")["correct"].mean())
    )
    assert {k: v.pairs for k, v in entry.by_language.items()} == dict(frame.groupby("language").size())
    cells = frame.groupby(["aspect", "language"])["correct"].agg(["mean", "count"])
    assert {k: (pytest.approx(m), n) for k, (m, n) in zip(cells.index, cells.values, strict=True)} == entry.grid


def test_an_interval_by_pair_is_the_one_sample_t_interval(tmp_path):
    made = rows(200)
    entry, correct = measure(read_run(save(tmp_path / "m", made))), frame_of(made)["correct"].astype(float)
    low, high = stats.t.interval(0.95, 199, loc=correct.mean(), scale=stats.sem(correct))
    assert (entry.micro.low, entry.micro.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert entry.intervals["overall"]["note"] == NO_CLUSTERS
    assert entry.intervals["overall"]["clusters"] is None
    assert entry.intervals["by_criterion"]["Memory_Efficiency"]["pairs"] == 50


def test_a_mean_of_criteria_has_the_variance_of_its_parts():
    draw = np.random.default_rng(3)
    groups = [(draw.random(n) < p).astype(float) for n, p in ((40, 0.9), (300, 0.6), (90, 0.5))]
    found = pair_interval(groups)
    variance = sum(one.var(ddof=0) / len(one) for one in groups) / 9 * 430 / 429
    assert found["estimate"] == round(float(np.mean([one.mean() for one in groups])), 4)
    assert found["half_width"] == round(stats.t.ppf(0.975, 429) * math.sqrt(variance), 4)


def test_one_pair_has_no_interval(tmp_path):
    entry = measure(read_run(save(tmp_path / "m", rows(1))))
    assert (entry.micro.low, entry.micro.high) == (None, None)
    assert "1 pairs, below 20: the interval is rough" in entry.intervals["overall"]["note"]


def test_our_runs_keep_the_intervals_over_their_clusters(tmp_path):
    folder = save(tmp_path / "nano", rows(60))
    own = {
        "overall": {
            "pairs": 60,
            "clusters": 9,
            "strict": {"micro": {"low": 0.11, "high": 0.92}, "macro": {"low": 0.2, "high": 0.8}},
            "half_credit": {"micro": {"low": 0.3, "high": 0.7}},
        },
        "by_criterion": {"Memory_Efficiency": {"strict": {"micro": {"low": 0.25, "high": 0.75}}}},
    }
    (folder / "intervals.json").write_text(json.dumps(own))
    entry = measure(read_run(folder))
    assert entry.intervals == own
    assert entry.clusters == 9
    assert (entry.micro.low, entry.macro.high, entry.half_credit.low) == (0.11, 0.8, 0.3)
    assert entry.by_criterion["Memory_Efficiency"].high == 0.75
    assert entry.by_criterion["Security_Hardness"].low is None
    assert entry.by_language["Go"].low is None


def test_intervals_without_known_repositories_are_marked_too(tmp_path):
    folder = save(tmp_path / "theirs", rows(60))
    own = {"overall": {"pairs": 60, "clusters": 60}, "clusters": {"known": False}, "by_language": []}
    (folder / "intervals.json").write_text(json.dumps(own))
    entry = measure(read_run(folder))
    assert (entry.clusters, entry.micro.low, entry.by_language["Go"].high) == (None, None, None)


def test_a_failed_pair_is_wrong_and_no_tie(tmp_path):
    made = rows(40)
    made[5] |= {"chosen_score": None, "score_diff": 0.0, "correct": False}
    table = pa.Table.from_pylist(made, contract.SCORES).append_column(
        "parse_failed", pa.array([n == 5 for n in range(40)])
    )
    entry = measure(read_run(save(tmp_path / "judge", table)))
    assert (entry.ties, entry.failures) == (0, 1)
    assert entry.half_credit.value == entry.micro.value == sum(row["correct"] for row in made) / 40


def test_hidden_failures_are_counted_by_pair(tmp_path):
    made = rows(40)
    made[5] |= {"chosen_score": 0.0, "rejected_score": 0.0, "score_diff": 0.0, "correct": False}
    made[6] |= {"chosen_score": 4.0, "rejected_score": 0.0, "score_diff": 4.0, "correct": True}
    entry = measure(read_run(save(tmp_path / "LMUnit-x-70b", made)))
    assert entry.failures == 2
    assert entry.results["overall"]["parse_failures"] == 3
    assert entry.ties == 0


def test_ranks_and_coverage(tmp_path):
    best = [row | {"chosen_score": 9.0, "rejected_score": 0.0, "score_diff": 9.0, "correct": True} for row in rows(80)]
    save(tmp_path / "m" / "half", best[:40])
    save(tmp_path / "m" / "all", best)
    save(tmp_path / "m" / "worse", rows(80))
    (board,) = boards(read_runs([tmp_path / "m"]))
    assert [(line.rank, line.entry.name, line.coverage) for line in board.lines] == [
        (1, "all", 1.0),
        (1, "half", 0.5),
        (3, "worse", 1.0),
    ]
    assert board.pairs == 80
    assert board.criteria[0] == "Readability_Maintainability"


def test_benchmarks_without_a_common_pair_are_boards_of_their_own(tmp_path):
    save(tmp_path / "m" / "ours", rows(50, prefix="ours"))
    for name in ("a", "b"):
        save(tmp_path / "m" / name, rows(30))
    first, second = boards(read_runs([tmp_path / "m"]))
    assert ([line.entry.name for line in first.lines], first.pairs) == (["a", "b"], 30)
    assert ([line.entry.name for line in second.lines], second.pairs) == (["ours"], 50)


def test_a_run_that_shares_pairs_with_two_others_joins_them(tmp_path):
    made = rows(60)
    for name, part in (("a", made[:20]), ("b", made[40:]), ("c", made[10:50])):
        save(tmp_path / "m" / name, part)
    (board,) = boards(read_runs([tmp_path / "m"]))
    assert (len(board.lines), board.pairs) == (3, 60)


def test_one_pair_with_two_labels_is_refused(tmp_path):
    save(tmp_path / "m" / "a", rows(6))
    save(tmp_path / "m" / "b", [row | {"language": "Ruby"} for row in rows(6)])
    with pytest.raises(ConfigError, match="pair-0000: is CSharp and Functional_Correctness in a, Ruby and"):
        boards(read_runs([tmp_path / "m"]))
