from random import Random

import pytest

from parsers.edits import Edit
from parsers.excerpt import Budget, Excerpt, Granularity, excerpt
from synthesis.tasks.request import FORMS, MAX_OUTLINE_LINES, leaks, request

DOC = "    # Reads the next record of the queue, waiting for one.\n"
BEFORE = (
    "import os\n\n\nclass Store(Base):\n" + DOC + "    def read(self, wait):\n        return self.slow()\n\n"
    "    def size(self):\n        return 3\n"
)


def cut(language: str, before: str, after: str, granularity: Granularity = "function") -> Excerpt:
    found = excerpt(Edit(language, before, after), granularity, Budget(10_000, len))
    assert isinstance(found, Excerpt)
    return found


def requests(language: str, found: Excerpt, path: str = "lib/store.py") -> list[str]:
    """One of every form."""
    texts = {}
    for seed in range(40):
        text = request(language, path, found, Random(seed))
        assert text == request(language, path, found, Random(seed))
        assert leaks(text, found.before, found.after) is None
        texts[text] = None
    return list(texts)


def test_a_documented_function_is_asked_for_by_its_documentation_and_signature():
    texts = requests("Python", cut("Python", BEFORE, BEFORE.replace("self.slow()", "self.fast()")))
    assert len(texts) == FORMS
    for text in texts:
        assert "Reads the next record of the queue" in text and "def read(self, wait)" in text
        assert "slow" not in text and "fast" not in text


def test_a_documentation_that_differs_is_not_said():
    after = BEFORE.replace("waiting for one", "never waiting").replace("self.slow()", "self.fast()")
    for text in requests("Python", cut("Python", BEFORE, after)):
        assert "Reads" not in text and "def read(self, wait)" in text and "`read`" in text


def test_a_documentation_that_repeats_a_line_of_one_side_is_not_said():
    before = BEFORE.replace("self.slow()", "self.queue.take_one(wait, 100)").replace(
        "waiting for one", "with return self.queue.take_one(wait, 100) in it"
    )
    for text in requests("Python", cut("Python", before, before.replace("100)\n", "200)\n"))):
        assert "take_one" not in text and "def read(self, wait)" in text


def test_a_signature_that_differs_leaves_documentation_and_name():
    for text in requests("Python", cut("Python", BEFORE, BEFORE.replace("wait)", "wait, limit)"))):
        assert "Reads the next record" in text and "`read`" in text
        assert "limit" not in text and "def " not in text


def test_several_functions_are_asked_for_by_an_outline_of_what_both_sides_hold():
    after = BEFORE.replace("self.slow()", "self.fast()").replace("def size(self)", "def size(self, deep)")
    after += "\n    def fast(self):\n        return 4\n"
    for text in requests("Python", cut("Python", BEFORE, after)):
        assert "class Store(Base)\n    def read(self, wait)\n    size\n" in text
        assert "a part of `store.py`" in text and "fast" not in text and "deep" not in text


def test_a_file_is_asked_for_by_a_bounded_outline():
    functions = "".join(f"int f{i}(int x)\n{{\n\treturn {i};\n}}\n\n" for i in range(60))
    found = cut("C", functions, functions.replace("return 7;", "return 77;"), "file")
    for text in requests("C", found, "src/a.c"):
        assert "the file `a.c`" in text and "int f0(int x)\nint f1(int x)\n" in text
        assert text.count("int f") == MAX_OUTLINE_LINES


def test_a_head_that_differs_leaves_the_name_of_the_class():
    body = "    # Says.\n    def f(x)\n      1\n    end\n\n    def g; 2; end\n"
    before = f"module A\n  # Kept here.\n  class B < C\n{body}  end\nend\n"
    after = before.replace("< C", "< D").replace("1\n", "3\n").replace("2;", "4;")
    for text in requests("Ruby", cut("Ruby", before, after, "file"), "a/b.rb"):
        assert "module A\n    B\n        def f(x)\n        def g" in text


def test_blocks_without_a_name_are_no_part_of_an_outline():
    before = "describe X do\n  def a\n    1\n  end\nend\n\nclass << self\n  def b\n    2\n  end\nend\n"
    for text in requests("Ruby", cut("Ruby", before, before.replace("1\n", "3\n"), "file"), "a.rb"):
        assert "def a\ndef b\n" in text and "describe" not in text


def test_where_nothing_is_shared_the_file_is_named_and_at_last_the_language_alone():
    found = cut("C", "#define OLD 1\n", "#define FRESH 2\n", "file")
    for text in requests("C", found, "src/table.c"):
        assert "the file `table.c`" in text and "```" not in text
    for text in requests("C", found, "src/fresh.c"):
        assert "a file" in text and "fresh" not in text
    unparsed = Excerpt("file", "x\0", "y\0", (), ())
    assert "a file" in request("C", "a.c", unparsed, Random(1))


@pytest.mark.parametrize(
    ("prompt", "before", "after", "word"),
    [
        ("Write `a` in C.", "int a;", "long a;", None),
        ("Write `a` quickly.", "int a;", "int a; /* quickly */", "quickly"),
        ("Write `readAll`.", "read all", "readAll", "readall"),
        ("Write `x`, which frees it.", "x frees", "x", "frees"),
        ("Write the file.", "int a;", "int the_file;", None),
        ("Neither side holds these words.", "a", "b", None),
    ],
)
def test_a_leak_is_a_word_that_one_side_alone_holds(prompt, before, after, word):
    assert leaks(prompt, before, after) == word
