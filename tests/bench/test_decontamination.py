import json
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench import contaminated, decontamination, decontamination_peers
from bench.contaminated import Contaminated
from bench.decontamination import Run
from bench.decontamination_peers import TOOLS, brute_force
from bench.dedup import write_documents
from filters.decontaminate import words

PROMPT = "Return the sum of all even numbers of a list that may hold negative ones and be very long indeed"
FOREIGN = "Gibt die Größe des Fensters zurück und setzt ältere Maße über die Grenzen hinweg auf null, ohne zu fragen"
PROMPTS = [("a", PROMPT), ("b", FOREIGN), ("c", "Sort a list")]
TEXTS = {
    "whole": f"x = 1\n# {PROMPT}\ny = 2",
    "upper": f"/* {PROMPT.upper()} */",
    "wrapped": "// " + "\n// ".join(PROMPT.split()),
    "foreign": f"# {FOREIGN}",
    "foreign_upper": FOREIGN.upper(),
    "twelve": " ".join(PROMPT.split()[:12]),
    "thirteen": " ".join(PROMPT.split()[:13]),
    "short": "sort, a LIST!",
    "short_within": "please sort a list",
    "clean": "nothing of the kind " * 10,
    "empty": "",
    "marks": "+-*/ ()",
}
HIT = {"whole": "a", "upper": "a", "wrapped": "a", "foreign": "b", "thirteen": "a", "short": "c"}


def test_brute_force_names_the_first_row() -> None:
    row_of = brute_force([*PROMPTS, ("d", PROMPT)])
    found = {name: row for name, text in TEXTS.items() if (row := row_of(text)) is not None}
    assert found == HIT | ({"foreign_upper": "b"} if words(FOREIGN.upper())[:13] == words(FOREIGN)[:13] else {})


def test_grams_are_every_run_or_the_whole() -> None:
    assert list(decontamination_peers.grams(["a", "b", "c"], 2)) == [("a", "b"), ("b", "c")]
    assert list(decontamination_peers.grams(["a"], 2)) == [("a",)]
    assert list(decontamination_peers.grams([], 2)) == []


@pytest.mark.parametrize("tool", ["Themis", "plain Python set"])
def test_ours_and_plain_python_decide_as_brute_force(tool: str) -> None:
    hit, row_of = TOOLS[tool].make(PROMPTS), brute_force(PROMPTS)
    for name, text in TEXTS.items():
        assert bool(hit(text)) == (row_of(text) is not None), name


@pytest.mark.parametrize("tool", ["datatrove", "lm-eval janitor, C++", "lm-eval janitor, Python"])
def test_a_peer_finds_a_whole_prompt_and_passes_clean_text(tool: str) -> None:
    if decontamination_peers.missing(tool) is not None:
        pytest.skip(f"{decontamination_peers.missing(tool)}; only the environment of the bench has it")
    hit = TOOLS[tool].make(PROMPTS)
    assert [bool(hit(TEXTS[name])) for name in ("whole", "upper", "clean")] == [True, True, False]


def test_comments_are_runs_of_marked_lines() -> None:
    text = "int a;\n// One two.\n//   three\nint b;\n/*\n * Four\n */\nx = 1  # not at the beginning\n# last"
    assert list(contaminated.comments(text)) == ["One two.\nthree", "Four", "last"]


def test_prompts_say_something_of_their_own() -> None:
    long = "word " * 30
    assert contaminated.is_prompt(long)
    assert not contaminated.is_prompt("too short")
    assert not contaminated.is_prompt(long * 4)
    assert not contaminated.is_prompt(long + "Copyright of somebody")


def test_what_is_planted_holds_a_gram_of_its_prompt() -> None:
    row_of = brute_force([("a", PROMPT)])
    for seed in range(40):
        random = Random(seed)
        part = contaminated.part_of(PROMPT, random)
        planted = contaminated.with_part("x = 1\ny = 2", part, random)
        assert row_of(planted) == "a", planted
        assert {"x = 1", "y = 2"} <= set(planted.split("\n"))


def test_prompts_that_a_document_holds_anyway_go() -> None:
    assert contaminated.without_shared(PROMPTS, ["nothing", f"# {FOREIGN}"]) == [PROMPTS[0], PROMPTS[2]]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """600 files, each with a comment of its own; a third of the comments with characters beyond ASCII."""
    rows = []
    for number in range(600):
        random = Random(number)
        accent = "é" if number % 3 == 0 else "e"
        comment = " ".join(f"n{random.randrange(9999)}{accent}" for _ in range(30))
        rows.append((f"{number:04}", f"int a{number};\n/* {comment} */\nint b;\n"))
    (tmp_path / "corpus").mkdir()
    write_documents(rows, tmp_path / "corpus" / "files-00000-of-00001.parquet")
    return tmp_path / "corpus"


def made_of(corpus: Path, into: Path) -> Contaminated:
    into.mkdir()
    return contaminated.build([str(corpus / "files-00000-of-00001.parquet")], into, 200, 200)


