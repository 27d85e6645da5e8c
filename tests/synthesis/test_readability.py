"""Operators of readability: what each makes of real shapes, and what holds for every mutant."""

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import error_bytes, parse
from synthesis.mutations.operator import Mutant, Operator, apply, inverse, mutants
from synthesis.mutations.readability import operators as readability

OPERATORS = {o.name: o for o in vars(readability).values() if isinstance(o, Operator)}


def made(name: str, language: str, code: str) -> list[str]:
    return [m.code for m in mutants(language, code, (OPERATORS[name],))]


EXAMPLES = [
    (
        "names_shortened",
        "Python",
        "def f(rows):\n    result = []\n    for entry in rows:\n        result.append(entry.result)\n"
        "    return result\n",
        "def f(rows):\n    r = []\n    for e in rows:\n        r.append(e.result)\n    return r\n",
    ),
    (
        "names_shortened",
        "Java",
        "int f(int[] xs) {\n    int lastIndex = xs.length;\n    this.lastIndex = lastIndex;\n"
        "    return lastIndex;\n}\n",
        "int f(int[] xs) {\n    int l = xs.length;\n    this.lastIndex = l;\n    return l;\n}\n",
    ),
    (
        "names_misleading",
        "Go",
        "func f(queue []int) int {\n\tsize := len(queue)\n\treturn size\n}\n",
        "func f(queue []int) int {\n\tsize_queue := len(queue)\n\treturn size_queue\n}\n",
    ),
    (
        "comments_removed",
        "C",
        "int f(int x) {\n    // the caller owns it\n    g(x); /* may fail silently */\n    return x;\n}\n",
        "int f(int x) {\n    g(x);\n    return x;\n}\n",
    ),
    (
        "comments_removed",
        "Ruby",
        "def f(x)\n  # first of all\n  # the lock\n  lock(x)\n  x\nend\n",
        "def f(x)\n  lock(x)\n  x\nend\n",
    ),
    (
        "documentation_removed",
        "Python",
        'def f(x):\n    """Say what it is for."""\n    return x\n',
        "def f(x):\n    return x\n",
    ),
    (
        "documentation_removed",
        "Go",
        "// Len gives the number of jobs.\nfunc Len(x []int) int {\n\treturn len(x)\n}\n",
        "func Len(x []int) int {\n\treturn len(x)\n}\n",
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(a, b):\n    width = a + b\n    return 2 * width\n",
        "def f(a, b):\n    return 2 * (a + b)\n",
    ),
    (
        "explanation_inlined",
        "JavaScript",
        "function f(a) {\n  const most = 86400;\n  if (a > most) {\n    return most;\n  }\n  return a;\n}\n",
        "function f(a) {\n  if (a > 86400) {\n    return 86400;\n  }\n  return a;\n}\n",
    ),
    (
        "explanation_inlined",
        "C++",
        "int f(int a) {\n  int half = a / 2;\n  return g(half);\n}\n",
        "int f(int a) {\n  return g(a / 2);\n}\n",
    ),
    (
        "expression_repeated",
        "C#",
        "int F(int a, int b)\n{\n    int gap = a - b * 2;\n    Log(gap);\n    return gap + 1;\n}\n",
        "int F(int a, int b)\n{\n    Log(a - b * 2);\n    return (a - b * 2) + 1;\n}\n",
    ),
    (
        "else_after_exit",
        "Python",
        "def f(a):\n    if not a:\n        return 0\n\n    b = g(a)\n    return b\n",
        "def f(a):\n    if not a:\n        return 0\n    else:\n        b = g(a)\n        return b\n",
    ),
    (
        "else_after_exit",
        "Ruby",
        "def f(a)\n  return unless a\n\n  g(a)\nend\n",
        "def f(a)\n  unless a\n    return\n  else\n    g(a)\n  end\nend\n",
    ),
    (
        "else_after_exit",
        "C#",
        "int F(int a)\n{\n    if (a == 0)\n    {\n        return 1;\n    }\n    G(a);\n    return a;\n}\n",
        "int F(int a)\n{\n    if (a == 0)\n    {\n        return 1;\n    }\n    else\n    {\n        G(a);\n"
        "        return a;\n    }\n}\n",
    ),
    (
        "guard_nested",
        "Go",
        "func f(a int) int {\n\tif a == 0 {\n\t\treturn 1\n\t}\n\tg(a)\n\treturn a\n}\n",
        "func f(a int) int {\n\tif a != 0 {\n\t\tg(a)\n\t\treturn a\n\t} else {\n\t\treturn 1\n\t}\n}\n",
    ),
    (
        "guard_nested",
        "Python",
        "def f(a, b):\n    if a and b:\n        return 1\n    g(a)\n    return a\n",
        "def f(a, b):\n    if not (a and b):\n        g(a)\n        return a\n    else:\n        return 1\n",
    ),
    (
        "guard_nested",
        "Ruby",
        "def f(a)\n  unless a.ok?\n    raise Bad\n  end\n  g(a)\nend\n",
        "def f(a)\n  if a.ok?\n    g(a)\n  else\n    raise Bad\n  end\nend\n",
    ),
    (
        "dead_assignment",
        "Java",
        "void f(int a) {\n    this.size = a;\n    g();\n}\n",
        "void f(int a) {\n    this.size = a;\n    this.size = a;\n    g();\n}\n",
    ),
    (
        "dead_assignment",
        "Go",
        "func f(a int) int {\n\tb := a * 2\n\treturn b\n}\n",
        "func f(a int) int {\n\tb := a * 2\n\tb = a * 2\n\treturn b\n}\n",
    ),
    (
        "dead_assignment",
        "C++",
        "int f(int size) {\n  int half = size / 2;\n  return half;\n}\n",
        "int f(int size) {\n  int half = size / 2;\n  int halfSize = size / 2;\n  return half;\n}\n",
    ),
    (
        "condition_convoluted",
        "JavaScript",
        "function f(a) {\n  if (a === 1) {\n    g();\n  }\n}\n",
        "function f(a) {\n  if (!(a !== 1)) {\n    g();\n  }\n}\n",
    ),
    (
        "condition_convoluted",
        "Python",
        "def f(a, b):\n    if a < 1 and not b:\n        g()\n",
        "def f(a, b):\n    if not (a >= 1 or b):\n        g()\n",
    ),
    (
        "branches_inverted",
        "Python",
        "def f(a):\n    if a:\n        g()\n    else:\n        h(a)\n",
        "def f(a):\n    if not a:\n        h(a)\n    else:\n        g()\n",
    ),
    (
        "branches_inverted",
        "C",
        "void f(int a) {\n    if (a == 1) {\n        g();\n    } else {\n        h();\n    }\n}\n",
        "void f(int a) {\n    if (a != 1) {\n        h();\n    } else {\n        g();\n    }\n}\n",
    ),
    (
        "return_expanded",
        "Java",
        "boolean f(int a) {\n    return a > 1;\n}\n",
        "boolean f(int a) {\n    if (a > 1) {\n        return true;\n    } else {\n        return false;\n    }\n}\n",
    ),
    (
        "return_expanded",
        "Ruby",
        "def f(a)\n  a == 1\nend\n",
        "def f(a)\n  if a == 1\n    true\n  else\n    false\n  end\nend\n",
    ),
    (
        "return_expanded",
        "C",
        "int f(int a) {\n    return !a;\n}\n",
        "int f(int a) {\n    if (!a) {\n        return 1;\n    } else {\n        return 0;\n    }\n}\n",
    ),
    (
        "value_named_to_return",
        "C",
        "struct node *first_child(struct node *n) {\n    return n->children[0];\n}\n",
        "struct node *first_child(struct node *n) {\n    struct node *child = n->children[0];\n    return child;\n}\n",
    ),
    (
        "value_named_to_return",
        "Ruby",
        "def full_title(a)\n  a.name.strip\nend\n",
        "def full_title(a)\n  title = a.name.strip\n  title\nend\n",
    ),
    (
        "value_named_to_return",
        "Go",
        "func readAll(a int) int {\n\treturn pick(a, 1)\n}\n",
        "func readAll(a int) int {\n\tall := pick(a, 1)\n\treturn all\n}\n",
    ),
    (
        "braces_dropped",
        "Java",
        "void f(int a) {\n    if (a > 1) {\n        g();\n    }\n    h();\n}\n",
        "void f(int a) {\n    if (a > 1)\n        g();\n    h();\n}\n",
    ),
    (
        "braces_dropped",
        "C#",
        "void F(int a)\n{\n    while (a > 1)\n    {\n        G();\n    }\n    H();\n}\n",
        "void F(int a)\n{\n    while (a > 1)\n        G();\n    H();\n}\n",
    ),
    (
        "statements_joined",
        "Python",
        "def f(a):\n    g(a)\n    h(a)\n    if a:\n        i()\n",
        "def f(a):\n    g(a); h(a)\n    if a:\n        i()\n",
    ),
    (
        "statements_joined",
        "JavaScript",
        "function f(a) {\n  g(a);\n  h(a);\n}\n",
        "function f(a) {\n  g(a), h(a);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_says_what_it_claims() -> None:
    for one in OPERATORS.values():
        assert one.criterion == "readability_maintainability"
        assert one.defect.endswith(".")
        assert one.reference
    assert {name for name, *_ in EXAMPLES} == set(OPERATORS)


REFUSED = [
    ("names_shortened", "Python", "def f(path):\n    global total\n    total = path\n    return total\n"),
    ("names_shortened", "Python", "def f():\n    total = 1\n    count = 2\n    return locals()\n"),
    ("names_shortened", "JavaScript", "function f(x) {\n  const total = x;\n  return { total };\n}\n"),
    ("names_shortened", "Go", "func f() T {\n\ttotal := g()\n\treturn T{total: total}\n}\n"),
    ("comments_removed", "Python", "def f(x):\n    # noqa: E501 too long\n    return x\n"),
    ("documentation_removed", "Python", 'def f(x):\n    """Only words in here."""\n'),
    ("explanation_inlined", "Python", "def f(a):\n    b = a()\n    for i in range(3):\n        g(b)\n"),
    (
        "explanation_inlined",
        "Python",
        "def f(a):\n    rows = []\n    for i in a:\n        rows.append(i)\n    return rows\n",
    ),
    ("expression_repeated", "Python", "def f(a, c):\n    b = a + c * 2\n    g(b)\n    a = 3\n    return b + a\n"),
    ("expression_repeated", "Python", "def f(a, c):\n    b = g(a) + c * 2\n    g(b)\n    return b\n"),
    ("else_after_exit", "Python", 'def f(a):\n    if a:\n        return 1\n    b = """x\n    y"""\n    return b\n'),
    ("dead_assignment", "Python", "def f(a):\n    a.b = g(a)\n    return a\n"),
    ("branches_inverted", "Python", "def f(a):\n    if not a:\n        g()\n    else:\n        h()\n"),
    ("value_named_to_return", "JavaScript", "function f(a) {\n  if (a)\n    return g(a, 1);\n}\n"),
    ("value_named_to_return", "Python", "def f(total):\n    return total\n"),
    ("braces_dropped", "Java", "void f(int a) {\n    if (a > 1) {\n        int b = 1;\n    }\n}\n"),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []


def test_short_names_meet_no_other_name() -> None:
    code = "def f(r):\n    result = r.rs\n    return result\n"
    assert made("names_shortened", "Python", code) == [code.replace("result", "rsl")]


def test_line_breaks_stay_as_the_text_has_them() -> None:
    code = (
        "int F(int a)\r\n{\r\n    if (a == 0)\r\n    {\r\n        return 1;\r\n    }\r\n"
        "    G(a);\r\n    return a;\r\n}\r\n"
    )
    for name in ("else_after_exit", "guard_nested", "condition_convoluted", "braces_dropped"):
        found = made(name, "C#", code)
        assert found
        assert all(m.count("\n") == m.count("\r\n") for m in found)


def all_mutants(language: str) -> list[tuple[str, Mutant]]:
    folder = FOLDER / languages()[language].folder
    syntax = parse(language, next(folder.glob("fixture.*")).read_bytes())
    codes = [snippet(syntax, function) for function in functions(syntax)]
    codes += [before for _, name, before, _ in EXAMPLES if name == language]
    return [(code, m) for code in codes if code for m in mutants(language, code, tuple(OPERATORS.values()))]


@pytest.mark.parametrize("language", ["C", "C#", "C++", "Go", "Java", "JavaScript", "Python", "Ruby"])
def test_mutants_of_a_language(language: str) -> None:
    found = all_mutants(language)
    for code, mutant in found:
        assert mutant.code != code
        assert apply(mutant.code, inverse(code, mutant.edits)) == code
        assert error_bytes(parse(language, mutant.code).root) <= error_bytes(parse(language, code).root)
    shorter = {m.operator.name for code, m in found if len(m.code) < len(code)}
    longer = {m.operator.name for code, m in found if len(m.code) > len(code)}
    assert len(shorter) >= 3
    assert len(longer) >= 3


def test_python_mutants_compile() -> None:
    made = all_mutants("Python")
    assert made
    for _, mutant in made:
        compile(mutant.code, mutant.operator.name, "exec")
