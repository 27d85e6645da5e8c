import json
import math
import pickle
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from filters.english import MAX_CHARACTERS
from filters.likelihood import embedded, endpoint, ken
from filters.likelihood.endpoint import EndpointOptions
from filters.perplexity import Perplexity
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable

sys.path.insert(0, str(Path(__file__).parent))
from labelled import Case, away, found, score
from pairs import PAIR, PROMPT, pair

WRAPPED = "Write the Python function `f`.\n\n{}\n\n```python\ndef f(a, b)\n```"

GOOD = [
    PROMPT,
    "Returns the sum.",
    "Parses YAML frontmatter.",
    "Get zval refcount.",
    "Close the connection and release its buffer.",
    "Sets `max_retries` on the `HttpClient`, or raises `ValueError` if it is negative.",
    "Compute x^2 + 2*x*y + y^2 for each pair (x, y) and return the largest.",
    "How do I sort a std::vector<int> in place without extra memory?",
    "binary search tree insert and delete in java",
    "Given an array of n integers, find two numbers that add up to the target, in O(n) time.",
    "Adds a job to the queue.\n\njob (Function): The job to run\nReturns: nothing",
    "Mounts a filesystem.\n\n>>> mount('/dev/sda1', '/mnt')\nTrue\n>>> mount('x', 'y')\nFalse\n" * 2,
    "Counts the words of a text.\n\n```\n" + "a 17 0x3f ;; {}\n" * 50 + "```\n",
    "",
    "`f`",
    "Ω ≤ ∑",
]
MASH = [
    "asdf qwer jkl zxcv uiop hjkl fghj dfgh wert",
    "sdkjfh skdjfh ksjdhf kjsdhf kjshdf kjsdhfk jshdf",
    "fjdksl eiwoq vbnmx rtyuq zzxkj qpwoe mnbvz ghtyr",
]
DATA = {
    "numbers": "\n".join(f"{i} {i * 7919 % 997} {i * 104729 % 10007}.{i}" for i in range(30)),
    "hexadecimal": " ".join(f"{i * 2654435761 % 2**32:08x}" for i in range(40)),
    "base64": "\n".join("Qk1GAb9/zZ0+xYw3TtRr8uVq1LpNn5oSdKjHhGgFf2D" + str(i) for i in range(12)),
    "symbols": "+---+---+\n| * | # |\n" * 15,
    "log": "\n".join(f"2021-03-{i:02}T10:00:07.123Z [ERR] pid=41{i} 10.0.0.{i}:80 rc=-{i}" for i in range(1, 12)),
    "markup": '<td class="x1"><i></i></td>\n' * 15,
    "emoji": "🙂🚀" * 60,
}


def shuffled(text: str, seed: int) -> str:
    words = text.replace(".", "").lower().split()
    random.Random(seed).shuffle(words)
    return " ".join(words)


@pytest.mark.parametrize("prompt", GOOD)
def test_prompts_that_a_person_wrote_pass(prompt: str) -> None:
    assert Perplexity().refuse(pair(prompt=prompt)) is None
    assert Perplexity().refuse(pair(prompt=WRAPPED.format(prompt))) is None


@pytest.mark.parametrize("prompt", MASH)
def test_mash_of_keys_is_improbable(prompt: str) -> None:
    for text in (prompt, WRAPPED.format(prompt)):
        refusal = Perplexity().refuse(pair(prompt=text))
        assert refusal is not None and refusal.reason == "perplexity"
        assert refusal.detail.endswith(" a word, at most 10000")


@pytest.mark.parametrize("name", DATA)
def test_data_has_little_prose(name: str) -> None:
    for text in (DATA[name], WRAPPED.format(DATA[name])):
        refusal = Perplexity().refuse(pair(prompt=text))
        assert refusal is not None and refusal.reason == "little_prose"


def test_shuffled_words_are_told_by_their_order() -> None:
    text = (
        "Reads the file at the given path and returns a list of the lines that are not empty. If the file does not "
        "exist, an error is raised with the name of the file. The order of the lines is the same as in the file."
    )
    assert Perplexity().refuse(pair(prompt=text)) is None
    refusals = [Perplexity().refuse(pair(prompt=shuffled(text, seed))) for seed in range(20)]
    assert Counter(refusal and refusal.reason for refusal in refusals)["word_order"] >= 19
    assert Perplexity(min_order=-9.0).refuse(pair(prompt=shuffled(text, 0))) is None


