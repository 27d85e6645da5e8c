from filters.masking import Found, armoured, masked, monotonous, ordered, put
from filters.personal_data import PersonalData
from filters.redact import REDACTORS
from filters.secrets import Secrets
from tests.filters.pairs import PAIR, pair

TOKEN = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def test_what_lineage_names_can_be_done_again() -> None:
    text = f"# ada@byron.io wrote {TOKEN}\n"
    start = pair(prompt=PAIR.prompt + text, chosen=PAIR.chosen + text, rejected=text)
    end = PersonalData().mend(Secrets(action="redact").mend(start))
    assert len(end.steps) == len(start.steps) + 6
    for side in ("prompt", "chosen", "rejected"):
        again = getattr(start, side)
        for step in end.steps[len(start.steps) :]:
            if step.side == side:
                again, spans = REDACTORS[step.name](again)
                assert (spans, str(len(spans))) == (step.spans, dict(step.parameters)["count"])
        assert again == getattr(end, side) != getattr(start, side)


def test_each_filter_that_redacts_has_a_redactor() -> None:
    assert set(REDACTORS) == {f"redact/{Secrets().kind}", f"redact/{PersonalData().kind}"}


def test_a_pair_that_nothing_changes_is_returned_itself() -> None:
    assert masked(PAIR, "x", "1", lambda text: (text, ())) is PAIR
    changed = masked(PAIR, "x", "2", lambda text: (text + "!", ((0, 1),)))
    assert [(s.side, s.name, s.version) for s in changed.steps[1:]] == [
        (side, "redact/x", "2") for side in ("prompt", "chosen", "rejected")
    ]


def test_finds_that_overlap_are_cut() -> None:
    found = (Found(4, 9, "b", "xxxxx"), Found(0, 6, "a", "xxxxxx"), Found(1, 3, "c", "xx"), Found(8, 20, "d", "short"))
    assert ordered(found) == (Found(0, 6, "a", "xxxxxx"), Found(6, 9, "b", "xxx"))


def test_spans_are_bytes_of_the_text_before() -> None:
    text = "é\ud800 one 𝔘two"
    clean, spans = put(text, (Found(3, 6, "a", "1"), Found(8, 11, "b", "22222")))
    assert clean == "é\ud800 1 𝔘22222"
    data = text.encode("utf-8", "surrogatepass")
    assert [data[a:b] for a, b in spans] == [b"one", b"two"]
    assert put(text, ()) == (text, ())


def test_an_armoured_key_ends_where_its_lines_end() -> None:
    body = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789+/AbCdEfGhIjKlMnOpQrStUvWxYz"
    text = f"{body}\n{body}\n\n{' ' * 150}{body}"
    assert [(f.start, f.end) for f in armoured(text, 0, "key")] == [(0, 64), (65, 129)]
    assert list(armoured(body[:40], 0, "key")) == []


def test_what_is_monotonous() -> None:
    assert monotonous("xxxxxxxx") and monotonous("0" * 32) and monotonous("abABabAB")
    assert not monotonous("Zk8-vRq2w") and not monotonous("0123456789abcdef")
