import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from parsers.language import languages
from pipeline.config import load

Themis = Callable[..., tuple[int, str, str]]

BAD_SETS = [
    ("mine.min_doc_wordz=3", "mine.min_doc_wordz: unknown key"),
    ("nonsense=1", "nonsense: unknown key"),
    ("seed=soon", "seed: Input should be a valid integer, got 'soon'"),
    ("seed=1.5", "seed: Input should be a valid integer"),
    ("name=Not A Name", "name: "),
    ("execution.max_dead_share=2", "execution.max_dead_share: Input should be less than or equal to 1, got 2"),
    ("curate.filters=[{kind: taste}]", "curate.filters.0: "),
    ("sources=[]", "sources: Tuple should have at least 1 item"),
    ("sources=[{kind: ftp, name: x}]", "sources.0: "),
    ("sources=[{kind: files, name: x}]", "sources.0.files.paths: Field required"),
    ("seed", "--set seed: must be FIELD=VALUE, such as --set train.recipe=nano"),
    ("seed.below=1", "--set seed.below=1: seed is not a section"),
    ("seed=[1", "is not valid YAML"),
    ("train.recipe=nano", "--set train.recipe=nano: train is not a section"),  # it is null there
    ("train={recipe: enormous}", "train.recipe: Value error, 'enormous' is no recipe; there are "),
    ("synthesize.backend={kind: mutation, criteria: [beauty]}", "'beauty'"),
    ("curate.split.benchmark_share=7", "curate.split.benchmark_share: "),
    (
        "sources=[{kind: git, name: x, repositories: [/a]}, {kind: git, name: x, repositories: [/b]}]",
        "x; give each its own",
    ),
]


@pytest.mark.parametrize(("assignment", "said"), BAD_SETS)
def test_bad_field(assignment: str, said: str, corpus: Path, tmp_path: Path, themis: Themis) -> None:
    (corpus / "seeded.yaml").write_text(f"seed: 5\n{(corpus / 'themis.yaml').read_text()}")
    code, out, err = themis("run", corpus / "seeded.yaml", "--out", tmp_path / "run", "--set", assignment)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and said in err
    assert "Traceback" not in err
    assert not (tmp_path / "run").exists()


def test_every_wrong_field_has_its_line(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    given = ("--set", "seed=soon", "--set", "mine.wrong=1")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *given)
    path = corpus / "themis.yaml"
    assert code == 2
    assert [line.split(": ")[-3:-1] for line in err.splitlines()] == [[str(path), "seed"], [str(path), "mine.wrong"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file. `themis init` writes one to start from."),
        ("a: [1", "not valid YAML"),
        ("- a\n- b\n", "holds list, must be a mapping of sections."),
        ("", "holds NoneType, must be a mapping of sections."),
        ("a: !!python/object/apply:os.system [id]\n", "not valid YAML"),
        ("\xff\xfe", "can't be read"),
    ],
)
@pytest.mark.parametrize("command", ["run", "plan"])
def test_bad_file(command: str, text: str | None, said: str, tmp_path: Path, themis: Themis) -> None:
    path = tmp_path / "x.yaml"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    code, out, err = themis(command, path)
    assert (code, out) == (2, "")
    assert str(path) in err and said in err


def test_bad_stage(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--until", "dinner")
    assert code == 2
    assert "--until dinner: no such stage; there are mine, synthesize, curate, assemble, train, evaluate, report" in err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--runner", "Teleporter"), "execution.runner: 'Teleporter'"),
        (("--", "--direct_num_workers=many"), "Beam refuses the options '--direct_num_workers=many'"),
    ],
)
def test_bad_beam_options(given: tuple[str, ...], said: str, corpus: Path, tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *given)
    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_error_of_a_worker_is_one_clear_line(own_run: Path, corpus: Path, themis: Themis) -> None:
    lost = ("--set", "curate.decontaminate.against=[{path: gone.jsonl, name: x}]")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", own_run, *lost)
    assert code == 2
    assert err == "error: gone.jsonl: no such file. Give the path of the benchmark's prompts under `against`.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("cook",),
        ("run",),
        ("run", "--wrong"),
        ("audit", "only-a-run"),
        ("languages", "cook"),
        ("train", "x", "--seed", "y"),
    ],
)
def test_bad_usage(arguments: tuple[str, ...], themis: Themis) -> None:
    code, out, err = themis(*arguments)
    assert (code, out) == (2, "")
    assert "Usage: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("languages", "--help")])
def test_help(arguments: tuple[str, ...], themis: Themis) -> None:
    code, out, _ = themis(*arguments)
    assert code == 0
    assert "Usage: " in out


