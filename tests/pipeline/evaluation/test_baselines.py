import json
import sys

import pyarrow.parquet as pq
import pytest

from pipeline.evaluation import bag
from pipeline.evaluation.baselines import BaselineOptions, baselines, swapped_packages
from pipeline.evaluation.benchmark import evaluate, read_benchmark
from pipeline.training.pairs import read_pairs
from pipeline.training.recipes import NANO, Architecture
from schemas.errors import ConfigError

TINY = NANO.model_copy(
    update={
        "architecture": Architecture(
            hidden_size=32, intermediate_size=48, layers=1, heads=2, kv_heads=2, head_dim=16, vocab_size=600
        )
    }
)


def quiet(event):
    pass


def test_features_are_what_changed_plain_and_by_criterion(run):
    pair = next(p for p in read_pairs(run() / "dataset") if p.operator == "needless_sort")
    assert bag.changed_tokens(pair) == {
        "sorted": -1, "(": -1, "):": -1, ":": 1,
        "runtime_efficiency sorted": -1, "runtime_efficiency (": -1, "runtime_efficiency ):": -1,
        "runtime_efficiency :": 1,
    }  # fmt: skip


def test_the_bag_sees_tokens_but_not_order(run):
    folder = run()
    training, held = read_pairs(folder / "dataset"), read_benchmark(folder / "benchmark")
    words = bag.make(training)
    differences = bag.differences(words.fit(), words.columns(held))
    for pair, difference in zip(held, differences, strict=True):
        assert difference == 0 if pair.operator == "swap" else difference > 0


def test_a_pair_shown_once_counts_as_from_both_sides(run):
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression

    training = read_pairs(run() / "dataset")
    words = bag.make(training)
    plain = words.columns(training)
    both = LogisticRegression(fit_intercept=False, max_iter=1000, C=1.0)
    both.fit(vstack([plain, -plain]), [True] * len(training) + [False] * len(training))
    assert bag.differences(words.fit(), plain) == pytest.approx(list(both.decision_function(plain)), rel=1e-3)


def test_the_file_holds_every_baseline(run, tmp_path):
    folder, out, events = run(), tmp_path / "evaluation" / "nano", []
    options = BaselineOptions(
        bag_draws=3, model_draws=1, model_token_budget=2000, model_pairs=40, model_benchmark_pairs=30
    )
    found = baselines(folder / "dataset", folder / "benchmark", out, events.append, 0, options, TINY)
    assert json.loads((out / "baselines.json").read_text()) == found
    assert list(found) == [
        "bag", "left_out_operator", "left_out_family", "length", "before_after", "train_by_test", "shuffled_bag",
        "shuffled_model",
    ]  # fmt: skip
    assert found["bag"]["overall"]["half_credit"]["micro"]["estimate"] == pytest.approx(5 / 6, abs=1e-4)
    assert found["bag"]["by_operator"]["swap"]["ties"] == 24
    assert found["left_out_operator"]["boundary"]["training_pairs"] == 48
    assert found["left_out_operator"]["boundary"]["ties"] == 24  # `<` and `<=` were never seen
    assert found["length"]["fitted_on_training"]["signs"]["runtime_efficiency"] == -1.0
    assert found["length"]["best_on_benchmark"]["overall"]["strict"]["micro"]["estimate"] == pytest.approx(
        2 / 3, abs=1e-4
    )
    draws = found["shuffled_bag"]["draws"]
    assert len(draws) == 6
    assert [a + b for a, b in zip(draws[::2], draws[1::2], strict=True)] == pytest.approx([1.0] * 3, abs=1e-3)
    assert found["shuffled_bag"]["mean"]["low"] <= 0.5 <= found["shuffled_bag"]["mean"]["high"]
    model = found["shuffled_model"]
    assert (len(model["draws"]), model["token_budget"]) == (2, 2000)
    assert (model["training_pairs"], model["benchmark_pairs"]) == (40, 30)
    assert 0.0 <= model["true_labels"] <= 1.0
    assert {e["stage"] for e in events} == {"left_out_operator", "shuffled_bag", "shuffled_model"}


