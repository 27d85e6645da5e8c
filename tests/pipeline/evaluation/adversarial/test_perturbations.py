"""Every perturbation in every language: it parses, keeps what it must, is drawn by the pair, touches its sides."""

import difflib
from random import Random

import pytest

from parsers.language import languages
from pipeline.evaluation.adversarial import PERTURBATIONS, perturb
from pipeline.evaluation.adversarial.base import code_of, fenced, same_code, same_shape, same_text
from tests.pipeline.evaluation.adversarial.samples import SAMPLES, worse

FUNCTIONAL = "functional_correctness"


def made(name: str, language: str, seed: int = 0, criterion: str = FUNCTIONAL) -> tuple[str, str]:
    found = perturb(PERTURBATIONS[name], language, criterion, SAMPLES[language], worse(language), Random(seed))
    assert found is not None, (name, language)
    return found


def added(before: str, after: str) -> list[str]:
    return [line[2:] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]


def gone(before: str, after: str) -> list[str]:
    return [line[2:] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]


def test_samples_cover_every_language() -> None:
    assert set(SAMPLES) == set(languages())


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.parametrize("name", PERTURBATIONS)
def test_parses_and_touches_its_sides(name: str, language: str) -> None:
    for seed in range(4):
        chosen, rejected = made(name, language, seed)
        assert rejected != worse(language)
        assert (chosen == SAMPLES[language]) is (PERTURBATIONS[name].sides == "rejected")
        for text in (chosen, rejected):
            code = code_of(language, text)
            assert code is not None
            assert code.errors == 0
        assert made(name, language, seed) == (chosen, rejected)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_draws_differ_between_pairs(name: str) -> None:
    found = {made(name, "JavaScript", seed) for seed in range(8)}
    assert (len(found) == 1) is (name == "comments_removed")


@pytest.mark.parametrize("language", SAMPLES)
def test_what_stays(language: str) -> None:
    before = code_of(language, worse(language))
    assert before is not None
    for name, stays in (("renamed_locals", same_shape), ("reformatted", same_text), ("comments_removed", same_code),
                        ("comments_added", same_code), ("misleading_comment", same_code)):  # fmt: skip
        after = code_of(language, made(name, language)[1])
        assert after is not None
        assert stays(before, after)


@pytest.mark.parametrize("language", SAMPLES)
def test_both_sides_are_edited_alike(language: str) -> None:
    for name, one in PERTURBATIONS.items():
        if one.sides == "both":
            chosen, rejected = made(name, language, 3)
            assert len(added(chosen, rejected)) == len(added(SAMPLES[language], worse(language))) == 1, name


@pytest.mark.parametrize("language", SAMPLES)
def test_comments_are_removed(language: str) -> None:
    chosen, _ = made("comments_removed", language)
    lowered = chosen.lower()
    assert not any(word in lowered for word in ("walk over", "add up", "adds up", "one more", "too much"))
    assert all(line.strip() for line in added(SAMPLES[language], chosen))


def test_text_over_several_lines_stays() -> None:
    kept = {"Python": "\n      As far as the limit.\n", "JavaScript": "`count\n      is ${count}`", "Go": "`a\n  b`",
            "Ruby": "\n    count\n      #{count}\n", "C++": 'R"(a\n      b)"', "C#": '@"a\n      b"'}  # fmt: skip
    for language, text in kept.items():
        assert text in SAMPLES[language]
        for seed in range(6):
            assert text in made("reformatted", language, seed)[0]


@pytest.mark.parametrize("language", SAMPLES)
def test_reformatting_changes_the_indentation(language: str) -> None:
    chosen, _ = made("reformatted", language)
    before = next(line for line in SAMPLES[language].splitlines() if "walk over" in line)
    after = next(line for line in chosen.splitlines() if "walk over" in line)
    width = {"\t": "    ", "  ": "    ", "    ": "  "}
    indent = before[: len(before) - len(before.lstrip())]
    assert after.startswith(width[indent])
    assert not after.startswith(width[indent] + " ")


