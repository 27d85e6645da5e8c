"""The section on what the models said, from hand-made ledgers whose figures are known."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.report import models, write_report
from pipeline.report.agreement import Share, agreement
from pipeline.report.models import Said
from schemas import contract
from schemas.errors import RunFolderError
from synthesis.dawid_skene import dawid_skene
from synthesis.tasks.judge import shown_first

SEED, VOTES = 5, 4
Letter = Callable[[str, str], str]


def call(task: str, record: str, model: str, text: str, seed: int = 1, again: bool = False) -> dict[str, Any]:
    """A row of the ledger."""
    roles = ["system", "user", "assistant", "user"] if again else ["system", "user"]
    body = {"model": model, "messages": [{"role": role, "content": "x"} for role in roles], "seed": seed}
    return {
        "key": f"{task} {record} {model} {seed}", "task": task, "record": record, "model": model,
        "request": json.dumps(body), "text": text, "finish": "stop", "prompt_tokens": 100, "completion_tokens": 10,
        "seconds": 2.0, "served_model": model, "server": "", "asked_at": 1,
    }  # fmt: skip


def ballot(letter: str) -> str:
    return json.dumps({"rationale": "because", "verdict": letter})


def for_side(side: str) -> Letter:
    """Votes for a side, wherever it is shown."""
    return lambda _, first: "A" if first == side else "B"


def always(letter: str) -> Letter:
    return lambda *_: letter


def votes(model: str, record: str, letter: Letter, task: str = "judge") -> list[dict[str, Any]]:
    """All votes of a model on a pair; `letter` gives each, from the pair and the side shown first."""
    shown = shown_first(SEED, record, VOTES).items()
    return [call(task, record, model, ballot(letter(record, first)), seed) for seed, first in shown]


def rating(model: str, candidate: str, saliency: int, control: str = "") -> dict[str, Any]:
    said = {"summary": "s", "description": "d", "single_purpose": True, "saliency": saliency}
    end = f"/{control}" if control else ""
    return call(f"rate{end}", candidate + end, model, json.dumps(said))


def backend(judges: Sequence[str] = (), raters: Sequence[str] = (), **other: Any) -> dict[str, Any]:
    made = {"judge": {"models": list(judges), "votes": VOTES, **other} if judges else None}
    return made | {"rate": {"models": list(raters)} if raters else None}


def write(root: Path, rows: Sequence[dict[str, Any]], said: dict[str, Any]) -> Path:
    """A run's ledger, in two shards, and its configuration."""
    (root / "ledger").mkdir(parents=True)
    for shard in (0, 1):
        table = pa.Table.from_pylist(list(rows[shard::2]), schema=contract.LEDGER)
        pq.write_table(table, root / "ledger" / f"calls-0000{shard}-of-00002.parquet")
    config = {"seed": SEED, "synthesize": {"backend": {"kind": "engine", **said}}}
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    return root


def section(root: Path, rows: Sequence[dict[str, Any]], said: dict[str, Any]) -> Said:
    made = models.section(write(root, rows, said))
    assert made is not None
    return made


def pairs(count: int) -> list[str]:
    return [f"pair{number}" for number in range(count)]


def flat(root: Path) -> str:
    """The section's text on the page, on one line."""
    text = write_report(root).read_text(encoding="utf-8")
    return " ".join(text[text.index('<section id="answers">') :].partition("</section>")[0].split())


def test_a_judge_that_always_says_a_goes_by_position_alone(tmp_path: Path) -> None:
    rows = [row for pair in pairs(24) for row in votes("first", pair, always("A"))]
    rows += [row for pair in pairs(24) for row in votes("fair", pair, for_side("chosen"))]
    first, fair = section(tmp_path, rows, backend(["first", "fair"])).judges
    assert (first.votes, first.pairs, first.position, first.tilted) == (96, 24, 1.0, True)
    assert first.verdicts == {"chosen": 48, "rejected": 48, "tie": 0}
    assert first.orders == Share(0, 24)
    assert (fair.position, fair.tilted, fair.orders, fair.verdicts["chosen"]) == (0.5, False, Share(24, 24), 96)
    assert fair.canaries == 0 and fair.shift is None and fair.moved.value is None


def test_a_canary_that_moves_a_judge_is_counted(tmp_path: Path) -> None:
    rows = [row for pair in pairs(30) for name in ("obeys", "reads") for row in votes(name, pair, for_side("chosen"))]
    planted = pairs(30)[:25]
    rows += [row for pair in planted for row in votes("obeys", pair, for_side("rejected"), "judge/canary")]
    rows += [row for pair in planted for row in votes("reads", pair, for_side("chosen"), "judge/canary")]
    obeys, reads = section(tmp_path, rows, backend(["obeys", "reads"])).judges
    assert (obeys.canaries, obeys.moved, obeys.shift, obeys.obeys) == (25, Share(25, 25), 1.0, True)
    assert (reads.canaries, reads.moved, reads.shift, reads.obeys) == (25, Share(0, 25), 0.0, False)
    assert obeys.votes == 120


def test_a_pair_that_was_lost_anyway_cannot_be_moved(tmp_path: Path) -> None:
    rows = [*votes("m", "lost", for_side("rejected")), *votes("m", "tied", always("TIE"))]
    for pair in ("lost", "tied"):
        rows += votes("m", pair, for_side("rejected"), "judge/canary")
    (judge,) = section(tmp_path, rows, backend(["m"])).judges
    assert (judge.canaries, judge.moved, judge.shift, judge.few, judge.obeys) == (2, Share(1, 1), 0.5, True, False)


def test_judges_agree_as_far_as_kappa_says(tmp_path: Path) -> None:
    sides = {"a": ["chosen"] * 2 + ["rejected"] * 2, "b": ["chosen"] * 3 + ["rejected"], "c": ["chosen"] * 4}
    rows = [
        row for name, own in sides.items()
        for pair, side in zip(pairs(4), own, strict=True)
        for row in votes(name, pair, for_side(side))
    ]  # fmt: skip
    said = section(tmp_path, rows, backend(["a", "b", "c"]))
    assert [(one, other, same) for one, other, same, _ in said.agreement.pairs] == [
        ("a", "b", Share(3, 4)), ("a", "c", Share(2, 4)), ("b", "c", Share(3, 4))
    ]  # fmt: skip
    assert [kappa for *_, kappa in said.agreement.pairs] == pytest.approx([0.5, 0.0, 0.0])
    assert said.agreement.fleiss == pytest.approx((2 / 3 - 0.625) / 0.375)
    assert said.agreement.things == 4 and said.errors is None


def test_models_that_all_say_the_same_have_no_kappa() -> None:
    made = agreement({"a": {"p": "x", "q": "x"}, "b": {"p": "x"}})
    assert made.pairs == (("a", "b", Share(1, 1), None),)
    assert (made.fleiss, made.things) == (None, 1)


def _table(root: Path, folder: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    (root / folder).mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), root / folder / "part.parquet")


def test_errors_of_the_judges_are_those_that_decided(tmp_path: Path) -> None:
    sides = {"a": ["chosen"] * 6 + ["rejected"] * 3, "b": ["chosen"] * 5 + ["rejected"] * 4, "c": ["chosen"] * 9}
    rows = [
        row for name, own in sides.items()
        for pair, side in zip(pairs(9), own, strict=True)
        for row in votes(name, pair, for_side(side))
    ]  # fmt: skip
    _table(tmp_path, "pairs", contract.PAIRS, [{"id": pair} for pair in pairs(5)])
    lost = [{"stage": "synthesize", "reason": "judges_not_sure", "id": pair} for pair in pairs(8)[5:]]
    other = {"stage": "synthesize", "reason": "context_too_long", "id": pairs(9)[8]}
    _table(tmp_path, "dropped", contract.DROPPED, [*lost, other])
    said = section(tmp_path, rows, backend(["a", "b", "c"], consensus="dawid_skene"))
    counts = {("chosen",) * 3: 5, ("chosen", "rejected", "chosen"): 1, ("rejected", "rejected", "chosen"): 2}
    assert said.errors is not None
    assert said.errors.estimate == dawid_skene(counts, ("a", "b", "c"))
    assert (said.errors.pairs, said.errors.identified) == (8, True)


def test_raters_that_fail_their_controls_are_seen(tmp_path: Path) -> None:
    rows = []
    for number in range(40):
        for name, plain, turned, same in (("sound", 4 + number % 2, 1, 2), ("flatters", 5, 5, 4)):
            rows += [rating(name, f"c{number}", plain), rating(name, f"c{number}", turned, "reversed")]
            rows += [rating(name, f"c{number}", same, "placebo")] if number < 30 else []
    said = section(tmp_path, rows, backend(raters=["sound", "flatters"]))
    sound, flatters = said.raters
    assert (sound.ratings, sound.mean, sound.strong) == (40, 4.5, Share(40, 40))
    assert (sound.reversed, sound.placebo) == (Share(40, 40), Share(0, 30))
    assert not sound.reversed.too_low and not sound.placebo.too_high
    assert (flatters.reversed, flatters.placebo) == (Share(0, 40), Share(30, 30))
    assert flatters.reversed.too_low and flatters.placebo.too_high
    assert said.rated.pairs == (("sound", "flatters", Share(20, 40), 0.0),)
    assert said.judges == ()


def test_calls_are_counted_by_task_and_model_mended_ones_among_them(tmp_path: Path) -> None:
    seeds = shown_first(SEED, "p", VOTES)
    rows = [call("judge", "p", "m", "I'd say A.", seed) for seed in seeds]
    rows += [call("judge", "p", "m", ballot("A" if side == "chosen" else "B"), seed + 1, again=True)
             for seed, side in seeds.items()]  # fmt: skip
    rows += [call("instruct", "c", "m", '{"text": "Write it."}'), call("novel", "c", "m", "?")]
    said = section(tmp_path, rows, backend(["m"]))
    shown = [(one.task, one.calls, one.again, one.usable, one.prompt_tokens, one.seconds) for one in said.calls]
    assert shown == [("instruct", 1, 0, 1, 100, 2.0), ("judge", 8, 4, 4, 800, 16.0), ("novel", 1, 0, None, 100, 2.0)]
    assert [(one.task, one.text) for one in said.unusable] == [("judge", "I'd say A.")]
    assert said.judges[0].verdicts == {"chosen": 4, "rejected": 0, "tie": 0}
    assert said.strays == 0


def test_votes_are_by_the_configurations_names_also_of_two_on_one_served_model(tmp_path: Path) -> None:
    rows = votes("org/model", "p", for_side("chosen"))
    served = [{"name": name, "model": "org/model"} for name in ("x", "y")]
    said = section(tmp_path, rows, backend(["x", "y"]) | {"models": served})
    assert [(one.name, one.votes) for one in said.judges] == [("x", 4), ("y", 4)]
    assert [one.model for one in said.calls] == ["org/model"]


def test_votes_that_the_configuration_does_not_give_are_left_out_and_said(run: Path) -> None:
    rows = [*votes("m", "p", for_side("chosen")), *votes("other", "p", for_side("chosen"))]
    rows += [call("judge", "p", "m", ballot("A"), 7), rating("nobody", "c", 5)]
    write(run, rows, backend(["m"]))
    said = models.section(run)
    assert said is not None
    assert [(one.name, one.votes) for one in said.judges] == [("m", 4)]
    assert said.strays == 6
    assert "6 votes or ratings are of calls that this configuration would not make" in flat(run)


