"""Operators of functional correctness: what each makes of real shapes, and what holds for every mutant."""

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import error_bytes, parse
from synthesis.mutations.functional import operators as functional
from synthesis.mutations.operator import Mutant, Operator, apply, inverse, mutants

OPERATORS = {o.name: o for o in vars(functional).values() if isinstance(o, Operator)}

PYTHON = '''def total(items, rates, limit):
    """Sum of what is due."""
    result = 0
    for i in range(len(items)):
        if items[i] is None:
            continue
        if result > limit and i != 0:
            result -= rates[i]
        else:
            result += items[i] * rates[i - 1]
    return result
'''
GO = """func Sum(xs []int, first int, last int) (int, error) {
	total := 0
	if len(xs) == 0 {
		return 0, errEmpty
	}
	for i := first; i < last; i++ {
		total += xs[i]
	}
	report(first, last)
	return total, nil
}
"""
JAVA = """int find(int[] xs, int key, boolean strict) {
    int low = 0;
    int high = xs.length - 1;
    if (!strict) {
        return -1;
    }
    while (low <= high) {
        int middle = low + high;
        if (xs[middle] < key || strict) {
            low = middle + 1;
        } else {
            high = middle;
        }
        visit(low, high);
    }
    return low;
}
"""
JAVASCRIPT = """function collect(rows, seen) {
  const out = [];
  for (const row of rows) {
    if (!row) {
      continue;
    }
    out.push(row.name);
  }
  if (seen) {
    out.sort();
  }
  try {
    store(out);
  } catch (error) {
    note(error);
    throw error;
  }
  return out;
}
"""
C = """static int count(const char *text, int limit) {
    int found = 0;
    if (text == 0)
        return -1;
    while (*text) {
        if (*text == ' ' && found < limit)
            found++;
        text++;
    }
    return found;
}
"""
CPP = """int Pool::take(int want, int most) {
  int got = 0;
  if (want > most) {
    want = most;
  }
  for (int i = 0; i < want; i++) {
    got += free_[i];
    used_.push_back(i);
  }
  return got;
}
"""
CSHARP = """public int Add(int left, int right)
{
    var sum = 0;
    if (left == right)
    {
        return sum;
    }
    sum += left;
    Store(left, right);
    return sum + right;
}
"""
RUBY = """def pick(names, wanted)
  found = []
  return found unless wanted
  names.each do |name|
    if name == wanted
      found << name
    else
      skip(name, wanted)
    end
  end
  found
end
"""
SOURCES = {
    "Python": PYTHON, "Go": GO, "Java": JAVA, "JavaScript": JAVASCRIPT, "C": C, "C++": CPP, "C#": CSHARP, "Ruby": RUBY,
}  # fmt: skip