def test_bounds_and_too_few_words() -> None:
    refusal = Perplexity(max_perplexity=2.0).refuse(PAIR)
    assert refusal is not None and refusal.detail.endswith("a word, at most 2")
    assert Perplexity(max_perplexity=2.0, min_words=100).refuse(PAIR) is None
    assert Perplexity(min_prose=0.0).refuse(pair(prompt=DATA["hexadecimal"])) is None


def test_the_perplexity_is_per_word_of_prose_behind_ordinary_documentation() -> None:
    spoken = embedded.sentences(PROMPT + "\n\n```python\nxyzzy(frobnicate)\n```")
    assert spoken == [tuple(PROMPT.lower().rstrip(".").split())]
    found = embedded.score(spoken)
    assert found.words == 14 and found.nats > 0
    expected = math.exp((found.nats + 60.0) / 24)
    refusal = Perplexity(max_perplexity=1.01).refuse(pair(prompt=PROMPT))
    assert refusal is not None and refusal.detail.startswith(f"{expected:.4g} a word")


def test_the_probabilities_of_what_may_follow_add_up() -> None:
    table = embedded._table()
    size = len(table.single)
    for word in (".", "the", "returns", "gradient"):
        before = 1 if word == "." else table.numbers[word]
        backed = table.backoff[before]
        total = sum(math.exp(table.pairs.get(before * size + n, backed + table.single[n])) for n in range(size))
        assert total == pytest.approx(1.0, abs=0.06)  # steps of a quarter nat
    assert sum(map(math.exp, table.single)) == pytest.approx(1.0, abs=0.06)


def test_a_term_is_spelled_once_and_accents_are_taken_off() -> None:
    assert "trophicity" not in embedded._table().numbers
    once, twice = (embedded.score([("the", "trophicity"), *[("trophicity",)] * n]).nats for n in (1, 2))
    assert twice - once < -embedded._spelled("trophicity")
    assert embedded.sentences("Le résumé d’été: naïve ΣΑΣ こんにちは, as told.") == [
        ("le", "resume", "d'ete"),
        ("naive", "as", "told"),
    ]


