import ast
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.personal_data import ADDRESS_4, ADDRESS_6, PHONE, PersonalData, find, redact
from tests.filters.pairs import PAIR, pair

MAILBOX = "name@example.com"
KEY = "AAAAB3NzaC1yc2EAAAADAQABAAABgQDZ0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
PGP = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 1\n\n"
    + "mQENBFabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUV\n" * 3
    + "=AbCd\n-----END PGP PUBLIC KEY BLOCK-----"
)

PERSONAL = {
    "# Written by Ada Byron <ada.byron@analytical.org>": f"# Written by Ada Byron <{MAILBOX}>",
    '__author_email__ = "me@adabyron.org"': f'__author_email__ = "{MAILBOX}"',
    "// contact: ada+code@dept.cam.ac.uk, thanks": f"// contact: {MAILBOX}, thanks",
    "mailto:ada@byron.io?subject=x": f"mailto:{MAILBOX}?subject=x",
    "Contact ada@byron.io.": f"Contact {MAILBOX}.",
    "Contact ada@byron.io: she knows": f"Contact {MAILBOX}: she knows",
    "jürgen@müller.de": MAILBOX,
    "ada@mail.ru": MAILBOX,
    'host = "61.32.43.54"': f'host = "{ADDRESS_4}"',
    "http://61.32.43.54:8080/a": f"http://{ADDRESS_4}:8080/a",
    "ping 61.32.43.54.": f"ping {ADDRESS_4}.",
    'ip = "2a00:23c7:c60f:4f01:ba43:6d5a:e648:7577"': f'ip = "{ADDRESS_6}"',
    "http://[2a03:b0c0:3:f0::cf2:4]:80/": f"http://[{ADDRESS_6}]:80/",
    'phone: "+49 30 9018 20 55"': f'phone: "{PHONE}"',
    'tel = "+1 (415) 867-5309"': f'tel = "{PHONE}"',
    'tel = "+14158675309"': f'tel = "{PHONE}"',
    "tel:+1-816-867-5309,": f"tel:{PHONE},",
}

HARMLESS = (
    "ada@example.com, ada@mail.example.org, ada@corp.test, ada@x.invalid, ada@localhost",
    "noreply@byron.io, no-reply@byron.io, 17+ada@users.noreply.github.com",
    "support@byron.io security@byron.io webmaster@byron.io linux-kernel@vger.kernel.org python-dev@python.org",
    "git clone git@github.com:ada/engine.git",
    "scp ada@byron.io:engine.tar . && ssh ada@byron.io",
    "deploy@byron.io:/srv/www",
    "https://ada:pw@byron.io/x ftp://ada@byron.io/",
    "npm install left-pad@1.3.0 lodash@4.17.21 @types/node@20.1.0 vite@latest",
    "@app.route('/x')\n@property\nclass A: pass",
    "y = a@b.T; z = w@self.weight; v = q@k.mT",
    'src = "logo@2x.png logo@3x.jpg"',
    "user@domain.com your.name@company.com foo@bar.com",
    '"aes256-gcm@openssh.com"',
    "$name@byron.io %s@byron.io {user}@byron.io",
    '"<20160101120000.1234567@byron.io>" <473FF3B8.9020707@byron.io>',
    "10.0.0.1 172.16.3.4 192.168.1.1 127.0.0.1 0.0.0.0 255.255.255.0 169.254.1.1 224.0.0.1 100.64.1.2",
    "192.0.2.44 198.51.100.7 203.0.113.9 1.2.3.4 11.11.11.11 123.123.123.123 8.8.8.8 1.1.1.1",
    'version = "61.32.43.54"',
    '[assembly: AssemblyVersion("61.32.43.54")]',
    "Chrome/61.32.43.54 Safari/537.36",
    "see section 61.32.43.54 of it, v61.32.43.54, x>=61.32.43.54",
    "61.32.43.0 61.32.0.0/16 61.32.43.54/24 61.32.43.54.99 1.61.32.43.54 961.32.43.54 061.32.43.54",
    "::1 fe80::1 ff02::1 2001:db8::1 2001:db8:85a3::8a2e:370:7334 3fff::1 fd12:3456::1 2001:4860:4860::8888",
    "std::vector a::b::c dead::beef 2023:10:11 2a00:23c7::/32 12:34:56",
    "+1-202-555-0100 +12025550123 +1 555 555 5555 +1234567890123 +0000 +1.25 +3.1415926535897",
    "x = a +14158675309\ny = a+14158675309",
    "ssh-rsa AAAAB3Nza... ssh-ed25519 AAAA",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_what_names_a_person_is_replaced(text: str) -> None:
    clean, spans = redact(text)
    assert clean == PERSONAL[text] and len(spans) == 1
    assert redact(clean) == (clean, ())


@pytest.mark.parametrize("text", HARMLESS)
def test_what_names_nobody_stays(text: str) -> None:
    assert [text[f.start : f.end] for f in find(text)] == []


@pytest.mark.parametrize(
    "text", [f"ssh-rsa {KEY} laptop", PGP, PGP.replace("PUBLIC", "PRIVATE"), f'k = "ssh-ed25519 {KEY}"']
)
def test_keys_lose_their_material_and_keep_their_lines(text: str) -> None:
    clean, spans = redact(text)
    assert spans and len(clean) == len(text) and clean.count("\n") == text.count("\n")
    assert "uvwxyz" not in clean and redact(clean) == (clean, ())


def test_the_same_placeholder_for_each_of_a_kind() -> None:
    clean, spans = redact("é ada@byron.io, grace@hopper.org 61.32.43.54\n")
    assert clean == f"é {MAILBOX}, {MAILBOX} {ADDRESS_4}\n"
    assert spans == ((3, 15), (17, 33), (34, 45))


def test_code_stays_code() -> None:
    code = '# ada@byron.io\nHOST = "61.32.43.54"  # or +49 30 9018 2055\nTO = f"{x} <ada@byron.io>"\nz = A@B.id\n'
    clean, spans = redact(code)
    assert len(spans) == 4 and ast.unparse(ast.parse(clean)).splitlines()[-1] == "z = A @ B.id"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([*PERSONAL, *HARMLESS, PGP, KEY]), st.text("a1.:@+-/ \ud800\n", max_size=9))))
