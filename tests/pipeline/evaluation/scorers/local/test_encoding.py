import pytest

from pipeline.evaluation.scorers.encoding import conversations, has_system_role, padded
from pipeline.evaluation.scorers.loading import LocalOptions
from schemas.conversation import system_prompt
from schemas.errors import ConfigError

ASKED = (["Add them."], ["a + b"], ["memory_efficiency"])


def text(tokenizer, options):
    return tokenizer.decode(conversations(tokenizer, options, *ASKED)[0])


def test_the_mode_says_which_system_prompt(make, tmp_path):
    tokenizer = make.tokenizer()
    turns = "<|user|>Add them.<end><|assistant|>a + b<end>"
    assert text(tokenizer, LocalOptions(system="none")) == f"<bos>{turns}"
    own = system_prompt("memory_efficiency")
    assert text(tokenizer, LocalOptions(system="own")) == f"<bos><|system|>{own}<end>{turns}"
    every = text(tokenizer, LocalOptions(system="all"))
    assert "Memory Efficiency" in every
    assert "Security Hardness" in every
    file = tmp_path / "prompts.yaml"
    file.write_text("memory_efficiency: Their words.\n")
    theirs = LocalOptions(system="file", system_file=file)
    assert text(tokenizer, theirs) == f"<bos><|system|>Their words.<end>{turns}"


LEAVES_OUT = (
    "{{ bos_token }}{% for m in messages if m['role'] != 'system' %}"
    "<|{{ m['role'] }}|>{{ m['content'] }}<end>{% endfor %}"
)


@pytest.mark.parametrize("template", [None, LEAVES_OUT], ids=["refuses", "leaves out"])
def test_a_template_without_a_system_role_gets_it_in_the_users_turn(make, template):
    tokenizer = make.tokenizer(template or make.no_system)
    assert not has_system_role(tokenizer)
    own = system_prompt("memory_efficiency")
    found = text(tokenizer, LocalOptions(system="own"))
    assert found == f"<bos><|user|>{own}\n\nAdd them.<end><|assistant|>a + b<end>"
    assert text(tokenizer, LocalOptions(system="none")) == "<bos><|user|>Add them.<end><|assistant|>a + b<end>"


def test_a_bos_comes_once_where_template_and_tokenizer_both_put_it(make):
    tokenizer = make.tokenizer()
    assert tokenizer("x")["input_ids"][0] == 1
    ids = conversations(tokenizer, LocalOptions(), *ASKED)[0]
    assert ids.count(1) == 1
    assert ids[0] == 1


def test_a_long_conversation_keeps_its_end(make):
    tokenizer = make.tokenizer()
    whole = conversations(tokenizer, LocalOptions(), *ASKED)[0]
    assert conversations(tokenizer, LocalOptions(max_tokens=9), *ASKED)[0] == whole[-9:]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ raise_exception('roles must be x') }}", "can't render .* roles must be x"),
        ("{{ bos_token }}", "leaves out"),
    ],
)
def test_a_template_that_can_not_render_an_answer_is_refused(make, template, message):
    with pytest.raises(ConfigError, match=message):
        conversations(make.tokenizer(template), LocalOptions(), *ASKED)


@pytest.mark.parametrize(
    ("side", "tokens", "positions"),
    [
        ("left", [[0, 0, 7], [4, 5, 6]], [[0, 0, 0], [0, 1, 2]]),
        ("right", [[7, 0, 0], [4, 5, 6]], [[0, 0, 0], [0, 1, 2]]),
    ],
)
def test_positions_count_from_the_first_token(side, tokens, positions):
    batch, starts = padded([[7], [4, 5, 6]], 0, side)
    assert batch["input_ids"].tolist() == tokens
    assert batch["position_ids"].tolist() == positions
    assert batch["attention_mask"].tolist() == [[int(t != 0) for t in row] for row in tokens]
    assert starts == ([2, 0] if side == "left" else [0, 0])
