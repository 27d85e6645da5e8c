"""What the operators of `memory.ownership` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import ownership
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "heap_for_stack",
        "C",
        ("int load(int fd) {\n    char text[64 + 1];\n    return fill(fd, text, 64);\n}\n"),
        ("int load(int fd) {\n    char *text = malloc(64 + 1);\n    return fill(fd, text, 64);\n}\n"),
    ),
    (
        "heap_for_stack",
        "C",
        ("int load(int fd) {\n    int rows[8];\n    return fill(fd, rows, 8);\n}\n"),
        ("int load(int fd) {\n    int *rows = malloc(8 * sizeof(int));\n    return fill(fd, rows, 8);\n}\n"),
    ),
    (
        "heap_for_stack",
        "C++",
        ("int load(int fd) {\n  char text[64];\n  return fill(fd, text, 64);\n}\n"),
        ("int load(int fd) {\n  char* text = new char[64];\n  return fill(fd, text, 64);\n}\n"),
    ),
    (
        "owner_lost",
        "C++",
        ("void run() {\n  auto job = std::make_unique<Job>(1);\n  job->start();\n}\n"),
        ("void run() {\n  auto job = new Job(1);\n  job->start();\n}\n"),
    ),
    (
        "owner_lost",
        "C++",
        ("void run() {\n  std::unique_ptr<Job> job(new Job(1));\n  job->start();\n}\n"),
        ("void run() {\n  Job* job = new Job(1);\n  job->start();\n}\n"),
    ),
]
LEFT_ALONE = [
    ("heap_for_stack", "C", ("int load(int fd) {\n    char text[64];\n    return read(fd, text, sizeof(text));\n}\n")),
    (
        "owner_lost",
        "C++",
        ("void run() {\n  auto job = std::make_unique<Job>(1);\n  queue_.push(std::move(job));\n}\n"),
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
    own = {one.name for one in vars(ownership).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
