"""Secrets: credentials that somebody would have to revoke. Known tokens by detect-secrets' plugins, read from memory.

Nothing is asked over a network: only the plugins' expressions are used, never their `verify`. Each rule runs only where
a text holds one of its needles (see `Token`). Assigned values are judged in `filters/assigned.py`, keys by their body.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from detect_secrets.filters.heuristic import is_sequential_string
from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from filters.assigned import PLACEHOLDER, assigned, is_key, is_password, lower
from filters.base import Filter, Refusal
from filters.masking import SIDES, Found, armoured, masked, monotonous, ordered, put
from schemas.provenance import Span
from schemas.records import Pair

VERSION = "1"

MIN_BODY = 10
"""Characters of a token after its known prefix."""

MIN_GROUP = 16
"""Characters of a group that is a secret; the library's shorter ones are alternatives of a prefix."""

MAX_JWT = 8192
"""Characters of a JSON Web Token that is decoded."""

_PRIVATE = re.compile(r"BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_NOWHERE = re.compile(
    r"(?:[\w-]{1,63}\.){0,5}(?:example(?:\.\w+)?|test|invalid|localhost|local)(?![\w.-])|127\.|0\.0\.0\.0|\[::1",
    re.IGNORECASE,
)
_BASIC = re.compile(r"Basic ([A-Za-z0-9+/]{12,400}={0,2})(?![\w+/=])")
_ALNUM = re.compile(r"[A-Za-z0-9]")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
_JWT = re.compile(rf"(?<![\w=.-])(eyJ[\w=-]{{10,{MAX_JWT}}}\.[\w=-]{{10,{MAX_JWT}}})\.?([\w=-]{{0,{MAX_JWT}}})")


class Token(NamedTuple):
    """A credential that is known by its shape.

    Attributes:
        kind: in words.
        needles: lower-case strings, or an expression for the text as it is; every match of `patterns` holds one, in any
            case. They are cheap to look for.
        patterns: expressions; what of a match is the secret: see `_secret`.
        prefix: expression of what is known of each, and stays when the rest is replaced.
    """

    kind: str
    needles: tuple[str, ...] | re.Pattern[str]
    patterns: tuple[re.Pattern[str], ...]
    prefix: re.Pattern[str] = re.compile("")

    def seen(self, text: str, low: str) -> bool:
        """Whether `text`, in lower case `low`, holds a needle."""
        if isinstance(self.needles, re.Pattern):
            return self.needles.search(text) is not None
        return any(map(low.__contains__, self.needles))


def _own(kind: str, prefixes: tuple[str, ...], body: str) -> Token:
    known = "|".join(map(re.escape, prefixes))
    return Token(
        kind,
        tuple(p.lower() for p in prefixes),
        (re.compile(rf"(?<![\w-])(?:{known}){body}(?![\w-])"),),
        re.compile(known),
    )


def _library(
    plugin: type[RegexBasedDetector],
    needles: tuple[str, ...] | re.Pattern[str],
    prefix: str = "",
    which: int | None = None,
) -> Token:
    """The rule of a plugin, or of one of its expressions."""
    patterns: tuple[re.Pattern[str], ...] = tuple(vars(plugin)["denylist"])
    return Token(
        str(plugin.secret_type), needles, patterns if which is None else (patterns[which],), re.compile(prefix)
    )


