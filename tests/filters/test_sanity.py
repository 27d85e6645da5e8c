import pickle
import sys
from pathlib import Path

import pytest

from filters.sanity import RULES, Sanity, tokens
from parsers.parsed import parsed
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, REJECTED, pair

READABILITY = "readability_maintainability"
BEHAVIOUR = ("runtime_efficiency", "memory_efficiency", "security_hardness", "functional_correctness")


def detail(chosen: str, rejected: str, criterion: str, language: str = "Python", kind: str = "change") -> str | None:
    """Why the pair is refused; the same must hold the other way round."""
    found, other = (
        Sanity().refuse(pair(chosen=a, rejected=b, criterion=criterion, language=language, kind=kind))
        for a, b in ((chosen, rejected), (rejected, chosen))
    )
    assert (found is None) == (other is None)
    if found is None:
        return None
    assert found.reason == "claim"
    assert found.detail.startswith(f"{criterion}: the sides differ in ")
    return found.detail.partition("the sides differ in ")[2]


def test_a_good_pair_passes_before_and_after_pickling():
    assert Sanity().refuse(PAIR) is None
    copy = pickle.loads(pickle.dumps(Sanity()))
    assert copy == Sanity()
    assert copy.refuse(pair(rejected=f"# adds\n{CHOSEN}")) is not None
    with pytest.raises(ConfigError):
        validate(Sanity, {"strict": True}, "x")


@pytest.mark.parametrize("criterion", BEHAVIOUR)
@pytest.mark.parametrize(
    ("language", "chosen", "rejected"),
    [
        ("Python", CHOSEN, f"# adds\n{CHOSEN}"),
        ("Python", CHOSEN, CHOSEN.replace(":\n    result", ':\n    """Adds the values."""\n    result')),
        ("Python", CHOSEN, CHOSEN.replace("result = 0", "result=0  # the sum")),
        ("C", "int f(int a) {\n  return a;\n}\n", "/* as is */\nint f(int a)\n{\n\treturn a; // a\n}\n"),
        ("Go", "func f() int { return 1 }\n", "// f is one.\nfunc f() int { return 1 }\n"),
        ("Ruby", "def f\n  1\nend\n", "# One.\ndef f\n  1\nend\n"),
    ],
)
def test_comments_and_white_space_change_no_behaviour(criterion, language, chosen, rejected):
    assert detail(chosen, rejected, criterion, language) == "comments or white space only"
    assert detail(chosen, rejected, READABILITY, language) is None
    assert detail(chosen, rejected, criterion, language, kind="placebo") is None


def test_indentation_and_white_space_in_strings_are_code():
    inside = "for x in xs:\n    f(x)\n    g()\n"
    assert detail(inside, "for x in xs:\n    f(x)\ng()\n", "functional_correctness") is None
    assert detail("x = 'a b'\n", "x = 'ab'\n", "functional_correctness") is None


@pytest.mark.parametrize("criterion", BEHAVIOUR)
@pytest.mark.parametrize(
    ("language", "chosen", "rejected", "names"),
    [
        ("Python", CHOSEN, CHOSEN.replace("result", "res"), "result"),
        ("Python", CHOSEN, f"# adds\n{CHOSEN.replace('result', 'r')}", "result"),
        (
            "C",
            "int f(int a) {\n  int b = a;\n  return b;\n}\n",
            "int f(int x) {\n  int y = x;\n  return y;\n}\n",
            "a, b",
        ),
        ("Go", "func f(a int) int {\n\tb := a\n\treturn b\n}\n", "func f(a int) int {\n\tc := a\n\treturn c\n}\n", "b"),
    ],
)
def test_names_of_locals_change_no_behaviour(criterion, language, chosen, rejected, names):
    found = detail(chosen, rejected, criterion, language)
    assert found == f"the names of locals only: {names}" or (found or "").startswith("the names of locals only: ")
    assert detail(chosen, rejected, READABILITY, language) is None


@pytest.mark.parametrize(
    ("language", "chosen", "rejected"),
    [
        # another variable, not another name
        (
            "Python",
            "def f(a):\n    b = a\n    c = b\n    return b\n",
            "def f(a):\n    b = a\n    c = b\n    return c\n",
        ),
        ("Python", "def f():\n    b = c = 1\n    return b - c\n", "def f():\n    b = c = 1\n    return c - b\n"),
        # not a local
        ("Python", "def f(a):\n    return a.add()\n", "def f(a):\n    return a.append()\n"),
        ("Python", "def f():\n    return MAX\n", "def f():\n    return MIN\n"),
        ("C", "int f(int a) {\n  return strlcpy(a);\n}\n", "int f(int a) {\n  return strcpy(a);\n}\n"),
        # a parameter that a caller may name
        ("Python", "def f(size):\n    return size\n", "def f(length):\n    return length\n"),
        # a local takes the name of what is not one
        ("Python", "def f():\n    x = 1\n    return max(x)\n", "def f():\n    max = 1\n    return max(max)\n"),
        # a name that a version of the language reserves
        ("Java", "class A { int f() { int enum = 1; return enum; } }", "class A { int f() { int e = 1; return e; } }"),
        # a flag
        ("Java", "class A { int f() { g(true); } }", "class A { int f() { g(false); } }"),
        # the tree is broken
        ("Python", "def f(:\n    b = 1\n    return b\n", "def f(:\n    c = 1\n    return c\n"),
        ("Python", "def f():\n    b = 1\n    return b\n", "def f():\n    b = 1\n    return -b\n"),
    ],
)
def test_what_is_more_than_a_new_name_passes(language, chosen, rejected):
    for criterion in BEHAVIOUR:
        assert detail(chosen, rejected, criterion, language) is None


