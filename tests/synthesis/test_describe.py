"""The prompt that leads to a function: its forms, what it must not show, and what it protects."""

from random import Random

import pytest

from parsers.functions import functions
from parsers.syntax import Function, Syntax, parse
from synthesis.tasks.describe import FORMS, instruction, leaked_line, protected_words

ADD = '''def add_all(values: list[int]) -> int:
    """Sum the numbers.



    Empty lists give 0.
    """
    return sum(values)
'''


def first(language: str, code: str) -> tuple[Syntax, Function]:
    syntax = parse(language, code)
    return syntax, functions(syntax)[0]


def forms(language: str, code: str) -> set[str]:
    _, function = first(language, code)
    return {instruction(language, function, Random(seed)) for seed in range(60)}


def test_each_form_names_the_function_and_gives_documentation_and_signature() -> None:
    found = forms("Python", ADD)
    assert len(found) == FORMS
    for text in found:
        assert "def add_all(values: list[int]) -> int" in text
        assert "Sum the numbers." in text and "Empty lists give 0." in text
        assert "Python" in text
        assert "return sum" not in text and '"""' not in text
    assert sum("```python\n" in text for text in found) == 2
    assert any(text.startswith("Write the Python function `add_all`.") for text in found)


def test_blank_lines_are_folded_and_ends_stripped() -> None:
    for text in forms("Python", ADD):
        assert "\n\n\n" not in text
        assert text == text.strip()


def test_the_same_random_source_gives_the_same_form() -> None:
    _, function = first("Python", ADD)
    assert instruction("Python", function, Random("r")) == instruction("Python", function, Random("r"))


def test_languages_use_their_own_fence_and_word() -> None:
    code = "// Total adds the prices of all items.\nfunc Total(items []Item) float64 {\n\treturn sum(items)\n}\n"
    found = forms("Go", "package shop\n\n" + code)
    assert any("```go\nfunc Total(items []Item) float64\n```" in text for text in found)
    method = forms("Java", "class A {\n  /** Adds one. */\n  int next(int n) {\n    return n + 1;\n  }\n}\n")
    assert any(text.startswith("Write the Java method `next`.") for text in method)


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7 * 7 }}",
        "{% raw %}{% endraw %}{% for x in range(3) %}x{% endfor %}",
        "{{ ''.__class__.__mro__ }} {# gone #}",
        "1 < 2 & 'quoted'",
    ],
)
def test_template_syntax_in_a_docstring_stays_data(hostile: str) -> None:
    for text in forms("Python", f'def f(a="{{{{ 1 }}}}"):\n    """{hostile} done."""\n    return a\n'):
        assert f"{hostile} done." in text
        assert 'def f(a="{{ 1 }}")' in text


def test_a_docstring_that_repeats_a_line_of_the_body_leaks() -> None:
    body = "    return sorted(values,   key=len)[-1]\n"
    leak = f'def f(values):\n    """Longest: ``return sorted(values, key=len)[-1]``."""\n{body}'
    assert leaked_line(*first("Python", leak)) == "return sorted(values, key=len)[-1]"
    assert leaked_line(*first("Python", leak.replace("Longest: ``return sorted(", "Longest of ("))) is None


def test_a_leak_is_found_in_a_comment_above_too() -> None:
    code = (
        "// Next is\n//   counter.value = counter.value + 1;\nint next() {\n  counter.value = counter.value + 1;\n}\n"
    )
    assert leaked_line(*first("C", code)) == "counter.value = counter.value + 1;"


def test_short_lines_and_comments_are_no_leak() -> None:
    assert leaked_line(*first("Python", 'def f(a):\n    """Do return a now."""\n    return a\n')) is None
    comment = "# take the longest of all the values"
    code = f'def f(a):\n    """Please {comment} here."""\n    {comment}\n    return a\n'
    assert leaked_line(*first("Python", code)) is None


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Return `limit` items.", {"limit"}),
        ("Return ``limit`` items.", {"limit"}),
        ('Print "not found" then.', {"not", "found"}),
        ("Print 'gone away' then.", {"gone", "away"}),
        ("Uses max_retries and _private and MAX_SIZE.", {"max_retries", "_private", "MAX_SIZE"}),
        ("Uses maxRetries and HttpClient.", {"maxRetries", "HttpClient"}),
        ("At most 10 of 2.5 in utf8.", {"10", "2", "5", "utf8"}),
        ("Calls close() at the end.", {"close"}),
        ("Plain prose, nothing more. Really.", set()),
        ("Don't do that.", set()),
        ("", set()),
    ],
)
def test_words_named_as_code_or_quoted_are_protected(prompt: str, words: set[str]) -> None:
    assert protected_words(prompt) == words


def test_the_signature_protects_nothing() -> None:
    fenced = "Adds up.\n\n```python\ndef add_all(first_part, second_part)\n```"
    assert protected_words(fenced) == frozenset()
    assert protected_words("How would you implement `int add_all(int first_part)` in C?") == frozenset()
    assert protected_words("I need `add_all`:\n\nSignature: `int add_all(int a)`") == {"add_all"}
