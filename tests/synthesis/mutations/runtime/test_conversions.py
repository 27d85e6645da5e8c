"""`synthesis.mutations.runtime.conversions` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import conversions

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == conversions.__name__}

MADE = [
    (
        "formatted_where_joined",
        "Java",
        ('String label(Item item) {\n    return item.name + ": " + item.kind;\n}\n'),
        ('String label(Item item) {\n    return String.format("%s: %s", item.name, item.kind);\n}\n'),
    ),
    (
        "formatted_where_joined",
        "C#",
        ('string Label(Item item) {\n    return $"{item.Name}: {item.Kind}";\n}\n'),
        ('string Label(Item item) {\n    return string.Format("{0}: {1}", item.Name, item.Kind);\n}\n'),
    ),
    (
        "formatted_where_joined",
        "Go",
        ('func label(name string) string {\n\treturn "<" + name + ">"\n}\n'),
        ('func label(name string) string {\n\treturn fmt.Sprintf("<%s>", name)\n}\n'),
    ),
    (
        "type_tested_twice",
        "C#",
        ("int Of(object one) {\n    if (one is Box box)\n    {\n        return box.Size;\n    }\n    return 0;\n}\n"),
        (
            "int Of(object one) {\n"
            "    if (one is Box)\n"
            "    {\n"
            "        var box = (Box)one;\n"
            "        return box.Size;\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
    ),
    (
        "type_tested_twice",
        "C++",
        (
            "int of(Node* one) {\n"
            "  if (auto* box = dynamic_cast<Box*>(one)) {\n"
            "    return box->size();\n"
            "  }\n"
            "  return 0;\n"
            "}\n"
        ),
        (
            "int of(Node* one) {\n"
            "  if (dynamic_cast<Box*>(one)) {\n"
            "    auto* box = dynamic_cast<Box*>(one);\n"
            "    return box->size();\n"
            "  }\n"
            "  return 0;\n"
            "}\n"
        ),
    ),
    (
        "block_copied_by_element",
        "C",
        ("void keep(char *to, const char *from, size_t n) {\n    memcpy(to, from, n);\n    done(to);\n}\n"),
        (
            "void keep(char *to, const char *from, size_t n) {\n"
            "    for (size_t i = 0; i < n; i++) {\n"
            "        ((unsigned char *)to)[i] = ((const unsigned char *)from)[i];\n"
            "    }\n"
            "    done(to);\n"
            "}\n"
        ),
    ),
    (
        "block_copied_by_element",
        "Java",
        ("void keep(int[] to, int[] from, int n) {\n    System.arraycopy(from, 0, to, 0, n);\n}\n"),
        (
            "void keep(int[] to, int[] from, int n) {\n"
            "    for (int i = 0; i < n; i++) {\n"
            "        to[i] = from[i];\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "message_built_unread",
        "Python",
        ("def keep(one):\n    logger.debug('kept %s', one.describe())\n    return one\n"),
        ("def keep(one):\n    logger.debug('kept %s' % (one.describe(),))\n    return one\n"),
    ),
    (
        "message_built_unread",
        "Java",
        (
            "void keep(Item one) {\n"
            "    if (log.isDebugEnabled()) {\n"
            '        log.debug("kept " + one.describe());\n'
            "    }\n"
            "    put(one);\n"
            "}\n"
        ),
        ('void keep(Item one) {\n    log.debug("kept " + one.describe());\n    put(one);\n}\n'),
    ),
    (
        "allocated_twice",
        "C++",
        ("std::shared_ptr<Row> row(int n) {\n  return std::make_shared<Row>(n, 1);\n}\n"),
        ("std::shared_ptr<Row> row(int n) {\n  return std::shared_ptr<Row>(new Row(n, 1));\n}\n"),
    ),
]

LEFT_ALONE = [
    (
        "formatted_where_joined",
        "Java",
        ('void check(Item item) {\n    throw new IllegalStateException("bad " + item.name + " here");\n}\n'),
    ),
    (
        "type_tested_twice",
        "C#",
        ("int Of(object one) {\n    if (one is Box box)\n    {\n        return 1;\n    }\n    return 0;\n}\n"),
    ),
    (
        "block_copied_by_element",
        "C",
        ("void keep(char *to, const char *from) {\n    memcpy(to, from, 2);\n    done(to);\n}\n"),
    ),
    (
        "message_built_unread",
        "C#",
        ("void Keep(string one) {\n    if (logger.IsTraceEnabled)\n    {\n        logger.Trace(one);\n    }\n}\n"),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE, ids=[f"{row[0]}-{row[1]}" for row in LEFT_ALONE])
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
