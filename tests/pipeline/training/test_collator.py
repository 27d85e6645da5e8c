import torch

from pipeline.training.collator import collate, encode, schedule
from pipeline.training.model import forward, new_model
from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.recipes import Architecture
from pipeline.training.tokenizer import train_tokenizer
from schemas.conversation import messages, system_prompt

SMALL = Architecture(
    hidden_size=32, intermediate_size=48, layers=2, heads=2, kv_heads=1, head_dim=16, vocab_size=600
)  # fmt: skip


def test_tokenizer_is_deterministic_blind_to_labels_and_byte_exact(dataset, tmp_path):
    pairs = read_pairs(dataset())
    one = train_tokenizer(pairs, 600, 512)
    turned = [TrainingPair(p.idx, p.system, p.prompt, p.rejected, p.chosen, p.criterion) for p in pairs]
    assert one.get_vocab() == train_tokenizer(turned, 600, 512).get_vocab()
    text = "naïve – 数据\t<code>\r\n  x\x01"
    assert one.decode(one(text)["input_ids"]) == text
    assert one.pad_token_id != one.eos_token_id
    assert len(one) <= 600


def test_the_template_gives_each_role_one_token(dataset):
    tokenizer = train_tokenizer(read_pairs(dataset()), 600, 512)
    whole = tokenizer.apply_chat_template(messages("s", "p", "a"), tokenize=False)
    asked = tokenizer.apply_chat_template(messages("s", "p"), tokenize=False, add_generation_prompt=True)
    assert whole == "<|system|>s<|end|><|user|>p<|end|><|assistant|>a<|end|>"
    assert whole.startswith(asked)
    assert len(tokenizer(whole)["input_ids"]) == 9


def test_rows_share_the_prefix_and_hold_both_conversations(dataset):
    pairs = read_pairs(dataset())
    tokenizer = train_tokenizer(pairs, 600, 512)
    for pair, row in zip(pairs, encode(tokenizer, pairs, "own", 512), strict=True):
        for answer, tokens in (
            (pair.chosen, row.tokens[: row.chosen]),
            (pair.rejected, row.tokens[: row.prefix] + row.tokens[row.chosen :]),
        ):
            said = messages(system_prompt(pair.criterion), pair.prompt, answer)
            assert tokenizer.decode(tokens) == tokenizer.apply_chat_template(said, tokenize=False)
        answer = tokenizer.decode(row.tokens[row.prompt : row.chosen])
        assert answer == pair.chosen + "<|end|>"


def test_stored_system_prompts_are_used_where_asked(dataset):
    pairs = read_pairs(dataset())[:2]
    tokenizer = train_tokenizer(pairs, 600, 512)
    first, second = (tokenizer.decode(row.tokens) for row in encode(tokenizer, pairs, "stored", 512))
    assert first.startswith("<|system|>Judge it.<|end|><|user|>")
    assert second.startswith("<|user|>")


def test_long_pairs_are_left_out_not_cut(dataset):
    pairs = read_pairs(dataset())
    tokenizer = train_tokenizer(pairs, 600, 512)
    rows = encode(tokenizer, pairs, "own", 512)
    sides = [max(r.chosen, r.prefix + len(r.tokens) - r.chosen) for r in rows]
    limit = sorted(sides)[len(sides) // 2]
    kept = encode(tokenizer, pairs, "own", limit)
    assert kept == [row for row, size in zip(rows, sides, strict=True) if size <= limit]
    assert 0 < len(kept) < len(rows)
    assert encode(tokenizer, [], "own", 512) == []


def test_one_shared_row_gives_the_rewards_and_likelihood_of_two_rows(dataset):
    pairs = read_pairs(dataset())[:5]
    # one side that is the beginning of the other
    pairs.append(TrainingPair("z", None, "p", "x = 1", "x = 1<|end|>", "memory_efficiency"))
    tokenizer = train_tokenizer(pairs, 600, 512)
    rows = encode(tokenizer, pairs, "own", 512)
    model = new_model(SMALL, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id, 512, 3).eval()
    with torch.no_grad():
        together = forward(model, collate(rows, tokenizer.pad_token_id), True)
        nll, tokens = 0.0, 0
        for b, row in enumerate(rows):
            chosen = torch.tensor([row.tokens[: row.chosen]])
            rejected = torch.tensor([row.tokens[: row.prefix] + row.tokens[row.chosen :]])
            torch.testing.assert_close(together.chosen_B[b], model(chosen).logits[0, 0], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(together.rejected_B[b], model(rejected).logits[0, 0], atol=1e-5, rtol=1e-4)
            hidden = model.model(chosen).last_hidden_state[0]
            logp = torch.log_softmax(hidden @ model.model.embed_tokens.weight.T, -1)
            for i in range(row.prompt, row.chosen):
                nll -= float(logp[i - 1, row.tokens[i]])
                tokens += 1
        assert abs(float(together.lm) - nll / tokens) < 1e-4
        assert float(forward(model, collate(rows, tokenizer.pad_token_id), False).lm) == 0.0


def test_schedule_covers_each_epoch_and_stops_at_the_budget():
    lengths = [10 + (7 * i) % 50 for i in range(100)]
    plan = schedule(lengths, 8, 3, 10**9, 5)
    assert sorted(i for batch in plan for i in batch) == sorted(list(range(100)) * 3)
    assert plan == schedule(lengths, 8, 3, 10**9, 5) != schedule(lengths, 8, 3, 10**9, 6)
    spread = [max(lengths[i] for i in batch) - min(lengths[i] for i in batch) for batch in plan]
    assert sum(spread) / len(spread) < 10  # a random batch of eight spreads over about forty
    short = schedule(lengths, 8, 3, 1000, 5)
    assert short == plan[: len(short)]
    assert sum(lengths[i] for batch in short for i in batch) <= 1000
    assert len(schedule(lengths, 8, 3, 1, 5)) == 1
