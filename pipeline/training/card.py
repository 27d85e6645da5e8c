"""The model card of a trained checkpoint."""

from typing import Any

import yaml


def model_card(summary: dict[str, Any]) -> str:
    """README.md of a checkpoint.

    Args:
        summary: the content of `training.json`.
    """
    recipe = summary["recipe"]
    front = {
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "license": "apache-2.0",
        "tags": ["reward-model", "code", "preference", f"themis-{recipe['name']}"],
    }
    third = "(r_c + r_r)^2" if recipe["magnitude"] == "paper" else "(|r_c| + |r_r|)^2"
    made = {
        "architecture": f"Qwen3, from scratch, {summary['parameters']:,} parameters, {summary['vocab_size']:,} tokens",
        "pairs": f"{summary['pairs_used']:,} used of {summary['pairs_given']:,} (configuration "
        f"`{recipe['configuration']}`); {summary['pairs_too_long']:,} over {recipe['max_tokens']} tokens left out",
        "steps": f"{summary['steps']:,} of {recipe['batch_pairs']} pairs, {summary['tokens']:,} tokens",
        "loss": f"-log sigma(r_c - r_r) + {recipe['lm_weight']} NLL(chosen given prompt) "
        f"+ {recipe['magnitude_weight']} {third}",
        "optimiser": f"AdamW, betas {recipe['betas'][0]} and {recipe['betas'][1]}, "
        f"weight decay {recipe['weight_decay']}, clip {recipe['clip']}, float32",
        "learning rate": f"{recipe['learning_rate']}, cosine to {recipe['final_learning_rate']}, "
        f"warm-up {recipe['warmup_share']:.0%} of the steps",
        "seed": summary["seed"],
        "last tenth of the steps": f"training accuracy {summary['final']['accuracy']:.3f}, "
        f"reward loss {summary['final']['reward_loss']:.3f}",
    }
    rows = "\n".join(f"| {name} | {str(value).replace('|', chr(92) + '|')} |" for name, value in made.items())
    return f"""---
{yaml.safe_dump(front, sort_keys=False).strip()}
---

# Themis reward model `{recipe["name"]}`

Scores an answer to a programming request by the criterion that the system prompt names. Higher is better; only
differences between answers to the same request under the same criterion mean anything.

```python
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForSequenceClassification.from_pretrained(".")
messages = [
    {{"role": "system", "content": "..."}},  # the criterion's system prompt, of schemas/conversation.py
    {{"role": "user", "content": "..."}},
    {{"role": "assistant", "content": "..."}},
]
text = tokenizer.apply_chat_template(messages, tokenize=False)
score = model(**tokenizer(text, return_tensors="pt", add_special_tokens=False)).logits[0, 0].item()
```

## How it was made

| | |
|---|---|
{rows}

Training accuracy says nothing about unseen packages: see the run's `evaluation` folder, and the baselines there.

## Limits

It learnt from the pairs of one run and nothing else: a small model from scratch notices the kinds of edit that it was
shown, and little more. It is for checking that data teaches and that the pipeline works, not for ranking answers in
earnest.
"""
