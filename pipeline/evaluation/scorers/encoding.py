"""Conversations to tokens, tokens to batches, batches to hidden states.

What else is in a batch, and the side of its padding, change nothing: padding is masked, positions count from the first
token of the conversation, and a token is read at its place in the conversation.
"""

from collections.abc import Sequence
from inspect import Parameter, signature
from typing import Any

from pipeline.evaluation.scorers.base import ScorerOptions
from schemas.conversation import messages
from schemas.errors import ConfigError

_PROBE = ("system 7c1f", "user 7c1f", "assistant 7c1f")


def conversations(
    tokenizer: Any, options: ScorerOptions, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]
) -> list[list[int]]:
    """Token ids of each conversation, as the chat template renders it and nothing more: a BOS is never doubled.

    A longer one than `max_tokens` keeps its end. Where the template has no system role (it refuses it, or leaves it
    out), the system prompt opens the user's turn, a blank line after it.

    Args:
        tokenizer: with a chat template.
        options: of scoring.
        prompts: the user's messages.
        answers: one a prompt.
        criteria: one a prompt.

    Raises:
        ConfigError: the chat template can't render a user's and an assistant's turn.
    """
    has_role = has_system_role(tokenizer)
    texts = []
    for prompt, answer, key in zip(prompts, answers, criteria, strict=True):
        system = options.system_of(key)
        if system is not None and not has_role:
            system, prompt = None, f"{system}\n\n{prompt}"
        texts.append(tokenizer.apply_chat_template(messages(system, prompt, answer), tokenize=False))
    if not texts:
        return []
    encoded = tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)
    return [ids[-options.max_tokens :] for ids in encoded["input_ids"]]


def has_system_role(tokenizer: Any) -> bool:
    """Whether the chat template renders a system prompt.

    Raises:
        ConfigError: it can't even render a user's and an assistant's turn.
    """
    from jinja2 import TemplateError

    system, prompt, answer = _PROBE
    try:
        text = tokenizer.apply_chat_template(messages(None, prompt, answer), tokenize=False)
    except (TemplateError, ValueError) as error:
        raise ConfigError(f"chat_template: can't render a user's and an assistant's turn: {error}") from None
    if prompt not in text or answer not in text:
        raise ConfigError("chat_template: leaves out the user's or the assistant's turn. Give another one.")
    try:
        return system in tokenizer.apply_chat_template(messages(system, prompt, answer), tokenize=False)
    except TemplateError:
        return False


def batches(lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """Indices in batches of like length: rows times the longest row is at most `batch_tokens`, or one row."""
    found: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if found and (len(found[-1]) + 1) * lengths[index] <= batch_tokens:
            found[-1].append(index)
        else:
            found.append([index])
    return found


def padded(rows: Sequence[Sequence[int]], pad: int, side: str) -> tuple[dict[str, Any], list[int]]:
    """A batch: `input_ids`, `attention_mask` and `position_ids` of (B, T), and where each row begins.

    Args:
        rows: token ids, at least one each.
        pad: token id of padding.
        side: `left` or `right`.
    """
    import torch

    longest = max(len(row) for row in rows)
    starts = [longest - len(row) if side == "left" else 0 for row in rows]
    tokens_BT = torch.full((len(rows), longest), pad)
    mask_BT = torch.zeros((len(rows), longest), dtype=torch.long)
    for b, (row, start) in enumerate(zip(rows, starts, strict=True)):
        tokens_BT[b, start : start + len(row)] = torch.tensor(row)
        mask_BT[b, start : start + len(row)] = 1
    positions_BT = (mask_BT.cumsum(1) - 1).clamp(min=0)
    return {"input_ids": tokens_BT, "attention_mask": mask_BT, "position_ids": positions_BT}, starts


def run(model: Any, batch: dict[str, Any]) -> Any:
    """The model's output for a batch; position ids only go to a model that takes them."""
    takes = signature(type(model).forward).parameters
    anything = any(one.kind is Parameter.VAR_KEYWORD for one in takes.values())
    return model(**{key: value.to(model.device) for key, value in batch.items() if anything or key in takes})


def hidden_states(
    model: Any, rows: Sequence[Sequence[int]], places: Sequence[Sequence[int]], options: ScorerOptions
) -> Any:
    """The last layer's hidden states at some places of each row: (N, P, H), float32, on the CPU.

    Args:
        model: a transformers model without a head.
        rows: token ids.
        places: P indices into each row.
        options: of scoring.
    """
    import torch

    found: list[Any] = [None] * len(rows)
    with torch.inference_mode():
        for batch in batches([len(row) for row in rows], options.batch_tokens):
            inputs, starts = padded([rows[i] for i in batch], 0, options.padding)
            hidden_BTH = run(model, inputs).last_hidden_state
            for b, i in enumerate(batch):
                found[i] = hidden_BTH[b, [starts[b] + place for place in places[i]]].float().cpu()
    return torch.stack(found)
