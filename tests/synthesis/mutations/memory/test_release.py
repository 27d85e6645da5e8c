"""What the operators of `memory.release` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import release
from synthesis.mutations.operator import Operator, mutants

MADE = [
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
        "released_but_for_one_path",
        "C",
        (
            "int load(const char *path) {\n"
            "    char *text = strdup(path);\n"
            "    if (!valid(text)) {\n"
            "        free(text);\n"
            "        return -1;\n"
            "    }\n"
            "    return keep(text);\n"
            "}\n"
        ),
        (
            "int load(const char *path) {\n"
            "    char *text = strdup(path);\n"
            "    if (!valid(text)) {\n"
            "        return -1;\n"
            "    }\n"
            "    return keep(text);\n"
            "}\n"
        ),
    ),
    (
        "cleanup_skipped",
        "C",
        (
            "int load(const char *path) {\n"
            "    int rc = -1;\n"
            "    char *text = strdup(path);\n"
            "    if (!text)\n"
            "        goto out;\n"
            "    if (!valid(text))\n"
            "        goto out;\n"
            "    rc = 0;\n"
            "out:\n"
            "    free(text);\n"
            "    return rc;\n"
            "}\n"
        ),
        (
            "int load(const char *path) {\n"
            "    int rc = -1;\n"
            "    char *text = strdup(path);\n"
            "    if (!text)\n"
            "        goto out;\n"
            "    if (!valid(text))\n"
            "        return rc;\n"
            "    rc = 0;\n"
            "out:\n"
            "    free(text);\n"
            "    return rc;\n"
            "}\n"
        ),
    ),
    (
        "scope_lost",
        "C#",
        ("void Save(string path) {\n    using var file = File.Create(path);\n    Write(file);\n}\n"),
        ("void Save(string path) {\n    var file = File.Create(path);\n    Write(file);\n}\n"),
    ),
    (
        "scope_lost",
        "C#",
        ("void Save(string path) {\n    using (var file = File.Create(path))\n    {\n        Write(file);\n    }\n}\n"),
        ("void Save(string path) {\n    var file = File.Create(path);\n    Write(file);\n}\n"),
    ),
    (
        "scope_lost",
        "Java",
        ("void save(String path) {\n    try (Reader in = open(path)) {\n        read(in);\n    }\n}\n"),
        ("void save(String path) {\n    Reader in = open(path);\n    read(in);\n}\n"),
    ),
    (
        "scope_lost",
        "Java",
        (
            "void save(String path) {\n"
            "    try (Reader in = open(path)) {\n"
            "        read(in);\n"
            "    } catch (IOException e) {\n"
            "        fail(e);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void save(String path) {\n"
            "    try {\n"
            "        Reader in = open(path);\n"
            "        read(in);\n"
            "    } catch (IOException e) {\n"
            "        fail(e);\n"
            "    }\n"
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
        "scope_unmanaged",
        "Ruby",
        ("def load(path)\n  File.open(path) do |file|\n    parse(file)\n  end\nend\n"),
        ("def load(path)\n  file = File.open(path)\n  parse(file)\nend\n"),
    ),
    (
        "finally_lost",
        "Python",
        (
            "def load(path):\n"
            "    file = open(path)\n"
            "    try:\n"
            "        return parse(file)\n"
            "    finally:\n"
            "        file.close()\n"
        ),
        ("def load(path):\n    file = open(path)\n    return parse(file)\n"),
    ),
    (
        "finally_lost",
        "Java",
        (
            "void load(String path) {\n"
            "    Reader in = open(path);\n"
            "    try {\n"
            "        parse(in);\n"
            "    } catch (IOException e) {\n"
            "        fail(e);\n"
            "    } finally {\n"
            "        in.close();\n"
            "    }\n"
            "}\n"
        ),
        (
            "void load(String path) {\n"
            "    Reader in = open(path);\n"
            "    try {\n"
            "        parse(in);\n"
            "    } catch (IOException e) {\n"
            "        fail(e);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "finally_lost",
        "Ruby",
        ("def load(path)\n  file = open(path)\n  parse(file)\nensure\n  file.close\nend\n"),
        ("def load(path)\n  file = open(path)\n  parse(file)\nend\n"),
    ),
    (
        "deferred_in_loop",
        "Go",
        (
            "func sizes(paths []string) {\n"
            "\tfor _, path := range paths {\n"
            "\t\tf := open(path)\n"
            "\t\tmeasure(f)\n"
            "\t\tf.Close()\n"
            "\t}\n"
            "}\n"
        ),
        (
            "func sizes(paths []string) {\n"
            "\tfor _, path := range paths {\n"
            "\t\tf := open(path)\n"
            "\t\tmeasure(f)\n"
            "\t\tdefer f.Close()\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "cancel_lost",
        "Go",
        (
            "func ask(ctx context.Context) error {\n"
            "\tctx, cancel := context.WithTimeout(ctx, limit)\n"
            "\tdefer cancel()\n"
            "\treturn call(ctx)\n"
            "}\n"
        ),
        ("func ask(ctx context.Context) error {\n\tctx, _ := context.WithTimeout(ctx, limit)\n\treturn call(ctx)\n}\n"),
    ),
]
LEFT_ALONE = [
    ("release_removed", "C", ("int one(void) {\n    int freed = 1;\n    return freed;\n}\n")),
    ("release_removed", "Python", ("def expire(self):\n    node = self.head\n    node.unlink()\n    return node\n")),
    (
        "release_removed",
        "Python",
        ("def step(self):\n    self.lock.acquire()\n    self.lock.release()\n    return 1\n"),
    ),
    (
        "release_removed",
        "Go",
        ("func one(path string) error {\n\tf, err := os.Open(path)\n\tdefer f.Close()\n\treturn err\n}\n"),
    ),
    ("release_removed", "Java", ("void save(Sink sink, byte[] all) {\n    sink.write(all);\n    sink.close();\n}\n")),
    ("scope_unmanaged", "Python", ("def add(self, item):\n    with self.lock:\n        self.items.append(item)\n")),
    ("scope_unmanaged", "Python", ("def both(a, b):\n    with open(a) as x, open(b) as y:\n        join(x, y)\n")),
    (
        "scope_unmanaged",
        "Python",
        ('def save(path):\n    with open(path, "w") as file:\n        file.write("x")\n    return read(path)\n'),
    ),
    (
        "finally_lost",
        "Java",
        (
            "void step() {\n"
            "    gate.acquire();\n"
            "    try {\n"
            "        go();\n"
            "    } finally {\n"
            "        gate.release();\n"
            "    }\n"
            "}\n"
        ),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "memory_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_of_the_file_has_an_example() -> None:
    own = {one.name for one in vars(release).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
