"""Hand-read commits: what is read, and what is refused with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.mining_report.gold import read_gold, same_repository
from schemas.errors import ConfigError

ROW = {"repo": "a/b", "sha": "ab" * 20, "path": "x.c", "criterion": "runtime_efficiency", "usable": True}

WRONG = [
    ("{", "line 2: not JSON"),
    ("[1]", "line 2: holds list, must be a JSON object"),
    ({**ROW, "sha": "abc"}, "line 2: sha: 'abc', must be a full commit sha"),
    ({**ROW, "criterion": "speed"}, "line 2: criterion: 'speed', must be none, readability_maintainability"),
    ({**ROW, "usable": 1}, "line 2: usable: 1, must be true or false"),
    ({**ROW, "criterion": "none"}, "line 2: usable: true, but its criterion is none"),
    ({**ROW, "also": ["speed"]}, "line 2: also: ['speed'], must be a list of criteria"),
    ({**ROW, "weight": 0}, "line 2: weight: 0, must be a number above 0"),
    ({**ROW, "weight": "much"}, "line 2: weight: 'much'"),
    ({**ROW, "weight": float("nan")}, "line 2: weight: nan"),
    ({**ROW, "strength": 6}, "line 2: strength: 6, must be a whole number from 1 to 5"),
    ({**ROW, "repo": "/"}, "line 2: repo: empty"),
    ({**ROW, "path": 3}, "line 2: path: 3, must be a text"),
    ({k: v for k, v in ROW.items() if k != "usable"}, "line 2: usable: missing"),
    ({**ROW, "sha": "cd" * 20, "usable": False}, "line 2: usable: False, but line 1 has the same commit with True"),
]


@pytest.mark.parametrize(("row", "said"), WRONG)
def test_a_wrong_line_is_named(row: object, said: str, write_gold: Callable[..., Path]) -> None:
    path = write_gold([{**ROW, "sha": "cd" * 20}, row])
    with pytest.raises(ConfigError) as error:
        read_gold(path)
    assert str(error.value).startswith(f"{path}: {said}")


def test_files_that_hold_no_commits_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    with pytest.raises(ConfigError, match="can't be read"):
        read_gold(path)
    path.write_text("\n\n")
    with pytest.raises(ConfigError, match="holds no commit"):
        read_gold(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"not UTF-8 \(byte 0\)"):
        read_gold(path)


def test_a_repeated_commit_counts_once_and_defaults_are_filled(write_gold: Callable[..., Path]) -> None:
    gold = read_gold(write_gold([ROW, "", {**ROW, "note": "again"}]))
    assert (gold.rows, len(gold.commits), gold.name) == (2, 1, "gold.jsonl")
    (one,) = gold.commits
    assert (one.line, one.weight, one.strength, one.also, one.note) == (1, 1.0, None, (), "")


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("github.com/libuv/libuv", "libuv/libuv", True),
        ("libuv/libuv", "libuv/libuv", True),
        ("github.com/JamesNK/Newtonsoft.Json", "jamesnk/newtonsoft.json", True),
        ("github.com/not-libuv/libuv", "libuv/libuv", False),
        ("libuv", "libuv/libuv", False),
    ],
)
def test_same_repository(ours: str, theirs: str, same: bool) -> None:
    assert same_repository(ours, theirs) is same
