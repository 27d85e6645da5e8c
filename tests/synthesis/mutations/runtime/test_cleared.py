"""`synthesis.mutations.runtime.cleared` on small forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import mutants

MADE = [
    (
        "allocated_cleared",
        "C",
        "char *twin(const char *s, size_t n) {\n    char *t = malloc(n);\n    memcpy(t, s, n);\n    return t;\n}\n",
        "char *twin(const char *s, size_t n) {\n    char *t = calloc(1, n);\n    memcpy(t, s, n);\n    return t;\n}\n",
    ),
    (
        "allocated_cleared",
        "C++",
        "void f(size_t n) {\n  p_ = malloc(n);\n  Fill(p_, n);\n}\n",
        "void f(size_t n) {\n  p_ = calloc(1, n);\n  Fill(p_, n);\n}\n",
    ),
    (
        "block_copied_by_element",
        "C",
        "void f(char *to, const char *from, size_t n) {\n    memcpy(to + 4, from, n - 1);\n}\n",
        (
            "void f(char *to, const char *from, size_t n) {\n    for (size_t i = 0; i < (n - 1); i++) {\n"
            "        ((unsigned char *)(to + 4))[i] = ((const unsigned char *)from)[i];\n    }\n}\n"
        ),
    ),
    (
        "block_copied_by_element",
        "C++",
        "void f(Box& box) {\n  std::memset(&box, 0, sizeof(box));\n}\n",
        (
            "void f(Box& box) {\n  for (size_t i = 0; i < sizeof(box); i++) {\n"
            "    ((unsigned char *)(&box))[i] = 0;\n  }\n}\n"
        ),
    ),
]
LEFT_ALONE = [
    # small, so that nobody would notice
    # nothing fills it as a whole: it may need to be cleared
    # cleared by hand already
    # the allocator itself
    ("allocated_cleared", "C", "void *my_alloc(size_t n) {\n    void *p = malloc(n);\n    return p;\n}\n"),
    ("allocated_cleared", "C", "void f(size_t n) {\n    p = malloc(n);\n    memset(p, 1, n);\n}\n"),
    # a size that is computed, which a loop would compute again and again
    ("block_copied_by_element", "C", "void f(char *a, char *b) {\n    memcpy(a, b, strlen(b));\n}\n"),
    # the two may overlap
    ("block_copied_by_element", "C", "void f(char *a, char *b, size_t n) {\n    memmove(a, b, n);\n}\n"),
    ("block_copied_by_element", "C", "void f(char *a, char *b, size_t n) {\n    memcpy(a++, b, n);\n}\n"),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes(name: str, language: str, code: str, expected: str) -> None:
    assert [one.code for one in mutants(language, code, (BY_NAME[name],))] == [expected]


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []
