import math

import pytest
import torch
from pydantic import ValidationError

from pipeline.evaluation.scorers.token_logprob import TokenLogprobOptions, expected
from schemas.conversation import messages, system_prompt
from schemas.errors import ConfigError

PROMPTS = ["Write f.", "Write a longer g.", "h"]
ANSWERS = ["def f(): pass", "x = 1\n" * 9, "return 0"]
KEYS = ["functional_correctness", "memory_efficiency", "security_hardness"]


def bare(local, n, opens, suffix=""):
    """Log-probabilities of the next token after a bare conversation, computed alone and by hand."""
    turns = messages(system_prompt(KEYS[n]), PROMPTS[n], ANSWERS[n])
    text = local.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=opens) + suffix
    with torch.inference_mode():
        logits_V = local.model(torch.tensor([local.tokenizer.encode(text)])).logits[0, -1].double()
    return logits_V, [float(one) for one in logits_V - torch.logsumexp(logits_V, 0)]


def load(folder, **settings):
    return TokenLogprobOptions(layout="conversation", **settings).load(str(folder))


def test_the_difference_of_yes_and_no(random_lm):
    scorer = load(random_lm)
    ids = {
        one: scorer.speaker.tokenizer.convert_tokens_to_ids(one) for one in ("Yes", " Yes", "yes", "No", " No", "no")
    }
    scores = scorer.score(PROMPTS, ANSWERS, KEYS)
    only = load(random_lm, read="logprob").score(PROMPTS, ANSWERS, KEYS)
    for n, (score, yes_only) in enumerate(zip(scores, only, strict=True)):
        _, logp = bare(scorer.speaker, n, opens=True)
        yes = sum(math.exp(logp[ids[one]]) for one in ("Yes", " Yes", "yes"))  # " yes" is two tokens of this model
        no = sum(math.exp(logp[ids[one]]) for one in ("No", " No", "no"))
        assert score == pytest.approx(math.log(yes) - math.log(no), abs=1e-5)
        assert yes_only == pytest.approx(math.log(yes), abs=1e-5)
    assert len({round(score, 3) for score in scores}) == 3


def test_the_expected_value_of_an_attribute(random_lm):
    scorer = load(random_lm, read="expected", opens=False, suffix="helpfulness:", values=(0, 1, 2, 3, 4))
    for n, score in enumerate(scorer.score(PROMPTS, ANSWERS, KEYS)):
        _, logp = bare(scorer.speaker, n, opens=False, suffix="helpfulness:")
        p = [math.exp(logp[scorer.speaker.tokenizer.convert_tokens_to_ids(str(digit))]) for digit in range(5)]
        assert score == pytest.approx(sum(digit * one for digit, one in enumerate(p)) / sum(p), abs=1e-5)
    assert expected((1, 5), (-2000.0, -2000.0)) == 3.0
    assert expected((1, 5), (0.0, -math.inf)) == 1.0


def test_the_logit_of_one_token(random_lm):
    scorer = load(random_lm, read="logit", token=3, opens=False)
    for n, score in enumerate(scorer.score(PROMPTS, ANSWERS, KEYS)):
        assert score == pytest.approx(float(bare(scorer.speaker, n, opens=False)[0][3]), abs=1e-5)
    with pytest.raises(ConfigError, match="token 9999"):
        load(random_lm, read="logit", token=9999)


def test_the_last_word_of_what_the_model_says(says_always):
    """The model says `Because: Yes` and its end; the reward is at the token before the end."""
    scorer = load(says_always("Because:", " Yes"), at="last", positive=(" Yes",), negative=(" No",), max_new_tokens=9)
    score = scorer.score(PROMPTS, ANSWERS, KEYS)[0]
    local = scorer.speaker
    turns = messages(system_prompt(KEYS[0]), PROMPTS[0], ANSWERS[0])
    text = local.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True) + "Because:"
    with torch.inference_mode():
        logits_V = local.model(torch.tensor([local.tokenizer.encode(text)])).logits[0, -1]
    yes, no = (local.tokenizer.convert_tokens_to_ids(word) for word in (" Yes", " No"))
    assert score == pytest.approx(float(logits_V[yes] - logits_V[no]), abs=1e-4)
    assert score > 10
    cut = load(says_always("Because:", " Yes", ends=False), at="last", max_new_tokens=9)
    assert cut.score(PROMPTS, ANSWERS, KEYS) == [None] * 3
    silent = load(says_always(), at="last", max_new_tokens=9)
    assert silent.score(PROMPTS, ANSWERS, KEYS) == [None] * 3


def test_the_question_and_the_principle(random_lm):
    for layout, roles in (("question", ["system", "user"]), ("principle", ["user", "assistant", "principle"])):
        scorer = TokenLogprobOptions(layout=layout).load(str(random_lm))
        told = scorer.options.fill(scorer.prompt, KEYS[1], {"prompt": "p", "answer": "a"})
        assert [role for role, _ in told] == roles
        assert len({round(one, 4) for one in scorer.score(PROMPTS, ANSWERS, KEYS)}) == 3
    assert told[-1] == ("principle", "memory efficiency")


def test_a_conversation_beyond_the_window_has_no_score(random_lm):
    found = load(random_lm, read="logit", max_tokens=300).score(["p", "p" * 400], ["a", "a"], ["harmlessness"] * 2)
    assert found[0] is not None
    assert found[1] is None
    assert load(random_lm).score([], [], []) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"read": "logit", "at": "last"},
        {"read": "logit", "server": {}},
        {"positive": ("Yes", "No")},
        {"values": (1, 1)},
        {"values": (1,)},
        {"positive": ()},
        {"floor": math.nan},
    ],
)
def test_options_that_contradict_each_other(settings):
    with pytest.raises(ValidationError):
        TokenLogprobOptions(**settings)