def test_documents_are_made_with_prompts_in_them(corpus: Path, tmp_path: Path) -> None:
    made = made_of(corpus, tmp_path / "a")
    prompts = decontamination_peers.read_prompts(Path(made.prompts))
    assert len(prompts) == made.rows == 200
    assert not prompts[0][1].isascii() and prompts[-1][1].isascii()
    assert 0 < len(made.planted) < len(made.ids) == 200
    assert decontamination.truth_of(made).keys() == made.planted
    assert not any(contaminated.gives_prompts(id_) for id_ in made.ids)
    again = made_of(corpus, tmp_path / "b")
    assert Path(again.paths[0]).read_bytes() == Path(made.paths[0]).read_bytes()
    assert Path(again.prompts).read_bytes() == Path(made.prompts).read_bytes()


def test_a_corpus_without_comments_is_refused(tmp_path: Path) -> None:
    write_documents([("a", "x = 1")], tmp_path / "a.parquet")
    with pytest.raises(SystemExit, match="no documentation comment"):
        contaminated.build([str(tmp_path / "a.parquet")], tmp_path, 10, 10)


def figures(match_s: float, read_s: float) -> dict[str, tuple[float, ...]]:
    rest = dict.fromkeys(("table_s", "setup_s", "wall_s", "peak_mb"), (1.0,))
    return {"match_s": (match_s,), "read_s": (read_s,), **rest}


def test_what_is_reported_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in PROMPTS), encoding="utf-8")
    made = Contaminated((), str(tmp_path / "prompts.jsonl"), "", 3, ("d", "e", "f"), frozenset("de"), 0, 12_000_000)
    runs = [
        Run("plain Python set", {"d": True, "e": True}, (), figures(2.0, 1.0)),
        Run("datatrove", {"d": True, "f": True}, ("e",), figures(4.0, 1.0)),
        Run("Themis", {"d": "a", "f": "b"}, (), figures(0.5, 1.0)),
    ]
    told = decontamination.report(made, runs, {"d": "b", "e": "a"})
    plain, other, ours = told["rows"]
    assert told["fastest_peer"] == "plain Python set"
    assert (plain["recall"], plain["precision"], plain["mb_per_cpu_s"], plain["ratio"]) == (1.0, 1.0, 6.0, 1.0)
    assert (other["recall"], other["precision"], other["failed"], other["ratio"]) == (0.5, 0.5, 1, 0.5)
    assert (ours["ratio"], ours["ratio_with_reading"], ours["mb_per_cpu_s_with_reading"]) == (4.0, 2.0, 8.0)
    assert told["differences"] == {"missed": ["e"], "added": ["f"], "another_row": ["d"]}
    assert told["grams"] == len(words(PROMPT)) - 12 + len(words(FOREIGN)) - 12 + 1
    assert told["non_ascii_prompts"] == 1


def test_the_bench_on_a_tiny_corpus(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    arguments = [
        "--corpus",
        str(corpus),
        "--tools",
        "plain Python set",
        "Themis",
        "--documents",
        "150",
        "--prompts",
        "30",
    ]
    assert decontamination.main([*arguments, "--out", str(out)]) == 0
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert (told["documents"], told["prompts"], told["left_out"]) == (150, 30, {})
    assert told["contaminated"] == told["planted"] > 0
    assert told["differences"] == {"missed": [], "added": [], "another_row": []}
    assert [(row["tool"], row["recall"], row["precision"]) for row in told["rows"]] == [
        ("plain Python set", 1.0, 1.0), ("Themis", 1.0, 1.0),
    ]  # fmt: skip
    assert all(row["match_s"] > 0 and row["setup_s"] > 0 for row in told["rows"])
    assert "Decontamination: 150 documents" in capsys.readouterr().out


def test_another_decision_than_brute_force_ends_with_1(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def another(given: Contaminated) -> dict[str, str]:
        return {given.ids[0]: "nowhere"}

    monkeypatch.setattr(decontamination, "truth_of", another)
    arguments = ["--corpus", str(corpus), "--tools", "Themis", "--out", str(tmp_path / "out.json")]
    assert decontamination.main(arguments) == 1
    assert "Themis differs from brute force, missed" in capsys.readouterr().out


def test_a_tool_that_is_not_here_or_fails_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    absent = decontamination_peers.Tool(TOOLS["datatrove"].make, "absent", ("absent_package",))
    monkeypatch.setitem(TOOLS, "absent", absent)
    assert find_spec("absent_package") is None
    nowhere = str(tmp_path / "nowhere")
    made = Contaminated((nowhere,), nowhere, nowhere, 0, (), frozenset(), 0, 0)
    runs, left_out = decontamination.rounds(made, ["absent", "plain Python set"], 1, tmp_path)
    assert not runs
    assert left_out["absent"] == "absent_package cannot be imported here"
    assert "nowhere" in left_out["plain Python set"]


def test_documents_that_a_tool_cannot_be_asked_about_are_counted(tmp_path: Path) -> None:
    def hit(text: str) -> bool:
        return text.encode("latin-1").decode("utf-8") == "x"

    write_documents([("a", "x"), ("b", "é"), ("c", "y")], tmp_path / "a.parquet")
    hits, failed, _ = decontamination_peers._all(hit, [str(tmp_path / "a.parquet")])
    assert (hits, failed) == ({"a": True}, ["b"])