def test_python_means_the_same() -> None:
    values = []
    for name in ("renamed_locals", "comments_removed", "comments_added", "reformatted", "dead_code"):
        for seed in range(3):
            scope: dict[str, object] = {}
            exec(made(name, "Python", seed)[0], scope)  # our own text
            values.append(scope["total"]([1, 2, 9], 5))  # type: ignore[operator]
    assert set(values) == {(3, "count 3")}


@pytest.mark.parametrize("language", SAMPLES)
def test_dead_code_is_one_block_at_the_start(language: str) -> None:
    for seed in range(4):
        chosen, _ = made("dead_code", language, seed)
        assert gone(SAMPLES[language], chosen) == []
        lines = added(SAMPLES[language], chosen)
        assert "unused" in "\n".join(lines)
        assert len(lines) <= 4


def test_dead_code_takes_a_free_name() -> None:
    code = SAMPLES["Python"].replace("label", "unused")
    found = perturb(PERTURBATIONS["dead_code"], "Python", FUNCTIONAL, code, code.replace("+=", "-="), Random(0))
    assert found is not None
    assert "unused1 = " in found[0]


@pytest.mark.parametrize("criterion", sorted(PERTURBATIONS["misleading_comment"].criteria))
def test_claims_are_of_the_criterion(criterion: str) -> None:
    from pipeline.evaluation.adversarial.misleading_comment import CLAIMS

    places = set()
    for seed in range(12):
        _, rejected = made("misleading_comment", "Java", seed, criterion)
        (line,) = added(worse("Java"), rejected)
        assert line.strip().removeprefix("// ") in CLAIMS[criterion]
        places.add(rejected.splitlines().index(line))
    assert places == {0, 4}


def test_verdict_kept_criteria() -> None:
    assert "readability_maintainability" not in PERTURBATIONS["reformatted"].criteria
    assert PERTURBATIONS["dead_code"].criteria == {"functional_correctness", "security_hardness"}
    assert all(name == one.name for name, one in PERTURBATIONS.items())


@pytest.mark.parametrize(
    ("language", "chosen", "rejected"),
    [
        ("NL", "The sun rises in the east.", "The sun rises in the west."),
        ("Python", "", "x = 1\n"),
        ("Python", "This is a sentence and no code at all, is it?\n", "Neither is this other sentence here.\n"),
        ("Python", "x = 1\0", "y = 1\0"),
    ],
)
def test_what_is_no_code_is_left_alone(language: str, chosen: str, rejected: str) -> None:
    for one in PERTURBATIONS.values():
        if one.sides == "both":
            assert perturb(one, language, FUNCTIONAL, chosen, rejected, Random(0)) is None


def test_code_in_a_fence_is_perturbed_and_the_words_around_it_stay() -> None:
    wrapped = [f"Here it is:\n\n```python\n{text}```\nDone.\n" for text in (SAMPLES["Python"], worse("Python"))]
    found = perturb(PERTURBATIONS["renamed_locals"], "Python", FUNCTIONAL, wrapped[0], wrapped[1], Random(0))
    plain = made("renamed_locals", "Python")
    assert found == tuple(f"Here it is:\n\n```python\n{text}```\nDone.\n" for text in plain)
    assert fenced("a\n```\nb\n```\n~~~\nlonger\n~~~\n") == ("a\n```\nb\n```\n~~~\n", "longer\n", "~~~\n")


def test_windows_line_ends_stay() -> None:
    chosen, rejected = (text.replace("\n", "\r\n") for text in (SAMPLES["C#"], worse("C#")))
    for one in PERTURBATIONS.values():
        found = perturb(one, "C#", FUNCTIONAL, chosen, rejected, Random(1))
        assert found is not None, one.name
        assert all(text.count("\n") == text.count("\r\n") for text in found)


def test_a_method_alone_is_perturbed_without_its_wrapper() -> None:
    for name in PERTURBATIONS:
        assert all("Wrapper" not in text for text in made(name, "C#"))


def apply_to(name: str, language: str, text: str, seed: int = 0) -> str | None:
    """The rejected side alone, where the chosen one is the same but for a name that comes first."""
    other = text.replace("first", "other", 1)
    assert other != text
    found = perturb(PERTURBATIONS[name], language, FUNCTIONAL, other, text, Random(seed))
    return None if found is None else found[1]


