"""Which locals are renamed, and which are left because something else may go by their name."""

import re
from random import Random

import pytest

from pipeline.evaluation.adversarial import PERTURBATIONS, perturb
from pipeline.evaluation.adversarial.base import code_of
from pipeline.evaluation.adversarial.renamed_locals import new_names, renameable


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("Python", "def f(a):\n    x = a + 1\n    return x\n", "x"),
        ("Python", "def f(a):\n    x = 1\n    y = [x for x in a]\n    return g(x=x, y=y.x)\n", "x y"),
        ("Python", "def f(a):\n    global g\n    g = 1\n    x = g\n    return f'{x=}'\n", ""),
        ("Python", "def f(a):\n    x = 1\n    return '%(x)d' % locals()\n", ""),
        ("Python", "def f(a):\n    x = 1\n    class A:\n        x = 2\n    return A.x, x\n", ""),
        ("Python", "def f(a):\n    x = None\n    if a:\n        import x\n    return x\n", ""),
        ("Python", "def f(a):\n    def g():\n        x = 1\n        return x\n    return x + g()\n", ""),
        ("Python", "def f(a):\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    g()\n", ""),
        ("JavaScript", "function f(a) {\n  const x = a.x;\n  const y = 2;\n  return { x, y: y };\n}\n", "y"),
        ("JavaScript", "function f(a) {\n  if (a) {\n    const u = 1;\n    use(u);\n  }\n  return u;\n}\n", ""),
        ("Go", "func f(s string) int {\n\turl, err := url.Parse(s)\n\tn := 1\n\tuse(url, n)\n\treturn n\n}\n", "err n"),
        ("Go", "func f(s string) int {\n\tt := T{n: 1}\n\tn := 2\n\treturn g(t, n)\n}\n", "t"),
        ("Ruby", "def f(a)\n  x = a\n  y = 1\n  g(x:, y: y)\nend\n", "y"),
        ("Ruby", "def f(a)\n  name = name()\n  z = :z\n  @z = z\n  \"#{z} z\"\nend\n", "z"),
        ("C", "int f(int a)\n{\n    int x = a;\n    int y = 2;\n#define ADD(b) ((b) + x)\n"
              "    struct s t = { .y = y };\n    return ADD(t.y);\n}\n", "t y"),
        ("C++", "int f(int a)\n{\n    int x = a;\n    auto g = [&x](int b) { return b + x; };\n"
                "    return g(this->x);\n}\n", "g x"),
        ("C#", "public int F(int a)\n{\n    int x = a;\n    int y = 2;\n    Use(y: y);\n    return x;\n}\n", "x y"),
        ("C#", "public string F(int a)\n{\n    int x = a;\n    return nameof(x);\n}\n", ""),
        ("C#", "public object F(int a)\n{\n    int x = a;\n    int y = a;\n    var t = (x, 1);\n"
               "    return new { y };\n}\n", "t"),
        ("Java", "public int f(int a) {\n    List<Integer> l = new ArrayList<>();\n    int n = a;\n    g(l::add);\n"
                 "    return n;\n}\n", "n"),
        ("Java", "public int f(int a) {\n    if (a > 0) {\n        int c = 1;\n        use(c);\n    }\n"
                 "    return c;\n}\n", ""),
        ("Java", "public int f(int a) {\n    int x = 1;\n    Runnable r = new Runnable() { int x = 2; };\n"
                 "    return x;\n}\n", "r"),
        ("C", "int f(void)\n{\n    int x = 1;\n    return x +;\n}\n", ""),
    ],
)  # fmt: skip
def test_renameable(language: str, text: str, names: str) -> None:
    code = code_of(language, text)
    assert code is not None
    assert sorted(renameable(code)) == names.split()


def renamed(language: str, chosen: str, rejected: str) -> tuple[str, str] | None:
    return perturb(
        PERTURBATIONS["renamed_locals"], language, "functional_correctness", chosen, rejected, Random("stem 1")
    )


def test_labels_and_members_keep_their_names() -> None:
    chosen = 'public int F(int a)\n{\n    int y = a;\n    return Use(y: y, this.y, "y"); // y\n}\n'
    found = renamed("C#", chosen, chosen.replace("a;", "-a;"))
    assert found is not None
    new = found[0].split("    int ")[1].split(" ")[0]
    assert f'return Use(y: {new}, this.y, "y"); // y' in found[0]


def test_a_name_that_one_side_alone_has_is_renamed_there() -> None:
    chosen = "def f(a):\n    x = a\n    return x\n"
    found = renamed("Python", chosen, "def f(a):\n    x = a\n    y = x\n    return y\n")
    assert found is not None
    old = found[0].split()[2]
    assert found[1].count(old) == 2
    assert re.search(r"\by\b", found[1]) is None


def test_a_name_that_only_one_side_lets_be_renamed_stays_on_both() -> None:
    chosen = "def f(a):\n    x = a\n    z = x\n    return z\n"
    found = renamed("Python", chosen, "def f(a):\n    x = a\n    z = f'{x=}'\n    return z\n")
    assert found is not None
    assert all("    x = a\n" in text and re.search(r"\bz\b", text) is None for text in found)


def test_nothing_to_rename() -> None:
    assert renamed("Python", "def f(a):\n    return a\n", "def f(a):\n    return -a\n") is None


def test_new_names_meet_no_word() -> None:
    taken = {f"{stem}_{n}" for stem in ("value", "entry", "part", "datum", "slot") for n in (1, 3)}
    made = new_names(["a", "b"], taken, "Python", Random(0))
    assert sorted(name.rpartition("_")[2] for name in made.values()) == ["2", "4"]
    assert all(name[-1].isdigit() and "_" not in name for name in new_names(["a"], set(), "Go", Random(0)).values())
