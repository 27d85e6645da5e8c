"""`themis mutations list` and `check`: the catalogue, and mutants that are put back and compiled."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parsers.language import languages
from pipeline import check_mutants, operators_table
from pipeline.check_mutants import check
from pipeline.cli_mutations import mutations_app
from pipeline.operators_table import applicable, catalogue, known_languages, markdown, read_yields
from pipeline.toolchains import Text
from schemas.errors import CheckFailed, ConfigError
from synthesis.mutations import BY_NAME, HELD_OUT, OPERATORS, PLACEBOS

ROOT = Path(__file__).resolve().parents[2]
YIELDS = ROOT / "tests" / "data" / "operator_yield.json"

MODULE = '''"""Sums."""


class Sums:
    def total(self, values, limit):
        """Add up the values that are below the given limit."""
        result = 0
        for value in values:
            if value < limit:
                result += value
        return result

    def count(self, values, limit):
        """Count the values that are below the given limit."""
        result = 0
        for value in values:
            if value < limit:
                result += 1
        return result
'''


def run(*arguments: str) -> tuple[str, Exception | None]:
    result = CliRunner().invoke(mutations_app, list(arguments))
    return result.stdout, result.exception if isinstance(result.exception, Exception) else None


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / name.replace("_", ".")).write_text(text)
    return tmp_path


def test_the_catalogue_has_every_operator_once() -> None:
    rows = catalogue()
    assert sorted(row["name"] for row in rows) == sorted(BY_NAME)
    by_name = {row["name"]: row for row in rows}
    assert by_name["comparison_turned"]["kind"] == "placebo"
    assert set(by_name["comparison_turned"]["languages"]) == set(languages())
    assert by_name["method_alias"]["languages"] == ["Ruby"]
    assert all(row["held_out"] == (row["family"] in HELD_OUT) for row in rows)
    assert json.loads(run("list", "--json")[0]) == rows


def test_the_list_says_of_each_operator_what_it_does_and_where() -> None:
    lines = [" ".join(line.split()) for line in run("list")[0].splitlines()]
    starts = [line.split(" ")[0] for line in lines if line]
    assert all(starts.count(name) == 1 for name in BY_NAME)
    at = lines.index("method_alias Ruby")
    assert lines[at + 1] == "A core method is called by its other name. (both names call the same method)"
    assert "defect security_hardness" in lines and lines.count("placebo") == 1
    assert any(line.startswith("boundary_moved ") and line.endswith(" subtle, all") for line in lines)


def test_the_page_is_what_the_command_prints() -> None:
    printed, failed = run("list", "--markdown", "--yields", str(YIELDS))
    assert failed is None
    assert (ROOT / "docs" / "operators.md").read_text(encoding="utf-8") == printed, (
        "run: themis mutations list --markdown --yields tests/data/operator_yield.json > docs/operators.md"
    )


def test_cells_say_how_often_an_operator_applies() -> None:
    counts = {"Ruby": 3, "Python": 500, "Go": 1}
    functions = dict.fromkeys(known_languages(), 1_000) | {"Go": 10_000}
    yields = operators_table.Yields(functions=functions, operators={"method_alias": counts}, groups={"placebo": counts})
    lines = markdown(yields).splitlines()
    alias = next(line for line in lines if line.startswith("| `method_alias`"))
    assert [cell.strip() for cell in alias.split("|")[5:-1]] == [
        "0.3" if name == "Ruby" else "-" for name in known_languages()
    ]
    placebo = next(line for line in lines if line.startswith("| any placebo"))
    cells = dict(zip(known_languages(), [cell.strip() for cell in placebo.split("|")[2:-1]], strict=True))
    assert (cells["Python"], cells["Ruby"], cells["Go"], cells["Java"]) == ("50", "0.3", "<0.1", "0")
    few = [line for line in lines if line.startswith("Fewer than 5")]
    assert len(few) == len(OPERATORS) and all(name in few[0] for name in known_languages())


def test_without_counts_a_cell_says_where_an_operator_is_for() -> None:
    page = markdown(None)
    alias = next(line for line in page.splitlines() if line.startswith("| `method_alias`"))
    assert alias.split("|")[5:-1].count(" yes ") == 1
    assert applicable(PLACEBOS, "Ruby", None) == sum(not one.languages or "Ruby" in one.languages for one in PLACEBOS)
    assert all(line.count("|") - line.count("\\|") > 3 for line in page.splitlines() if line.startswith("|"))


def test_a_file_that_holds_no_counts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"functions": {}}')
    with pytest.raises(ConfigError, match=r"a\.json.*bench/yields\.py"):
        read_yields(tmp_path / "a.json")
    with pytest.raises(ConfigError, match=r"b\.json"):
        read_yields(tmp_path / "b.json")


def test_mutants_are_put_back_and_the_file_compiles(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, sums_py=MODULE, broken_py="def f(:\n" + MODULE)
    printed, failed = run("check", str(folder), "--samples", "5", "--json", "--at-least", "1")
    assert failed is None
    found = json.loads(printed)
    (row,) = found["languages"]
    assert (row["language"], row["files"], row["originals_pass"], row["functions"]) == ("Python", 2, 1, 2)
    assert row["mutants"] == row["pass"] > 10 and row["rate"] == 1.0
    assert sum(one["mutants"] for one in found["operators"]) == row["mutants"]
    assert found["failures"] == []
    assert json.loads(run("check", str(folder), "--samples", "5", "--json")[0]) == found


def test_a_failure_names_operator_file_and_complaint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def complaints(language: str, texts: list[Text]) -> list[tuple[str, ...]]:
        return [() if one.text == MODULE else ("SyntaxError: so it goes",) for one in texts]

    monkeypatch.setattr(check_mutants, "complaints", complaints)
    folder = folder_of(tmp_path, sums_py=MODULE)
    printed, failed = run("check", str(folder), "--operator", "boundary_moved", "--at-least", "0.97")
    assert isinstance(failed, CheckFailed) and "Python 0.000" in str(failed)
    assert "boundary_moved" in printed and "0/2" in printed
    assert f"boundary_moved (Python) in {folder}/sums.py\n    SyntaxError: so it goes" in printed
    found = check([str(folder)], (BY_NAME["boundary_moved"],), 1, 1, lambda _: None)
    (failure,) = found["failures"]
    assert failure["said"] == "SyntaxError: so it goes" and len(failure["edits"]) == 1
    assert found["operators"][0]["languages"] == {"Python": {"mutants": 1, "pass": 0}}


def test_a_language_without_its_toolchain_is_told_and_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, sums_py=MODULE, a_rb="puts 1\n")
    monkeypatch.setattr(check_mutants, "present", lambda language: False)
    told: list[str] = []
    found = check([str(folder)], tuple(BY_NAME.values()), 3, 1, told.append)
    assert found["languages"] == [{"language": one, "toolchain": None} for one in ("Python", "Ruby")]
    assert len(told) == 2 and told[0].startswith("Python: its toolchain is not on this machine")
    assert "Ruby" in run("check", str(folder))[0]
    assert check([str(folder)], (), 3, 1, told.append, ("Go",))["languages"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "no such folder"),
        ([".", "--operator", "nothing"], "'nothing' is no operator"),
        ([".", "--language", "Cobol"], "'Cobol' is no language"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], message: str) -> None:
    failed = run("check", *arguments)[1]
    assert isinstance(failed, ConfigError) and message in str(failed)


def test_a_folder_without_sources_is_named(tmp_path: Path) -> None:
    failed = run("check", str(tmp_path))[1]
    assert isinstance(failed, ConfigError) and "no file of a known language" in str(failed)
