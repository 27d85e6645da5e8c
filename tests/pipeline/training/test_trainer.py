import csv
import hashlib
import json

import matplotlib.image
import pytest
import torch
import yaml
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pipeline.training.collator import collate
from pipeline.training.model import new_model
from pipeline.training.pairs import read_pairs
from pipeline.training.recipes import NANO
from pipeline.training.rows import encode
from pipeline.training.trainer import LOG, fit, train
from pipeline.training.two_heads import TwoHeads
from schemas.conversation import messages, system_prompt
from schemas.errors import CheckFailed, ConfigError
from tests.pipeline.training.tiny import PM, SMALL, TINY, mean, quiet, tiny


def rewards(fitted, pairs):
    """Rewards of the chosen answers as training computes them."""
    with torch.no_grad():
        batch = collate(encode(fitted.tokenizer, pairs, "own", 512).rows, fitted.tokenizer.pad_token_id, True)
        return TwoHeads(fitted.model)(**batch.inputs("cpu")).chosen_B


def test_a_checkpoint_loads_without_our_code_and_scores_as_in_training(dataset, tmp_path):
    folder, out = dataset(), tmp_path / "models" / "nano"
    events = []
    result = train(folder, out, tiny({"epochs": 1}), events.append, 0)
    pairs = read_pairs(folder)
    fitted = fit(pairs, tiny({"epochs": 1}), quiet, 0)
    scored_B = rewards(fitted, pairs)
    tokenizer = AutoTokenizer.from_pretrained(out)
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert type(model).__name__ == "Qwen3ForSequenceClassification"
    assert model.dtype == torch.float32
    assert tokenizer.get_vocab() == fitted.tokenizer.get_vocab()
    assert (tokenizer.pad_token_id, model.config.pad_token_id) == (0, 0)
    for b, pair in enumerate(pairs[:20]):
        said = messages(system_prompt(pair.criterion), pair.prompt, pair.chosen)
        text = tokenizer.apply_chat_template(said, tokenize=False)
        with torch.no_grad():
            score = model(**tokenizer(text, return_tensors="pt", add_special_tokens=False)).logits[0, 0]
        assert abs(float(score - scored_B[b])) < 1e-4
    assert [e["step"] for e in events] == list(range(1, result.summary["steps"] + 1))
    assert {e["steps"] for e in events} == {result.summary["steps"]}
    assert [p.name for p in out.parent.iterdir()] == ["nano"]  # no checkpoint is left


def test_what_is_written_beside_the_weights(dataset, tmp_path):
    out = tmp_path / "nano"
    summary = train(dataset(), out, TINY, quiet, 0).summary
    assert json.loads((out / "training.json").read_text()) == summary
    assert summary["pairs_used"] == summary["pairs_given"] == 72
    assert summary["recipe"]["name"] == "tiny"
    assert [stage["name"] for stage in summary["stages"]] == ["pm"]
    assert summary["stages"][0]["shared_prefix"] is True
    with (out / "training_log.csv").open() as file:
        log = list(csv.DictReader(file))
    assert tuple(log[0]) == LOG
    assert [int(row["step"]) for row in log] == list(range(summary["steps"]))
    assert summary["steps"] == 27
    assert int(log[-1]["tokens"]) == summary["tokens"]
    assert float(log[-1]["loss"]) == pytest.approx(
        float(log[-1]["reward_loss"])
        + PM.lm_weight * float(log[-1]["lm_loss"])
        + PM.magnitude_weight * float(log[-1]["magnitude"]),
        abs=1e-5,
    )
    named = json.loads((out / "training_log.json").read_text())
    assert [row["loss"] for row in named] == [float(row["loss"]) for row in log]
    assert {row["stage"] for row in named} == {"pm"}
    picture = matplotlib.image.imread(out / "training_curve.png")
    assert picture.shape[0] > 300 and picture.std() > 0.05
    front = yaml.safe_load((out / "README.md").read_text().split("---")[1])
    assert front["pipeline_tag"] == "text-classification"
    assert "lm_head" not in (out / "model.safetensors").read_bytes()[:20_000].decode("latin-1")


