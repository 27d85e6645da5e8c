"""Tests of operators: leave out, repeat or reorder a step."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("update_lost", "Go", "		total += xs[i]\n", None),  # the loop's only statement
    ("update_lost", "C", "        text++;\n", ""),
    ("update_lost", "C#", "    sum += left;\n", ""),
    ("update_repeated", "Python", "            result -= rates[i]\n", "            result -= rates[i]\n" * 2),
    ("update_repeated", "JavaScript", "    out.push(row.name);\n", "    out.push(row.name);\n" * 2),
    ("update_repeated", "Ruby", "      found << name\n", "      found << name\n" * 2),
    ("step_lost", "Go", "	report(first, last)\n", ""),
    ("step_lost", "C++", "    used_.push_back(i);\n", ""),
    ("step_lost", "C#", "    Store(left, right);\n", ""),
    ("statements_swapped", "C#", "    sum += left;\n    Store(left, right);\n", None),  # neither reads the other
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "await_missing",
        "JavaScript",
        "async function f(a) {\n  const b = await g(a);\n  return h(b);\n}\n",
        "await g(a)",
        "g(a)",
    ),
    ("await_missing", "Python", "async def f(a):\n    await g(a)\n    return a\n", "await g(a)", "g(a)"),
    ("await_missing", "C#", "async Task F(int a) {\n    await G(a);\n    H(a);\n}\n", "await G(a)", "G(a)"),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    (
        "statements_swapped",
        "C",
        "void f(T *a) {\n    a->n &= 7;\n    if (a->p > 9)\n        a->n = 0;\n    g(a);\n}\n",
    ),
    ("step_lost", "C", "int f(T *f) {\n    fclose(f);\n    return 1;\n}\n"),
    ("step_lost", "C#", "int F(string n) {\n    Check.NotEmpty(n);\n    return G(n);\n}\n"),
    ("step_lost", "Go", "func f(b *T) int {\n\tb.timer.Stop()\n\treturn b.n\n}\n"),
    ("step_lost", "Go", "func f(xs []string) []string {\n\tsort.Strings(xs)\n\treturn xs\n}\n"),  # an import is left
    (
        "step_lost",
        "Go",
        "func f(m M) int {\n\tfor k, v := range m {\n\t\tv = h(k)\n\t\temit(k, v)\n\t}\n\treturn 1\n}\n",
    ),
    ("update_repeated", "C", "void f(T *t, int bits) {\n    t->flags |= bits;\n    g(t);\n}\n"),
    ("update_repeated", "JavaScript", "function f(n) {\n  n >>>= 0;\n  return g(n);\n}\n"),
    ("update_repeated", "C++", "void f(S &s, int a) {\n    s.insert(a);\n    g(s);\n}\n"),
    ("update_repeated", "JavaScript", "function f(seen, a) {\n  seen.add(a);\n  return g(seen);\n}\n"),
    ("update_lost", "Java", "public T(int a, int b) {\n    this.a = a;\n    this.b = b;\n}\n"),
    ("update_lost", "Ruby", "def f(s)\n  s.close_on_exec = true\n  s.write(1)\nend\n"),
    ("await_missing", "C#", "async Task<int> F(int a) {\n    var b = await G(a);\n    return b;\n}\n"),
    ("await_missing", "JavaScript", "async function f(a) {\n  return await g(a);\n}\n"),
]
"""Operator, language and code that it leaves alone."""


@pytest.mark.parametrize(("name", "language", "old", "new"), EXAMPLES)
def test_example(name: str, language: str, old: str, new: str | None) -> None:
    code = SOURCES[language]
    if new is None:
        assert code.count(old) >= 1
        assert code.replace(old, "") not in made(name, language, code)
    else:
        assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code", "old", "new"), CASES)
def test_case(name: str, language: str, code: str, old: str, new: str) -> None:
    assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code"), KEPT)
def test_what_is_no_defect_or_would_not_compile_is_left_alone(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []


def test_swapped_statements_read_before_the_update() -> None:
    code = "def f(self, n):\n    self.n += n\n    self.store(self.n)\n    return 1\n"
    assert made("statements_swapped", "Python", code) == [
        "def f(self, n):\n    self.store(self.n)\n    self.n += n\n    return 1\n"
    ]
    apart = "def f(self, n):\n    key = n + 1\n    self.store(key)\n    return 1\n"
    assert made("statements_swapped", "Python", apart) == []


def test_two_additions_are_not_swapped() -> None:
    assert made("statements_swapped", "Python", "def f(n):\n    a = 0\n    a += n\n    a += 2\n    return a\n") == []


def test_first_assignment_is_no_update() -> None:
    assert made("update_lost", "Python", "def f(x):\n    y = x\n    a, b = g(y)\n    return a + b\n") == []