TOKENS = (
    _library(ArtifactoryDetector, ("akc",), r"\W?AKC", which=0),
    _library(AWSKeyDetector, ("a3t", "abia", "acca", "akia", "asia"), "A3T|ABIA|ACCA|AKIA|ASIA", which=0),
    _library(AWSKeyDetector, ("aws",), which=1),
    _library(AzureStorageKeyDetector, ("accountkey=",), "AccountKey="),
    _library(DiscordBotTokenDetector, re.compile(r"\.[a-zA-Z\d_-]{6}\.[a-zA-Z\d_-]{27}")),
    _library(GitHubTokenDetector, ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "gh[pousr]_"),
    _library(GitLabTokenDetector, ("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "gr1348941", "glcbt-", "glimt-",
                                   "glptt-", "glagent-", "gloas-"), r"gl\w{2,6}-|GR1348941"),
    _library(MailchimpDetector, re.compile(r"-us[0-9]")),
    _library(PypiTokenDetector, ("pypi-age",), "pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)"),
    _library(SendGridDetector, ("sg.",), r"SG\."),
    _library(SlackDetector, ("xoxa-", "xoxb-", "xoxp-", "xoxo-", "xoxs-", "xoxr-", "hooks.slack.com"),
             r"(?i:xox.-|https://hooks\.slack\.com/services/)"),
    _library(SquareOAuthDetector, ("sq0csp-",), "sq0csp-"),
    _library(StripeDetector, ("k_live_",), "[rs]k_live_"),
    _library(TelegramBotTokenDetector, re.compile(r"\d:[0-9A-Za-z_-]{35}"), r"\d+:"),
    _library(TwilioKeyDetector, re.compile(r"[CK][a-z0-9]{32}"), "AC|SK"),
    _own("Anthropic or OpenAI key", ("sk-ant-", "sk-proj-", "sk-or-v1-", "sk-svcacct-"), r"[\w-]{20,200}"),
    Token("OpenAI key", ("t3blbkfj",),
          (re.compile(r"(?<![\w-])sk-(?=[\w-]{0,190}T3BlbkFJ)[\w-]{20,200}(?![\w-])"),), re.compile("sk-")),
    _own("GitHub token", ("github_pat_",), r"\w{60,90}"),
    _own("Google API key", ("AIza",), r"[\w-]{35}"),
    _own("Google OAuth secret", ("GOCSPX-", "ya29."), r"[\w-]{20,400}"),
    _own("Hugging Face token", ("hf_",), r"[A-Za-z0-9]{30,40}"),
    _own("npm token", ("npm_",), r"[A-Za-z0-9]{36}"),
    _own("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"[a-f0-9]{64}"),
    _own("Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"[a-fA-F0-9]{32}"),
    Token("npm token", (":_authtoken=",), (re.compile(r":_authToken=\s{0,4}([A-Fa-f0-9-]{36})(?![\w-])"),)),
    Token("bearer token", ("bearer ",), (re.compile(r"Bearer ([A-Za-z0-9._~+/=-]{24,2000})(?![A-Za-z0-9._~+/=-])"),)),
)  # fmt: skip


class Secrets(Filter):
    """Pairs with a credential in the prompt or either side.

    Attributes:
        action: `drop` such pairs, or `redact` them: each secret becomes a placeholder of the same shape.
    """

    kind: Literal["secrets"] = "secrets"
    action: Literal["drop", "redact"] = "drop"

    def mend(self, pair: Pair) -> Pair:
        """The pair without its secrets, where they are to be redacted."""
        return masked(pair, self.kind, VERSION, redact) if self.action == "redact" else pair

    def refuse(self, pair: Pair) -> Refusal | None:
        """`secret`, where pairs with one are to be dropped; the detail never quotes it."""
        if self.action == "redact":
            return None
        for side in SIDES:
            found = find(getattr(pair, side))
            if found:
                first = found[0]
                detail = f"{side}: {first.kind} of {first.end - first.start} characters, none allowed"
                return Refusal("secret", detail)
        return None


def redact(text: str) -> tuple[str, tuple[Span, ...]]:
    """`text` with a placeholder for each secret, and their byte ranges in `text`. Twice is as good as once."""
    return put(text, find(text))


def find(text: str) -> tuple[Found, ...]:
    """The secrets in `text`, in order."""
    low = lower(text)
    found: list[Found] = []
    for token in TOKENS:
        if token.seen(text, low):
            found += _tokens(token, text)
    for needle, reader in _READERS:
        if needle in text:
            found += reader(text)
    return ordered((*found, *assigned(text, low)))


def _tokens(token: Token, text: str) -> Iterator[Found]:
    for pattern in token.patterns:
        for match in pattern.finditer(text):
            start, end = _secret(match)
            prefix = token.prefix.match(text, start, end)
            body = prefix.end() if prefix else start
            if _bounded(text, start, end) and _random(text[body:end]):
                yield Found(body, end, token.kind, _ALNUM.sub("x", text[body:end]))


def _secret(match: re.Match[str]) -> tuple[int, int]:
    """Where the secret is: the longest group, or all of a match whose groups are only pieces of a prefix."""
    spans = [match.span(i) for i in range(1, match.re.groups + 1) if match.start(i) >= 0]
    longest = max(spans, key=lambda s: s[1] - s[0], default=match.span())
    return longest if longest[1] - longest[0] >= MIN_GROUP else match.span()


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether a token is not a piece cut from longer encoded data."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    first = text[start]
    glued = before.isalnum() and first.isalnum() and not (before.isalpha() and first.isdigit())  # bot123:...
    cut_before = glued and text[max(start - 2, 0)] != "\\"
    return not cut_before and not (after.isalnum() and text[end - 1].isalnum())


def _random(body: str) -> bool:
    """Whether what follows a known prefix can be a real token's: letters and digits, no run, no word for a sample."""
    return (
        len(body) >= MIN_BODY
        and _DIGIT.search(body) is not None
        and _LETTER.search(body) is not None
        and not monotonous(body)
        and not is_sequential_string(body)
        and not PLACEHOLDER.search(body)
    )


def _private(text: str) -> Iterator[Found]:
    for begin in _PRIVATE.finditer(text):
        yield from armoured(text, begin.end(), "private key")


def _urls(text: str) -> Iterator[Found]:
    for pattern in BasicAuthDetector.denylist:
        for match in pattern.finditer(text):
            if is_password(match[1]) and not _NOWHERE.match(text, match.end()):
                yield Found(*match.span(1), "password in a URL", "x" * len(match[1]))


def _jwt(text: str) -> Iterator[Found]:
    for match in _JWT.finditer(text):
        if _is_jwt(match[1]):
            yield Found(match.start() + 3, match.end(), "JSON Web Token", _ALNUM.sub("x", match[0][3:]))


def _basic(text: str) -> Iterator[Found]:
    for match in _BASIC.finditer(text):
        try:
            decoded = b64decode(match[1] + "=" * (-len(match[1]) % 4), validate=True).decode("ascii")
        except ValueError:
            continue
        user, colon, password = decoded.partition(":")
        if user and colon and (is_password(password) or is_key(password)):
            yield Found(*match.span(1), "basic authentication", _ALNUM.sub("x", match[1]))


def _is_jwt(signed: str) -> bool:
    try:
        return bool(JwtTokenDetector.is_formally_valid(signed))
    except RecursionError:  # nested JSON
        return False


_READERS: tuple[tuple[str, Callable[[str], Iterator[Found]]], ...] = (
    ("PRIVATE KEY", _private),
    ("PuTTY-User-Key", _private),
    ("://", _urls),
    ("eyJ", _jwt),
    ("Basic ", _basic),
)
