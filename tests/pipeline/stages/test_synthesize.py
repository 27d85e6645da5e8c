"""Synthesis: a change has both sides, a task gets its worse one; nothing is lost on the way."""

from collections import Counter
from dataclasses import replace
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that

from pipeline.stages.synthesize import Synthesize, SynthesizeOptions, mutated
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Dropped, Pair
from synthesis.backends.mutation import MutationBackend
from synthesis.changes import change_pair

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n"
TASK = Candidate("t", "f", "task", Origin("pypi", "r", "1", "a.py", "0"), "Python", ((0, 9),), "Add them.", CODE)
CHANGE = replace(
    TASK, id="c", kind="change", before=CODE.replace("= 0", "= 1"), criterion="functional_correctness", message="fix"
)
BACKEND = MutationBackend(criteria=("functional_correctness", "memory_efficiency"))
OPTIONS = SynthesizeOptions(backend=BACKEND)


def test_a_changes_newer_side_wins_and_both_sides_are_recorded() -> None:
    pair = change_pair(CHANGE)
    assert (pair.chosen, pair.rejected, pair.prompt) == (CODE, CHANGE.before, "Add them.")
    assert (pair.parent_id, pair.cluster, pair.criterion) == ("c", "c", "functional_correctness")
    assert [(s.side, s.name, dict(s.parameters)["sha256"]) for s in pair.steps] == [
        ("chosen", "commit/after", sha256(pair.chosen.encode())),
        ("rejected", "commit/before", sha256(pair.rejected.encode())),
    ]
    assert pair.id not in (CHANGE.id, change_pair(replace(CHANGE, criterion="memory_efficiency")).id)
    assert mutated(CHANGE, BACKEND, 1) == [pair]


def test_a_task_makes_a_pair_or_a_reason_for_each_criterion() -> None:
    made = mutated(TASK, BACKEND, 1)
    assert isinstance(made, list)
    assert len(made) in (2, 3)
    assert made == mutated(TASK, BACKEND, 1)
    for one in made:
        assert isinstance(one, Dropped) or one.chosen == CODE != one.rejected


def test_a_pair_is_of_its_candidates_window() -> None:
    for window in ("train", "benchmark", None):
        assert change_pair(replace(CHANGE, window=window)).window == window
        made = mutated(replace(TASK, window=window), BACKEND, 1)
        assert isinstance(made, list)
        assert {one.window for one in made if isinstance(one, Pair)} == {window}


def test_the_transform_counts_every_candidate() -> None:
    broken = replace(CHANGE, id="b", before=None)
    direct = [mutated(one, BACKEND, 1) for one in (TASK, CHANGE)]
    children = [child for found in direct if isinstance(found, list) for child in found]
    kept = sum(isinstance(child, Pair) for child in children)

    def same(found: list[Any]) -> None:
        assert Counter(one.id for one in found) == Counter(one.id for one in children if isinstance(one, Pair))

    def dead(found: list[Any]) -> None:
        assert [one.error.split(":")[0] for one in found] == ["AssertionError"]
        assert "id='b'" in found[0].record

    def counted(found: list[Any]) -> None:
        counts = {"in": 3, "expanded": 2, "dead_in": 1, "children": 3}
        assert dict(found) == counts | ({"dropped": 3 - kept} if kept < 3 else {})

    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        done = p | beam.Create([TASK, CHANGE, broken]) | Synthesize(OPTIONS, 1, "")
        assert_that(done["kept"], same, label="kept")
        assert_that(done["dead"], dead, label="dead")
        assert_that(done["counts"] | beam.CombinePerKey(sum), counted, label="counts")
