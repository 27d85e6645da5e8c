"""What the tests of security operators share: a line within a function, and what an operator makes of it."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator, mutants
from synthesis.mutations.security import FILES

BODIES = {
    "Python": "def work(self, name, path, data, size):\n    start(name)\n    {}\n    return finish(name)\n",
    "JavaScript": "function work(name, path, data, size) {{\n  start(name);\n  {}\n  return finish(name);\n}}\n",
    "Ruby": "def work(name, path, data, size)\n  start(name)\n  {}\n  finish(name)\nend\n",
    "Go": "func work(name, path string, data []byte, size int) error {{\n\tstart(name)\n\t{}\n\treturn finish(name)\n"
    "}}\n",
    "Java": "String work(String name, String path) {{\n    start(name);\n    {}\n    return finish(name);\n}}\n",
    "C#": "string Work(string name, string path) {{\n    Start(name);\n    {}\n    return Finish(name);\n}}\n",
    "C": "int work(char *name, const char *path, size_t size) {{\n    start(name);\n    {}\n    return finish(name)"
    ";\n}}\n",
    "C++": "int work(std::string name, const char *path, size_t n) {{\n  start(name);\n  {}\n  return finish(name);\n"
    "}}\n",
}


@pytest.fixture
def made() -> Callable[[str, str, str], list[str]]:
    """All that an operator, by its name, makes of one function."""
    known = {one.name: one for file in FILES for one in vars(file).values() if isinstance(one, Operator)}

    def make(name: str, language: str, code: str) -> list[str]:
        return [one.code for one in mutants(language, code, (known[name],))]

    return make


@pytest.fixture
def lines(made: Callable[[str, str, str], list[str]]) -> Callable[[str, str, str], list[str]]:
    """What an operator makes of one line within a function: the line, with what surrounds it taken off."""

    def make(name: str, language: str, line: str) -> list[str]:
        head, tail = BODIES[language].replace("{{", "{").replace("}}", "}").split("{}")
        found = made(name, language, head + line + tail)
        assert all(code.startswith(head.rstrip()) and code.endswith(tail.lstrip()) for code in found)
        return [code[len(head) : len(code) - len(tail)] for code in found]

    return make
