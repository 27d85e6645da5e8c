"""Tests of operators: do not handle a failure."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("error_swallowed", "JavaScript", "    throw error;\n", ""),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "error_ignored",
        "Go",
        (
            "func f(p string) (int, error) {\n\ta, err := g(p)\n\tif err != nil {\n\t\treturn 0, err\n\t}\n"
            "\treturn a, nil\n}\n"
        ),
        "\ta, err := g(p)\n\tif err != nil {\n\t\treturn 0, err\n\t}\n",
        "\ta, _ := g(p)\n",
    ),
    (
        "error_ignored",
        "Go",
        "func f(p string) error {\n\tif err := save(p); err != nil {\n\t\treturn err\n\t}\n\treturn h(p)\n}\n",
        "if err := save(p); err != nil {\n\t\treturn err\n\t}",
        "save(p)",
    ),
    (
        "error_ignored",
        "C",
        ("int f(int a) {\n    int ret = g(a);\n    if (ret < 0)\n        return ret;\n    return h(a);\n}\n"),
        "    if (ret < 0)\n        return ret;\n",
        "",
    ),
    (
        "error_ignored",
        "C",
        "int f(int a) {\n    if (open_it(a) < 0)\n        return -1;\n    return h(a);\n}\n",
        "if (open_it(a) < 0)\n        return -1;",
        "open_it(a);",
    ),
    (
        "error_swallowed",
        "Go",
        "func f(p string) error {\n\terr := g(p)\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn h(p)\n}\n",
        "\t\treturn err\n",
        "\t\treturn nil\n",
    ),
    (
        "error_swallowed",
        "C",
        ("int f(int a) {\n    int ret = g(a);\n    if (ret < 0)\n        return ret;\n    h(a);\n    return 0;\n}\n"),
        "return ret;",
        "return 0;",
    ),
    (
        "error_swallowed",
        "Java",
        (
            "public String f(int x) {\n    try {\n        return g(x);\n    } catch (Bad e) {\n"
            "        throw new Worse(e);\n    }\n}\n"
        ),
        "throw new Worse(e);",
        "return null;",
    ),
    (
        "error_swallowed",
        "JavaScript",
        ("function f(a, cb) {\n  g(a, (err, b) => {\n    if (err) return cb(err);\n    cb(null, b);\n  });\n}\n"),
        "return cb(err)",
        "return cb()",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    (
        "error_ignored",
        "JavaScript",
        "function f(a, cb) {\n  a((err, b) => {\n    if (err) return cb(err);\n    return cb(err, b);\n  });\n}\n",
    ),
    ("error_ignored", "C", "void f(T *t) {\n    if (!add(t))\n        return;\n    g(t);\n}\n"),
    (
        "error_ignored",
        "Go",
        "func f(xs []X) ([]Y, error) {\n\tvar err error\n\tfor _, x := range xs {\n\t\ty, err := g(x)\n"
        "\t\tif err != nil {\n\t\t\treturn nil, err\n\t\t}\n\t\th(y)\n\t}\n\treturn nil, err\n}\n",
    ),
    (
        "error_ignored",
        "C",
        (
            "int f(const T *a, const T *b) {\n    int res = g(a, b);\n    if (res != 0)\n"
            "        return res < 0;\n    return h(a);\n}\n"
        ),
    ),
    (
        "error_swallowed",
        "C#",
        (
            "void F() {\n    try {\n        G();\n    } catch (Exception e) {\n        if (e.Fatal()) {\n"
            "            throw;\n        }\n    }\n}\n"
        ),
    ),
    (
        "error_swallowed",
        "Java",
        (
            "void f() {\n    int a;\n    try {\n        a = g();\n    } catch (Bad e) {\n"
            "        throw new Worse(e);\n    }\n    h(a);\n}\n"
        ),
    ),
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


def test_rethrow_alone_in_a_handler_becomes_pass_in_python() -> None:
    code = "def f(x):\n    try:\n        g(x)\n    except KeyError:\n        raise\n    return x\n"
    assert made("error_swallowed", "Python", code) == [code.replace("raise", "pass")]


def test_a_handler_that_ends_a_static_function_keeps_its_throw() -> None:
    code = (
        "int f(int x) {\n    try {\n        return g(x);\n    } catch (Bad e) {\n"
        "        throw new Worse(e);\n    }\n}\n"
    )
    assert made("error_swallowed", "Java", code) == []
