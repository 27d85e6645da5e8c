"""Operators of `synthesis.mutations.runtime` on real forms: the exact mutant, and code that they must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"]}

MADE = [
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(factor)\n"
            "    for row in rows:\n"
            "        row.value *= total\n"
            "    return rows\n"
        ),
        (
            "def scale(rows, factor):\n"
            "    for row in rows:\n"
            "        total = sum(factor)\n"
            "        row.value *= total\n"
            "    return rows\n"
        ),
    ),
    (
        "invariant_in_loop",
        "Go",
        (
            "func scale(rows []int, words []string) {\n"
            "\tn := len(words)\n"
            "\tfor i := range rows {\n"
            "\t\trows[i] *= n\n"
            "\t}\n"
            "}\n"
        ),
        (
            "func scale(rows []int, words []string) {\n"
            "\tfor i := range rows {\n"
            "\t\tn := len(words)\n"
            "\t\trows[i] *= n\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "value_recomputed",
        "JavaScript",
        (
            "function fill(items, key) {\n"
            "  const wanted = normalize(key);\n"
            "  for (const item of items) {\n"
            "    item.ok = item.key === wanted;\n"
            "  }\n"
            "}\n"
        ),
        (
            "function fill(items, key) {\n"
            "  for (const item of items) {\n"
            "    item.ok = item.key === normalize(key);\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "value_recomputed",
        "Python",
        ("def spread(values):\n    ordered = sorted(values)\n    return ordered[-1] - ordered[0]\n"),
        ("def spread(values):\n    return sorted(values)[-1] - sorted(values)[0]\n"),
    ),
    (
        "value_recomputed",
        "C",
        (
            "int vowels(const char *s) {\n"
            "    int n = strlen(s);\n"
            "    int found = 0;\n"
            "    for (int i = 0; i < n; i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int vowels(const char *s) {\n"
            "    int found = 0;\n"
            "    for (int i = 0; i < strlen(s); i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "work_before_guard",
        "Java",
        (
            "int price(Item item, boolean free) {\n"
            "    if (free) {\n"
            "        return 0;\n"
            "    }\n"
            "    int price = catalogue.findPrice(item);\n"
            "    return price + 1;\n"
            "}\n"
        ),
        (
            "int price(Item item, boolean free) {\n"
            "    int price = catalogue.findPrice(item);\n"
            "    if (free) {\n"
            "        return 0;\n"
            "    }\n"
            "    return price + 1;\n"
            "}\n"
        ),
    ),
    (
        "costly_test_first",
        "C",
        (
            "int ready(int on, const char *name) {\n"
            "    if (on && lookup_name(name)) {\n"
            "        return 1;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
        (
            "int ready(int on, const char *name) {\n"
            "    if (lookup_name(name) && on) {\n"
            "        return 1;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
    ),
    (
        "early_exit_removed",
        "JavaScript",
        (
            "function has(items, id) {\n"
            "  let found = false;\n"
            "  for (const item of items) {\n"
            "    if (item.id === id) {\n"
            "      found = true;\n"
            "      break;\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "function has(items, id) {\n"
            "  let found = false;\n"
            "  for (const item of items) {\n"
            "    if (item.id === id) {\n"
            "      found = true;\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "cache_check_removed",
        "Python",
        (
            "def schema(self):\n"
            "    if self._schema is None:\n"
            "        self._schema = parse(self.path)\n"
            "    return self._schema\n"
        ),
        ("def schema(self):\n    self._schema = parse(self.path)\n    return self._schema\n"),
    ),
    (
        "memoisation_removed",
        "Python",
        ("@lru_cache(maxsize=64)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
        ("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
    ),
    (
        "memoisation_removed",
        "Ruby",
        ("def rules\n  @rules ||= parse(path)\nend\n"),
        ("def rules\n  @rules = parse(path)\nend\n"),
    ),
    (
        "exclusive_tests_all_made",
        "Python",
        ('def say(kind):\n    if kind == "a":\n        hit()\n    elif kind == "b":\n        miss()\n'),
        ('def say(kind):\n    if kind == "a":\n        hit()\n    if kind == "b":\n        miss()\n'),
    ),
    (
        "costlier_method",
        "Ruby",
        ("def known?(names, name)\n  names.key?(name)\nend\n"),
        ("def known?(names, name)\n  names.keys.include?(name)\nend\n"),
    ),
    (
        "costlier_method",
        "Go",
        ("func same(a, b string) bool {\n\treturn strings.EqualFold(a, b)\n}\n"),
        ("func same(a, b string) bool {\n\treturn strings.ToLower(a) == strings.ToLower(b)\n}\n"),
    ),
    (
        "capacity_unreserved",
        "C++",
        (
            "std::vector<int> squares(int n) {\n"
            "  std::vector<int> found;\n"
            "  found.reserve(n);\n"
            "  for (int i = 0; i < n; ++i) found.push_back(i * i);\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "std::vector<int> squares(int n) {\n"
            "  std::vector<int> found;\n"
            "  for (int i = 0; i < n; ++i) found.push_back(i * i);\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "accumulation_copies",
        "Python",
        ("def names(rows):\n    found = []\n    for row in rows:\n        found.append(row.name)\n    return found\n"),
        (
            "def names(rows):\n"
            "    found = []\n"
            "    for row in rows:\n"
            "        found = found + [row.name]\n"
            "    return found\n"
        ),
    ),
    (
        "parameter_by_value",
        "C++",
        ("int total(const Ledger& ledger) {\n  return ledger.sum();\n}\n"),
        ("int total(Ledger ledger) {\n  return ledger.sum();\n}\n"),
    ),
    (
        "table_rebuilt",
        "C",
        ("int days(int month) {\n    static const int table[] = {31, 28, 31};\n    return table[month];\n}\n"),
        ("int days(int month) {\n    const int table[] = {31, 28, 31};\n    return table[month];\n}\n"),
    ),
    (
        "cache_check_removed",
        "JavaScript",
        (
            "function load(key) {\n"
            "  if (this.cache[key]) {\n"
            "    return this.cache[key];\n"
            "  }\n"
            "  return this.read(key);\n"
            "}\n"
        ),
        ("function load(key) {\n  return this.read(key);\n}\n"),
    ),
    (
        "cache_check_removed",
        "Ruby",
        ("def rules\n  unless @rules\n    @rules = parse(path)\n  end\n  @rules\nend\n"),
        ("def rules\n  @rules = parse(path)\n  @rules\nend\n"),
    ),
    (
        "cache_check_removed",
        "Python",
        (
            "def load(self, key):\n"
            "    if key not in self.cache:\n"
            "        self.cache[key] = parse(key)\n"
            "    return self.cache[key]\n"
        ),
        ("def load(self, key):\n    self.cache[key] = parse(key)\n    return self.cache[key]\n"),
    ),
    (
        "cache_check_removed",
        "Python",
        ("def load(self, key):\n    if key in self.cache:\n        return self.cache[key]\n    return parse(key)\n"),
        ("def load(self, key):\n    return parse(key)\n"),
    ),
    (
        "memoisation_removed",
        "JavaScript",
        ("function rules() {\n  this.rules ??= parse(this.path);\n  return this.rules;\n}\n"),
        ("function rules() {\n  this.rules = parse(this.path);\n  return this.rules;\n}\n"),
    ),
    (
        "exclusive_tests_all_made",
        "Java",
        (
            "void say(String kind) {\n"
            '    if (kind.equals("a")) {\n'
            "        hit();\n"
            '    } else if (kind.equals("b")) {\n'
            "        miss();\n"
            "    }\n"
            "}\n"
        ),
        (
            "void say(String kind) {\n"
            '    if (kind.equals("a")) {\n'
            "        hit();\n"
            "    }\n"
            '    if (kind.equals("b")) {\n'
            "        miss();\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "accumulation_copies",
        "C++",
        (
            "std::string all(const Rows& rows) {\n"
            "  std::string out;\n"
            "  for (const auto& row : rows) {\n"
            "    out += row;\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
        (
            "std::string all(const Rows& rows) {\n"
            "  std::string out;\n"
            "  for (const auto& row : rows) {\n"
            "    out = out + row;\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
    ),
    (
        "costlier_method",
        "Java",
        ("boolean known(Map<String, String> names, String name) {\n    return names.containsKey(name);\n}\n"),
        (
            "boolean known(Map<String, String> names, String name) {\n"
            "    return new ArrayList<>(names.keySet()).contains(name);\n"
            "}\n"
        ),
    ),
    (
        "costlier_method",
        "C#",
        ("bool Any(IEnumerable<int> all) {\n    return all.Any();\n}\n"),
        ("bool Any(IEnumerable<int> all) {\n    return all.Count() > 0;\n}\n"),
    ),
    (
        "costlier_method",
        "JavaScript",
        ("function known(all, name) {\n  return all.some((one) => one === name);\n}\n"),
        ("function known(all, name) {\n  return all.filter((one) => one === name).length > 0;\n}\n"),
    ),
    (
        "capacity_unreserved",
        "Java",
        (
            "List<String> names(int count) {\n"
            "    List<String> found = new ArrayList<>(count);\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<String> names(int count) {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "accumulation_copies",
        "Ruby",
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found << row.name\n  end\n  found\nend\n"),
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found += [row.name]\n  end\n  found\nend\n"),
    ),
    (
        "accumulation_copies",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tvar out []string\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out, one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
        (
            "func names(all []row) []string {\n"
            "\tvar out []string\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out[:len(out):len(out)], one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
    ),
]

LEFT_ALONE = [
    (
        "exclusive_tests_all_made",
        "Python",
        'def place(by):\n    if by == "a":\n        at = 0\n'
        '    elif by == "b":\n        at = 1\n    else:\n        at = 2\n'
        "    return at\n",
    ),
    (
        "cache_check_removed",
        "Python",
        "def answer(self):\n    if self.response is not None:\n        return self.response\n    return build(self)\n",
    ),
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(rows)\n"
            "    for row in rows:\n"
            "        rows.append(total)\n"
            "    return rows\n"
        ),
    ),
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(factor)\n"
            "    for row in rows:\n"
            "        row.value *= total\n"
            "    return total\n"
        ),
    ),
    (
        "value_recomputed",
        "Python",
        ("def drain(queue):\n    item = queue.pop()\n    return item + item\n"),
    ),
    (
        "value_recomputed",
        "Python",
        (
            "def spread(values):\n"
            "    ordered = sorted(values)\n"
            "    values.append(1)\n"
            "    return ordered[-1] - ordered[0]\n"
        ),
    ),
    (
        "work_before_guard",
        "Python",
        (
            "def price(item):\n"
            "    if item is None:\n"
            "        return 0\n"
            "    price = find_price(item)\n"
            "    return price + 1\n"
        ),
    ),
    (
        "costly_test_first",
        "C",
        (
            "int ready(struct job *job) {\n"
            "    if (job && job_active(job)) {\n"
            "        return 1;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
    ),
    (
        "early_exit_removed",
        "Python",
        (
            "def first(items):\n"
            "    for item in items:\n"
            "        if item.ok:\n"
            "            found = item\n"
            "            break\n"
            "    return found\n"
        ),
    ),
    (
        "cache_check_removed",
        "Python",
        ("def schema(self, path):\n    if path is None:\n        path = find(self.path)\n    return path\n"),
    ),
    (
        "memoisation_removed",
        "Python",
        ("@property\ndef name(self):\n    return self._name\n"),
    ),
    (
        "exclusive_tests_all_made",
        "Python",
        ('def say(kind):\n    if kind == "a":\n        hit()\n    elif other == "b":\n        miss()\n'),
    ),
    (
        "costlier_method",
        "Ruby",
        ("def known(names)\n  names.keys\nend\n"),
    ),
    (
        "capacity_unreserved",
        "Go",
        ("func squares(n int) []int {\n\treturn make([]int, n)\n}\n"),
    ),
    (
        "accumulation_copies",
        "Python",
        ("def names(found, rows):\n    for row in rows:\n        found.append(row.name)\n    return found\n"),
    ),
    (
        "parameter_by_value",
        "C++",
        ("int total(Ledger& ledger) {\n  return ledger.close();\n}\n"),
    ),
    (
        "table_rebuilt",
        "C",
        ("int next(void) {\n    static int last = 0;\n    return ++last;\n}\n"),
    ),
    (
        "costly_test_first",
        "C#",
        (
            "bool Ready(Reader reader, bool on) {\n"
            "    if (on && reader.Read()) {\n"
            "        return true;\n"
            "    }\n"
            "    return false;\n"
            "}\n"
        ),
    ),
    (
        "cache_check_removed",
        "JavaScript",
        ("function load(key) {\n  if (key) {\n    return key;\n  }\n  return this.read(key);\n}\n"),
    ),
    (
        "accumulation_copies",
        "Go",
        (
            "func names(all []row) string {\n"
            "\tvar out strings.Builder\n"
            "\tfor _, one := range all {\n"
            "\t\tout.WriteString(one.name)\n"
            "\t}\n"
            "\treturn out.String()\n"
            "}\n"
        ),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
