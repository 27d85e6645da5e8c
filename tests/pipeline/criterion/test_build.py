"""`themis mine-train` on small git histories made here."""

import io
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hand_read import REPOSITORIES, Made, gold_of, made_up

from pipeline.criterion import fit_transformer
from pipeline.criterion.model import embedded, from_json
from pipeline.mining_report.gold import Gold
from schemas.criteria import CODE_CRITERIA

Themis = Callable[..., tuple[int, str, str]]


def history(folder: Path, commits: Sequence[Made]) -> list[str]:
    """A bare repository that begins with every older side; the shas of one commit for each newer side."""
    folder.mkdir(parents=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    stream = io.BytesIO()

    def data(text: str) -> None:
        stream.write(b"data %d\n%b\n" % (len(text.encode()), text.encode()))

    def commit(number: int, message: str, files: Sequence[tuple[str, str]]) -> None:
        stream.write(b"commit refs/heads/main\nmark :%d\n" % (number + 1))
        stream.write(b"committer A <a@example.org> %d +0000\n" % (1_500_000_000 + number * 60))
        data(message)
        for path, text in files:
            stream.write(b"M 100644 inline %b\n" % path.encode())
            data(text)

    commit(0, "Begin", [(one.filled("path"), one.filled("before")) for one in commits])
    for number, one in enumerate(commits, 1):
        commit(number, one.filled("message") + "\n", [(one.filled("path"), one.filled("after"))])
    subprocess.run(["git", "init", "--quiet", "--bare"], cwd=folder, env=env, check=True)
    marks = folder / "marks"
    given = ["git", "fast-import", "--quiet", f"--export-marks={marks}"]
    subprocess.run(given, cwd=folder, env=env, check=True, input=stream.getvalue())
    by_mark = dict(line.split() for line in marks.read_text().splitlines())
    return [by_mark[f":{number + 2}"] for number in range(len(commits))]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `mirrors`, `labels.jsonl` of all their commits, and `more.jsonl` of some that can't be read."""
    root = tmp_path_factory.mktemp("labelled")
    rows: list[Gold] = []
    for repo in REPOSITORIES:
        commits = [one for one in made_up() if one.repo == repo]
        shas = history(root / "mirrors" / repo.replace("/", "+") / "repo", commits)
        rows += [gold_of(one, 0, sha) for one, sha in zip(commits, shas, strict=True)]
    write(root / "labels.jsonl", rows)
    write(root / "more.jsonl", [gold_of(made_up()[0], 0, "0" * 40)])
    return root


def squeezed(text: str) -> str:
    """Without white space: a terminal's lines may end anywhere."""
    return "".join(text.split())


def write(path: Path, rows: Sequence[Gold]) -> Path:
    fields = ("repo", "sha", "path", "criterion", "usable", "strength", "confidence", "language")
    path.write_text("".join(json.dumps({name: getattr(one, name) for name in fields}) + "\n" for one in rows))
    return path


def test_command_gives_the_same_bytes(labelled: Path, tmp_path: Path, themis: Themis) -> None:
    given = ("mine-train", "--mirrors", labelled / "mirrors", "--labels", labelled / "labels.jsonl",
             "--labels", labelled / "more.jsonl")  # fmt: skip
    code, out, err = themis(*given, "--out", tmp_path / "a.json", "--json")
    assert code == 0, err
    made = json.loads(out)
    assert made["out"] == str(tmp_path / "a.json")
    assert [(one["labels"], one["commits"]) for one in made["labels"]] == [("labels.jsonl", 72), ("more.jsonl", 1)]
    first, second = (one["left_out"] for one in made["labels"])
    assert first["default"]["precision"] >= 0.75 and first["strict"]["precision"] >= 0.85
    assert first["default"]["recall"] > 0.5
    assert second["default"]["recall"] == 0
    code, out, err = themis(*given, "--out", tmp_path / "b" / "b.json")
    assert code == 0, err
    assert "each repository predicted by a model that has not seen it" in out
    assert "wrote" in out and "b.json" in out
    text = (tmp_path / "a.json").read_text()
    assert (tmp_path / "b" / "b.json").read_text() == text
    assert str(tmp_path) not in text and str(labelled) not in text
    model = from_json(text)
    assert list(model.trained["labels"]) == ["labels.jsonl", "more.jsonl"]
    assert model.thresholds == {name: first[name]["threshold"] for name in ("default", "strict")}
    assert set(model.heads) == set(embedded().heads)


def test_missing_mirrors_are_named(labelled: Path, tmp_path: Path, themis: Themis) -> None:
    some = tmp_path / "mirrors"
    some.mkdir()
    (some / "orchard+apples").symlink_to(labelled / "mirrors" / "orchard+apples")
    given = ("--mirrors", some, "--labels", labelled / "labels.jsonl", "--out", tmp_path / "x.json")
    code, out, err = themis("mine-train", *given)
    assert (code, out) == (1, "")
    said = "no mirror of harbour/ships, kitchen/plates, library/books. Clone them there: git clone --bare."
    assert squeezed(f"error: {some}: {said}") in squeezed(err)
    assert "orchard/apples" not in err
    assert not (tmp_path / "x.json").exists()


def test_own_labels_are_the_default(tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("mine-train", "--mirrors", tmp_path, "--out", tmp_path / "x.json")
    assert code == 1
    assert squeezed(f"error: {tmp_path}: no mirror of ") in squeezed(err)
    assert err.count(",") > 10
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "can't be read"),
        ("", "holds no commit"),
        ('{"repo": "a/b"}\n', "line 1: sha: missing"),
        ("{", "not JSON"),
    ],
)
def test_wrong_labels(text: str | None, said: str, tmp_path: Path, themis: Themis) -> None:
    path = tmp_path / "labels.jsonl"
    if text is not None:
        path.write_text(text)
    code, out, err = themis("mine-train", "--mirrors", tmp_path, "--labels", path, "--out", tmp_path / "x.json")
    assert (code, out) == (2, "")
    assert squeezed(said) in squeezed(err)
    assert not (tmp_path / "x.json").exists()


