import ast
import base64
import hashlib
import json
import pickle
import re
import socket
import sys
import sysconfig
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filters.assigned import is_key, is_password, lower
from filters.secrets import TOKENS, Secrets, Token, find, redact
from tests.filters.pairs import PAIR, pair

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ALNUM = LETTERS + "0123456789"
HEX = "0123456789abcdef"


def made(length: int, alphabet: str = ALNUM, seed: int = 1) -> str:
    """A made-up token: nothing in this file opens anything, and no scanner of files finds a token in it."""
    return "".join(Random(seed).choices(alphabet, k=length))


def jwt(payload: str = '{"sub": "17"}') -> str:
    parts = ('{"alg": "HS256"}', payload)
    return ".".join(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts) + "." + made(43)


def block(kind: str = "RSA PRIVATE", lines: int = 4, join: str = "\n") -> str:
    body = [made(64, ALNUM + "+/", seed) for seed in range(lines)]
    return join.join((f"-----BEGIN {kind} KEY-----", *body, f"-----END {kind} KEY-----"))


SECRETS = {
    "Artifactory": f'token: "AKC{made(40)}"',
    "AWS id": f'"AKIA{made(16, "ABCDEFGHIJKLMNOP0123456789")}"',
    "AWS secret": f"aws_secret_access_key = '{made(40)}'",
    "Azure": f"DefaultEndpointsProtocol=https;AccountKey={made(86)}==",
    "Discord": f"client.run('M{made(23)}.{made(6, seed=2)}.{made(27, seed=3)}')",
    "GitHub": f"git clone https://ghp_{made(36)}@github.com/a/b",
    "GitHub, fine": f"github_pat_{made(82)}",
    "GitLab": f"glpat-{made(20)}",
    "Mailchimp": f'mc = Client("{made(32, HEX)}-us12")',
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{made(80)}",
    "SendGrid": f"SG.{made(22)}.{made(43)}",
    "Slack": f"xoxb-{made(11, '0123456789')}-{made(24)}",
    "Slack hook": f"https://hooks.slack.com/services/T{made(8)}/B{made(8)}/{made(24)}",
    "Square": f"sq0csp-{made(43)}",
    "Stripe": f"sk_live_{made(24)}",
    "Telegram": f"bot{made(9, '123456789')}:{made(35)}",
    "Twilio": f"SK{made(32, HEX)}",
    "Anthropic": f"sk-ant-api03-{made(90)}",
    "OpenAI": f"sk-{made(20)}T3BlbkFJ{made(20)}",
    "Google": f"https://maps.googleapis.com/?key=AIza{made(35)}",
    "Google OAuth": f"GOCSPX-{made(28)}",
    "Hugging Face": f'"hf_{made(34)}"',
    "npm": f"//registry.npmjs.org/:_authToken=npm_{made(36)}",
    "npm, older": "//registry.npmjs.org/:_authToken="
    + "-".join(made(n, HEX, n + i) for i, n in enumerate((8, 4, 4, 4, 12))),
    "bearer": f'"Authorization": "Bearer {made(40)}"',
    "JWT": f"cookie = '{jwt()}'",
    "basic": f"Authorization: Basic {base64.b64encode(b'app:Zk8-vRq2w').decode()}",
    "URL": "postgres://app:Zk8-vRq2w@db.prod.acme.io:5432/app",
    "key": block(),
    "key, quoted": '"' + block("EC PRIVATE", join='\\n" +\n    "') + '"',
    "key, escapes": block("PRIVATE", join="\\n"),
    "key, cut": block(lines=6).split("-----END")[0],
    "key, PGP": block("PGP PRIVATE").replace("KEY-", "KEY BLOCK-"),
    "PuTTY": f"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 2\n{made(64)}\n{made(64, seed=2)}",
    "password": 'password = "Zk8-vRq2w"',
    "keyword argument": "connect(host, db_password='Zk8-vRq2w')",
    "JSON": f'{{"clientSecret": "{made(24)}"}}',
    "hexadecimal": f'API_KEY := "{made(32, HEX)}"',
    "compared": f'if (apiKey === "{made(32)}") {{',
    "passed": f'setAuthToken("{made(24)}");',
    "fall-back": f'process.env.SESSION_SECRET || "{made(24)}"',
    "next line": f'access_key = (\n    "{made(24)}"\n)',
    "verbatim": f'var clientSecret = @"{made(30)}";',
}

