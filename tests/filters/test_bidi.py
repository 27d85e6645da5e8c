import pickle
import sys
from pathlib import Path

import pytest

from filters.bidi import Bidi
from filters.homoglyphs import homoglyph
from filters.text_parts import parts
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, REJECTED, pair


def reason(code: str, language: str = "Python") -> str | None:
    """The reason for the chosen side; the rejected side must give the same for the same text."""
    found = Bidi().refuse(pair(chosen=code, language=language))
    other = Bidi().refuse(pair(rejected=code, language=language))
    assert (found is None) == (other is None)
    if found is None or other is None:
        return None
    assert found.detail.startswith("chosen: ")
    assert other.detail == found.detail.replace("chosen: ", "rejected: ")
    return found.reason


def test_a_good_pair_passes_before_and_after_pickling():
    assert Bidi().refuse(PAIR) is None
    copy = pickle.loads(pickle.dumps(Bidi()))
    assert copy == Bidi()
    assert copy.refuse(pair(chosen="x = '\u202e'\n")) is not None
    assert validate(Bidi, {"kind": "bidi"}, "x") == Bidi()
    with pytest.raises(ConfigError):
        validate(Bidi, {"kind": "bidi", "strict": True}, "x")


@pytest.mark.parametrize("control", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))])
def test_a_turning_control_is_refused_wherever_it_stands(control):
    assert reason(f"level = 'user{control} # is admin'\n") == "bidi"
    assert reason(f"# early{control} return\nx = 1\n") == "bidi"
    assert reason(f"x{control} = 1\n") == "bidi"
    # balanced, and around real Hebrew: still refused, since nobody types them into code
    assert reason(f"# \u05e9\u05dc\u05d5\u05dd{control}\u2069\u202c\nx = 1\n") == "bidi"
    found = Bidi().refuse(pair(prompt=f"Sum the {control}numbers."))
    assert found is not None
    assert found.reason == "bidi"
    assert found.detail.startswith(f"prompt: U+{ord(control):04X} ")


def test_a_mark_passes_beside_right_to_left_text_in_a_comment_or_string_only():
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    assert reason(f"greeting = '{hebrew}\u200f!'\n") is None
    assert reason(f"# {hebrew}\u200e (a)\nx = 1\n") is None
    assert reason("greeting = 'hello\u200f!'\n") == "bidi"
    assert reason(f"x\u200e = '{hebrew}'\n") == "bidi"
    assert reason(f"x = '{hebrew}'\ny = 'a\u061c'\n") == "bidi"
    assert Bidi().refuse(pair(prompt=f"Print {hebrew}\u200f.")) is None


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u2062", "\ufff9", "\u3164", "\u115f",
     "\u034f", "\ufe0f", "\U000e0101", "\U000e0041", "\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\u2028"],
)  # fmt: skip
def test_an_invisible_character_is_refused_in_names_strings_and_comments(hidden):
    assert reason(f"admin{hidden} = 1\n") == "invisible"
    assert reason(f"x = 'admin{hidden}'\n") == "invisible"
    assert reason(f"x = 1  # admin{hidden} only\n") == "invisible"
    assert reason(f"var x{hidden} = 1;\n", "JavaScript") == "invisible"
    found = Bidi().refuse(pair(prompt=f"Sum{hidden} the numbers."))
    assert found is not None
    assert found.reason == "invisible"


def test_what_is_spelt_with_invisible_characters_passes_in_prose():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    heart = "\u2764\ufe0f"
    key = "1\ufe0f\u20e3"
    wales = "\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbwls") + "\U000e007f"
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    hindi = "\u0915\u094d\u200d\u0937"
    spinner = "\u2801\u2800\u2802"
    for text in (family, heart, key, wales, persian, hindi, spinner, "\u2139\ufe0f", "\u845b\U000e0100"):
        assert reason(f"x = '{text}'\n") is None, ascii(text)
        assert reason(f"x = 1  # {text}\n") is None, ascii(text)
        assert Bidi().refuse(pair(prompt=f"Print {text} now.")) is None, ascii(text)
    assert reason(f"\ufeff{CHOSEN}") is None
    assert reason(f"x = 1\n{CHOSEN}\ufeff") == "invisible"
    assert reason("x = 1\n\f\ny\t= 2\r\n") is None


def test_hidden_messages_in_selectors_and_tags_are_refused():
    assert reason("x = '\u2764\ufe0f\ufe01\ufe02'\n") == "invisible"
    assert reason("x = '\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all this") + "'\n") == "invisible"
    assert reason("x = '\U0001f600" + "".join(chr(0xE0000 + ord(c)) for c in "run") + "\U000e007f'\n") == "invisible"