@pytest.mark.parametrize("criterion", ["runtime_efficiency", "memory_efficiency"])
def test_a_message_costs_the_same_whatever_it_says(criterion):
    one = 'void f(int a) {\n  log("%d read", a);\n}\n'
    assert detail(one, one.replace("read", "was read"), criterion, "C") == "a string only: '\"%d read\"'"
    assert detail(one, f"// logs\n{one.replace('read', 'seen')}", criterion, "C") is not None
    assert detail(one, one.replace("read", "seen"), "functional_correctness", "C") is None
    assert detail(one, one.replace("read", "seen"), "security_hardness", "C") is None
    assert detail("x = 100\n", "x = 100_000\n", criterion) is None
    assert detail("r = re.compile('(a+)+b')\n", "r = re.compile('a+b')\n", criterion) is None
    assert detail("q = 'select * from t'\n", "q = 'select id from t'\n", criterion) is None
    assert detail("x = f'{[a for a in b]}'\n", "x = f'{b}'\n", criterion) is None
    assert detail(one, one.replace("read", "seen").replace("log(", "print("), criterion, "C") is None


@pytest.mark.parametrize(
    ("language", "chosen", "rejected", "refused"),
    [
        ("Python", "x = f(10)\n", "x = f(11)\n", True),
        ("Python", "x = get('days')\n", "x = get('weeks')\n", True),
        ("C", "int x = 0xff;\n", "int x = 255;\n", False),
        ("C", "int x = 0xffUL;\n", "int x = 255;\n", False),
        ("C", "int x = 010;\n", "int x = 8;\n", False),
        ("C", "int x = 010;\n", "int x = 10;\n", True),
        ("Java", "class A { double x = 1e3; }", "class A { double x = 1000.0; }", False),
        ("Python", "x = 1_000\n", "x = 1000\n", False),
        ("Python", "x = 'a'\n", 'x = "a"\n', False),
        ("Python", "x = f(10)\n", "# ten\nx = f(11)\n", False),
        ("Python", "x = f(\n    10\n)\n", "x = f(11)\n", False),
        ("Python", "x = LIMIT\n", "x = 10\n", False),
        ("Python", "x = f'{a}'\n", "x = f'{b}'\n", False),
        ("Python", "x = f(10)\n", "x = f('10')\n", False),
    ],
)
def test_another_value_is_not_another_style(language, chosen, rejected, refused):
    assert (detail(chosen, rejected, READABILITY, language) is not None) is refused
    assert detail(chosen, rejected, "functional_correctness", language) is None


def test_text_without_a_grammar_passes_and_a_refused_parse_keeps_its_reason():
    assert Sanity().refuse(pair(language="NL", rejected=f"# adds\n{CHOSEN}")) is None
    found = Sanity().refuse(pair(rejected=f"{REJECTED}\0"))
    assert found is not None
    assert found.reason == "nul_bytes"
    assert Sanity().refuse(pair(chosen="", rejected="")) is not None  # nothing against nothing


def test_tokens_leave_comments_out_and_take_strings_whole():
    found = tokens(parsed("Python", 'def f():\n    """Doc."""\n    return "a b" + f"{x}" + 1  # c\n'))
    assert [token.text for token in found] == ["def", "f", "(", ")", ":", "return", '"a b"', "+", 'f"{x}"', "+", "1"]
    assert [token.whole for token in found if token.kind == "string"] == [True, False]


def test_every_criterion_of_code_has_rules_and_others_have_none():
    assert set(RULES) == {READABILITY, *BEHAVIOUR}
    assert Sanity().refuse(pair(rejected=f"# adds\n{CHOSEN}", criterion="helpfulness")) is None


def test_a_long_pair_ends():
    lines = [f"    x{i} = {i}" for i in range(3_000)]
    code = "def f():\n" + "\n".join(lines) + "\n"
    assert detail(code, code.replace("x7 =", "y7 ="), "functional_correctness") is not None
    assert detail(code, code.replace("= 7\n", "= 8\n"), READABILITY) is not None