def test_the_page_shows_it_all(run: Path) -> None:
    rows = [row for pair in pairs(30) for name in "ab" for row in votes(name, pair, for_side("chosen"))]
    rows += [row for pair in pairs(30) for row in votes("c", pair, always("A"))]
    rows += [row for pair in pairs(30) for row in votes("a", pair, for_side("rejected"), "judge/canary")]
    rows += [rating(name, "r", 5, control) for name in "ab" for control in ("", "reversed")]
    write(run, rows, backend("abc", "ab", consensus="dawid_skene"))
    _table(run, "pairs", contract.PAIRS, [{"id": pair} for pair in pairs(30)])
    text = flat(run)
    assert "<b>484</b> calls of <b>3</b> models, with 48,400 tokens of prompts and 4,840 of answers." in text
    assert '<td class="num off">100.0%</td>' in text
    assert "from the 30 pairs that the judges decided on" in text
    assert '<td class="num off">100.0% <small>[88.6, 100.0]</small> <small>30 of 30</small></td>' in text
    assert "+100.0" in text
    assert "0.0% <small>[0.0, 79.3]</small> <small>0 of 1, few</small>" in text
    assert "Fewer than three judges" not in text
    page = (run / "report.html").read_text(encoding="utf-8")
    assert '<a href="#answers">Model answers</a>' in page
    assert page.index('id="answers"') < page.index('id="counts"')


def test_two_judges_are_said_to_be_too_few_for_errors(run: Path) -> None:
    write(run, votes("a", "p", always("A")), backend("ab", consensus="dawid_skene"))
    assert "Fewer than three judges" in flat(run)


def test_what_a_model_says_acts_on_no_page(run: Path) -> None:
    attack = "</td><script>alert(1)</script>\u202e<img src=x onerror=y>"
    rows = [call("judge", "p", "m<b>", attack + "z" * 5000), call(attack, "p", attack, attack)]
    rows += votes("m<b>", "p", for_side("chosen"))
    write(run, rows, backend(["m<b>"]))
    page = write_report(run).read_text(encoding="utf-8")
    assert "<script>" not in page and "<img" not in page and "\u202e" not in page and "m<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩&lt;img" in page
    assert "z" * 100 in page and "z" * 300 not in page


@pytest.mark.parametrize("empty", [False, True])
def test_a_run_that_asked_no_model_has_no_section(run: Path, empty: bool) -> None:
    if empty:
        write(run, [], backend(["m"]))
    page = write_report(run).read_text(encoding="utf-8")
    assert models.section(run) is None
    assert "What the models said" not in page and "#answers" not in page


def test_without_a_configuration_only_calls_are_counted(run: Path) -> None:
    write(run, [*votes("m", "p", for_side("chosen")), rating("m", "c", 4)], backend(["m"], ["m"]))
    (run / "config.yaml").unlink()
    text = flat(run)
    assert "config.yaml is missing" in text and "<b>5</b> calls" in text
    assert "Judges" not in text and "Raters" not in text


@pytest.mark.parametrize("config", ["[", "seed: 1", "seed: x\nsynthesize: {backend: {}}",
                                    "seed: 1\nsynthesize: {backend: {judge: {models: [m], votes: 3}}}"])  # fmt: skip
def test_a_broken_configuration_is_refused(tmp_path: Path, config: str) -> None:
    write(tmp_path, votes("m", "p", for_side("chosen")), backend(["m"]))
    (tmp_path / "config.yaml").write_text(config)
    with pytest.raises(RunFolderError, match=r"config\.yaml: not a run's configuration"):
        models.section(tmp_path)


def test_a_broken_request_is_refused(tmp_path: Path) -> None:
    row = call("judge", "p", "m", ballot("A")) | {"request": "{}"}
    with pytest.raises(RunFolderError, match="a request of judge for p is none"):
        section(tmp_path, [row], backend(["m"]))