HARMLESS = (
    'password = "secret"',
    'password = "password123"',
    'password = "P@ssw0rd1"',
    'PASSWORD = "test123"',
    'password = "hunter2"',
    'password="changeme1"',
    'password = "<your password 1>"',
    'password = "${DB_PASSWORD_1}"',
    'password = "{{ vault.db1 }}"',
    'password = "$2b$12$abcdefghijklmnopqrstuv"',
    "password = os.environ['DB_PASSWORD2']",
    f'password_hash = "{made(64, HEX)}"',
    'password_field = "IDToken2"',
    '"password_expires_at": "2016-11-06T15:32:17"',
    'api_key = "your_api_key_0123"',
    'api_key = "YOUR-API-KEY-0001"',
    'token = "0123456789abcdef0123456789abcdef"',
    'token = "xxxxxxxxxxxxxxxxxxxxxxxx1x"',
    'AccessKey: "A1B2C3D4E5F6G7H8I9J0"',
    'secret_name = "projects/p1/secrets/s1/versions/12"',
    'token_type = "urn:params:oauth:token-type:2"',
    f'sha256 = "{made(64, HEX)}"',
    f'"integrity": "sha512-{made(86)}=="',
    f'commit = "{made(40, HEX)}"',
    'image_token = "<image_1234567890>"',
    'tokenizer = load("naver/HyperX-SEED-Think-14B")',
    'cache_key = "user:profile:v2:1234567890ab"',
    'url = "https://user:pass@host:8080/path"',
    'url = "https://user:Zk8vRq2w@example.com/"',
    'url = "redis://default:Zk8vRq2w@localhost:6379"',
    'url = "https://%C3%BCser:p%C3%A4ssword@host.com/"',
    'url = f"https://{user}:{password}@host"',
    'if "-----BEGIN RSA PRIVATE KEY-----" in text:',
    "-----BEGIN RSA PRIVATE KEY-----\nBad Key, though the cert should be OK\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQ...\n-----END PRIVATE KEY-----",
    block("CERTIFICATE PUBLIC"),
    f"AKIA{made(16, 'ABCDEFGH')[:9]}EXAMPLE",
    "AKIAIOSFODNN7EXAMPLE",
    f'font = b"{made(30)}AKIA{made(40, "ABCDEFGHIJKLMNOP0123456789")}"',
    "ghp_" + "0123456789abcdefghijklmnopqrstuvwxyz",
    f"Basic {base64.b64encode(b'Aladdin:open sesame').decode()}",
    "Basic aaaaaaaaaaaaaaaa and Basic !!",
    "Basic w6nDqcOpw6nDqcOpw6nDqQ==",
    "Basic authentication_is_described_elsewhere",
    "Basic authenticationIsDescribed",
    "Bearer mF_9.B5f-4.1JqM",
    "eyJhbGciOiJIUzI1NiJ9.not-json-at-all.signature",
    "std::vector<std::string>::size_type_of_something_long_enough",
    "for key in sorted(passwords): print(key, '1234567890abcdefgh')",
    'all = [\n    "QwenTokenizer",\n    "Qwen2_5OmniPreTrainedModel",\n]',
)


@pytest.mark.parametrize("name", SECRETS)
def test_a_credential_is_found(name: str) -> None:
    assert find(SECRETS[name])


@pytest.mark.parametrize("text", HARMLESS)
def test_what_opens_nothing_stays(text: str) -> None:
    assert find(text) == ()
    assert redact(text) == (text, ())


@pytest.mark.parametrize("name", SECRETS)
def test_a_redacted_text_holds_no_secret_and_keeps_its_shape(name: str) -> None:
    text = SECRETS[name]
    clean, spans = redact(text)
    assert find(clean) == () and redact(clean) == (clean, ())
    assert len(clean) == len(text) and spans
    kept = bytearray(text.encode())
    for start, end in spans:
        assert not re.search(rb"[0-9]", clean.encode()[start:end])
        kept[start:end] = clean.encode()[start:end]
    assert bytes(kept) == clean.encode()  # nothing else changed


@pytest.mark.parametrize("token", TOKENS, ids=lambda t: f"{t.kind}-{t.needles!r:.20}")
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_plugin_finds_has_a_needle(token: Token, data: st.DataObject) -> None:
    for pattern in token.patterns:
        text = data.draw(st.from_regex(pattern))
        assert token.seen(text, lower(text))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*SECRETS.values(), *HARMLESS]),
            st.text(max_size=8),
            st.sampled_from(['"', "'", "=", " ", "\n", ":", "é", "\ud800", "key", "token", "://", "@", "eyJ", "\\n"]),
        ),
        max_size=8,
    )
)
def test_twice_is_as_good_as_once(parts: list[str]) -> None:
    clean, _ = redact("".join(parts))
    assert redact(clean) == (clean, ())


def test_code_stays_code() -> None:
    joined = block(join='\\n"\n    "')
    code = "\n".join(
        (
            f'PASSWORD = "Zk8-v\\tRq2w"\nAPI_KEY = b"{made(32, HEX)}"',
            f'KEY = """{block()}"""\nOTHER = ("{joined}")',
            f"ghp_{made(36)} = 1",
            'PASSWORD = "Zk8-vRq2w\\"more"',
            f"# see https://app:Zk8-vRq2w@acme.io and AKIA{made(16, 'ABCDEFGHIJKLMNOP0123456789')}",
        )
    )
    clean, spans = redact(code)
    assert len(spans) == 2 + 4 + 4 + 1 + 2 and ast.dump(ast.parse(clean)) != ast.dump(ast.parse(code))