EXAMPLES = [
    ("boundary_moved", "Python", "result > limit", "result >= limit"),
    ("boundary_moved", "Go", "i < last", "i <= last"),
    ("boundary_moved", "Java", "low <= high", "low < high"),
    ("equality_inverted", "Python", "items[i] is None", "items[i] is not None"),
    ("equality_inverted", "Ruby", "name == wanted", "name != wanted"),
    ("equality_inverted", "C#", "left == right", "left != right"),
    ("connective_swapped", "Python", "limit and i", "limit or i"),
    ("connective_swapped", "Java", "key || strict", "key && strict"),
    ("sign_swapped", "Java", "low + high", "low - high"),
    ("sign_swapped", "Python", "rates[i - 1]", "rates[i + 1]"),
    ("condition_negated", "Java", "if (!strict)", "if (strict)"),
    ("condition_negated", "JavaScript", "if (seen)", "if (!seen)"),
    ("condition_negated", "Ruby", "return found unless wanted", "return found if wanted"),
    ("literal_off_by_one", "Python", "result = 0", "result = 1"),
    ("literal_off_by_one", "C++", "int i = 0", "int i = 1"),
    ("literal_off_by_one", "Java", "xs.length - 1", "xs.length - 2"),
    ("offset_lost", "Java", "xs.length - 1", "xs.length"),
    ("offset_lost", "Python", "rates[i - 1]", "rates[i]"),
    ("offset_added", "Python", "range(len(items))", "range(len(items) - 1)"),
    ("offset_added", "Go", "xs[i]", "xs[i+1]"),
    ("offset_added", "C++", "i < want", "i < want - 1"),
    ("arguments_swapped", "Go", "report(first, last)", "report(last, first)"),
    ("arguments_swapped", "C#", "Store(left, right)", "Store(right, left)"),
    ("arguments_swapped", "Ruby", "skip(name, wanted)", "skip(wanted, name)"),
    ("wrong_variable", "Python", "result -= rates[i]", "result -= items[i]"),
    ("wrong_variable", "C#", "sum += left", "sum += right"),
    ("wrong_variable", "Java", "return low;", "return high;"),
    ("guard_removed", "Python", "        if items[i] is None:\n            continue\n", ""),
    ("guard_removed", "Go", "	if len(xs) == 0 {\n		return 0, errEmpty\n	}\n", ""),
    ("guard_removed", "C", "    if (text == 0)\n        return -1;\n", ""),
    ("guard_removed", "Ruby", "  return found unless wanted\n", ""),
    ("else_dropped", "Python", "        else:\n            result += items[i] * rates[i - 1]\n", ""),
    ("else_dropped", "Java", " else {\n            high = middle;\n        }", ""),
    ("else_dropped", "Ruby", "    else\n      skip(name, wanted)\n", ""),
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
    ("operand_lost", "C", "*text == ' ' && found < limit", "found < limit"),
    ("operand_lost", "C#", "sum + right", "sum"),
    ("operand_lost", "Java", "int middle = low + high", "int middle = low"),
    ("condition_overreached", "Go", "len(xs) == 0", None),  # no other condition to borrow from
    ("reset_in_loop", "Python", "        if items", "        result = 0\n        if items"),
    ("reset_in_loop", "Go", "		total += xs[i]", "		total = 0\n		total += xs[i]"),
    ("reset_in_loop", "C++", "    got += free_[i];", "    got = 0;\n    got += free_[i];"),
    ("loop_left_early", "C++", "    used_.push_back(i);\n", "    used_.push_back(i);\n    return got;\n"),
    ("loop_left_early", "C", "        text++;\n", "        text++;\n        return found;\n"),
    ("branch_left_early", "C++", "    want = most;\n", "    want = most;\n    return got;\n"),
    ("branch_left_early", "JavaScript", "    out.sort();\n", "    out.sort();\n    return out;\n"),
    ("error_swallowed", "JavaScript", "    throw error;\n", ""),
]


def made(name: str, language: str, code: str) -> list[str]:
    return [m.code for m in mutants(language, code, (OPERATORS[name],))]


@pytest.mark.parametrize(("name", "language", "old", "new"), EXAMPLES)
def test_example(name: str, language: str, old: str, new: str | None) -> None:
    code = SOURCES[language]
    assert code.count(old) >= 1
    if new is None:
        assert all(m != code.replace(old, "") for m in made(name, language, code))
    else:
        assert code.replace(old, new, 1) in made(name, language, code)


def test_every_operator_says_what_it_claims() -> None:
    for one in OPERATORS.values():
        assert one.criterion == "functional_correctness"
        assert one.defect.endswith(".")
        assert one.reference.startswith("CWE-")
    assert {name for name, *_ in EXAMPLES} == set(OPERATORS)


def test_swapped_statements_read_before_the_update() -> None:
    code = "def f(self, n):\n    self.n += n\n    self.store(self.n)\n    return 1\n"
    assert made("statements_swapped", "Python", code) == [
        "def f(self, n):\n    self.store(self.n)\n    self.n += n\n    return 1\n"
    ]
    apart = "def f(self, n):\n    key = n + 1\n    self.store(key)\n    return 1\n"
    assert made("statements_swapped", "Python", apart) == []


def test_two_additions_are_not_swapped() -> None:
    assert made("statements_swapped", "Python", "def f(n):\n    a = 0\n    a += n\n    a += 2\n    return a\n") == []


def test_else_that_returns_stays_at_the_end_of_a_static_function() -> None:
    code = "int f(int a) {\n    if (a) {\n        return 1;\n    } else if (g(a)) {\n        return 2;\n    }\n}\n"
    assert made("else_dropped", "Java", code) == []
    assert made("else_dropped", "JavaScript", code.replace("int f(int a)", "function f(a)")) != []


def test_reset_needs_the_variable_around_the_loop() -> None:
    code = (
        "void f(int n) {\n    if (n) {\n        int k = 1;\n        use(k);\n    }\n"
        "    while (n) {\n        k = 2;\n    }\n}\n"
    )
    assert made("reset_in_loop", "C", code) == []