def test_the_same_seed_gives_the_same_weights_and_another_does_not(dataset, tmp_path):
    folder = dataset(functions=4)
    digests = []
    for number, seed in enumerate((0, 0, 1)):
        out = tmp_path / str(number)
        train(folder, out, tiny({"epochs": 1}), quiet, seed)
        digests.append([
            hashlib.sha256((out / name).read_bytes()).hexdigest()
            for name in ("model.safetensors", "tokenizer.json", "training_log.csv", "config.json")
        ])  # fmt: skip
    assert digests[0] == digests[1]
    assert digests[0][0] != digests[2][0]
    assert not torch.are_deterministic_algorithms_enabled()


def test_it_learns_and_counts_what_it_leaves_out(dataset):
    pairs = read_pairs(dataset(packages=10))
    learnt = fit(pairs, tiny({"epochs": 5}), quiet, 0)
    assert mean([row["accuracy"] for row in learnt.log[-10:]]) > 0.9
    drawn = fit(pairs, tiny({"max_pairs": 20, "token_budget": 2000}), quiet, 0).counts
    assert (drawn["pairs_given"], drawn["pairs_not_drawn"]) == (120, 100)
    assert drawn["tokens"] <= 2000
    assert drawn["pairs_used"] < drawn["pairs_fitting"] == 20
    sides = [row.longest for row in encode(learnt.tokenizer, pairs, "own", 512).rows]
    counts = fit(pairs, tiny({"max_tokens": max(sides) - 1, "epochs": 1}), quiet, 0).counts
    assert counts["pairs_too_long"] == sides.count(max(sides)) > 0
    assert counts["pairs_used"] == counts["pairs_fitting"] == 120 - counts["pairs_too_long"]


def test_the_cut_of_a_batch_changes_no_loss(dataset):
    pairs = read_pairs(dataset())
    whole = fit(pairs, tiny({"epochs": 1, "lm_weight": 0.5}), quiet, 0).log
    cut = fit(pairs, tiny({"epochs": 1, "lm_weight": 0.5, "micro_pairs": 1, "max_tokens": 220}), quiet, 0).log
    for one, other in zip(whole, cut, strict=True):
        assert one == pytest.approx(other, rel=1e-3, abs=1e-4)


def test_checkpointed_activations_and_half_precision_train_too(dataset):
    pairs = read_pairs(dataset())
    plain = fit(pairs, tiny({"epochs": 1}), quiet, 0).log
    again = fit(pairs, tiny({"epochs": 1}, gradient_checkpointing=True), quiet, 0).log
    assert again[-1]["loss"] == pytest.approx(plain[-1]["loss"], rel=1e-4)
    half = fit(pairs, tiny({"epochs": 1}, precision="bfloat16"), quiet, 0)
    assert half.model.dtype == torch.float32
    assert half.log[0]["loss"] != plain[0]["loss"]
    assert half.log[0]["loss"] == pytest.approx(plain[0]["loss"], rel=0.02)


def test_soft_labels_enter_the_loss_where_asked(dataset):
    pairs = [
        type(pair)(**{**as_dict(pair), "label": 0.5, "weight": 3.0}) if pair.operator == "rename" else pair
        for pair in read_pairs(dataset())
    ]
    hard = fit(pairs, tiny({"epochs": 1}), quiet, 0)
    assert (hard.counts["pairs_tied"], hard.counts["pairs_used"]) == (24, 48)
    soft = fit(pairs, tiny({"epochs": 8, "soft_labels": True}), quiet, 0)
    assert soft.counts["pairs_used"] == 72
    with torch.no_grad():
        rows = encode(soft.tokenizer, pairs, "own", 512, True).rows
        outputs = TwoHeads(soft.model)(**collate(rows, soft.tokenizer.pad_token_id, True).inputs("cpu"))
    margins = (outputs.chosen_B - outputs.rejected_B).tolist()
    tied = mean([abs(m) for m, pair in zip(margins, pairs, strict=True) if pair.operator == "rename"])
    won = mean([m for m, pair in zip(margins, pairs, strict=True) if pair.operator != "rename"])
    assert tied < 0.3 * won