def test_spans_count_bytes_of_the_text_before() -> None:
    text = f'# é\ud800\nkey = "AIza{made(35)}"'
    clean, ((start, end),) = redact(text)
    data = text.encode("utf-8", "surrogatepass")
    assert data[start:end].decode() == text[text.index("AIza") : -1] or data[start:end].decode() == made(35)
    assert clean.startswith("# é\ud800\n")


def test_a_pair_is_dropped_by_default_and_the_detail_quotes_nothing() -> None:
    secret = made(36)
    for side in ("prompt", "chosen", "rejected"):
        changed = pair(**{side: f"{getattr(PAIR, side)}\n# ghp_{secret}"})
        assert Secrets().mend(changed) is changed
        refusal = Secrets().refuse(changed)
        assert refusal is not None and refusal.reason == "secret"
        assert refusal.detail.startswith(f"{side}: GitHub Token") and secret[:5] not in refusal.detail
    assert Secrets().refuse(PAIR) is None


def test_redacting_keeps_the_pair_and_says_what_was_done() -> None:
    line = f"# ghp_{made(36)}\n"
    filter_ = pickle.loads(pickle.dumps(Secrets(action="redact")))
    mended = filter_.mend(pair(chosen=line + PAIR.chosen, rejected=line + PAIR.rejected))
    assert mended.chosen == f"# ghp_{'x' * 36}\n" + PAIR.chosen
    assert mended.rejected == f"# ghp_{'x' * 36}\n" + PAIR.rejected
    assert [(s.side, s.name, s.parameters, s.spans) for s in mended.steps[1:]] == [
        (side, "redact/secrets", (("count", "1"),), ((6, 42),)) for side in ("chosen", "rejected")
    ]
    assert filter_.refuse(mended) is None
    assert filter_.mend(mended) is mended and filter_.mend(PAIR) is PAIR


def test_nothing_is_asked_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert all(find(text) for text in SECRETS.values())


def test_no_character_moves_in_lower_case() -> None:
    assert all(len(lower(chr(i))) == 1 for i in range(sys.maxunicode + 1))


def test_a_token_of_deeply_nested_json_is_no_token() -> None:
    assert find(f"'{jwt('[' * 5000)}'") == ()


@pytest.mark.parametrize(
    "text",
    [
        *("eyJ" * 100_000, "sk-" * 100_000, "key='" * 50_000, "xoxb-1-" * 40_000, "://a:b@" * 40_000, "İ" * 100_000),
        *(
            "-----BEGIN PRIVATE KEY-----" * 5_000,
            "\ud800" * 200_000,
            "Bearer " + "a" * 500_000,
            "key=(" + " " * 500_000,
        ),
    ],
    ids=lambda t: repr(t[:10]),
)
def test_runs_made_to_take_long_hold_nothing(text: str) -> None:
    assert find(text) == ()


def test_a_secret_at_the_end_of_one_long_line_is_found() -> None:
    text = "x = 1; " * 300_000 + f"ghp_{made(36)}"
    (only,) = find(text)
    assert (only.start, only.end) == (len(text) - 36, len(text))


def test_judgement_of_values() -> None:
    assert (
        is_key(made(32, HEX))
        and is_key(made(20))
        and is_key("-".join(made(n, HEX, n + i) for i, n in enumerate((8, 4, 4, 4, 12))))
    )
    assert not is_key(made(15)) and not is_key("tokenizerForConditionalGeneration12") and not is_key("1" * 32)
    assert is_password("Zk8-vRq2w") and not is_password("Zk8-v") and not is_password("Zk8(vRq2w")


LABELLED = Path(__file__).parent.parent / "data" / "labelled" / "secrets.jsonl"


def _labelled(where: str) -> str | None:
    """The text of a labelled row, where its package is installed."""
    path, _, lines = where.rpartition("#")
    root, _, rest = path.partition("/")
    folder = sysconfig.get_path({"site-packages": "purelib", "python": "stdlib"}.get(root, "data"))
    file = Path(folder) / rest
    if root not in ("site-packages", "python") or not file.is_file():
        return None
    first, _, last = lines.replace("L", "").partition("-")
    return "\n".join(file.read_text(encoding="utf-8").split("\n")[int(first) - 1 : int(last or first)])


def test_the_labelled_lines_that_are_installed() -> None:
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 200 and 70 <= sum(row["label"] for row in rows) <= 130
    right = wrong = missed = read = 0
    for row in rows:
        text = _labelled(row["where"])
        if text is None or hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            continue  # another version of the package
        found = bool(find(text))
        read += 1
        right += found and row["label"]
        wrong += found and not row["label"]
        missed += row["label"] and not found
    if read < 50:
        pytest.skip(f"only {read} of the labelled lines are installed")
    assert wrong <= 0.1 * (right + wrong) and missed <= 0.2 * (right + missed)
