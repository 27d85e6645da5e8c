"""Training from the weights of other families: both heads, padding and special tokens as the export has them."""

import pytest
import torch
from tokenizers import processors
from transformers import AutoModelForSequenceClassification, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.training.collator import collate
from pipeline.training.pairs import read_pairs
from pipeline.training.recipe import Lora
from pipeline.training.rows import encode
from pipeline.training.tokenizer import train_tokenizer
from pipeline.training.trainer import fit, train
from pipeline.training.two_heads import TwoHeads, shares_prefix
from schemas.conversation import messages, system_prompt
from schemas.errors import ConfigError
from tests.pipeline.training.tiny import family, mean, quiet, tiny


def greedy(pairs):
    """A tokenizer that adds its first special token by itself, and pads with its end token."""
    tokenizer = train_tokenizer(pairs, 600, 512)
    start = "<|system|>"
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A", special_tokens=[(start, tokenizer.convert_tokens_to_ids(start))]
    )
    tokenizer.bos_token = start
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


@pytest.fixture
def causal(dataset, tmp_path):
    """A folder with a small causal model, not tied, and a tokenizer full of traps."""
    tokenizer = greedy(read_pairs(dataset()))
    torch.manual_seed(0)
    shape = family("llama", len(tokenizer)).config
    config = LlamaConfig(**{
        key: getattr(shape, key)
        for key in (
            "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
            "num_key_value_heads", "head_dim", "max_position_embeddings", "initializer_range",
        )
    }, tie_word_embeddings=False, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id)  # fmt: skip
    folder = tmp_path / "causal"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def check_export(out, trained, pairs):
    """Plain transformers, alone and padded, and our evaluator score as training does."""
    rows = encode(trained.tokenizer, pairs, "own", 512).rows
    with torch.no_grad():
        shared = shares_prefix(trained.model.config, 512)
        batch = collate(rows, trained.tokenizer.pad_token_id, shared)
        wanted = TwoHeads(trained.model)(**batch.inputs("cpu")).chosen_B
    tokenizer = AutoTokenizer.from_pretrained(out)
    model = AutoModelForSequenceClassification.from_pretrained(out).eval()
    assert model.config.num_labels == 1
    assert model.config.pad_token_id == tokenizer.pad_token_id != tokenizer.eos_token_id
    texts = [
        tokenizer.apply_chat_template(messages(system_prompt(p.criterion), p.prompt, p.chosen), tokenize=False)
        for p in pairs
    ]
    with torch.no_grad():
        for side in ("right", "left"):
            tokenizer.padding_side = side
            inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
            inputs.pop("token_type_ids", None)
            torch.testing.assert_close(model(**inputs).logits[:, 0], wanted, atol=1e-4, rtol=0)
    scorer = SequenceClassificationOptions(attention="eager").load(str(out))
    scores = scorer.score([p.prompt for p in pairs], [p.chosen for p in pairs], [p.criterion for p in pairs])
    torch.testing.assert_close(torch.tensor(scores), wanted, atol=1e-4, rtol=0)


def test_a_causal_model_that_pads_with_its_end_and_adds_a_start(dataset, tmp_path, causal):
    folder, out = dataset(name="more"), tmp_path / "out"
    recipe = tiny({"epochs": 1, "lm_weight": 0.5}, weights=str(causal))
    summary = train(folder, out, recipe, quiet, 0).summary
    assert summary["architecture"] == "LlamaForSequenceClassification"
    pairs = read_pairs(folder)
    fitted = fit(pairs, recipe, quiet, 0)
    assert fitted.tokenizer(pairs[0].prompt)["input_ids"][0] == fitted.tokenizer.bos_token_id
    check_export(out, fitted, pairs[:8])
    assert f"from {causal}" in (out / "README.md").read_text()


def test_a_model_with_sliding_windows_trains_in_two_passes(dataset, tmp_path):
    folder, out = dataset(), tmp_path / "gemma"
    pairs = read_pairs(folder)
    tokenizer = train_tokenizer(pairs, 600, 512)
    base = family("gemma2", len(tokenizer), sliding_window=32, final_logit_softcapping=30.0)
    base.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    recipe = tiny({"epochs": 1}, weights=str(tmp_path / "base"))
    summary = train(folder, out, recipe, quiet, 0).summary
    assert summary["stages"][0]["shared_prefix"] is False
    check_export(out, fit(pairs, recipe, quiet, 0), pairs[:6])


def test_adapters_train_both_terms_and_are_merged_on_export(dataset, tmp_path, causal):
    folder, out = dataset(name="more"), tmp_path / "lora"
    recipe = tiny({"epochs": 2}, weights=str(causal), lora=Lora(rank=4))
    rows = train(folder, out, recipe, quiet, 0)
    names = AutoModelForSequenceClassification.from_pretrained(out).state_dict()
    assert not [name for name in names if "lora" in name]
    pairs = read_pairs(folder)
    fitted = fit(pairs, recipe, quiet, 0)
    check_export(out, fitted, pairs[:4])
    assert mean([row["accuracy"] for row in fitted.log[-5:]]) > mean([row["accuracy"] for row in fitted.log[:5]])
    assert "LoRA of rank 4" in (out / "README.md").read_text()
    assert rows.summary["steps"] == 18


def test_a_window_shorter_than_the_conversations(causal):
    with pytest.raises(ConfigError, match=r"max_tokens 4096 is over the 512 tokens"):
        fit([], tiny({"max_tokens": 4096}, weights=str(causal)), quiet, 0)
