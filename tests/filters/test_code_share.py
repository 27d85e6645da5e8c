import pickle
import sys
from pathlib import Path

import pytest

from filters.code_share import CodeShare, shares
from filters.depth import Depth
from parsers.language import FOLDER, languages
from parsers.parsed import KEPT, parsed
from schemas.config import validate
from schemas.errors import ConfigError, ParseRefused

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, pair

LANGUAGES = tuple(languages())
EXPLANATION = """The second loop is the one that matters here.
It runs over all of the values that were read before, and it adds each of them to the sum.
You can see that this takes longer than it should, because there are many values.
To make it faster, keep the sum and change it when a value is added.
"""
REFUSAL = "I am sorry, but I cannot help you with this request, because the code that you want would do harm.\n"
GERMAN = """Die zweite Schleife ist hier die wichtige, denn sie läuft über alle Werte.
Sie addiert jeden Wert zur Summe und braucht dafür länger als nötig wäre.
"""
MARKDOWN = "# How it works\n\n" + EXPLANATION + "\n## Limits\n\n- " + REFUSAL + "- " + REFUSAL


def fixture(language: str) -> str:
    folder = FOLDER / languages()[language].folder
    (path,) = folder.glob("fixture.*")
    return path.read_text(encoding="utf-8")


def detail(code: str, language: str = "Python") -> str | None:
    found = CodeShare().refuse(pair(chosen=code, rejected=fixture(language), language=language))
    assert found is None or found.reason == "prose"
    return found.detail if found is not None else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_code_of_every_language_passes(language):
    code = fixture(language)
    assert detail(code, language) is None
    _, prose, total = shares(language, code)
    assert prose <= 0.02 * total


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", [EXPLANATION, REFUSAL, GERMAN, MARKDOWN], ids=["said", "refused", "german", "markdown"]
)
def test_prose_is_refused_in_every_language(language, text):
    if text is GERMAN and language in ("Ruby", "Java"):
        return  # words parse as calls or declarations there, and only English is known by its words
    found = CodeShare().refuse(pair(chosen=fixture(language), rejected=text, language=language))
    assert found is not None
    assert found.reason == "prose"
    assert found.detail.startswith("rejected: ")


def test_commented_out_code_with_nothing_left_is_refused():
    assert detail("".join(f"# {line}\n" for line in CHOSEN.splitlines())) == "chosen: 0.00 of it code, at least 0.03"
    assert detail("/*\nint f(int a) {\n    return a;\n}\n*/\n", "C") is not None
    assert detail('"""Only a docstring."""\n') is not None
    assert detail("") is not None


def test_a_heavily_documented_function_passes():
    documentation = "".join(f"    {line}\n" for line in EXPLANATION.splitlines())
    assert detail(f'def total(values):\n    """Adds.\n\n{documentation * 2}    """\n    return sum(values)\n') is None
    assert detail(f"/**\n{EXPLANATION * 2}*/\nint total(int a, int b) {{\n    return a + b;\n}}\n", "C") is None


def test_code_that_reads_like_words_passes():
    assert detail("if a is not None and b in c or not d:\n    return x if y else z\n") is None
    assert detail("it { should be_valid }\nexpect(it).to be_nil unless has_been or was\n", "Ruby") is None
    query = 'QUERY = """\nselect all of the rows that were in their table\nwhere they have been there\n"""\n'
    assert detail(f"def f():\n    {query}    return QUERY\n") is None


def test_an_explanation_around_code_counts_against_it():
    fenced = f"```python\n{CHOSEN}```\n"
    assert detail(fenced) is None
    assert detail(f"Here it is:\n\n{fenced}") is None
    assert detail(EXPLANATION + fenced + EXPLANATION) is not None
    assert detail(EXPLANATION * 2 + fenced.removesuffix("```\n")) is not None  # never closed
    assert detail('def f():\n    """Adds.\n\n```\nf()\n```\n    """\n    return 1\n') is None  # parses as code
    assert shares("Python", fenced) == shares("Python", CHOSEN)


def test_bounds_come_from_the_options():
    text = CHOSEN + "# one comment more\n"
    code, prose, total = shares("Python", text)
    assert (prose, total - code) == (0, len("#onecommentmore"))
    assert validate(CodeShare, {"min_share": 0.95}, "x").refuse(pair(chosen=text)) is not None
    assert CodeShare(min_share=code / total - 0.01).refuse(pair(chosen=text)) is None
    mixed = CHOSEN * 3 + EXPLANATION
    assert detail(mixed) is not None
    assert CodeShare(max_prose=1).refuse(pair(chosen=mixed)) is None
    with pytest.raises(ConfigError, match="max_prose"):
        validate(CodeShare, {"max_prose": -1}, "x")


def test_a_good_pair_passes_before_and_after_pickling_and_text_without_a_grammar_too():
    assert CodeShare().refuse(PAIR) is None
    assert CodeShare().refuse(pair(language="NL", chosen=EXPLANATION, rejected=REFUSAL)) is None
    copy = pickle.loads(pickle.dumps(CodeShare()))
    assert copy == CodeShare()
    assert copy.refuse(pair(chosen=REFUSAL)) is not None


def test_what_the_parser_refuses_keeps_its_reason():
    found = CodeShare().refuse(pair(rejected="x = 1\0\n"))
    assert found is not None
    assert found.reason == "nul_bytes"
    assert found.detail.startswith("rejected: ")
    found = CodeShare().refuse(pair(chosen="```\n" + "(" * 2000 + "\n```\n"))
    assert found is not None
    assert found.reason == "too_deep"


def test_many_fences_and_a_long_text_end():
    assert detail("```\n" * 20_000) is None  # nothing in it, and no prose: another filter's
    assert detail("the code that we have\n" * 8_000) is not None


def test_parsed_texts_are_shared_and_few():
    parsed.cache_clear()
    first = parsed("Python", CHOSEN)
    assert parsed("Python", CHOSEN) is first
    assert parsed("Ruby", CHOSEN) is not first
    Depth().refuse(PAIR)
    CodeShare().refuse(PAIR)
    assert parsed.cache_info().currsize == 3  # the rejected side is one more
    for i in range(KEPT):
        parsed("Python", f"x = {i}")
    assert parsed.cache_info().currsize == KEPT
    assert parsed("Python", CHOSEN) is not first
    for _ in range(2):
        with pytest.raises(ParseRefused):
            parsed("Python", "\0")
