import pytest
import torch

from pipeline.training.collator import collate
from pipeline.training.model import new_model, settle_padding
from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.rows import encode
from pipeline.training.tokenizer import train_tokenizer
from pipeline.training.two_heads import TwoHeads, shares_prefix
from schemas.errors import ConfigError
from tests.pipeline.training.tiny import SMALL, family


@pytest.fixture
def some(dataset):
    pairs = read_pairs(dataset())[:5]
    # one side that is the beginning of the other
    pairs.append(TrainingPair("z", None, "p", "x = 1", "x = 1<|end|>", "memory_efficiency"))
    tokenizer = train_tokenizer(pairs, 600, 512)
    return tokenizer, encode(tokenizer, pairs, "own", 512).rows


def by_hand(model, rows, head=None, softcap=None):
    """Rewards and likelihood from one plain call a side, and all logits."""
    config = model.config
    config.pad_token_id = 0
    scores, nll = [], 0.0
    for row in rows:
        chosen, rejected = (torch.tensor([list(side)]) for side in row.sides)
        scores.append([float(model(side).logits[0, 0]) for side in (chosen, rejected)])
        hidden = model.base_model(chosen).last_hidden_state[0]
        logits = hidden @ (model.get_input_embeddings().weight if head is None else head).T
        if softcap:
            logits = softcap * torch.tanh(logits / softcap)
        logp = torch.log_softmax(logits, -1)
        nll -= sum(float(logp[i - 1, row.tokens[i]]) for i in range(row.prompt, row.chosen))
    return torch.tensor(scores), nll


def check(heads, rows, shared, head=None, softcap=None):
    heads.eval()
    with torch.no_grad():
        found = heads(**collate(rows, 0, shared).inputs("cpu"))
        scores, nll = by_hand(heads.model, rows, head, softcap)
    torch.testing.assert_close(torch.stack([found.chosen_B, found.rejected_B], 1), scores, atol=1e-5, rtol=1e-4)
    assert float(found.nll) == pytest.approx(nll, rel=1e-5)


@pytest.mark.parametrize("shared", [True, False])
def test_one_pass_gives_rewards_and_likelihood_of_two_rows(some, shared):
    tokenizer, rows = some
    heads = TwoHeads(new_model(SMALL, len(tokenizer), 0, 1, 512, 3))
    check(heads, rows, shared)
    heads.ask_for_lm(False)
    with torch.no_grad():
        assert float(heads(**collate(rows, 0, shared).inputs("cpu")).nll) == 0.0


@pytest.mark.parametrize("name", ["llama", "qwen2"])
def test_other_decoders_share_the_prefix_too(some, name):
    tokenizer, rows = some
    model = family(name, len(tokenizer))
    assert shares_prefix(model.config, 512)
    head = torch.randn(len(tokenizer), 32)
    heads = TwoHeads(model, head)
    check(heads, rows, True, head)
    heads.ask_for_lm(False)
    assert heads.lm_head is not None and not heads.lm_head.requires_grad


def test_a_sliding_window_takes_two_passes_where_it_hides_something(some):
    tokenizer, rows = some
    assert max(len(row.tokens) for row in rows) > 64
    narrow = family("gemma2", len(tokenizer), sliding_window=16, final_logit_softcapping=5.0)
    assert not shares_prefix(narrow.config, 512)
    check(TwoHeads(narrow), rows, False, softcap=5.0)
    wide = family("gemma2", len(tokenizer), sliding_window=1024, final_logit_softcapping=5.0)
    assert shares_prefix(wide.config, 512)
    assert not shares_prefix(wide.config, 513)
    check(TwoHeads(wide), rows, True, softcap=5.0)


def test_what_a_block_mask_is_not_right_for():
    from transformers import GPT2Config, MistralConfig

    assert not shares_prefix(GPT2Config(), 10)  # positions are learnt, not turned
    assert not shares_prefix(MistralConfig(sliding_window=8), 10)
    assert shares_prefix(MistralConfig(sliding_window=None), 10)
    mixed = family("llama", 64).config
    mixed.layer_types = ["full_attention", "linear_attention"]
    assert not shares_prefix(mixed, 10)


def test_gradients_of_a_shared_row_are_those_of_two_rows(some):
    tokenizer, rows = some
    found = []
    for shared in (True, False):
        heads = TwoHeads(new_model(SMALL, len(tokenizer), 0, 1, 512, 3))
        outputs = heads(**collate(rows, 0, shared).inputs("cpu"))
        torch.autograd.backward((outputs.chosen_B - 2 * outputs.rejected_B).sum() + 0.01 * outputs.nll)
        found.append({name: p.grad for name, p in heads.named_parameters()})
    for name, grad in found[0].items():
        torch.testing.assert_close(grad, found[1][name], atol=1e-4, rtol=1e-4)


def test_sharded_weights_give_the_same_gradients(some):
    from torch import distributed
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    tokenizer, rows = some
    head = torch.randn(len(tokenizer), 32)
    batch = collate(rows, 0, True).inputs("cpu")
    found = []
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        for sharded in (False, True):
            heads = TwoHeads(family("llama", len(tokenizer)), head)
            if sharded:
                mesh = init_device_mesh("cpu", (1,))
                for layer in heads.model.model.layers:
                    fully_shard(layer, mesh=mesh)
                fully_shard(heads, mesh=mesh)
            outputs = heads(**batch)
            torch.autograd.backward((outputs.chosen_B - 2 * outputs.rejected_B).sum() + 0.01 * outputs.nll)
            grads = {name: p.grad for name, p in heads.named_parameters()}
            found.append({name: g.full_tensor() if sharded else g for name, g in grads.items()})
    finally:
        distributed.destroy_process_group()
    assert "lm_head" in found[0] and list(found[0]) == list(found[1])
    for name, grad in found[0].items():
        torch.testing.assert_close(grad, found[1][name], atol=1e-6, rtol=1e-6)


def test_a_batch_that_counts_nothing_has_no_token_and_no_weight(some):
    _, rows = some
    batch = collate(rows[:2], 0, True, real=False)
    assert (batch.size, len(batch.answer_N), float(batch.count_B.sum()), float(batch.weight_B.sum())) == (0, 0, 0, 0)


def test_rewards_stay_exact_in_mixed_precision(some):
    tokenizer, rows = some
    heads = TwoHeads(new_model(SMALL, len(tokenizer), 0, 1, 512, 3)).eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = heads(**collate(rows, 0, True).inputs("cpu"))
    assert outputs.chosen_B.dtype == outputs.nll.dtype == torch.float32


def test_padding_is_a_token_at_which_no_conversation_ends(dataset):
    tokenizer = train_tokenizer(read_pairs(dataset())[:3], 600, 512)
    model = family("llama", len(tokenizer))
    assert settle_padding(model, tokenizer, frozenset({1})) == tokenizer.pad_token_id == 0
    tokenizer.pad_token = tokenizer.eos_token
    pad = settle_padding(model, tokenizer, frozenset({1}))
    assert pad == tokenizer.pad_token_id == model.config.pad_token_id not in (None, tokenizer.eos_token_id)
    assert model.config.eos_token_id == tokenizer.eos_token_id
    with pytest.raises(ConfigError, match="no token left for padding"):
        settle_padding(model, tokenizer, frozenset(range(len(tokenizer))))