def test_dry_run_makes_nothing(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    code, out, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--dry-run")
    assert code == 0, err
    assert out.splitlines()[-5:] == [
        f"{stage:<11} would be done" for stage in ("mine", "synthesize", "curate", "assemble", "report")
    ]
    assert list(tmp_path.iterdir()) == []


def test_default_folder_is_by_name(
    corpus: Path, tmp_path: Path, themis: Themis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert themis("run", corpus / "themis.yaml", "--until", "mine")[0] == 0
    assert (tmp_path / "runs" / "small" / "manifest.json").is_file()


def test_closing_screen_says_where_to_look(finished: Path, corpus: Path, themis: Themis) -> None:
    code, out, _ = themis("run", corpus / "themis.yaml", "--out", finished)
    stats = json.loads((finished / "dataset" / "stats.json").read_text())["pairs"]
    assert code == 0
    assert (
        f"{stats['train']} training pairs ({stats['balanced']} length-balanced), {stats['benchmark']} benchmark" in out
    )
    for line in (f"look at    {finished}/report.html", f"check      themis verify {finished}"):
        assert line in out.splitlines()  # whole, however long: it is there to be copied
    trace = next(line for line in out.splitlines() if line.startswith("trace")).split()[2:]
    assert themis(*trace)[0] == 0


def test_every_template_loads(tmp_path: Path, themis: Themis) -> None:
    names = [path.name.removesuffix(".yaml") for path in (files("pipeline") / "templates").iterdir()]
    assert "quickstart" in names
    for name in names:
        code, out, err = themis("init", tmp_path / name, "--template", name)
        path = tmp_path / name / "themis.yaml"
        assert (code, out) == (0, f"wrote {path}. Next: themis run {path}\n"), err
        assert load(path).name
        assert "#" in path.read_text()


def test_init_overwrites_nothing(tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "themis.yaml").write_text("mine")
    code, _, err = themis("init", tmp_path)
    assert code == 2
    assert "is there already. Remove it, or name another folder." in err
    assert (tmp_path / "themis.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["nothing", "../cli", ""])
def test_unknown_template(name: str, tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("init", tmp_path / "x", "--template", name)
    assert code == 2
    assert f"--template {name}: no such template; there are " in err and "quickstart" in err
    assert not (tmp_path / "x").exists()


def test_plan_counts_what_a_run_finds(corpus: Path, finished: Path, themis: Themis) -> None:
    code, out, err = themis("plan", corpus / "themis.yaml", "--json")
    assert code == 0, err
    told = json.loads(out)
    mined = json.loads((finished / "manifest.json").read_text())["stages"]["mine"]["counts"]["kept"]
    assert sum(row["candidates"] for row in told["rows"]) == mined
    by_source = {row["source"]: row for row in told["rows"]}
    assert (by_source["forecast"]["changes"], by_source["forecast"]["files"]) == (6, 1)
    assert by_source["railway"]["language"] == "Go"
    assert told["warnings"] == []
    code, table, _ = themis("plan", corpus / "themis.yaml", "--set", "sources.0=1")
    assert code == 2
    code, table, _ = themis("plan", corpus / "themis.yaml")
    assert code == 0
    assert table.splitlines()[0].split() == [
        "source",
        "language",
        "files",
        "changes",
        "candidates",
        "pairs",
        "at",
        "most",
    ]
    assert len(table.splitlines()) > len(told["rows"])


def test_languages_list(themis: Themis) -> None:
    code, out, _ = themis("languages", "list", "--json")
    assert code == 0
    rows = json.loads(out)
    assert [row["name"] for row in rows] == list(languages())
    assert ".py" in next(row for row in rows if row["name"] == "Python")["extensions"]
    code, out, _ = themis("languages", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(languages())


def test_unknown_scorer_and_recipe(finished: Path, tmp_path: Path, themis: Themis) -> None:
    given = ("--benchmark", finished / "benchmark", "--out", tmp_path / "scores")
    code, _, err = themis("evaluate", finished / "dataset", *given, "--scorer", "dice")
    assert code == 2
    assert "--scorer dice: no such scorer; there are " in err
    code, _, err = themis("train", finished, "--recipe", "huge")
    assert code == 2
    assert "'huge': no such recipe; there are " in err
    assert not (tmp_path / "scores").exists()


def test_length_rule_on_the_benchmark(finished: Path, tmp_path: Path, themis: Themis) -> None:
    given = ("--benchmark", finished / "benchmark", "--out", tmp_path / "scores", "--scorer", "length")
    code, out, err = themis("evaluate", finished / "dataset", *given, "--json")
    assert code == 0, err
    pairs = json.loads((finished / "dataset" / "stats.json").read_text())["pairs"]["benchmark"]
    assert json.loads(out)["overall"]["pairs"] == pairs
    assert (tmp_path / "scores" / "scores.parquet").is_file()


@pytest.mark.parametrize("stage", ["mine", "curate"])
def test_interrupt(stage: str, finished: Path, corpus: Path, tmp_path: Path, themis: Themis) -> None:
    run = tmp_path / "run"
    # Where the tests run in the background, children ignore the signal until they say otherwise.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from pipeline.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "run", str(corpus / "themis.yaml"), "--out", str(run)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    log = run / "run.log"
    deadline = time.monotonic() + 120
    while not log.exists() or f"{stage}: begins" not in log.read_text():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3 if stage == "mine" else 1.5)  # the latter among the workers' own code, most likely
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == "interrupted; what was finished is kept, the same command goes on from there\n"
    assert "Traceback" not in out
    made = json.loads((run / "manifest.json").read_text())["stages"]
    assert stage not in made
    if stage == "curate":
        status, out, err = themis("run", corpus / "themis.yaml", "--out", run, "--until", "synthesize")
        assert status == 0, err
        assert out.splitlines()[-5:-3] == ["mine        unchanged", "synthesize  unchanged"]


def test_an_interrupt_that_python_could_not_raise_comes_again() -> None:
    code = """
import signal, sys, time
import pipeline.cli as it
signal.signal(signal.SIGINT, signal.default_int_handler)
class Hit:
    def __del__(self):
        raise KeyboardInterrupt
def app(standalone_mode):
    hit = Hit()
    del hit
    for _ in range(600):
        time.sleep(0.05)
    return 0
it.app = app
it.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 130
    assert done.stderr == "interrupted; what was finished is kept, the same command goes on from there\n"


def test_what_else_python_could_not_raise_is_still_told() -> None:
    code = """
import pipeline.cli as it
class Hit:
    def __del__(self):
        raise ValueError("told")
def app(standalone_mode):
    hit = Hit()
    del hit
    return 0
it.app = app
it.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "ValueError: told" in done.stderr
