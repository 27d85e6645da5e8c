"""Personal data: e-mail addresses of people, public addresses of machines, telephone numbers, keys that name a person.

What names nobody stays: documentation and private ranges, role addresses, lists, versions, resolvers everybody uses.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from typing import Literal

from filters.base import Filter, Refusal
from filters.mailbox import mailboxes
from filters.masking import SIDES, Found, armoured, masked, monotonous, ordered, put
from schemas.provenance import Span
from schemas.records import Pair

VERSION = "1"

ADDRESS_4 = "192.0.2.1"
"""Of the block that RFC 5737 keeps for documentation."""

ADDRESS_6 = "2001:db8::1"
"""Of the block that RFC 3849 keeps for documentation."""

PHONE = "+12025550100"
"""Of the numbers that the North American plan keeps for fiction (555-0100 to 555-0199)."""

SMALL = 32
"""Four numbers that are all below this are a version, a section or an invented address, and stay."""

_RESOLVERS = frozenset(
    ("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222", "208.67.220.220",
     "4.2.2.1", "4.2.2.2", "169.254.169.254", "168.63.129.16", "114.114.114.114",
     "2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001", "2620:fe::fe")
)  # fmt: skip
"""Public resolvers and clouds' metadata: constants of the network, which name no person."""

_DOCUMENTATION_6 = IPv6Network("3fff::/20")  # RFC 9637; newer than the standard library's table
_GLOBAL_6 = IPv6Network("2000::/3")
_IP4 = re.compile(r"\d(?<![\w.+-]\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}(?![\w-]|\.\d|/(?:[0-9]|1\d|2[0-7])(?!\d))")
_IP6 = re.compile(r"[23](?<![\w:.].)[0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,35}(?![\w:.]|/\d)")
_VERSION = re.compile(
    r"(?:version|\bver|release|section|§|rfc|\boid|assembly|revision|build|since|user-?agent|chrome|\bv)\W{0,40}(?:\w{1,20}\W{1,5}){0,3}$"
    r"|[A-Za-z_]/$|[<>=~^]=?\s?$|\bv$",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"\+(?<![\w+).\]]\+)(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[235-9]\d\d)"
    r"(?:[ .-]?\(?\d{1,5}\)?){2,6}(?![\w-]|\.\d)"
)
_GROUPS = re.compile(r"\d+")
_PGP = re.compile(
    r"BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----|BEGIN OPENSSH PRIVATE KEY-----|BEGIN SSH2 PUBLIC KEY ----"
)
_SSH = re.compile(
    r"(?<![\w-])(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-[\w-]{3,30}@openssh\.com)\s{1,4}"
    r"AAAA([A-Za-z0-9+/]{60,20000}={0,3})"
)


class PersonalData(Filter):
    """Pairs with personal data in the prompt or either side.

    Attributes:
        action: `redact` them: each value becomes a fixed one of the kind, kept for documentation; or `drop` such pairs.
    """

    kind: Literal["personal_data"] = "personal_data"
    action: Literal["drop", "redact"] = "redact"

    def mend(self, pair: Pair) -> Pair:
        """The pair without personal data, where it is to be redacted."""
        return masked(pair, self.kind, VERSION, redact) if self.action == "redact" else pair

    def refuse(self, pair: Pair) -> Refusal | None:
        """`personal_data`, where pairs with some are to be dropped; the detail never quotes it."""
        if self.action == "redact":
            return None
        for side in SIDES:
            found = find(getattr(pair, side))
            if found:
                return Refusal("personal_data", f"{side}: {found[0].kind}, {len(found)} finds, none allowed")
        return None


def redact(text: str) -> tuple[str, tuple[Span, ...]]:
    """`text` with a placeholder for each find, and their byte ranges in `text`. Twice is as good as once."""
    return put(text, find(text))


def find(text: str) -> tuple[Found, ...]:
    """The personal data in `text`, in order."""
    found = list(_addresses_4(text))
    if ":" in text:
        found += _addresses_6(text)
    if "@" in text:
        found += mailboxes(text)
    if "+" in text:
        found += _phones(text)
    if "BEGIN " in text or " AAAA" in text:
        found += _keys(text)
    return ordered(found)


def _addresses_4(text: str) -> Iterator[Found]:
    for match in _IP4.finditer(text):
        value = match[0]
        try:
            address = IPv4Address(value)
        except AddressValueError:
            continue
        parts = address.packed
        invented = max(parts) < SMALL or len(set(parts)) < 3 or value in _RESOLVERS
        if invented or not address.is_global or address.is_multicast or parts[3] == 0:
            continue
        line = text.rfind("\n", max(0, match.start() - 60), match.start()) + 1
        if not _VERSION.search(text[line or max(0, match.start() - 60) : match.start()]):
            yield Found(*match.span(), "IPv4 address", ADDRESS_4)


def _addresses_6(text: str) -> Iterator[Found]:
    for match in _IP6.finditer(text):
        value = match[0]
        try:
            address = IPv6Address(value)
        except AddressValueError:
            continue
        invented = address in _DOCUMENTATION_6 or str(address) in _RESOLVERS
        if address.is_global and address in _GLOBAL_6 and not address.is_multicast and not invented:
            yield Found(*match.span(), "IPv6 address", ADDRESS_6)


def _phones(text: str) -> Iterator[Found]:
    for match in _PHONE.finditer(text):
        value = match[0]
        groups = _GROUPS.findall(value)
        digits = "".join(groups)
        if not 10 <= len(digits) <= 15 or _invented_number(digits):
            continue
        apart = len(groups) >= 3 and max(map(len, groups)) <= 8 and value.count(".") != 1
        marked = (
            text[match.start() - 1 : match.start()] in ("'", '"', ":", ">", "`") and text[match.end() : match.end() + 1]
        )
        if apart or (len(groups) == 1 and marked in ("'", '"', "<", "`", ">", ",", ";", "?")):
            yield Found(*match.span(), "telephone number", PHONE)


def _invented_number(digits: str) -> bool:
    """Whether a number is one of those kept for fiction, or made of one digit or a run."""
    return (
        "55501" in digits[-8:]
        or digits.endswith("5551212")
        or "5555555" in digits
        or "1234567" in digits
        or "2345678" in digits
        or len(set(digits[-7:])) < 3
    )


def _keys(text: str) -> Iterator[Found]:
    for begin in _PGP.finditer(text):
        yield from armoured(text, begin.end(), "armoured key")
    for match in _SSH.finditer(text):
        if not monotonous(match[1]):
            yield Found(*match.span(1), "SSH key", "x" * len(match[1]))
