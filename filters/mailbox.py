"""E-mail addresses of people, without what only looks like one: decorators, remotes, packages, roles, examples."""

import re
from collections.abc import Iterator

from filters.masking import Found

MAILBOX = "name@example.com"
"""At a domain that RFC 2606 keeps for documentation."""

MAX_LOCAL = 64
"""Characters before the `@` (RFC 5321, 4.5.3.1.1)."""

MAX_DOMAIN = 253
"""Characters after the `@` (RFC 1035, 2.3.4, without the dot at the end)."""

_LOCAL = re.compile(r"[\w.+-]+")  # of the text before the `@`, backwards
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@-])")
_COUNTRIES = frozenset(
    """
    ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd
    cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd
    ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hn hr ht hu ie il im in io iq ir is it je jm jo jp ke kg kh ki
    km kn kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mk ml mm mn mo mp mq mr ms mt mu mv mw mx my
    mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw qa re ro rs ru rw sa sb sc sd
    se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy
    uz va vc ve vg vi vn vu wf ws ye yt za zm zw
    """.split()  # noqa: SIM905 - a list would be a page long
)
"""Two-letter top-level domains (ISO 3166-1, with `ac`, `eu`, `su`, `uk`), without `py`, which ends files here."""

_GENERIC = frozenset(
    """
    com org net edu gov mil int info biz name pro dev app xyz tech online site cloud email company software
    engineering systems solutions digital agency studio design blog page life live world today space website
    network international academy center technology works group team codes computer consulting media news one ninja
    guru rocks berlin london paris amsterdam nyc tokyo moscow cat asia jobs mobi museum travel tel aero coop google
    apple
    """.split()  # noqa: SIM905 - a list would be a page long
)
"""Those of the other top-level domains that people have their mail at."""

_EXAMPLE = re.compile(
    r"(?:^|[.-])example[.-]|(?:^|\.)(?:example|test|invalid|localhost|local|internal|lan)$|(?:^|\.)example\.\w+$|(?:^|\.)example\.\w\w\w?\.\w\w$"
    r"|^(?:foo|bar|baz|qux|test|testing|domain|mydomain|yourdomain|somedomain|otherdomain|company|yourcompany|mycompany|host"
    r"|myhost|somehost|server|site|mysite|website|acme|some|abc|xyz|x{3,}|aaa|bbb|a|b|c|d|x|y|z|contoso|fabrikam"
    r"|mailinator|samples?|demo|fake|dummy|placeholder|noreply|nowhere|somewhere|address|provider|your-?\w*)\.\w{2,4}$"
    r"|noreply|no-reply|^lists?\.|[.]lists?\.|^googlegroups\.com$|^e?mail\.com$|^openssh\.com$|^(?:libssh|lysator\.liu\.se)"
)
_ROLE = re.compile(
    r"(?:no-?_?reply|do-?not-?reply|git|hg|svn|bzr|cvs|root|admin|administrator|webmaster|postmaster|hostmaster|abuse|info"
    r"|support|security|contact|sales|help|helpdesk|office|press|privacy|legal|marketing|feedback|billing|hello|team|dev"
    r"|devel|developers?|maintainers?|authors?|users?|username|user\d*|name|firstname|first\.last|your|yourname|your\.name|you"
    r"|someone|somebody|nobody|anybody|anyone|email|e-mail|mail|mailer-daemon|daemon|www|ftp|anonymous|guest|test|tests|tester"
    r"|testing|foo|bar|baz|foobar|example|sample|dummy|fake|demo|placeholder|jenkins|buildbot|bot|ci|bugs?|issues?|nospam"
    r"|john|jane|john\.?doe|jane\.?doe|johndoe|alice|bob|joe|a|b|c|x|y|z|addr|address|sender|recipient|from|to"
    r"|.*-(?:dev|devel|users?|list|lists|announce|bugs|discuss|help|request|owner|bounces|commits|maintainers)"
    r"|opensource|open-source|oss|github|gitlab|linux-.*|bug-.*|.*\[bot\]|copyright|license|licensing|trademarks?"
    r"|(?:test|user|foo|bar|sample|example)[._-]?\w{0,12})"
)
_MESSAGE = re.compile(r"[0-9A-Fa-f.$-]{12,}")  # the id of a message
_REMOTE = re.compile(r"\b(?:ssh|scp|sftp|rsync|git\+ssh|mosh)\b[^\n'\"]{0,30}$")
_SPECIFIC = re.compile(r":[\w./~-]")


def mailboxes(text: str) -> Iterator[Found]:
    """The addresses of people in `text`; linear, as each `@` looks at a bounded stretch."""
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.match(text[max(0, at - MAX_LOCAL) : at][::-1])
        domain = _DOMAIN.match(text, at + 1, at + 1 + MAX_DOMAIN) if local else None
        if local and domain:
            start = at - len(local[0].rstrip("._+-"))
            name = local[0].rstrip("._+-")[::-1]
            if _is_person(name, domain[0].lower()) and not _is_other(text, start, domain.end()):
                yield Found(start, domain.end(), "e-mail address", MAILBOX)
        at = text.find("@", at + 1)


def _is_person(name: str, domain: str) -> bool:
    *labels, top = domain.split(".")
    if top not in (_COUNTRIES if len(top) == 2 else _GENERIC) or (len(labels[-1]) < 2 and len(name) < 3):
        return False
    if labels[0].isdigit() or not any(map(str.isalpha, name)):
        return False
    if _MESSAGE.fullmatch(name):
        return False
    return not _EXAMPLE.search(domain) and not _ROLE.fullmatch(name.lower())


def _is_other(text: str, start: int, end: int) -> bool:
    """Whether the place says that it is a login at a host, a part of a URL or of a template, no address."""
    before = text[max(0, start - 40) : start]
    if before[-1:] in ("/", "$", "%", "}", "@", "\\", "&") or (before.endswith(":") and "://" in before):
        return True
    return _SPECIFIC.match(text, end) is not None or _REMOTE.search(before) is not None
