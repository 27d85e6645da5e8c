import csv
import hashlib
import json

import pytest
import torch
import yaml
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pipeline.training.collator import collate, encode
from pipeline.training.model import forward
from pipeline.training.pairs import read_pairs
from pipeline.training.recipes import NANO, RECIPES, Architecture
from pipeline.training.trainer import LOG, fit, learning_rate, train
from schemas.config import validate
from schemas.conversation import messages, system_prompt
from schemas.errors import CheckFailed, ConfigError

TINY = NANO.model_copy(
    update={
        "architecture": Architecture(
            hidden_size=32, intermediate_size=48, layers=1, heads=2, kv_heads=2, head_dim=16, vocab_size=600
        ),
        "epochs": 3,
        "learning_rate": 0.01,
        "batch_pairs": 8,
    }
)


def quiet(event):
    pass


def test_a_checkpoint_loads_without_our_code_and_scores_as_in_training(dataset, tmp_path):
    folder, out = dataset(), tmp_path / "models" / "nano"
    events = []
    result = train(folder, out, TINY, events.append, 0)
    pairs = read_pairs(folder)
    fitted = fit(pairs, TINY, quiet, 0)
    with torch.no_grad():
        rows = encode(fitted.tokenizer, pairs, "own", 512)
        scored = forward(fitted.model, collate(rows, fitted.tokenizer.pad_token_id), False)
    tokenizer = AutoTokenizer.from_pretrained(out)
    model = AutoModelForSequenceClassification.from_pretrained(out)
    assert type(model).__name__ == "Qwen3ForSequenceClassification"
    assert model.dtype == torch.float32
    assert tokenizer.get_vocab() == fitted.tokenizer.get_vocab()
    assert (tokenizer.pad_token_id, model.config.pad_token_id) == (0, 0)
    for b, pair in enumerate(pairs):
        text = tokenizer.apply_chat_template(
            messages(system_prompt(pair.criterion), pair.prompt, pair.chosen), tokenize=False
        )
        with torch.no_grad():
            score = model(**tokenizer(text, return_tensors="pt", add_special_tokens=False)).logits[0, 0]
        assert abs(float(score - scored.chosen_B[b])) < 1e-4
    assert [e["step"] for e in events] == list(range(1, result.summary["steps"] + 1))


def test_what_is_written_beside_the_weights(dataset, tmp_path):
    out = tmp_path / "nano"
    summary = train(dataset(), out, TINY, quiet, 0).summary
    assert json.loads((out / "training.json").read_text()) == summary
    assert summary["pairs_used"] == summary["pairs_given"] == 72
    assert summary["recipe"]["name"] == "nano"
    with (out / "training_log.csv").open() as file:
        log = list(csv.DictReader(file))
    assert tuple(log[0]) == LOG
    assert len(log) == summary["steps"] == 27
    assert int(log[-1]["tokens"]) == summary["tokens"]
    assert float(log[-1]["loss"]) == pytest.approx(
        float(log[-1]["reward_loss"])
        + TINY.lm_weight * float(log[-1]["lm_loss"])
        + TINY.magnitude_weight * float(log[-1]["magnitude"]),
        abs=1e-5,
    )
    front = yaml.safe_load((out / "README.md").read_text().split("---")[1])
    assert front["pipeline_tag"] == "text-classification"
    assert "lm_head" not in (out / "model.safetensors").read_bytes()[:20_000].decode("latin-1")


def test_the_same_seed_gives_the_same_weights_and_another_does_not(dataset, tmp_path):
    folder = dataset()
    digests = []
    for number, seed in enumerate((0, 0, 1)):
        out = tmp_path / str(number)
        train(folder, out, TINY, quiet, seed)
        digests.append([
            hashlib.sha256((out / name).read_bytes()).hexdigest()
            for name in ("model.safetensors", "tokenizer.json", "training_log.csv")
        ])  # fmt: skip
    assert digests[0] == digests[1]
    assert digests[0][0] != digests[2][0]
    assert not torch.are_deterministic_algorithms_enabled()


def test_it_learns_and_counts_what_it_leaves_out(dataset):
    pairs = read_pairs(dataset(packages=10))
    learnt = fit(pairs, TINY.model_copy(update={"epochs": 12}), quiet, 0)
    assert sum(row["accuracy"] for row in learnt.log[-10:]) / 10 > 0.9
    drawn = fit(pairs, TINY.model_copy(update={"max_pairs": 20, "token_budget": 2000}), quiet, 0).counts
    assert (drawn["pairs_given"], drawn["pairs_not_drawn"]) == (120, 100)
    assert drawn["tokens"] <= 2000
    assert drawn["pairs_used"] < drawn["pairs_fitting"] == 20
    sides = [
        max(row.chosen, row.prefix + len(row.tokens) - row.chosen)
        for row in encode(learnt.tokenizer, pairs, "own", 512)
    ]
    counts = fit(pairs, TINY.model_copy(update={"max_tokens": max(sides) - 1, "epochs": 1}), quiet, 0).counts
    assert counts["pairs_too_long"] == sides.count(max(sides)) > 0
    assert counts["pairs_used"] == counts["pairs_fitting"] == 120 - counts["pairs_too_long"]


def test_no_pair_that_fits_and_a_loss_that_breaks(dataset):
    pairs = read_pairs(dataset())
    with pytest.raises(ConfigError, match="none of 72 pairs fits max_tokens 16"):
        fit(pairs, TINY.model_copy(update={"max_tokens": 16}), quiet, 0)
    with pytest.raises(CheckFailed, match="Lower learning_rate"):
        fit(pairs, TINY.model_copy(update={"magnitude_weight": float("inf")}), quiet, 0)


def test_a_failed_training_leaves_the_old_checkpoint(dataset, tmp_path):
    out = tmp_path / "nano"
    out.mkdir()
    (out / "old").write_text("old")
    with pytest.raises(ConfigError):
        train(dataset(), out, TINY.model_copy(update={"max_tokens": 16}), quiet, 0)
    assert (out / "old").read_text() == "old"


def test_the_rate_rises_then_falls():
    recipe = NANO.model_copy(update={"learning_rate": 1.0, "final_learning_rate": 0.1, "warmup_share": 0.05})
    rates = [learning_rate(step, 100, recipe) for step in range(100)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[5] == 1.0
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)
    assert learning_rate(0, 1, recipe) == 1.0


def test_recipes_are_strict():
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    given = NANO.model_dump(mode="json")
    assert validate(type(NANO), given, "recipe") == NANO
    with pytest.raises(ConfigError, match="recipe: batch_pairs"):
        validate(type(NANO), given | {"batch_pairs": 0}, "recipe")
    with pytest.raises(ConfigError, match="unknown key"):
        validate(type(NANO), given | {"batch": 8}, "recipe")


def test_nano_has_between_one_and_five_million_parameters():
    from pipeline.training.model import new_model

    a = NANO.architecture
    count = sum(p.numel() for p in new_model(a, a.vocab_size, 0, 1, NANO.max_tokens, 0).parameters())
    assert 1_000_000 <= count <= 5_000_000
