"""Functions with a mutant are counted once an operator, and the file is what the page of operators reads."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import yields
from bench.yields import GROUPS, broken, counted, tasks
from parsers.functions import parse_snippet
from pipeline.operators_table import read_yields
from schemas import contract
from schemas.errors import ConfigError
from schemas.provenance import Origin
from schemas.records import Candidate
from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import mutants

CODE = "def f(size, most):\n    if size < most:\n        return size\n    return most\n"
TASK = Candidate(
    "1", "0", "task", Origin("files", "repo", "", "a.py", "0"), "Python", ((0, 9),), "Write the smaller one.", CODE
)


def run_of(root: Path, *candidates: Candidate) -> str:
    (root / "mined").mkdir()
    rows = [contract.candidate_row(one) for one in candidates]
    pq.write_table(pa.Table.from_pylist(rows, schema=contract.MINED), root / "mined" / "part-0.parquet")
    return str(root)


def test_a_function_counts_once_an_operator_and_a_group() -> None:
    breaks: list[str] = []
    others = [replace(TASK, after="def f():\n    return g()\n"), replace(TASK, after="x = 1\n")]
    found = counted({"Python": [TASK, *others]}, breaks)
    assert breaks == []
    assert found["functions"] == {"Python": 3}
    assert found["operators"]["comparison_turned"] == {"Python": 1}
    assert found["operators"]["boundary_moved"] == {"Python": 1}
    assert found["operators"]["method_alias"] == {}
    assert set(found["operators"]) == set(BY_NAME) and set(found["groups"]) == set(GROUPS)
    assert found["groups"]["placebo"] == {"Python": 1}


def test_words_of_the_prompt_stay_and_the_first_by_id_are_taken(tmp_path: Path) -> None:
    spared = replace(TASK, id="0", after=CODE.replace("def", "result = 1\n\ndef"), language="Java")
    change = replace(TASK, id="2", kind="change", before=CODE, criterion="runtime_efficiency", confidence=1.0)
    run = run_of(tmp_path, replace(TASK, id="3"), change, TASK, spared)
    found = tasks(run, 1)
    assert [one.id for one in found["Python"]] == ["1"] and [one.id for one in found["Java"]] == ["0"]
    assert found["Ruby"] == []
    assert [one.id for one in tasks(run, 5)["Python"]] == ["1", "3"]
    named = replace(TASK, after="def f(a):\n    result = g(a)\n    return result\n", instruction="Return `result`.")
    assert counted({"Python": [named]}, [])["operators"]["local_renamed"] == {}
    free = replace(named, instruction="Return it.")
    assert counted({"Python": [free]}, [])["operators"]["local_renamed"] == {"Python": 1}


def test_the_file_is_what_the_page_reads(tmp_path: Path) -> None:
    out = tmp_path / "out" / "yield.json"
    assert yields.main([run_of(tmp_path, TASK), "--functions", "2", "--out", str(out)]) == 0
    assert read_yields(out)["functions"]["Python"] == 1
    assert read_yields(out) == counted(tasks(str(tmp_path), 2), [])


def test_a_mutant_that_breaks_a_promise_is_told() -> None:
    original = parse_snippet("Python", CODE)
    made = mutants("Python", CODE, tuple(BY_NAME.values()))[0]
    assert broken(TASK, original, made) is None
    assert (
        broken(TASK, original, replace(made, code=made.code.replace("return most", "return most most")))
        == "new parse errors"
    )
    assert broken(TASK, original, replace(made, code=made.code + "    pass\n")) == "not undone by its inverse"


def test_a_folder_without_a_mined_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no mined/\*\.parquet"):
        tasks(str(tmp_path), 1)