def test_directives_headers_and_comments_inside_a_line_stay() -> None:
    python = "# -*- coding: utf-8 -*-\n# gone\ndef first(a):\n    x = a  # noqa: E501\n"
    python += "    # type: ignore\n    return x  # gone\n"
    assert apply_to("comments_removed", "Python", python) == (
        "# -*- coding: utf-8 -*-\ndef first(a):\n    x = a  # noqa: E501\n    # type: ignore\n    return x\n"
    )
    c = "int first(int a /* in */)\n{\n    switch (a) {\n    case 1: /* gone */\n        a++;\n"
    c += "        /* fallthrough */\n    default:\n        return a; // gone\n    }\n}\n"
    assert apply_to("comments_removed", "C", c) == c.replace(" /* gone */", "").replace(" // gone", "")


def test_a_docstring_that_is_all_there_is_stays() -> None:
    text = 'def first(a):\n    """All there is."""\n\n\ndef second(a):\n    """Gone."""\n    return a\n'
    assert apply_to("comments_removed", "Python", text) == text.replace('    """Gone."""\n', "")


def test_what_must_come_first_stays_first() -> None:
    javascript = "function first(a) {\n  'use strict';\n  return a;\n}\n"
    java = "Sub(int first) {\n    super(first);\n    this.count = 1;\n}\n"
    python = '#!/usr/bin/env python\ndef first(a):\n    """Say."""\n    return a\n'
    for seed in range(6):
        dead = apply_to("dead_code", "JavaScript", javascript, seed)
        assert dead is not None
        assert dead.startswith("function first(a) {\n  'use strict';\n")
        dead = apply_to("dead_code", "Java", java, seed)
        assert dead is not None
        assert dead.startswith("Sub(int first) {\n    super(first);\n")
        told = apply_to("judge_addressed", "Python", python, seed)
        assert told is not None
        assert told.startswith('#!/usr/bin/env python\ndef first(a):\n    """Say."""\n    # ')


def test_a_function_on_one_line_has_no_place_inside() -> None:
    text = "int first(int a) { return a; }\n"
    assert [apply_to(name, "C", text) for name in ("dead_code", "comments_added")] == [None, None]
    told = apply_to("misleading_comment", "C", text, 3)
    assert told is not None
    assert told.endswith(text)
    assert told.startswith("// ")


def test_indentation_of_a_class_in_a_function_keeps_its_levels() -> None:
    text = "def first():\n    '''Say.\n      more\n    '''\n    class C:\n        x = 1\n"
    text += "        def f(self):\n            return 2\n    return C\n"
    for seed in range(8):
        made = apply_to("reformatted", "Python", text, seed)
        assert made is not None
        bare = [line.rstrip() for line in made.splitlines() if line.strip()]
        assert bare == [
            "def first():", "  '''Say.", "      more", "    '''", "  class C:", "    x = 1", "    def f(self):",
            "      return 2", "  return C",
        ]  # fmt: skip


def test_lines_that_go_on_and_texts_get_no_trailing_space() -> None:
    text = "#define FIRST(a) \\\n    do { \\\n        first(a); \\\n    } while (0)\n\n"
    text += "int g(int a)\n{\n    return a \\\n        + 1;\n}\n"
    for seed in range(12):
        made = apply_to("reformatted", "C", text, seed)
        assert made is not None
        assert made.count("\\\n") == text.count("\\\n")


def test_mixed_indentation_is_left() -> None:
    text = "int first(int a)\n{\n  if (a)\n\treturn 1;\n  return 0;\n}\n"
    made = apply_to("reformatted", "C", text)
    assert made is not None
    assert "\n\treturn 1;" in made
    assert "\n    return 0;" in made


def test_templates_are_reformatted() -> None:
    text = "template <typename T>\nT first(T a)\n{\n    return a;\n}\n"
    made = apply_to("reformatted", "C++", text)
    assert made is not None
    assert "\n  return a;" in made


def test_block_comments_of_ruby_stay_at_the_margin() -> None:
    text = "def first(a)\n  a + 1\nend\n=begin\n  words\n=end\n"
    for seed in range(8):
        made = apply_to("reformatted", "Ruby", text, seed)
        assert made is not None
        assert made.endswith("=begin\n  words\n=end\n")
