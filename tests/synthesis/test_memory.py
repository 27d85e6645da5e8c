"""Operators of `synthesis.mutations.memory` on real forms: the exact mutant, and code that they must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants

BY_NAME = {one.name: one for one in OPERATORS["memory_efficiency"]}

MADE = [
    (
        "result_copied",
        "Python",
        "def jar(cj):\n    found = {c.name: c.value for c in cj}\n    return found\n",
        "def jar(cj):\n    found = {c.name: c.value for c in cj}\n    return dict(found)\n",
    ),
    (
        "bound_lifted",
        "Python",
        "def take(n, seq):\n    return itertools.islice(seq, n)\n",
        "def take(n, seq):\n    return list(seq)[:n]\n",
    ),
    (
        "eager_copy",
        "Python",
        ("def show(rows):\n    for row in rows:\n        print(row)\n"),
        ("def show(rows):\n    for row in list(rows):\n        print(row)\n"),
    ),
    (
        "eager_copy",
        "JavaScript",
        ("function show(rows) {\n  for (const row of rows) {\n    print(row);\n  }\n}\n"),
        ("function show(rows) {\n  for (const row of [...rows]) {\n    print(row);\n  }\n}\n"),
    ),
    (
        "bound_lifted",
        "Python",
        ("def copy(source, target):\n    while part := source.read(65536):\n        target.write(part)\n"),
        ("def copy(source, target):\n    while part := source.read():\n        target.write(part)\n"),
    ),
    (
        "changed_in_a_copy",
        "Python",
        ("def names(rows):\n    found = [row.name for row in rows]\n    found.sort()\n    return found\n"),
        ("def names(rows):\n    found = [row.name for row in rows]\n    found = sorted(found)\n    return found\n"),
    ),
    (
        "release_removed",
        "C",
        (
            "int count(const char *path) {\n"
            '    FILE *f = fopen(path, "r");\n'
            "    int n = lines(f);\n"
            "    fclose(f);\n"
            "    return n;\n"
            "}\n"
        ),
        ('int count(const char *path) {\n    FILE *f = fopen(path, "r");\n    int n = lines(f);\n    return n;\n}\n'),
    ),
    (
        "release_removed",
        "Go",
        (
            "func size(path string) (int64, error) {\n"
            "\tf, err := os.Open(path)\n"
            "\tif err != nil {\n"
            "\t\treturn 0, err\n"
            "\t}\n"
            "\tdefer f.Close()\n"
            "\treturn measure(f)\n"
            "}\n"
        ),
        (
            "func size(path string) (int64, error) {\n"
            "\tf, err := os.Open(path)\n"
            "\tif err != nil {\n"
            "\t\treturn 0, err\n"
            "\t}\n"
            "\treturn measure(f)\n"
            "}\n"
        ),
    ),
    (
        "scope_unmanaged",
        "Python",
        ("def load(path):\n    with open(path) as file:\n        text = file.read()\n    return text\n"),
        ("def load(path):\n    file = open(path)\n    text = file.read()\n    return text\n"),
    ),
    (
        "reference_kept",
        "JavaScript",
        ("function done(id) {\n  finish(this.pending[id]);\n  delete this.pending[id];\n}\n"),
        ("function done(id) {\n  finish(this.pending[id]);\n}\n"),
    ),
    (
        "eviction_removed",
        "Python",
        (
            "def put(self, key, value):\n"
            "    self.cache[key] = value\n"
            "    if len(self.cache) > self.limit:\n"
            "        self.cache.popitem()\n"
        ),
        ("def put(self, key, value):\n    self.cache[key] = value\n"),
    ),
    (
        "buffer_not_reused",
        "Java",
        (
            "byte[] take(int n) {\n"
            "    if (buffer.length < n) {\n"
            "        buffer = new byte[n];\n"
            "    }\n"
            "    return fill(buffer, n);\n"
            "}\n"
        ),
        ("byte[] take(int n) {\n    buffer = new byte[n];\n    return fill(buffer, n);\n}\n"),
    ),
    (
        "buffer_in_loop",
        "C#",
        (
            "void Copy(Stream from, Stream to) {\n"
            "    var buffer = new byte[4096];\n"
            "    while (from.CanRead) {\n"
            "        to.Write(buffer, 0, from.Read(buffer, 0, 4096));\n"
            "    }\n"
            "}\n"
        ),
        (
            "void Copy(Stream from, Stream to) {\n"
            "    while (from.CanRead) {\n"
            "        var buffer = new byte[4096];\n"
            "        to.Write(buffer, 0, from.Read(buffer, 0, 4096));\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "loop_variable_copied",
        "C++",
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (const auto& row : rows) sum += row.size();\n"
            "  return sum;\n"
            "}\n"
        ),
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (auto row : rows) sum += row.size();\n"
            "  return sum;\n"
            "}\n"
        ),
    ),
    (
        "reference_copied",
        "C++",
        ("int total(const Book& book) {\n  const Rows& rows = book.rows();\n  return rows.size() + rows.gaps();\n}\n"),
        ("int total(const Book& book) {\n  const Rows rows = book.rows();\n  return rows.size() + rows.gaps();\n}\n"),
    ),
    (
        "argument_copied",
        "C++",
        ("int total(const std::vector<int>& values) {\n  return sum(values);\n}\n"),
        ("int total(const std::vector<int> values) {\n  return sum(values);\n}\n"),
    ),
    (
        "argument_copied",
        "Go",
        ("func (b *Box) Size() int {\n\treturn b.width * b.height\n}\n"),
        ("func (b Box) Size() int {\n\treturn b.width * b.height\n}\n"),
    ),
    (
        "result_copied",
        "Java",
        (
            "List<String> names() {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<String> names() {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return new ArrayList<>(found);\n"
            "}\n"
        ),
    ),
    (
        "type_widened",
        "Go",
        ("func seen(names []string) int {\n\tknown := make(map[string]struct{})\n\treturn fill(known, names)\n}\n"),
        ("func seen(names []string) int {\n\tknown := make(map[string]interface{})\n\treturn fill(known, names)\n}\n"),
    ),
    (
        "value_boxed",
        "Java",
        (
            "int sum(int[] values) {\n"
            "    int total = 0;\n"
            "    for (int v : values) {\n"
            "        total += v;\n"
            "    }\n"
            "    return total;\n"
            "}\n"
        ),
        (
            "int sum(int[] values) {\n"
            "    Integer total = 0;\n"
            "    for (int v : values) {\n"
            "        total += v;\n"
            "    }\n"
            "    return total;\n"
            "}\n"
        ),
    ),
    (
        "size_inflated",
        "C",
        ("char *copy(const char *s, size_t n) {\n    char *made = malloc(n + 1);\n    return memcpy(made, s, n);\n}\n"),
        (
            "char *copy(const char *s, size_t n) {\n"
            "    char *made = malloc(2 * (n + 1));\n"
            "    return memcpy(made, s, n);\n"
            "}\n"
        ),
    ),
    (
        "eager_copy",
        "Ruby",
        ("def show(rows)\n  rows.each do |row|\n    puts row\n  end\nend\n"),
        ("def show(rows)\n  rows.to_a.each do |row|\n    puts row\n  end\nend\n"),
    ),
    (
        "eager_copy",
        "C#",
        ("void Show(IEnumerable<int> rows) {\n    foreach (var row in rows) {\n        Print(row);\n    }\n}\n"),
        (
            "void Show(IEnumerable<int> rows) {\n"
            "    foreach (var row in rows.ToList()) {\n"
            "        Print(row);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "eager_copy",
        "Java",
        (
            "void show(Map<String, Integer> rows) {\n"
            "    for (String name : rows.keySet()) {\n"
            "        print(name);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void show(Map<String, Integer> rows) {\n"
            "    for (String name : new ArrayList<>(rows.keySet())) {\n"
            "        print(name);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "release_removed",
        "C#",
        ("void Save(string path) {\n    using var file = File.Create(path);\n    Write(file);\n}\n"),
        ("void Save(string path) {\n    var file = File.Create(path);\n    Write(file);\n}\n"),
    ),
    (
        "result_copied",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tfound := make([]string, len(all))\n"
            "\tfill(found, all)\n"
            "\treturn found\n"
            "}\n"
        ),
        (
            "func names(all []row) []string {\n"
            "\tfound := make([]string, len(all))\n"
            "\tfill(found, all)\n"
            "\treturn append([]string(nil), found...)\n"
            "}\n"
        ),
    ),
    (
        "result_copied",
        "C#",
        ("List<string> Names() {\n    var found = new List<string>();\n    Fill(found);\n    return found;\n}\n"),
        (
            "List<string> Names() {\n"
            "    var found = new List<string>();\n"
            "    Fill(found);\n"
            "    return found.ToList();\n"
            "}\n"
        ),
    ),
    (
        "bound_lifted",
        "C#",
        ("string[] None() {\n    return Array.Empty<string>();\n}\n"),
        ("string[] None() {\n    return new string[0];\n}\n"),
    ),
    (
        "bound_lifted",
        "Python",
        ("@lru_cache(maxsize=64)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
        ("@lru_cache(maxsize=None)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
    ),
    (
        "buffer_in_loop",
        "C++",
        (
            "void copy(Source& from, Sink& to) {\n"
            "  std::vector<char> part(512);\n"
            "  while (from.more()) {\n"
            "    to.write(from.read(part));\n"
            "  }\n"
            "}\n"
        ),
        (
            "void copy(Source& from, Sink& to) {\n"
            "  while (from.more()) {\n"
            "    std::vector<char> part(512);\n"
            "    to.write(from.read(part));\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "size_inflated",
        "Java",
        (
            "String join(String[] all) {\n"
            "    StringBuilder out = new StringBuilder();\n"
            "    fill(out, all);\n"
            "    return out.toString();\n"
            "}\n"
        ),
        (
            "String join(String[] all) {\n"
            "    StringBuilder out = new StringBuilder(8192);\n"
            "    fill(out, all);\n"
            "    return out.toString();\n"
            "}\n"
        ),
    ),
    (
        "changed_in_a_copy",
        "Ruby",
        ("def tidy(path)\n  name = path.dup\n  name.strip!\n  name\nend\n"),
        ("def tidy(path)\n  name = path.dup\n  name = name.strip\n  name\nend\n"),
    ),
]

LEFT_ALONE = [
    (
        "type_widened",
        "C++",
        "void turn(float *q) {\n  float axis[3];\n  cross(q, axis);\n  use(axis[0]);\n}\n",
    ),
    (
        "release_removed",
        "Python",
        "def expire(self):\n    node = self.head\n    node.unlink()\n    return node\n",
    ),
    (
        "eager_copy",
        "Python",
        ("def show(rows):\n    while rows:\n        print(rows.pop())\n"),
    ),
    (
        "bound_lifted",
        "Python",
        ("def load(source):\n    return source.read()\n"),
    ),
    (
        "changed_in_a_copy",
        "Python",
        ("def order(rows):\n    rows.sort()\n"),
    ),
    (
        "release_removed",
        "C",
        ("int one(void) {\n    int freed = 1;\n    return freed;\n}\n"),
    ),
    (
        "scope_unmanaged",
        "Python",
        ("def add(self, item):\n    with self.lock:\n        self.items.append(item)\n"),
    ),
    (
        "reference_kept",
        "JavaScript",
        ("function init() {\n  this.pending = null;\n}\n"),
    ),
    (
        "eviction_removed",
        "Python",
        (
            "def put(self, value):\n"
            "    if len(self.cache) > self.limit:\n"
            "        self.full = True\n"
            "    self.cache.append(value)\n"
        ),
    ),
    (
        "buffer_not_reused",
        "JavaScript",
        (
            "function attach(name) {\n"
            "  if (!this.parent) {\n"
            "    this.parent = {};\n"
            "  }\n"
            "  return this.parent[name];\n"
            "}\n"
        ),
    ),
    (
        "buffer_in_loop",
        "Java",
        (
            "byte[] read(In in) {\n"
            "    byte[] made = new byte[10];\n"
            "    while (in.ready()) {\n"
            "        in.read(made);\n"
            "    }\n"
            "    return made;\n"
            "}\n"
        ),
    ),
    (
        "loop_variable_copied",
        "C++",
        ("void reset(Rows& rows) {\n  for (auto& row : rows) row = 0;\n}\n"),
    ),
    (
        "reference_copied",
        "C++",
        ("void reset(Book& book) {\n  Rows& rows = book.rows();\n  rows.clear();\n}\n"),
    ),
    (
        "argument_copied",
        "Go",
        ("func (b *Box) Grow() {\n\tb.width += 1\n}\n"),
    ),
    (
        "result_copied",
        "Java",
        ("List<String> names() {\n    List<String> found = load();\n    return found;\n}\n"),
    ),
    (
        "type_widened",
        "C",
        ("int one(void) {\n    char text[8];\n    return fill(text);\n}\n"),
    ),
    (
        "value_boxed",
        "Java",
        ("int sum(int total) {\n    return total;\n}\n"),
    ),
    (
        "size_inflated",
        "Java",
        ("int one() {\n    return load(10);\n}\n"),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "memory_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
