"""Mining: why a function or a commit makes no candidate, and what one that does looks like."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.stages.mine import Mine, MineOptions, mine, unit_id
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Change, Dropped, SourceFile

OPTIONS = MineOptions()
GOOD = '''def total(values, start=0):
    """Add the values to a start, one after the other."""
    result = start
    for value in values:
        result += value
    return result
'''


def file(text: str, language: str = "Python", name: str = "a.py", repo: str = "pypi:sums") -> SourceFile:
    origin = Origin("pypi", repo, "1.0", name, sha256(text.encode("utf-8", "surrogatepass")), "MIT")
    return SourceFile(origin, language, text)


def mined(record: SourceFile | Change, options: MineOptions = OPTIONS) -> list[Any]:
    found = mine(record, options, 1)
    return [found] if isinstance(found, Dropped) else found


def reason(record: SourceFile | Change, options: MineOptions = OPTIONS) -> tuple[str, str]:
    (dropped,) = mined(record, options)
    assert isinstance(dropped, Dropped)
    assert dropped.stage == "mine"
    assert dropped.origin == record.origin
    return dropped.reason, dropped.detail


def test_a_documented_function_becomes_a_task() -> None:
    record = file("import os\n\n\nclass A:\n" + "".join(f"    {line}\n" for line in GOOD.splitlines()))
    (task,) = mined(record)
    assert isinstance(task, Candidate)
    assert (task.kind, task.parent_id, task.origin, task.language) == ("task", record.id, record.origin, "Python")
    assert task.after == GOOD.rstrip("\n")
    ((start, end),) = task.spans
    assert record.text.encode()[start:end].decode().startswith("def total")
    assert "Add the values to a start, one after the other." in task.instruction
    assert "result += value" not in task.instruction
    assert (task.before, task.criterion, task.message) == (None, None, None)
    assert mined(record) == [task]


@pytest.mark.parametrize(
    ("text", "options", "expected", "detail"),
    [
        (GOOD.replace(", one after the other", ""), MineOptions(min_doc_words=9), "undocumented",
         "6 words of documentation, at least 9"),
        (GOOD.replace('    """Add the values to a start, one after the other."""\n', ""), OPTIONS, "undocumented",
         "0 words of documentation, at least 5"),
        (GOOD, MineOptions(max_doc_chars=20), "long_documentation", "47 characters of documentation, at most 20"),
        (GOOD.replace("one after", "for value in values: result"), OPTIONS, None, None),
        (GOOD.replace("for value in values:", "for value in filter(None, values):").replace(
            "other.", "other: for value in filter(None, values): and so on."
        ), OPTIONS, "documentation_leaks_body", "for value in filter(None, values):"),
        (GOOD, MineOptions(min_body_lines=7), "body_lines", "5 lines, 7 to 60 are kept"),
        (GOOD, MineOptions(max_body_lines=4), "body_lines", "5 lines, 3 to 4 are kept"),
        (GOOD.replace("result = start", 'result = "\ufffd"'), OPTIONS, "replacement_character", None),
    ],
)  # fmt: skip
def test_why_a_function_makes_no_task(
    text: str, options: MineOptions, expected: str | None, detail: str | None
) -> None:
    found = mined(file(text), options)
    assert len(found) == 1
    if expected is None:
        assert isinstance(found[0], Candidate)
    else:
        assert found[0].reason == expected
        assert detail is None or found[0].detail == detail


def test_a_function_left_of_its_start_is_irregular() -> None:
    text = (
        "class A {\n    // Adds one number and another one.\n    int f(int a, int b) {\n  int c = a;\n"
        "        c += b;\n        return c;\n    }\n}\n"
    )
    assert reason(file(text, "Java", "A.java"))[0] == "irregular_indentation"


def test_a_file_outside_the_parsers_bounds_is_dropped_whole() -> None:
    assert reason(file("x = 1\0\n"))[0] == "nul_bytes"
    assert reason(file("x = '\ud800'\n"))[0] == "lone_surrogate"
    (dropped,) = mined(file("(" * 5_000))
    assert dropped.id == file("(" * 5_000).id


def test_every_function_of_a_file_is_accounted_for() -> None:
    text = GOOD + "\n\ndef bare(a):\n    return a\n\n\n" + GOOD.replace("total", "other")
    found = mined(file(text))
    assert [getattr(one, "reason", one and "task") for one in found] == ["task", "undocumented", "task"]
    assert len({one.id for one in found}) == 3
    assert mined(file("x = 1\n")) == []


class ListSource(Source):
    """Files by unit key; `broken` fails."""

    texts: tuple[tuple[str, tuple[str, ...]], ...]

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        return Prepared(tuple(Unit(self.name, key, "0") for key, _ in self.texts))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        if unit.key == "broken":
            raise OSError("unreadable")
        for number, text in enumerate(dict(self.texts)[unit.key]):
            record = file(text, name=f"{number}.py", repo=unit.key)
            yield Dropped("mine", "generated", "a test", record.id, record.origin) if text == "skip" else record

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        raise NotImplementedError


def test_the_transform_loses_nothing_and_caps_a_repository(tmp_path: Path) -> None:
    many = tuple(GOOD.replace("total", f"total_{n}") for n in range(5))
    source = ListSource(name="list", texts=(("big", many), ("small", (GOOD, "skip", "x = 1\n")), ("broken", ())))
    units = source.prepare(Path(), print).units

    def kinds(found: list[Any]) -> None:
        assert Counter(one.origin.repo for one in found) == {"big": 2, "small": 1}

    def errors(found: list[Any]) -> None:
        assert [one.error.startswith("OSError: unreadable (test_mine.py:") for one in found] == [True]
        assert "broken" in found[0].record

    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        done = p | beam.Create(units) | Mine((source,), MineOptions(max_per_repository=2), 1, str(tmp_path), "code")
        assert_that(done["kept"], kinds, label="kept")
        assert_that(done["dead"], errors, label="dead")
        reasons = done["dropped"] | beam.Map(lambda one: one.reason) | beam.combiners.Count.PerElement()
        assert_that(reasons, equal_to([("repository_share", 3), ("generated", 1)]), label="dropped")
        counts = done["counts"] | beam.CombinePerKey(sum)
        expected = [("in", 9), ("dropped_in", 1), ("expanded", 7), ("children", 6), ("dead_in", 1)]
        assert_that(counts, equal_to(expected), label="counts")


def test_units_are_known_by_source_key_and_content() -> None:
    ids = {unit_id(Unit(*parts)) for parts in (("a", "b", "c"), ("ab", "", "c"), ("a", "b", "d"), ("a", "b", "c"))}
    assert len(ids) == 3
