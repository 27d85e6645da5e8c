"""Defects by cryptography that is weak, or whose outcome is not checked; most of it is a table in `forms`."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security import forms
from synthesis.mutations.security.places import CRITERION, literal, rewrites
from synthesis.mutations.trials import is_test

_FETCHES = re.compile(
    r"(?i)\b\w*(?:fetch|request|download|urlopen|connect|http|curl|client|get|post|api|open|clone)\w*\s*[(.]"
)
_URL_NAME = re.compile(r"(?i)(?:url|uri|endpoint|host|server|api|base|link|address|remote)\w*\s*(?:=|:=|:|=>)\s*$")
_URL_FIRST = re.compile(
    r"(?i)(?:fetch|request|download|urlopen|connect|curl|get|post|put|head|Uri|URI|URL|parse|clone)\w*\(\s*$"
)


@operator(CRITERION, "CWE-327, CWE-328: broken or weak cryptography", version="2", family="cryptography")
def weak_hash(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A broken hash or cipher mode stands where a sound one stood."""
    yield from rewrites(syntax, function, forms.WEAK_HASH)


@operator(CRITERION, "CWE-916, CWE-326: too little effort to guess a secret", family="cryptography")
def key_effort_lowered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A key is short, or derived from a password in so few rounds, that it can be guessed."""
    yield from rewrites(syntax, function, forms.EFFORT)


@operator(CRITERION, "CWE-338, CWE-330: weak pseudo-random number generator", version="2", family="cryptography")
def weak_random(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A predictable random source stands where a secure one stood."""
    yield from rewrites(syntax, function, forms.WEAK_RANDOM)


@operator(CRITERION, "CWE-208: observable timing discrepancy", version="2", family="cryptography")
def comparison_leaks_time(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Secrets are compared by a comparison that stops at the first difference."""
    yield from rewrites(syntax, function, forms.TIMING)


@operator(CRITERION, "CWE-295: improper certificate validation", version="2", family="cryptography", blatant=True)
def certificate_unchecked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The peer's certificate is not checked."""
    yield from rewrites(syntax, function, forms.CERTIFICATES)


@operator(CRITERION, "CWE-326, CWE-757: obsolete protocol", family="cryptography")
def protocol_downgraded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A connection may be made by a version of the protocol that is broken."""
    yield from rewrites(syntax, function, forms.PROTOCOLS)


@operator(CRITERION, "CWE-319: cleartext transmission", family="cryptography")
def transport_in_clear(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What is sent or fetched goes over the network without encryption."""
    if is_test(syntax, function) or not _FETCHES.search(syntax.text(function.body)):
        return
    for node in syntax.nodes("strings", "string", function.body):
        inside = literal(syntax, node)
        before = syntax.data[max(0, node.start_byte - 60) : node.start_byte].decode("utf-8", "replace")
        if inside is None or not re.match(r"https://\w[\w.-]*\.\w|https://['\"]?$", inside):
            continue
        if re.search(r"(?i)example|localhost|w3\.org|schema|github\.com/.*(?:issues|wiki|blob)|docs?\b|#", inside):
            continue
        if _URL_NAME.search(before) or _URL_FIRST.search(before):
            at = node.start_byte + syntax.text(node).index("https")
            yield (Edit(at, at + len("https"), "http"),)
