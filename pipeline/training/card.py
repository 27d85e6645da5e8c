"""The model card of a trained checkpoint."""

from typing import Any

import yaml

from pipeline.training.rows import REASONS


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
    first = "from scratch" if recipe["weights"] is None else f"from {recipe['weights']}"
    made = {
        "architecture": f"{summary['architecture']}, {first}, {summary['parameters']:,} parameters, "
        f"{summary['vocab_size']:,} tokens" + (f", LoRA of rank {recipe['lora']['rank']}" if recipe["lora"] else ""),
        "precision": recipe["precision"],
        "seed": summary["seed"],
    }
    for stage, counts in zip(recipe["stages"], summary["stages"], strict=True):
        made |= {f"{stage['name']}: {key}": value for key, value in _stage(stage, counts).items()}
    made["last tenth of the steps"] = (
        f"training accuracy {summary['final']['accuracy']:.3f}, reward loss {summary['final']['reward_loss']:.3f}"
    )
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

{_limits(recipe["weights"] is None)}
"""


def _stage(stage: dict[str, Any], counts: dict[str, Any]) -> dict[str, str]:
    """What one stage did."""
    third = "(r_c + r_r)^2" if stage["magnitude"] == "paper" else "(|r_c| + |r_r|)^2"
    left_out = ", ".join(
        f"{counts[f'pairs_{reason}']:,} {reason.replace('_', ' ')}"
        for reason in REASONS
        if counts[f"pairs_{reason}"]
    )  # fmt: skip
    return {
        "pairs": f"{counts['pairs_used']:,} used of {counts['pairs_given']:,} (configuration "
        f"`{stage['configuration']}`, at most {stage['max_tokens']} tokens); left out: {left_out or 'none'}",
        "steps": f"{counts['steps']:,} of {stage['batch_pairs']} pairs, {counts['tokens']:,} tokens",
        "loss": f"-log sigma(r_c - r_r) + {stage['lm_weight']} NLL(chosen given prompt) "
        f"+ {stage['magnitude_weight']} {third}" + (", by label and weight" if stage["soft_labels"] else ""),
        "optimiser": f"AdamW, betas {stage['betas'][0]} and {stage['betas'][1]}, "
        f"weight decay {stage['weight_decay']}, clip {stage['clip']}",
        "learning rate": f"{stage['learning_rate']}, cosine to {stage['final_learning_rate']}, "
        f"warm-up {stage['warmup_share']:.0%} of the steps",
    }


def _limits(is_from_scratch: bool) -> str:
    if not is_from_scratch:
        return "It learnt from the pairs named above. What they do not show, it need not know."
    return """It learnt from the pairs of one run and nothing else: a small model from scratch notices the kinds of edit
that it was shown, and little more. It is for checking that data teaches and that the pipeline works, not for ranking
answers in earnest."""
