import pytest

from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.rows import Row, common, encode
from pipeline.training.tokenizer import train_tokenizer
from schemas.conversation import messages, system_prompt
from schemas.errors import ConfigError


def test_tokenizer_is_deterministic_blind_to_labels_and_byte_exact(dataset):
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
    for pair, row in zip(pairs, encode(tokenizer, pairs, "own", 512).rows, strict=True):
        for answer, tokens in zip((pair.chosen, pair.rejected), row.sides, strict=True):
            said = messages(system_prompt(pair.criterion), pair.prompt, answer)
            assert tokenizer.decode(list(tokens)) == tokenizer.apply_chat_template(said, tokenize=False)
        answer = tokenizer.decode(list(row.tokens[row.prompt : row.chosen]))
        assert answer == pair.chosen + "<|end|>"


def test_stored_system_prompts_are_used_where_asked(dataset):
    pairs = read_pairs(dataset())[:2]
    tokenizer = train_tokenizer(pairs, 600, 512)
    first, second = (tokenizer.decode(list(row.tokens)) for row in encode(tokenizer, pairs, "stored", 512).rows)
    assert first.startswith("<|system|>Judge it.<|end|><|user|>")
    assert second.startswith("<|user|>")


def test_long_pairs_are_left_out_not_cut(dataset):
    pairs = read_pairs(dataset())
    tokenizer = train_tokenizer(pairs, 600, 512)
    rows = encode(tokenizer, pairs, "own", 512).rows
    limit = sorted(row.longest for row in rows)[len(rows) // 2]
    kept = encode(tokenizer, pairs, "own", limit)
    assert kept.rows == [row for row in rows if row.longest <= limit]
    assert kept.left_out["too_long"] == len(rows) - len(kept.rows) > 0
    short = encode(tokenizer, pairs, "own", 16)
    assert short.rows == []
    assert short.left_out["prompt_too_long"] == len(pairs)
    assert encode(tokenizer, [], "own", 512).rows == []


def test_sides_of_the_same_tokens_and_ties_are_counted(dataset):
    pair = read_pairs(dataset())[0]
    equal = TrainingPair("e", None, pair.prompt, pair.chosen, pair.chosen, pair.criterion)
    # special tokens in the text of a side: other characters, other tokens, and one side the beginning of the other
    longer = TrainingPair("l", None, pair.prompt, pair.chosen, pair.chosen + "<|end|>", pair.criterion)
    tied = TrainingPair("t", None, pair.prompt, pair.chosen, pair.rejected, pair.criterion, label=0.5)
    light = TrainingPair("w", None, pair.prompt, pair.chosen, pair.rejected, pair.criterion, label=0.75, weight=0.0)
    tokenizer = train_tokenizer([pair], 600, 512)
    hard = encode(tokenizer, [equal, longer, tied, light], "own", 512)
    assert [(row.idx, row.label, row.weight) for row in hard.rows] == [("l", 1.0, 1.0), ("w", 1.0, 1.0)]
    assert hard.left_out == {"prompt_too_long": 0, "too_long": 0, "equal": 1, "tied": 1, "weightless": 0}
    soft = encode(tokenizer, [equal, longer, tied, light], "own", 512, soft_labels=True)
    assert [(row.idx, row.label, row.weight) for row in soft.rows] == [("l", 1.0, 1.0), ("t", 0.5, 1.0)]
    assert soft.left_out["weightless"] == 1
    assert soft.rows[0].prefix == soft.rows[0].chosen - 1  # each side keeps a last token of its own


def test_a_tokenizer_without_a_template_or_with_one_that_refuses(dataset):
    pairs = read_pairs(dataset())[:1]
    tokenizer = train_tokenizer(pairs, 600, 512)
    tokenizer.chat_template = "{{ raise_exception('no system role') }}"
    with pytest.raises(ConfigError, match="refuses messages of system, user and assistant: no system role"):
        encode(tokenizer, pairs, "own", 512)
    tokenizer.chat_template = None
    with pytest.raises(ConfigError, match="has no chat template"):
        encode(tokenizer, pairs, "own", 512)


def test_rows_know_their_longer_side():
    row = Row("a", (1, 2, 3, 4, 5, 6, 7), 1, 2, 4)
    assert [list(side) for side in row.sides] == [[1, 2, 3, 4], [1, 2, 5, 6, 7]]
    assert row.longest == 5
    assert (common([1, 2], [1, 2, 3]), common([1, 2, 4], [1, 2, 3]), common([], [1])) == (2, 2, 0)
