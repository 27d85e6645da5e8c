import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from filters.personal_data import PersonalData
from pipeline.audit import replay
from schemas.provenance import Step
from schemas.records import Candidate
from tests.pipeline.stages.conftest import PAIR

Themis = Callable[..., tuple[int, str, str]]


def pairs(run: Path) -> list[dict[str, str]]:
    """Provenance rows of both splits, with the pair's id under `pair`."""
    rows = []
    for folder, key in (("dataset", "idx"), ("benchmark", "id")):
        for path in sorted((run / folder / "provenance").iterdir()):
            rows += [row | {"pair": row[key]} for row in pq.read_table(path).to_pylist()]
    return rows


def kind(row: dict[str, str]) -> str:
    if row["source"] == "forecast":
        return "change" if row["committed_at"] is not None else "tree"
    return "package" if row["source"] == "pypi" else "file"


def first_of(run: Path, wanted: str) -> dict[str, str]:
    return next(row for row in pairs(run) if kind(row) == wanted)


@pytest.mark.parametrize("wanted", ["file", "change", "tree", "package"])
def test_replay_gives_the_same_bytes(wanted: str, finished: Path, themis: Themis) -> None:
    row = first_of(finished, wanted)
    code, out, err = themis("audit", finished, row["pair"], "--replay", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["id"] == row["pair"]
    assert told["replay"] == {"chosen": True, "rejected": True, "prompt": True}
    assert told["provenance"]["chosen_sha256"] == row["chosen_sha256"]


def test_every_pair_replays(finished: Path) -> None:
    from pipeline.audit.lineage import find
    from pipeline.audit.replay import replay

    rows = [*pairs(finished)[::6], *(first_of(finished, one) for one in ("file", "change", "tree", "package"))]
    broken = [row["pair"] for row in rows if not all(replay(str(finished), find(str(finished), row["pair"])).values())]
    assert broken == []


def test_lineage_screen(finished: Path, themis: Themis) -> None:
    row = first_of(finished, "change")
    code, out, err = themis("audit", finished, row["pair"][:12], "--replay")
    assert code == 0, err
    shown = dict(
        line.split(maxsplit=1) for line in out.splitlines() if not line.startswith(("replay", "chosen", "rej"))
    )
    assert shown["pair"] == row["pair"]
    assert shown["revision"] == row["revision"]
    assert shown["path"] == "forecast.py"
    assert shown["licence"] == "MIT"
    assert "chosen by     commit/after" in out
    assert out.count("same bytes") == 3


def test_benchmark_pair_is_found(finished: Path, themis: Themis) -> None:
    path = next((finished / "benchmark" / "data").iterdir())
    row = pq.read_table(path).to_pylist()[-1]
    code, out, err = themis("audit", finished, row["id"], "--json", "--replay")
    assert code == 0, err
    told = json.loads(out)
    assert (told["split"], told["row"]["prompt"]) == ("benchmark", row["prompt"])


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("0" * 64, "no pair of the run has it"),
        ("0123abc", "give at least eight characters of the pair's id"),
        ("", "give at least eight characters of the pair's id"),
    ],
)
def test_unknown_id(pair: str, said: str, finished: Path, themis: Themis) -> None:
    code, out, err = themis("audit", finished, pair, "--replay")
    assert (code, out) == (2, "")
    assert said in err


def test_id_that_two_pairs_share(own_run: Path, themis: Themis) -> None:
    path = sorted((own_run / "dataset" / "provenance").iterdir())[0]
    table = pq.read_table(path)
    ids = ["12345678aa", "12345678bb", *table.column("idx").to_pylist()[2:]]
    pq.write_table(table.set_column(0, "idx", [ids]), path)
    code, _, err = themis("audit", own_run, "12345678")
    assert code == 2
    assert "2 pairs have an id that begins so; give more of it" in err


def test_not_a_run(tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("audit", tmp_path, "0123456789")
    assert code == 2
    assert "not a run's folder" in err


def test_run_without_a_data_set(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    assert themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--until", "mine")[0] == 0
    code, _, err = themis("audit", tmp_path / "run", "0123456789")
    assert code == 2
    assert "the run has no data set yet" in err


def test_source_that_changed_or_went(own_corpus: Path, own_run: Path, corpus: Path, themis: Themis) -> None:
    # The copied run reads its sources where its config.yaml says: send it to a corpus that this test may change.
    config = own_run / "config.yaml"
    config.write_text(config.read_text().replace(str(corpus), str(own_corpus)))
    row = first_of(own_run, "file")
    assert themis("audit", own_run, row["pair"], "--replay")[0] == 0
    file = own_corpus / "code" / row["repo"] / row["path"]
    text = file.read_text()
    file.write_text(text + "\n")
    code, _, err = themis("audit", own_run, row["pair"], "--replay")
    assert code == 1
    assert f"{row['path']} of {row['repo']} has changed since" in err
    file.unlink()
    code, _, err = themis("audit", own_run, row["pair"], "--replay")
    assert code == 1
    assert "is not there any more" in err or "nothing is there" in err
    file.write_text(text)
    assert themis("audit", own_run, row["pair"], "--replay")[0] == 0


def test_lineage_that_was_tampered_with(own_run: Path, themis: Themis) -> None:
    row = next(row for row in pairs(own_run) if "idx" in row)
    for path in (own_run / "dataset" / "provenance").iterdir():
        table = pq.read_table(path)
        at = table.schema.get_field_index("rejected_sha256")
        pq.write_table(table.set_column(at, "rejected_sha256", [["0" * 64] * table.num_rows]), path)
    code, out, err = themis("audit", own_run, row["pair"], "--replay")
    assert code == 1
    assert "rejected: DIFFERENT" in out
    assert "rebuilt bytes differ" in err


def test_what_was_redacted_is_redacted_again_when_a_pair_is_made_anew() -> None:
    code = "# by Mira <mira.holt@nordmail.org>\ndef f(a):\n    return a\n"
    steps = (Step("chosen", "source", "1"), Step("rejected", "commit/before", "1"))
    told = "Ask mira.holt@nordmail.org what it does."
    worse = code.replace("return a", "return 0")
    pair = replace(PAIR, prompt=told, chosen=code, rejected=worse, steps=steps)
    candidate = Candidate("c", "p", "change", PAIR.origin, "Python", ((0, 9),), told, code, before=worse)
    mended = PersonalData().mend(pair)
    assert "mira" not in mended.prompt + mended.chosen.partition("<")[2] + mended.rejected.partition("<")[2]
    made = {side: [step for step in mended.steps if step.side == side] for side in ("chosen", "rejected", "prompt")}
    assert len(made["prompt"]) == 1
    for side in ("chosen", "rejected"):
        assert replay._side(candidate, made[side], {}) == getattr(mended, side) != getattr(pair, side)
    assert replay._prompt(candidate, made["prompt"], {}) == mended.prompt
