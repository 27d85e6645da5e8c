"""Operators of names: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import names

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "names_shortened",
        "Python",
        "def f(rows):\n    result = []\n    for entry in rows:\n"
        "        result.append(entry.result)\n    return result\n",
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
        "names_numbered",
        "Java",
        "int f(int[] xs) {\n    int lastIndex = xs.length;\n    int total = 0;\n"
        "    total += lastIndex;\n    return total;\n}\n",
        "int f(int[] xs) {\n    int t1 = xs.length;\n    int t2 = 0;\n    t2 += t1;\n    return t2;\n}\n",
    ),
    (
        "names_numbered",
        "Python",
        "def f(rows):\n    result = []\n    for entry in rows:\n        result.append(entry)\n    return result\n",
        "def f(rows):\n    tmp1 = []\n    for tmp2 in rows:\n        tmp1.append(tmp2)\n    return tmp1\n",
    ),
    (
        "names_vague",
        "Go",
        "func f(xs []int) int {\n\tlength := len(xs)\n\tg(length)\n\treturn length\n}\n",
        "func f(xs []int) int {\n\ttemp := len(xs)\n\tg(temp)\n\treturn temp\n}\n",
    ),
    (
        "names_misleading",
        "Go",
        "func f(queue []int) int {\n\tsize := len(queue)\n\treturn size\n}\n",
        "func f(queue []int) int {\n\tsizeList := len(queue)\n\treturn sizeList\n}\n",
    ),
    (
        "names_misleading",
        "Python",
        "def f(rows):\n    entries = []\n    for row in rows:\n        entries.append(row)\n    return entries\n",
        "def f(rows):\n    entries_count = []\n    for row in rows:\n"
        "        entries_count.append(row)\n    return entries_count\n",
    ),
    (
        "names_misleading",
        "C#",
        "int F(string a)\n{\n    var reader = new Reader(a);\n    return reader.Read();\n}\n",
        "int F(string a)\n{\n    var readerCount = new Reader(a);\n    return readerCount.Read();\n}\n",
    ),
    (
        "convention_broken",
        "Python",
        "def f(rows):\n    last_row = rows[-1]\n    return last_row\n",
        "def f(rows):\n    lastRow = rows[-1]\n    return lastRow\n",
    ),
    (
        "convention_broken",
        "JavaScript",
        "function f(rows) {\n  const lastRow = rows.pop();\n  return lastRow;\n}\n",
        "function f(rows) {\n  const last_row = rows.pop();\n  return last_row;\n}\n",
    ),
    (
        "convention_broken",
        "C",
        "int f(int a) {\n    int last_row = a;\n    return last_row;\n}\n",
        "int f(int a) {\n    int lastRow = a;\n    return lastRow;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(names).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "names_shortened",
        "Python",
        "def f(path):\n    global total\n    total = path\n    return total\n",
    ),
    (
        "names_shortened",
        "Python",
        "def f():\n    total = 1\n    count = 2\n    return locals()\n",
    ),
    (
        "names_shortened",
        "JavaScript",
        "function f(x) {\n  const total = x;\n  return { total };\n}\n",
    ),
    (
        "names_shortened",
        "Go",
        "func f() T {\n\ttotal := g()\n\treturn T{total: total}\n}\n",
    ),
    (
        "names_numbered",
        "Python",
        "def f(x):\n    total = x\n    return total\n",
    ),
    (
        "names_vague",
        "Java",
        "int f(int a) {\n    int resultValue = a;\n    g(resultValue);\n    return resultValue;\n}\n",
    ),
    (
        "names_misleading",
        "Python",
        "def f(a):\n    is_open = a.b\n    return is_open\n",
    ),
    (
        "convention_broken",
        "Ruby",
        "def f(a)\n  total = a\n  total\nend\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []


def test_short_names_meet_no_other_name(made: Made) -> None:
    code = "def f(r):\n    result = r.rs\n    return result\n"
    assert made("names_shortened", "Python", code) == [code.replace("result", "rsl")]


def test_all_locals_are_renamed_at_once_and_one_by_one(made: Made) -> None:
    code = "def f(rows):\n    first_row = rows[0]\n    last_row = rows[-1]\n    return first_row, last_row\n"
    found = made("convention_broken", "Python", code)
    assert code.replace("first_row", "firstRow").replace("last_row", "lastRow") in found
    assert code.replace("first_row", "firstRow") in found