def as_dict(pair):
    return {name: getattr(pair, name) for name in type(pair).__dataclass_fields__}


def test_two_stages_one_after_the_other(dataset, tmp_path):
    folder, general, out = dataset(), dataset(packages=4, name="general"), tmp_path / "two"
    recipe = tiny({"name": "pt", "epochs": 1, "lm_weight": 0.4}, {"epochs": 2})
    summary = train(folder, out, recipe, quiet, 0, general).summary
    pt, pm = summary["stages"]
    assert (pt["name"], pt["pairs_given"], pt["steps"]) == ("pt", 48, 6)
    assert (pm["name"], pm["pairs_given"], pm["steps"]) == ("pm", 72, 18)
    assert summary["tokens"] == pt["tokens"] + pm["tokens"]
    log = json.loads((out / "training_log.json").read_text())
    assert [row["step"] for row in log] == list(range(24))
    assert [row["stage"] for row in log] == ["pt"] * 6 + ["pm"] * 18
    assert log[6]["lr"] == pytest.approx(PM.learning_rate)  # a schedule of its own
    assert log[-1]["tokens"] == summary["tokens"]
    assert "pt: pairs" in (out / "README.md").read_text()
    alone = fit(read_pairs(folder), recipe, quiet, 0, general=read_pairs(general))
    saved = AutoModelForSequenceClassification.from_pretrained(out)
    for name, value in alone.model.state_dict().items():
        assert torch.equal(value, saved.state_dict()[name])
    with pytest.raises(ConfigError, match="its stage pt trains on general preferences"):
        train(folder, out, recipe, quiet, 0)
    with pytest.raises(ConfigError, match="its stage pt trains on general preferences"):
        fit(read_pairs(folder), recipe, quiet, 0)


def test_a_head_of_its_own_is_trained_and_not_exported(dataset, tmp_path):
    out = tmp_path / "untied"
    recipe = tiny({"epochs": 2, "lm_weight": 1.0}, architecture=SMALL.model_copy(update={"tied": False}))
    log = train(dataset(), out, recipe, quiet, 0)
    rows = json.loads((out / "training_log.json").read_text())
    assert mean([row["lm_loss"] for row in rows[-3:]]) < 0.7 * rows[0]["lm_loss"]
    assert log.summary["parameters"] == sum(
        p.numel() for p in AutoModelForSequenceClassification.from_pretrained(out).parameters()
    )
    assert "lm_head" not in (out / "model.safetensors").read_bytes()[:20_000].decode("latin-1")


def test_no_pair_that_fits_and_a_loss_that_breaks(dataset):
    pairs = read_pairs(dataset())
    with pytest.raises(ConfigError, match=r"none of 72 pairs fits max_tokens 16 \(prompt too long: 72\)"):
        fit(pairs, tiny({"max_tokens": 16}), quiet, 0)
    with pytest.raises(CheckFailed, match=r"the loss is inf at step 0, with the pairs 0\d-\d+,.* Lower learning_rate"):
        fit(pairs, tiny({"magnitude_weight": float("inf")}), quiet, 0)


def test_the_pairs_of_a_broken_loss_are_named(dataset):
    pairs = read_pairs(dataset())
    bad = [type(pair)(**{**as_dict(pair), "weight": float("nan")}) if pair.idx == "03-004" else pair for pair in pairs]
    with pytest.raises(CheckFailed, match=r"the loss is nan at step \d, with the pairs"):
        fit(bad, tiny({"soft_labels": True, "micro_pairs": 1, "max_tokens": 220}), quiet, 0)


def test_a_failed_training_leaves_the_old_checkpoint(dataset, tmp_path):
    out = tmp_path / "nano"
    out.mkdir()
    (out / "old").write_text("old")
    with pytest.raises(ConfigError):
        train(dataset(), out, tiny({"max_tokens": 16}), quiet, 0)
    assert (out / "old").read_text() == "old"


def test_nano_has_between_one_and_five_million_parameters():
    a = NANO.architecture
    model = new_model(a, a.vocab_size, 0, 1, NANO.last.max_tokens, 0)
    assert 1_000_000 <= sum(p.numel() for p in model.parameters()) <= 5_000_000
