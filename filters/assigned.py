"""Credentials given to a name: `api_key = "..."`, `"password": "..."`, `setToken("...")`.

The name says what, the value whether. detect-secrets' `KeywordDetector` looks for the same; it gives no places and
takes half of the library's time, so one expression of ours stands in for its ten.
"""

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

from detect_secrets.filters.heuristic import is_sequential_string, is_templated_secret
from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString, HexHighEntropyString

from filters.masking import Found, monotonous

MIN_HEX_ENTROPY = 2.8
"""Bits a character of a hexadecimal key, by the library's measure; 32 random digits have 3.6 on average."""

MIN_ENTROPY = 3.3
"""Bits a character of any other key; 16 random letters and digits have 3.8 on average."""

PLACEHOLDER = re.compile(
    r"example|sample|dummy|placeholder|change_?me|redacted|your_|_your|your-|not-?real|12345|abcdef|xxxx|\.\.\."
    r"|todo|demo_|demo-|token|secret|passw|dont-?use",
    re.IGNORECASE,
)
"""What a token that stands for no other holds."""

_WORDS = ("pass", "pwd", "secret", "token", "key", "credential", "auth")
_NAME = re.compile(r"[\w.-]{0,40}")
_VALUE = re.compile(
    r"""[\w-]{0,40} ["'`]? [\])]{0,3} [ \t]{0,4}
        (?: ,[ \t]{0,4} | (?: =>|:=|={1,3}|!==?|:|\( | [ \t]or\b | \?\?|\|\| ) \s{0,20} (?: \( \s{0,20} )? )
        [@bBrRuULfF]{0,2} ["'`] ([^"'`\s]{6,512}) ["'`]""",
    re.VERBOSE,
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PASSWORD = ("password", "passwd", "pwd", "passphrase", "passcode")
_KEY = ("secret", "token", "credential", "credentials", "auth", "apikey")
_OF_KEY = frozenset(
    ("api", "access", "auth", "account", "private", "priv", "client", "consumer", "service", "app", "application",
     "encryption", "signing", "sign", "license", "licence", "storage", "shared", "master", "subscription", "rest",
     "aes", "rc", "hmac", "jwt", "full", "db", "database", "session")
)  # fmt: skip
"""What makes of a `key` one that opens something."""

_NOT = frozenset(
    ("hash", "hashed", "digest", "sha", "md", "crc", "name", "field", "file", "path", "url", "uri", "id", "ids",
     "policy", "regex", "pattern", "prefix", "suffix", "label", "hint", "error", "message", "header", "column", "class",
     "algorithm", "checksum", "type", "public", "pub", "tokenizer", "sum", "fingerprint", "version", "expected", "salt",
     "cache", "idempotency", "nonce", "expires", "expiry", "expired", "date", "at", "ttl", "timeout")
)  # fmt: skip
"""What makes of a name one for something about the credential."""

_FIXTURE = re.compile(
    r"pass|ssword|pwd|secret|test|foo|bar|baz|qux|spam|user|admin|root|login|qwert|asdf|abc|123|change|default|demo|example"
    r"|sample|dummy|fake|mock|placeholder|your|some|temp|guest|hello|world|welcome|letmein|key|token|value|string|insert"
    r"|enter|todo|none|null|redact|hidden|hunter|correct|localhost|postgres|mysql|redis|docker|lorem|ipsum|wrong|valid"
    r"|invalid|field|input|version"
)
_LEET = str.maketrans("01345$@", "oleassa")
_HEX = re.compile(r"[0-9a-fA-F-]{16,}")
_KEY_CHARACTERS = re.compile(r"[A-Za-z0-9+/=_.~:|%!*-]{16,512}")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
_CODE = re.compile(r"^\$|^%|\{\{|\$\{|#\{|<%|://|^[/.~]|^www\.|^urn:|\(|\)|\\[xu]|^\$?2[aby]\$|^\{")
_WORD = re.compile(r"[A-Za-z]{6}|\W.*\W")
_WORDY = re.compile(r"[a-z]{7,}|[A-Z]{9,}")


def lower(text: str) -> str:
    """`text` in lower case, each character at its place: of all, only `İ` would grow."""
    return text.replace("İ", "I").lower()


def assigned(text: str, low: str) -> Iterator[Found]:
    """The credentials in `text` that are assigned to, compared with or passed by a name that tells of one.

    Args:
        text: any.
        low: `lower(text)`.
    """
    for word in _WORDS:
        at = low.find(word)
        while at >= 0:
            match = _VALUE.match(text, at)
            if match is not None:
                kind = _kind(_start(text, at) + text[at : match.start(1)])
                if kind is not None and _is_credential(kind, match[1]):
                    yield Found(*match.span(1), kind, "x" * len(match[1]))
            at = low.find(word, at + len(word))


def is_password(value: str) -> bool:
    """Whether `value` looks like a password that somebody chose to be one, not like a word of a test or of a text."""
    if not 7 <= len(value) <= 128 or _CODE.search(value) or is_templated_secret(value) or monotonous(value):
        return False
    if _DIGIT.search(value) is None or _LETTER.search(value) is None or is_sequential_string(value):
        return False
    plain = unquote(value).lower()
    return not _FIXTURE.search(plain) and not _FIXTURE.search(plain.translate(_LEET))


def is_key(value: str) -> bool:
    """Whether `value` looks like a random key or token."""
    if not _KEY_CHARACTERS.fullmatch(value) or _CODE.search(value) or PLACEHOLDER.search(value) or monotonous(value):
        return False
    letters = "".join(_LETTER.findall(value))
    if len(_DIGIT.findall(value)) < 2 or not letters or is_sequential_string(value) or is_sequential_string(letters):
        return False
    if _HEX.fullmatch(value):
        return _entropies()[0].calculate_shannon_entropy(value) >= MIN_HEX_ENTROPY
    wordy = sum(len(run) for run in _WORDY.findall(value))
    return wordy < len(value) / 3 and _entropies()[1].calculate_shannon_entropy(value) >= MIN_ENTROPY


@cache
def _entropies() -> tuple[HexHighEntropyString, Base64HighEntropyString]:
    return HexHighEntropyString(), Base64HighEntropyString()


def _start(text: str, at: int) -> str:
    """The part of a name before `at`."""
    before = _NAME.match(text[max(0, at - 40) : at][::-1])
    return before[0][::-1] if before else ""


def _kind(name: str) -> str | None:
    """What `name` (with what follows it up to the value) says that the value is, or None."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    if not parts or not _NOT.isdisjoint(parts[-3:]):
        return None
    if "pass" in parts or any(part.endswith(_PASSWORD) for part in parts):
        return "password"
    if "secret" in parts or {"api", "key"} <= set(parts):
        return "secret"
    opens = parts[0] == "key" or not _OF_KEY.isdisjoint(parts)
    if any(part.endswith(_KEY) or (part.endswith("key") and (part != "key" or opens)) for part in parts):
        return "key or token"
    return None


def _is_credential(kind: str, value: str) -> bool:
    if value.endswith("\\"):  # the quote after it is part of the value
        return False
    if is_key(value):
        return True
    return kind != "key or token" and is_password(value) and (kind == "password" or not _WORD.search(value))