def test_no_folder_of_mirrors(labelled: Path, tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("mine-train", "--mirrors", tmp_path / "nowhere", "--labels", labelled / "labels.jsonl")
    assert code == 2
    assert squeezed("nowhere: no such folder") in squeezed(err)


def test_too_few_labels(labelled: Path, tmp_path: Path, themis: Themis) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join((labelled / "labels.jsonl").read_text().splitlines(keepends=True)[:10]))
    given = ("--mirrors", labelled / "mirrors", "--labels", few, "--out", tmp_path / "x.json")
    code, _, err = themis("mine-train", *given)
    assert code == 2
    assert squeezed("labels: readability_maintainability: 2 usable commits that pass") in squeezed(err)
    assert not (tmp_path / "x.json").exists()


def test_base_is_fine_tuned(labelled: Path, tmp_path: Path, themis: Themis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an encoder is given; that it learns is tested with the encoder."""
    asked: list[Any] = []
    figures = {name: {"threshold": 0.5, "precision": 0.9, "recall": 0.8} for name in ("default", "strict")}

    def spied(texts: Any, trained: Any, out: Path, base: str) -> Any:
        asked.extend((texts, trained, out, base))
        return [figures]

    monkeypatch.setattr(fit_transformer, "fit", spied)
    given = ("--mirrors", labelled / "mirrors", "--labels", labelled / "labels.jsonl", "--out", tmp_path / "folder")
    code, out, err = themis("mine-train", *given, "--base", "some/encoder", "--json")
    assert code == 0, err
    assert json.loads(out)["labels"] == [{"labels": "labels.jsonl", "commits": 72, "left_out": figures}]
    (texts,), trained, where, base = asked
    assert (where, base) == (tmp_path / "folder", "some/encoder")
    assert {one.row.gold.criterion for one in texts.rows} == {*CODE_CRITERIA, "none"} and len(texts.rows) == 72
    assert any("+    free(apple);" in one.text.diff for one in texts.rows)
    assert list(trained) == ["labels"]
