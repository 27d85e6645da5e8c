"""The pooling scorer against a server on the loopback that scores tokens by a formula and fails on demand."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from pipeline.evaluation.scorers import SCORERS
from pipeline.evaluation.scorers.vllm_pooling import VllmPooling, VllmPoolingOptions
from schemas.errors import ConfigError
from synthesis.calls import CallRefused, ServerUnavailable

TEMPLATE = "{% for m in messages %}<{{ m['role'] }}> {{ m['content'] }} {% endfor %}"
WORDS = ["<system>", "<user>", "<assistant>", "<unk>", *(f"w{n}" for n in range(40))]
PROMPTS = [f"w{n} w{n + 1}" for n in range(10)]
ANSWERS = [f"w{2 * n} w7 w{n}" for n in range(10)]
CRITERIA = ["memory_efficiency"] * 10
Reply = Callable[[int, dict[str, Any]], tuple[int, Any]]


def raw(tokens: list[int]) -> float:
    """What the server's model makes of a conversation; depends on the order of the tokens."""
    return sum(token * (n + 1) for n, token in enumerate(tokens)) / 50 - 3


def right(body: dict[str, Any], **other: Any) -> tuple[int, Any]:
    (tokens,) = body["input"]
    value = 1 / (1 + math.exp(-raw(tokens))) if body["use_activation"] else raw(tokens)
    answer = {
        "model": body["model"],
        "data": [{"index": 0, "label": "LABEL_0", "probs": [value], "num_classes": 1}],
        "usage": {"prompt_tokens": len(tokens)},
    }
    return 200, answer | other


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Fake"

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        self.send(*self.server.listed)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/classify":
            self.send(404, {"detail": "Not Found"})
            return
        with self.server.lock:
            number = len(self.server.bodies)
            self.server.bodies.append(body)
            self.server.keys.append(self.headers.get("Authorization"))
        self.send(*self.server.reply(number, body))

    def send(self, status: int, answer: Any) -> None:
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Fake(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.reply: Reply = lambda _, body: right(body)
        self.listed: tuple[int, Any] = (200, {"data": [{"id": "nano", "max_model_len": 64}]})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    core = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    folder = tmp_path_factory.mktemp("models") / "nano"
    PreTrainedTokenizerFast(tokenizer_object=core, unk_token="<unk>", chat_template=TEMPLATE).save_pretrained(folder)
    return folder


def loaded(server: Fake, checkpoint: Any, **given: Any) -> VllmPooling:
    options = VllmPoolingOptions(**{"url": server.url, "system": "none", **given})
    scorer = options.load(str(checkpoint))
    return VllmPooling(scorer.tokenizer, options, scorer.server, scorer.window, (0.01, 0.02))


def expected(prompt: str, answer: str) -> float:
    words = f"<user> {prompt} <assistant> {answer}".split()
    return raw([WORDS.index(word) for word in words])


def test_scores_are_the_servers_raw_rewards_in_order(fake, checkpoint):
    scorer = loaded(fake, checkpoint)
    scores = scorer.score(PROMPTS, ANSWERS, CRITERIA)
    assert scores == pytest.approx([expected(p, a) for p, a in zip(PROMPTS, ANSWERS, strict=True)])
    assert len(set(scores)) == 10
    assert scorer.score(PROMPTS[::-1], ANSWERS[::-1], CRITERIA) == scores[::-1]
    alone = [scorer.score([p], [a], ["memory_efficiency"])[0] for p, a in zip(PROMPTS, ANSWERS, strict=True)]
    assert alone == scores
    assert all(b["use_activation"] is False and b["add_special_tokens"] is False for b in fake.bodies)
    assert scorer.score([], [], []) == []
    assert SCORERS["vllm_pooling"] is VllmPoolingOptions


def test_the_system_prompt_is_sent_and_a_long_conversation_loses_its_beginning(fake, checkpoint, tmp_path):
    texts = tmp_path / "system.yaml"
    texts.write_text("default: w5 w6\n")
    scorer = loaded(fake, checkpoint, system="file", system_file=texts)
    scorer.score(["w1"], ["w2"], ["memory_efficiency"])
    ids = [WORDS.index(word) for word in ["<system>", "w5", "w6", "<user>", "w1", "<assistant>", "w2"]]
    assert fake.bodies[-1]["input"] == [ids]
    short = loaded(fake, checkpoint, system="file", system_file=texts, max_tokens=3)
    short.score(["w1"], ["w2"], ["memory_efficiency"])
    assert fake.bodies[-1]["input"] == [ids[-3:]]


def test_a_server_in_trouble_is_asked_again(fake, checkpoint):
    faults = iter([(503, {"error": {"message": "busy"}}), (429, {}), (200, b'{"model": "na'), (200, b"null")])

    def reply(_: int, body: dict[str, Any]) -> tuple[int, Any]:
        return next(faults, None) or right(body)

    fake.reply = reply
    scorer = loaded(fake, checkpoint, max_concurrency=1)
    scores = scorer.score(PROMPTS[:2], ANSWERS[:2], CRITERIA[:2])
    assert scores[0] is None  # `null` is JSON without a score: asking again would not help
    assert scores[1] == pytest.approx(expected(PROMPTS[1], ANSWERS[1]))
    assert len(fake.bodies) == 5


def test_no_usable_answer_in_time_is_no_score(fake, checkpoint):
    sent = WORDS.index("w2")
    fake.reply = lambda _, body: (500, {}) if body["input"][0][-1] == sent else right(body)
    scorer = loaded(fake, checkpoint, deadline_s=0.3)
    one, other = scorer.score(["w1", "w1"], ["w2", "w3"], CRITERIA[:2])
    assert one is None
    assert other == pytest.approx(expected("w1", "w3"))


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (lambda _, b: right(b, model="other"), ServerUnavailable, "answered as 'other'"),
        (lambda _, b: right(b, usage={"prompt_tokens": 3}), ConfigError, r"read 3 tokens of a conversation of 6"),
        (lambda _, b: right(b, data=[{"probs": [0.1, 0.9]}]), ConfigError, "gives 2 scores, must be 1"),
        (lambda _, b: (404, {"error": {"message": "no such model"}}), ServerUnavailable, "--runner pooling"),
        (lambda _, b: (400, {"error": {"message": "Token id 99 is out of vocabulary"}}), CallRefused, "vocabulary"),
        (lambda _, b: (401, {}), ServerUnavailable, "no key was sent"),
    ],
)
def test_what_is_no_reward_of_this_conversation_is_an_error(fake, checkpoint, reply, error, said):
    fake.reply = reply
    with pytest.raises(error, match=said):
        loaded(fake, checkpoint).score(["w1 w2"], ["w3 w4"], ["memory_efficiency"])


