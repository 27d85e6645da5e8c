"""Tiny saved checkpoints, conversations to score, and what plain transformers makes of them; for the parity tests."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.recipes import NANO, Architecture
from pipeline.training.trainer import fit, train
from schemas.conversation import messages, system_prompt
from tests.pipeline.training.conftest import rows, write_dataset

SHAPE = Architecture(hidden_size=64, intermediate_size=96, layers=2, heads=2, kv_heads=1, head_dim=32, vocab_size=600)
STAGE = NANO.last.model_copy(update={"epochs": 1, "max_pairs": 48, "max_tokens": 512, "configuration": "full"})
TINY = NANO.model_copy(update={"architecture": SHAPE, "stages": (STAGE,)})
CARD_LINE = 'score = model(**tokenizer(text, return_tensors="pt", add_special_tokens=False)).logits[0, 0].item()'


def nano(folder: Path) -> Path:
    """What `themis train` writes."""
    return train(write_dataset(folder / "dataset", rows(6, 12)), folder / "nano", TINY, lambda _: None, 0).out


def pads_with_its_end(folder: Path, nano: Path) -> Path:
    """Trained by us, from a tokenizer whose padding is its end token."""
    tokenizer = AutoTokenizer.from_pretrained(nano)
    tokenizer.pad_token = tokenizer.eos_token
    fitted = fit(read_pairs(folder / "dataset"), TINY, lambda _: None, 1, tokenizer)
    for part in (fitted.model, fitted.tokenizer):
        part.save_pretrained(folder / "pad-is-end")
    return folder / "pad-is-end"


def of_others(folder: Path, nano: Path) -> Path:
    """A Llama classifier that was not trained by us: its padding is its end token, with which conversations end."""
    from transformers import LlamaConfig, LlamaForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(nano)
    tokenizer.pad_token = tokenizer.eos_token
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=512, num_labels=1, initializer_range=0.3, bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.eos_token_id, dtype="float32",
    )  # fmt: skip
    out = folder / "llama"
    for part in (LlamaForSequenceClassification(config), tokenizer):
        part.save_pretrained(out)
    return out


def asked(folder: Path, count: int = 16) -> list[TrainingPair]:
    """Pairs whose conversations differ much in length."""
    pairs = read_pairs(folder / "dataset")[:count]
    return [
        replace(p, chosen=f"{p.chosen}\n# {'x y ' * (5 * n % 60)}", rejected=f"{p.rejected}\n# {'z ' * (9 * n % 70)}")
        for n, p in enumerate(pairs)
    ]


def columns(pairs: list[TrainingPair]) -> tuple[list[str], list[str], list[str]]:
    """Prompts, answers and criteria: every pair's chosen answer, then every pair's rejected one."""
    answers = [p.chosen for p in pairs] + [p.rejected for p in pairs]
    return [p.prompt for p in pairs] * 2, answers, [p.criterion for p in pairs] * 2


def plain(checkpoint: Path, pairs: list[TrainingPair]) -> tuple[list[float], list[float]]:
    """Scores by the code on the model card, and by the reward head at the very last token."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    card, last = [], []
    for prompt, answer, key in zip(*columns(pairs), strict=True):
        text = tokenizer.apply_chat_template(messages(system_prompt(key), prompt, answer), tokenize=False)
        given: Any = tokenizer(text, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            card.append(model(**given).logits[0, 0].item())
            last.append(model.score(model.model(**given).last_hidden_state[0, -1]).item())
    return card, last