def test_overreached_condition_borrows_what_is_declared_before() -> None:
    code = "def f(a, b):\n    if a > 1:\n        g(a)\n    if b:\n        c = a\n        if c:\n            h()\n"
    found = made("condition_overreached", "Python", code)
    assert any("if a > 1 and b:" in m or "if a > 1 or b:" in m for m in found)
    assert not any(
        "if a > 1 and c" in m or "if a > 1 or c" in m or "if b and c" in m or "if b or c" in m for m in found
    )


def test_overreached_condition_keeps_precedence() -> None:
    code = "def f(a, b, c):\n    if a or b:\n        g()\n    if c:\n        h()\n"
    assert all("a or b and c" not in m for m in made("condition_overreached", "Python", code))


def test_symmetric_calls_keep_their_arguments() -> None:
    assert made("arguments_swapped", "Python", "def f(a, b):\n    return max(a, b)\n") == []


def test_arguments_of_different_types_stay() -> None:
    assert made("arguments_swapped", "Java", "int f(int a, String b) {\n    return g(a, b);\n}\n") == []


def test_rethrow_alone_in_a_handler_becomes_pass_in_python() -> None:
    code = "def f(x):\n    try:\n        g(x)\n    except KeyError:\n        raise\n    return x\n"
    assert made("error_swallowed", "Python", code) == [code.replace("raise", "pass")]


def test_a_handler_that_ends_a_static_function_keeps_its_throw() -> None:
    code = (
        "int f(int x) {\n    try {\n        return g(x);\n    } catch (Bad e) {\n"
        "        throw new Worse(e);\n    }\n}\n"
    )
    assert made("error_swallowed", "Java", code) == []


def test_guard_takes_its_comment_and_one_blank_line_with_it() -> None:
    code = "def f(x):\n    y = 1\n\n    # nothing to do\n    if not x:\n        return y\n\n    return x + y\n"
    assert made("guard_removed", "Python", code) == ["def f(x):\n    y = 1\n\n    return x + y\n"]


def test_go_keeps_what_alone_reads_a_variable() -> None:
    code = "func f() int {\n\tok := g()\n\tif !ok {\n\t\treturn 1\n\t}\n\treturn 0\n}\n"
    assert made("guard_removed", "Go", code) == []


def test_first_assignment_is_no_update() -> None:
    assert made("update_lost", "Python", "def f(x):\n    y = x\n    a, b = g(y)\n    return a + b\n") == []


def test_bare_return_only_where_nothing_is_returned() -> None:
    code = "void f(int x) {\n    if (x) {\n        g(x);\n    }\n    h(x);\n}\n"
    assert made("branch_left_early", "C", code) == [code.replace("g(x);\n", "g(x);\n        return;\n")]
    assert made("branch_left_early", "C", code.replace("void", "int")) == []


def all_mutants(language: str) -> list[tuple[str, Mutant]]:
    folder = FOLDER / languages()[language].folder
    syntax = parse(language, next(folder.glob("fixture.*")).read_bytes())
    codes = [snippet(syntax, function) for function in functions(syntax)]
    codes.append(SOURCES[language])
    return [(code, m) for code in codes if code for m in mutants(language, code, tuple(OPERATORS.values()))]


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_mutants_of_a_language(language: str) -> None:
    found = all_mutants(language)
    for code, mutant in found:
        assert mutant.code != code
        assert apply(mutant.code, inverse(code, mutant.edits)) == code
        assert error_bytes(parse(language, mutant.code).root) <= error_bytes(parse(language, code).root)
    shorter = {m.operator.name for code, m in found if len(m.code) < len(code)}
    longer = {m.operator.name for code, m in found if len(m.code) > len(code)}
    assert len(shorter) >= 5
    assert len(longer) >= 5


def test_python_mutants_compile() -> None:
    made = all_mutants("Python")
    assert made
    for _, mutant in made:
        compile(mutant.code, mutant.operator.name, "exec")


def test_type_arguments_and_case_labels_are_left_alone() -> None:
    generic = "public Task<(bool A, T B)> Held()\n{\n    return new Task<(bool A, T B)>((false, result));\n}\n"
    assert mutants("C#", generic, (functional.boundary_moved,)) == []
    labels = "int pick(int n)\n{\n    switch (n) {\n    case 1:\n        return a;\n    }\n    return b;\n}\n"
    assert mutants("C", labels, (functional.literal_off_by_one,)) == []