def test_controls_can_be_left_out_and_operators_need_pairs(run, tmp_path):
    folder = run()
    options = BaselineOptions(bag_draws=0, min_operator_pairs=25)
    found = baselines(folder / "dataset", folder / "benchmark", tmp_path / "out", quiet, 0, options)
    assert list(found) == ["bag", "left_out_operator", "left_out_family", "length", "before_after", "train_by_test"]
    assert found["left_out_operator"] == {}
    assert found["before_after"]["newer_bag"] is None  # no commits
    assert found["before_after"]["original_wins"]["overall"]["strict"]["micro"]["estimate"] == 1.0
    assert found["train_by_test"]["commits"] is None
    assert found["train_by_test"]["mutants"]["training_pairs"] == 72


class Shorter:
    def score(self, prompts, answers, criteria):
        return [-float(len(answer)) for answer in answers]


def test_a_model_that_was_evaluated_gets_its_claims(run, tmp_path):
    folder, out = run(), tmp_path / "out"
    options = BaselineOptions(bag_draws=0)
    before = evaluate(Shorter(), folder / "benchmark", out, quiet)
    assert [row["against"] for row in before["claims"]["rows"]] == ["chance", "length_on_benchmark"]
    assert before["by_length_rule"]["signs_from"] == "benchmark"
    baselines(folder / "dataset", folder / "benchmark", out, quiet, 0, options)
    after = json.loads((out / "intervals.json").read_text())
    rows = {row["against"]: row for row in after["claims"]["rows"]}
    assert list(rows) == ["chance", "length_on_benchmark", "length_on_training", "bag", "original_bag"]
    assert rows["bag"]["difference"]["estimate"] == 0.0 and not rows["bag"]["holds"]
    assert rows["chance"]["difference"]["estimate"] == pytest.approx(1 / 3, abs=1e-4)
    assert rows["chance"]["p"] == pytest.approx(2 / 64)  # six packages that agree
    assert after["by_length_rule"]["signs_from"] == "training"
    changed = ("claims", "by_length_rule")
    assert {k: v for k, v in after.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}
    controls = pq.read_table(out / "controls.parquet")
    assert controls.column_names == [
        "id", "bag", "length_on_training", "length_on_benchmark", "newer_wins", "original_wins", "original_bag",
    ]  # fmt: skip
    assert controls["newer_wins"].to_pylist() == [0.0] * 72
    assert evaluate(Shorter(), folder / "benchmark", out, quiet) == before
    assert not (out / "baselines.json").exists() and not (out / "controls.parquet").exists(), "of the time before"


def test_scores_of_another_benchmark_get_no_claims(run, tmp_path):
    folder, out = run(), tmp_path / "out"
    evaluate(Shorter(), folder / "benchmark", out, quiet)
    table = pq.read_table(out / "scores.parquet")
    pq.write_table(table.slice(1), out / "scores.parquet")
    with pytest.raises(ConfigError, match=r"scores.parquet: has no row for h0-000"):
        baselines(folder / "dataset", folder / "benchmark", out, quiet, 0, BaselineOptions(bag_draws=0))


def test_shuffles_swap_whole_packages_by_a_coin(run):
    training = read_pairs(run(packages=40, functions=3) / "dataset")
    first = swapped_packages(training, 0, 0)
    assert first == swapped_packages(list(reversed(training)), 0, 0) != swapped_packages(training, 0, 1)
    assert 8 < len(first) < 32


def test_training_pairs_without_provenance_are_refused(run, tmp_path):
    folder = run()
    for path in (folder / "dataset" / "provenance").iterdir():
        path.unlink()
    (folder / "dataset" / "provenance").rmdir()
    with pytest.raises(ConfigError, match="has no row for t0-000"):
        baselines(folder / "dataset", folder / "benchmark", tmp_path / "out", quiet, 0)


def test_a_missing_extra_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ConfigError, match="missing: sklearn"):
        baselines(tmp_path, tmp_path, tmp_path / "out", quiet, 0)


def test_one_training_pair_is_too_few(run, tmp_path):
    folder = run(packages=1, functions=1)
    with pytest.raises(ConfigError, match="holds 1 training pairs, must be 2 or more"):
        baselines(folder / "dataset", folder / "benchmark", tmp_path / "out", quiet, 0)