def test_letters_tell_words_from_mash() -> None:
    unknown = ["widgetlike", "resubscribed", "unpacketed"]
    mash = ["xkqjzvwpqh", "ksjdhfkjshdf", "qwrtplkjhg"]
    assert not set(unknown + mash) & set(embedded._table().numbers)
    assert min(map(embedded._spelled, unknown)) > max(map(embedded._spelled, mash)) + 5


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "é",
        "🙂",
        " ",
        "\n",
        "the ",
        "` ",
        "``` \n",
        ">>> x\n",
        ">>> x\n y\n",
        "~~~\n",
        "\ud800 ",
        "a'",
        "a.",
        "http://",
    ],
)
def test_adversarial_text_is_cut_before_it_is_looked_at(part: str) -> None:
    text = part * (10_000_000 // len(part))
    assert Perplexity().refuse(pair(prompt=text)) == Perplexity().refuse(pair(prompt=text[:MAX_CHARACTERS]))


def test_it_is_the_same_in_a_copy_and_twice() -> None:
    one = Perplexity()
    one.ready()
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one
    first = [one.refuse(pair(prompt=text)) for text in MASH]
    embedded._table.cache_clear()
    assert [copy.refuse(pair(prompt=text)) for text in MASH] == first


def test_precision_and_recall_on_labelled_prompts() -> None:
    def refuses(case: Case) -> bool:
        return Perplexity().refuse(pair(prompt=case.text)) is not None

    cases = found("perplexity")
    everything = score(cases, refuses)
    assert everything.precision >= 0.80 and everything.recall >= 0.58, everything
    held = score([case for case in cases if not case.tuned], refuses)
    assert held.precision >= 0.72 and held.recall >= 0.50, held


def test_every_labelled_prompt_is_installed() -> None:
    assert away("perplexity") == []


# KenLM

ARPA = """\\data\\
ngram 1=6
ngram 2=4

\\1-grams:
-1.0\t<unk>\t0.0
0.0\t<s>\t-0.3
-0.8\t</s>\t0.0
-0.6\treturns\t-0.2
-0.5\tthe\t-0.4
-0.9\tsum\t-0.1

\\2-grams:
-0.2\t<s> returns
-0.1\treturns the
-0.7\tthe sum
-0.3\tsum </s>

\\end\\
"""


def by_hand(words: list[str]) -> float:
    """The decimal logarithm of a sentence's probability by the model above."""
    unigrams, bigrams, part = {}, {}, ""
    for line in ARPA.splitlines():
        part = line if line.startswith("\\") else part
        fields = line.split("\t")
        if part == "\\1-grams:" and len(fields) == 3:
            unigrams[fields[1]] = float(fields[0]), float(fields[2])
        if part == "\\2-grams:" and len(fields) == 2:
            bigrams[tuple(fields[1].split())] = float(fields[0])
    total, before = 0.0, "<s>"
    for word in [*words, "</s>"]:
        known = word if word in unigrams else "<unk>"
        total += bigrams.get((before, known), unigrams[before][1] + unigrams[known][0])
        before = known
    return total


@pytest.fixture
def arpa(tmp_path: Path) -> str:
    pytest.importorskip("kenlm", reason="the optional package kenlm is not installed")
    path = tmp_path / "model.arpa"
    path.write_text(ARPA)
    return str(path)


def test_a_kenlm_model_scores_as_by_hand(arpa: str) -> None:
    spoken = [("returns", "the", "sum"), ("the", "frobnicator")]
    expected = 10 ** (-(by_hand(list(spoken[0])) + by_hand(list(spoken[1]))) / 7)
    assert ken.perplexity(arpa, spoken) == pytest.approx(expected, rel=1e-5)
    assert ken.perplexity(arpa, spoken[:1]) == pytest.approx(10 ** (1.3 / 4), rel=1e-5)
    one = Perplexity(model=arpa, max_perplexity=3.0)
    one.ready()
    assert one.refuse(pair(prompt="Returns the sum.")) is None
    refusal = pickle.loads(pickle.dumps(one)).refuse(pair(prompt="Sum returns frobnicators."))
    assert refusal is not None and refusal.reason == "perplexity" and refusal.detail.endswith("a word, at most 3")
    default = Perplexity(model=arpa).refuse(pair(prompt="Sum returns frobnicators."))
    assert default is None  # of 1,200


def test_a_kenlm_model_of_pieces(arpa: str, tmp_path: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece", reason="the optional package sentencepiece is not installed")
    text = tmp_path / "text.txt"
    text.write_text("returns the sum of the values\nthe sum of all the words is returned\n" * 20)
    prefix = str(tmp_path / "pieces")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=prefix, vocab_size=30, model_type="bpe", minloglevel=2
    )
    units = ken.pieces(prefix + ".model", ["returns the sum"])
    assert "".join(units[0]).replace("▁", " ").strip() == "returns the sum" and len(units[0]) > 3
    refusal = Perplexity(model=arpa, pieces=prefix + ".model", max_perplexity=2.0).refuse(PAIR)
    assert refusal is not None and refusal.detail.endswith("a piece, at most 2")
    (tmp_path / "bad.model").write_text("no model")
    with pytest.raises(ConfigError, match=r"pieces: .* is no SentencePiece model"):
        ken.pieces(str(tmp_path / "bad.model"), ["x"])


def test_a_file_that_is_no_kenlm_model(arpa: str, tmp_path: Path) -> None:
    (tmp_path / "bad.arpa").write_text("no model\n")
    with pytest.raises(ConfigError, match=r"model: '.*bad.arpa' is no KenLM model: .*Mend the path"):
        Perplexity(model=str(tmp_path / "bad.arpa")).ready()


def test_without_kenlm_or_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model: .* no such file. Mend the path, or leave `model` out"):
        Perplexity(model=str(tmp_path / "none.bin")).ready()
    (tmp_path / "model.bin").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "kenlm", None)
    with pytest.raises(ConfigError, match="needs the package kenlm: `pip install kenlm`, or leave `model` out"):
        Perplexity(model=str(tmp_path / "model.bin")).refuse(PAIR)


def test_options() -> None:
    made = validate(Perplexity, {"kind": "perplexity", "endpoint": {"model": "m"}, "max_perplexity": 90}, "x")
    assert made.endpoint == EndpointOptions(model="m") and made.max_perplexity == 90
    with pytest.raises(ConfigError, match="both set"):
        validate(Perplexity, {"model": "a.bin", "endpoint": {"model": "m"}}, "x")
    with pytest.raises(ConfigError, match="without model"):
        validate(Perplexity, {"pieces": "a.model"}, "x")
    with pytest.raises(ValidationError, match="url"):
        EndpointOptions(model="m", url="http://user:word@host/v1")


# A server


