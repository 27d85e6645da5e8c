"""Whole runs with model servers on the loopback: votes in provenance, nothing asked twice, nothing lost."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import model_server
import pyarrow.parquet as pq
import pytest
from model_server import ModelServer, Reply, answers, serving

from synthesis.calls import key_of
from synthesis.ledger import Ledger
from tests.pipeline.able import able, asked_for
from tests.pipeline.conftest import Themis

VOTES = 4


def backend(url: str, **other: Any) -> str:
    """`--set` of a backend that asks two models of one server everything."""
    models = [
        {"name": name, "url": url, "timeout_s": 5.0, "deadline_s": 10.0, "patience_s": 1.0} for name in ("a", "b")
    ]
    judge = {"models": ["a", "b"], "votes": VOTES, "canary_share": 0.2, "min_share": 0.75}
    value = {
        "kind": "endpoint",
        "models": models,
        "rate": {"models": ["a", "b"], "control_share": 1.0},
        "prompt": {"model": "a"},
        "worse": {"model": "b", "criteria": ["functional_correctness"], "fixer": None},
        "judge": judge,
    }
    return f"synthesize.backend={json.dumps(value | other)}"


def run(themis: Themis, corpus: Path, out: Path, setting: str, *more: str) -> tuple[int, str, str]:
    """A run up to the shards; what is mined already stays."""
    return themis("run", corpus / "themis.yaml", "--out", out, "--until", "assemble", "--set", setting, *more)


def rows(run: Path, folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((run / folder).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def counts(run: Path) -> dict[str, int]:
    found: dict[str, int] = json.loads((run / "manifest.json").read_text())["stages"]["synthesize"]["counts"]
    return found


def keys(server: ModelServer) -> Counter[str]:
    return Counter(json.dumps(body, sort_keys=True) for body in server.requests)


def tables(run: Path) -> dict[str, bytes]:
    return {
        f"{f}/{p.name}": p.read_bytes() for f in ("pairs", "dropped", "ledger") for p in (run / f).glob("*.parquet")
    }


@pytest.fixture
def mined(own_run: Path) -> Path:
    """A run's folder of which the mining is done."""
    return own_run