def test_twice_is_as_good_as_once(parts: list[str]) -> None:
    clean, _ = redact("".join(parts))
    assert redact(clean) == (clean, ())


def test_redacts_by_default_and_says_what_was_done() -> None:
    line = "# ada@byron.io\n"
    filter_ = pickle.loads(pickle.dumps(PersonalData()))
    mended = filter_.mend(
        pair(prompt=f"{PAIR.prompt} Ask ada@byron.io or grace@hopper.org.", chosen=line + PAIR.chosen)
    )
    assert mended.prompt == f"{PAIR.prompt} Ask {MAILBOX} or {MAILBOX}."
    assert mended.chosen == f"# {MAILBOX}\n{PAIR.chosen}" and mended.rejected is PAIR.rejected
    assert mended.steps[:1] == PAIR.steps
    assert [(s.side, s.name, s.version, s.parameters) for s in mended.steps[1:]] == [
        ("prompt", "redact/personal_data", "1", (("count", "2"),)),
        ("chosen", "redact/personal_data", "1", (("count", "1"),)),
    ]
    assert mended.steps[2].spans == ((2, 14),)
    assert filter_.refuse(mended) is None
    assert filter_.mend(mended) is mended and filter_.mend(PAIR) is PAIR


def test_drops_where_told_to_and_quotes_nothing() -> None:
    changed = pair(rejected=PAIR.rejected + "# ada@byron.io, 61.32.43.54")
    filter_ = PersonalData(action="drop")
    assert filter_.mend(changed) is changed
    refusal = filter_.refuse(changed)
    assert refusal == ("personal_data", "rejected: e-mail address, 2 finds, none allowed")
    assert filter_.refuse(PAIR) is None


@pytest.mark.parametrize(
    "text",
    [
        *("a@" * 200_000, "1." * 200_000, "a@b." * 100_000, "+1 " * 100_000, "2001:" * 80_000, "a@" + "a-" * 200_000),
        *("ssh-rsa AAAA" * 50_000, "\ud800@" * 100_000, ":" * 400_000, "BEGIN PGP PUBLIC KEY BLOCK-----" * 20_000),
    ],
    ids=lambda t: repr(t[:10]),
)
def test_runs_made_to_take_long_hold_nothing(text: str) -> None:
    assert find(text) == ()