def test_probabilities_are_not_taken_for_rewards(fake, checkpoint):
    fake.reply = lambda _, body: right(body | {"use_activation": True})
    with pytest.raises(ConfigError, match="gives probabilities"):
        loaded(fake, checkpoint).score(PROMPTS, ANSWERS, CRITERIA)
    assert all(0 < s < 1 for s in loaded(fake, checkpoint, bounded=True).score(PROMPTS, ANSWERS, CRITERIA))
    # Rewards that happen to lie there are told apart by asking once more.
    fake.reply = lambda _, body: right(body | {"input": [[75, 50]]}, usage={"prompt_tokens": len(body["input"][0])})
    before = len(fake.bodies)
    assert loaded(fake, checkpoint).score(PROMPTS, ANSWERS, CRITERIA) == [pytest.approx(0.5)] * 10
    assert len(fake.bodies) == before + 11


def test_a_conversation_beyond_the_servers_window_is_an_error(fake, checkpoint):
    fake.listed = (200, {"data": [{"id": "nano", "max_model_len": 6}]})
    scorer = loaded(fake, checkpoint)
    scorer.score(["w1 w2"], ["w3 w4"], CRITERIA[:1])
    with pytest.raises(ConfigError, match=r"1 of 2 conversations have more than 6 tokens.*the longest has 7"):
        scorer.score(["w1 w2"] * 2, ["w3 w4", "w3 w4 w5"], CRITERIA[:2])
    fake.listed = (200, {"data": [{"id": "nano"}]})
    assert loaded(fake, checkpoint).window is None


def test_the_model_is_found_by_its_name_there(fake, checkpoint, tmp_path, monkeypatch):
    fake.listed = (200, {"data": [{"id": str(checkpoint)}, {"id": "prod"}]})
    assert loaded(fake, checkpoint).server.model == str(checkpoint)
    monkeypatch.setenv("POOLING_KEY", "secret")
    scorer = loaded(fake, checkpoint, served="prod", api_key_env="POOLING_KEY")
    scorer.score(["w1"], ["w2"], CRITERIA[:1])
    assert fake.bodies[-1]["model"] == "prod"
    assert fake.keys[-1] == "Bearer secret"
    with pytest.raises(ConfigError, match=r"serves .*, prod, not best\. Set served"):
        loaded(fake, checkpoint, served="best")


@pytest.mark.parametrize(("listed", "said"), [((200, {"models": []}), "no list of models"), ((500, {}), "status 500")])
def test_what_is_no_such_server_is_named(fake, checkpoint, listed, said):
    fake.listed = listed
    with pytest.raises(ServerUnavailable, match=said):
        loaded(fake, checkpoint)


def test_no_server_and_no_checkpoint_are_named(fake, checkpoint, tmp_path):
    with pytest.raises(ConfigError, match=r"holds no tokenizer_config\.json"):
        VllmPoolingOptions(url=fake.url).load(str(tmp_path))
    scorer = loaded(fake, checkpoint, patience_s=0.05, deadline_s=5.0)
    fake.shutdown()
    fake.server_close()
    with pytest.raises(ServerUnavailable, match="no server answers"):
        loaded(fake, checkpoint)
    with pytest.raises(ServerUnavailable, match="can't be reached"):
        scorer.score(["w1"], ["w2"], CRITERIA[:1])


def test_a_tokenizer_without_a_template_is_named(fake, checkpoint, tmp_path):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(checkpoint)
    tokenizer.chat_template = None
    tokenizer.save_pretrained(tmp_path / "bare")
    with pytest.raises(ConfigError, match="no chat template"):
        VllmPoolingOptions(url=fake.url).load(str(tmp_path / "bare"))