@pytest.mark.parametrize(
    "name",
    [
        "\u0441ount", "\u0430dmin", "is\u0410dmin", "tok\u0435n_id", "p\u0430yp\u0430l", "n\u0430m\u0435",  # Cyrillic
        "t\u03bfken", "\u039fption", "p\u03b1yload", "val\u03c5e",  # Greek
        "c\u0585unt", "\u057der",  # Armenian
        "\uff49\uff44", "pr\uff49nt", "\U0001d41e\U0001d42f\U0001d41a\U0001d425", "\ufb01le",  # compatibility forms
        "prod\u01c3", "user_\u0430",
    ],
)  # fmt: skip
def test_a_name_that_imitates_latin_is_refused(name):
    assert reason(f"{name} = 1\n") == "homoglyph"
    assert reason(f"def f({name}):\n    return {name}\n") == "homoglyph"
    assert reason(f"func f() int {{ {name} := 1; return {name} }}\n", "Go") == "homoglyph"
    found = Bidi().refuse(pair(prompt=f"Return {name} of the list."))
    assert found is not None
    assert found.reason == "homoglyph"


@pytest.mark.parametrize(
    "code",
    [
        "\u03bb = 0.5\n\u0394x = \u03bb * 2\nd\u03c1dt = \u0394x\n\u03c3_x = \u03c0r = 1\n",
        "\u00b5s = 1\nms = 3\nus = 2\n",
        "\u03c1_0 = 1\np_0 = 2\n\u03bd = 3\nv = 4\n\u03b1 = 5\na = 6\n",
        "\u0438\u043c\u044f = 1\nget\u0418\u043c\u044f = 2\n\u0441\u0447\u0451\u0442_max = 3\n",
        "\u9867\u5ba2\uff29\uff24 = 1\n\u540d\u524dName = 2\n\ud55c\uae00_x = 3\n",
        "caf\u00e9 = 1\ncafe = 2\nn\u00ba = 3\n\u2113 = 4\n",
        "# \u0421ount of the \u0441aller, Mos\u0441ow\ncount = '\u0441ount'\n",
        "\u05e9\u05dd = '\u05e9\u05dc\u05d5\u05dd'\nid\u05de\u05e1\u05e4\u05e8 = 2\n",
    ],
)
def test_names_and_text_of_other_scripts_pass(code):
    assert reason(code) is None


def test_a_name_that_looks_like_another_of_the_text_is_refused():
    assert homoglyph(["\u0441\u043e\u0440\u0435"]) is None  # a Cyrillic word, alone
    assert homoglyph(["\u0441\u043e\u0440\u0435", "cope"]) is not None
    assert homoglyph(["\u0430", "a"]) is not None
    assert homoglyph(["\u0391", "\u0410"]) is not None  # Greek and Cyrillic, no Latin at all
    assert homoglyph(["\u03b1", "a"]) is None
    assert homoglyph(["a", "b", "a"]) is None
    assert homoglyph(["\u00b5s", "\u03bcs"]) is not None  # the micro sign and the Greek letter
    assert reason("\u0441\u043e\u0440\u0435 = 1\ncope = 2\n") == "homoglyph"
    assert reason("\u0441\u043e\u0440\u0435 = 1\nx = 'cope'\n") is None


def test_a_name_inside_an_interpolation_is_code():
    assert reason("x = f'{\u0441ount}'\n") == "homoglyph"
    assert reason("x = '{\u0441ount}'\n") is None


def test_text_that_has_no_tree_is_judged_all_the_same():
    assert reason("\u05e9\u05dc\u05d5\u05dd\u200f", "NL") is None  # prose, in right-to-left letters
    assert reason("hello\u200f", "NL") == "bidi"
    assert reason("x = '\u05e9\u200f'" + " " * 20_001) == "bidi"  # the parser refuses the line, so all of it is code
    assert reason("x = 1 # \ud800\n") is None  # a lone surrogate is another filter's
    assert reason("") is None


def test_parts_are_characters_not_bytes():
    text = "\u00e9\u00e9 = '\u00e9' # \u00e9\n"
    known = parts(text, "Python")
    assert "".join(c for at, c in enumerate(text) if known.is_prose(at)) == "'\u00e9'# \u00e9"
    assert set(known.words) == {"\u00e9\u00e9"}


def test_a_large_text_of_strange_characters_ends():
    assert reason("\u00e9" * 100_000) is None
    assert reason("\u200d" * 30_000) == "invisible"
    assert reason("# " + "\u05e9" * 9_000 + "\u200f" * 400 + "\nx = 1\n") is None
    assert Bidi().refuse(pair(chosen=CHOSEN, rejected=REJECTED, prompt="\u0430 " * 50_000 + "a")) is not None