@pytest.fixture(scope="module")
def asked(corpus: Path, finished: Path, themis: Themis, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A run with an able server, and how many calls it made."""
    out = shutil.copytree(finished, tmp_path_factory.mktemp("asked") / "run")
    with serving(answers(able)) as server:
        code, told, err = run(themis, corpus, out, backend(server.url), "--set", f"synthesize.ledger={out}.sqlite")
        assert code == 0, told + err
        assert max(keys(server).values()) == 1
        return out, len(server.requests)


def test_a_run_has_rationales_and_votes_in_its_provenance(asked: tuple[Path, int]) -> None:
    out, _ = asked
    provenance = rows(out, "dataset/provenance") + rows(out, "benchmark/provenance")
    assert {row["kind"] for row in provenance} == {"change", "defect"}
    for row in provenance:
        steps = {(step["side"], step["name"]): json.loads(step["parameters"]) for step in row["steps"]}
        votes = json.loads(steps["pair", "judge"]["votes"])
        assert len(votes) == 2 * VOTES
        assert Counter(vote["model"] for vote in votes) == {"a": VOTES, "b": VOTES}
        assert Counter(vote["first"] for vote in votes) == {"chosen": VOTES, "rejected": VOTES}
        assert all(vote["rationale"] for vote in votes)
        assert row["label"] == 1.0
        if row["kind"] == "change":
            ratings = json.loads(steps["pair", "rate"]["ratings"])
            assert [(one["model"], one["saliency"]) for one in ratings] == [("a", 5), ("b", 5)]
            assert set(steps["prompt", "instruct"]) == {"key", "model", "style"}
        else:
            assert steps["rejected", "bug"]["explanation"] == "one more is taken"


def test_every_candidate_is_accounted_for(asked: tuple[Path, int]) -> None:
    out, _ = asked
    found = counts(out)
    assert found["in"] == found["expanded"] + found["dropped_in"] + found["dead_in"] == len(rows(out, "mined"))
    assert found["children"] == found["kept"] + found["dropped"] + found["dead"]
    reasons = Counter(row["reason"] for row in rows(out, "dropped") if row["stage"] == "synthesize")
    assert reasons["judges_see_a_tie"] > 0
    assert found["kept"] > 10


def test_the_ledger_has_each_call_once_and_the_provenance_refers_to_it(asked: tuple[Path, int]) -> None:
    out, calls = asked
    sealed = rows(out, "ledger")
    assert len(sealed) == len({row["key"] for row in sealed}) == calls
    tasks = Counter(row["task"] for row in sealed)
    assert tasks["rate"] == tasks["rate/reversed"] and tasks["judge/canary"] > 0
    known = {row["key"] for row in sealed}
    for row in rows(out, "pairs"):
        for step in row["steps"]:
            told = json.loads(step["parameters"])
            named = [told["key"]] if "key" in told else []
            named += [vote["key"] for vote in json.loads(told.get("votes", told.get("ratings", "[]")))]
            assert set(named) <= known


def test_a_full_ledger_needs_no_server_and_gives_the_same_bytes(
    asked: tuple[Path, int], corpus: Path, mined: Path, themis: Themis
) -> None:
    out, other = asked[0], mined
    nowhere = backend("http://127.0.0.1:9/v1")
    code, told, err = run(themis, corpus, other, nowhere, "--set", f"synthesize.ledger={out}.sqlite")
    assert code == 0, told + err
    assert tables(other) == tables(out)


def test_pairs_made_by_models_are_made_again_from_the_ledger(asked: tuple[Path, int], themis: Themis) -> None:
    out, _ = asked
    provenance = rows(out, "dataset/provenance")
    for kind in ("change", "defect"):
        row = next(row for row in provenance if row["kind"] == kind)
        code, told, err = themis("audit", out, row["idx"], "--replay", "--json")
        assert code == 0, told + err
        assert json.loads(told)["replay"] == {"chosen": True, "rejected": True, "prompt": True}
    code, told, err = themis("verify", out)
    assert code == 0, told + err


def dies_after(calls: int) -> model_server.Behaviour:
    """Answers so many calls, and cuts every connection after them."""
    able_ = answers(able)
    return lambda number, body: able_(number, body) if number < calls else Reply(b"", 0)


def test_a_server_that_dies_stops_the_stage_and_a_new_one_goes_on(
    asked: tuple[Path, int], corpus: Path, mined: Path, themis: Themis
) -> None:
    (whole, calls), out = asked, mined
    with serving(dies_after(calls // 2)) as server:
        setting = backend(server.url)
        code, _, err = run(themis, corpus, out, setting)
        assert code == 1
        assert server.url in " ".join(err.split()), err
        before = list(Ledger(out / "ledger" / "calls.sqlite").rows())
        assert len(before) == calls // 2
        answered = Counter(json.dumps(body, sort_keys=True) for body in server.requests[: calls // 2])
        server.behaviour = answers(able)
        seen = len(server.requests)
        code, told, err = run(themis, corpus, out, setting)
        assert code == 0, told + err
        later = Counter(json.dumps(body, sort_keys=True) for body in server.requests[seen:])
        assert not answered.keys() & later.keys()
        assert sum(later.values()) == calls - calls // 2
    after = list(Ledger(out / "ledger" / "calls.sqlite").rows())
    assert after[: len(before)] == before
    assert {row["key"] for row in after} == {row["key"] for row in rows(whole, "ledger")}
    assert counts(out) == counts(whole)
    assert (out / "pairs" / "pairs-00000-of-00002.parquet").read_bytes() == (
        whole / "pairs" / "pairs-00000-of-00002.parquet"
    ).read_bytes()


def test_a_server_that_is_not_there_is_said_at_once(corpus: Path, mined: Path, themis: Themis) -> None:
    code, _, err = run(themis, corpus, mined, backend("http://127.0.0.1:9/v1"))
    assert code == 1
    assert "http://127.0.0.1:9/v1" in " ".join(err.split())


def test_a_judge_that_always_says_a_keeps_nothing(corpus: Path, mined: Path, themis: Themis) -> None:
    ballot = json.dumps({"rationale": "the first one", "verdict": "A"})
    with serving(answers(lambda body: ballot if asked_for(body) == "judge" else able(body))) as server:
        code, _, err = run(themis, corpus, mined, backend(server.url))
    assert code == 1
    assert "nothing is left" in err
    reasons = Counter(row["reason"] for row in rows(mined, "dropped") if row["stage"] == "synthesize")
    assert reasons["judges_no_majority"] > 10


def test_one_unusable_answer_is_one_dead_letter(corpus: Path, mined: Path, themis: Themis) -> None:
    def mostly(body: dict[str, Any]) -> str:
        return "no." if asked_for(body) == "rewrite" and "separator" in str(body["messages"]) else able(body)

    with serving(answers(mostly)) as server:
        code, told, err = run(themis, corpus, mined, backend(server.url), "--set", "execution.max_dead_share=0.5")
    assert code == 0, told + err
    found = counts(mined)
    dead = [row for row in rows(mined, "dead") if row["stage"] == "synthesize"]
    assert len(dead) == found["dead"] > 0
    assert all(row["error"].startswith("AnswerUnusable") for row in dead)
    assert found["children"] == found["kept"] + found["dropped"] + found["dead"]


def test_too_long_a_context_is_a_dropped_row(corpus: Path, mined: Path, themis: Themis) -> None:
    with serving(model_server.window(1_200, answers(able))) as server:
        code, told, err = run(themis, corpus, mined, backend(server.url))
    assert code == 0, told + err
    reasons = Counter(row["reason"] for row in rows(mined, "dropped") if row["stage"] == "synthesize")
    assert reasons["context_too_long"] > 0


def test_dawid_skene_decides_from_all_pairs(corpus: Path, mined: Path, themis: Themis) -> None:
    judge = {"models": ["a", "b"], "votes": 2, "consensus": "dawid_skene", "min_posterior": 0.6, "canary_share": 0.0}
    with serving(answers(able)) as server:
        code, told, err = run(themis, corpus, mined, backend(server.url, judge=judge, rate=None, prompt=None))
    assert code == 0, told + err
    labels = {row["label"] for row in rows(mined, "pairs")}
    assert labels and all(0.6 <= label < 1 for label in labels)


def test_a_models_request_is_keyed_by_what_its_answer_depends_on(asked: tuple[Path, int]) -> None:
    row = rows(asked[0], "ledger")[0]
    body = json.loads(row["request"])
    assert {"model", "messages", "seed", "temperature", "top_p", "response_format"} <= set(body)
    assert row["key"] == key_of(row["request"]) != key_of(row["request"].replace('"seed": ', '"seed": 1'))