class Server(ThreadingHTTPServer):
    """Answers /v1/completions as vLLM does: words are tokens, each with `value` for a log-probability.

    Attributes:
        faults: statuses, or bodies, that are answered first.
        asked: bodies, and the last call's headers.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[int | bytes] = []
        self.asked: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.value: Any = -2.0

    @property
    def options(self) -> EndpointOptions:
        return EndpointOptions(model="m", url=f"http://127.0.0.1:{self.server_port}/v1", attempts=3, max_pause_s=0.01)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.headers = dict(self.headers)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append(body)
        tokens = body["prompt"].split()
        values = [None, *[server.value] * (len(tokens) - 1), -30.0]
        answer = {
            "choices": [{"text": body["prompt"] + " x", "logprobs": {"token_logprobs": values}}],
            "usage": {"prompt_tokens": len(tokens), "completion_tokens": 1},
        }
        status, data = 200, json.dumps(answer).encode()
        if server.faults:
            fault = server.faults.pop(0)
            status, data = (200, fault) if isinstance(fault, bytes) else (fault, b'{"error": "something is wrong"}')
        if self.path != "/v1/completions":
            status = 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        endpoint._client(60.0).close()
        endpoint._client.cache_clear()
        endpoint.token_perplexity.cache_clear()
        server.shutdown()
        thread.join(10)
        server.server_close()


def test_a_server_tells_the_prompts_log_probabilities() -> None:
    with running() as server:
        one = Perplexity(endpoint=server.options)
        one.ready()
        assert one.refuse(PAIR) is None
        assert endpoint.token_perplexity(server.options, PROMPT) == pytest.approx(math.exp(2.0))
        assert [body["prompt"] for body in server.asked[1:]] == [PROMPT]  # once: the rest is remembered
        assert server.asked[1] | {"prompt": ""} == {
            "model": "m", "prompt": "", "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1,
        }  # fmt: skip
        server.value = -8.0
        refusal = pickle.loads(pickle.dumps(one)).refuse(pair(prompt=PROMPT + " And more of it."))
        assert refusal == ("perplexity", "2981 a token, at most 1200")
        assert endpoint.token_perplexity(server.options, "a lone \ud800 surrogate") == pytest.approx(math.exp(8.0))
        assert server.asked[-1]["prompt"] == "a lone \ufffd surrogate"


def test_a_server_in_trouble_is_asked_again() -> None:
    with running() as server:
        server.faults = [503, b'{"choices": ']
        assert endpoint.token_perplexity(server.options, PROMPT) == pytest.approx(math.exp(2.0))
        assert len(server.asked) == 3
        server.faults = [500, 429, 503]
        with pytest.raises(SourceUnavailable, match="no usable answer in 3 attempts, last: status 503"):
            endpoint.token_perplexity(server.options, "another one")


def test_what_no_attempt_helps() -> None:
    with running() as server:
        for status, error in ((401, ConfigError), (404, ConfigError), (400, SourceUnavailable)):
            server.faults = [status]
            with pytest.raises(error, match=f"status {status}: .*something is wrong"):
                endpoint.token_perplexity(server.options, PROMPT)
        assert len(server.asked) == 3
        for body in (b"[]", b"null", b'{"choices": [{"logprobs": null}], "usage": {"prompt_tokens": 3}}'):
            server.faults = [body]
            with pytest.raises(SourceUnavailable, match="no log-probabilities of the prompt"):
                endpoint.token_perplexity(server.options, PROMPT)
        for value in (None, 0.5, math.nan):
            server.value = value
            with pytest.raises(SourceUnavailable, match="no log-probabilities of the prompt"):
                endpoint.token_perplexity(server.options, PROMPT)


def test_a_flood_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "MAX_BYTES", 1000)
    with running() as server:
        server.faults = [b" " * 100_000]
        with pytest.raises(SourceUnavailable, match="longer than 1000 bytes"):
            endpoint.token_perplexity(server.options, PROMPT)


def test_a_server_that_is_not_there() -> None:
    with running() as server:
        gone = server.options
    with pytest.raises(SourceUnavailable, match=r"no usable answer in 3 attempts.*Start the server or mend url"):
        Perplexity(endpoint=gone).ready()
    endpoint._client(60.0).close()
    endpoint._client.cache_clear()


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        options = server.options.model_copy(update={"api_key_env": "A_KEY"})
        for wrong, why in ((None, "is not set"), ("k\u00e9y", "holds other than plain characters")):
            monkeypatch.delenv("A_KEY", raising=False)
            if wrong is not None:
                monkeypatch.setenv("A_KEY", wrong)
            with pytest.raises(ConfigError, match=f"A_KEY {why}"):
                endpoint.token_perplexity(options, PROMPT)
        monkeypatch.setenv("A_KEY", "word")
        assert endpoint.token_perplexity(options, PROMPT) == pytest.approx(math.exp(2.0))
        assert server.headers["Authorization"] == "Bearer word"
