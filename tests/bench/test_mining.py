import json
import subprocess
from pathlib import Path

import pytest

from bench import mining
from bench.mining import Run, differences
from bench.peers import plumbing


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(("git", "-C", folder, *identity, *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def history(tmp_path: Path) -> tuple[Path, list[str]]:
    """Shas, oldest first: a file made, edited in place, edited with another one, made a link."""
    folder = tmp_path / "history"
    folder.mkdir()
    git(folder, "init", "--quiet")
    shas = []
    for texts in ({"a.py": "x = 1\n"}, {"a.py": "x = 2\n"}, {"a.py": "x = 3\n", "b.c": "int y;\n"}):
        for name, text in texts.items():
            (folder / name).write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "-m", f"Set {' '.join(texts)}\n\nWith a body.")
        shas.append(git(folder, "rev-parse", "HEAD"))
    (folder / "b.c").unlink()
    (folder / "b.c").symlink_to("a.py")
    git(folder, "commit", "--quiet", "--all", "-m", "Link")
    return folder, [*shas, git(folder, "rev-parse", "HEAD")]


def test_plain_git_hands_over_the_one_edit_in_place(history: tuple[Path, list[str]]) -> None:
    folder, shas = history
    (edit,) = plumbing(str(folder), shas)
    assert (edit.sha, edit.path, edit.before, edit.after) == (shas[1], "a.py", "x = 1\n", "x = 2\n")
    assert edit.message.startswith("Set a.py\n\nWith a body.")


def test_the_bench_on_a_tiny_history(
    history: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = history
    out = tmp_path / "out.json"
    mining.main([str(folder), "--commits", "3", "--repeats", "1", "--tools", "git plumbing", "--out", str(out)])
    told = json.loads(out.read_text(encoding="utf-8"))
    found = [(row["tool"], row["whole"], row["commits"], row["edits"]) for row in told["rows"]]
    assert found == [
        ("Themis", True, 4, 1), ("git plumbing", True, 4, 1), ("Themis", False, 3, 1), ("git plumbing", False, 3, 1),
    ]  # fmt: skip
    assert told["differences"] == []
    assert all(row["cpu_s"] > 0 and row["ratio"] is None for row in told["rows"])
    assert "git plumbing" in capsys.readouterr().out


def test_a_tool_that_delivers_something_else_is_told() -> None:
    figures = {"cpu_s": (2.0,)}
    ours = Run("Themis", False, ("s", "t"), frozenset({("s", "a.py", 3), ("t", "b.c", 4)}), figures)
    other = Run("PyDriller", False, ("s", "t"), frozenset({("s", "a.py", 3), ("t", "b.c", 5)}), figures)
    assert differences([ours, other]) == [
        {"tool": "PyDriller", "whole": False, "lacks": [("t", "b.c", 4)], "adds": [("t", "b.c", 5)]}
    ]
    assert ours.rates == (1.0,)
