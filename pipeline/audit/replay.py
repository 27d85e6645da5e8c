"""A pair made again: its candidate from the public source, its sides by the recorded steps, answers from the ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filters.redact import REDACTORS
from pipeline import manifest, storage
from pipeline.audit.lineage import Lineage, run_config
from pipeline.stages.mine import mine
from schemas.errors import CheckFailed
from schemas.provenance import REDACT, Step, sha256
from schemas.records import Candidate
from synthesis.tasks import bug, instruct, recover
from synthesis.versions import redo

_SIDES = ("chosen", "rejected")
_WRITTEN = ("bug", "degrade", "fix")


def replay(root: str, lineage: Lineage) -> dict[str, bool]:
    """Rebuild both sides from the pair's source; returns whether each side's bytes, and the prompt's, are the same.

    Raises:
        SourceUnavailable: the source can't be had any more, or is another text.
        CheckFailed: the code of this version makes other candidates or mutants of it, or the ledger lacks an answer.
    """
    config = run_config(root)
    source = {source.name: source for source in config.sources}[lineage.origin.source]
    record = source.replay(lineage.origin, Path(config.execution.cache).expanduser())
    candidate = _candidate(mine(record, config.mine, config.seed, source.windowed), lineage)
    answers = _answers(root, lineage.steps)
    by_side = {side: [step for step in lineage.steps if step.side == side] for side in (*_SIDES, "prompt")}
    sides = {side: _side(candidate, by_side[side], answers) for side in _SIDES}
    same = {side: sha256(text.encode()) == lineage.provenance[f"{side}_sha256"] for side, text in sides.items()}
    prompt = lineage.row["input" if lineage.split == "train" else "prompt"]
    return {**same, "prompt": _prompt(candidate, by_side["prompt"], answers) == prompt}


def _candidate(children: Any, lineage: Lineage) -> Candidate:
    found = [child for child in children if isinstance(child, Candidate)] if isinstance(children, list) else []
    for child in found:
        if child.id == lineage.provenance["cluster"]:
            return child
    raise CheckFailed(
        f"{lineage.origin.path}: this code mines {len(found)} candidates there, none of them this pair's."
    )


def _answers(root: str, steps: Sequence[Step]) -> dict[str, str]:
    """The stored texts of the calls that wrote a side or the prompt, by key.

    Raises:
        CheckFailed: the run's ledger lacks one.
    """
    wanted = {dict(step.parameters)["key"] for step in steps if step.side != "pair" and "key" in dict(step.parameters)}
    found: dict[str, str] = {}
    for path in manifest.required(root).stages["synthesize"].table("ledger") if wanted else []:
        rows = storage.read_table(storage.join(root, path), ["key", "text"]).to_pylist()
        found |= {row["key"]: row["text"] for row in rows if row["key"] in wanted}
    for key in sorted(wanted - found.keys()):
        raise CheckFailed(f"{root}/ledger: has no call {key}, which the pair follows from.")
    return found


def _redacted(text: str, steps: Sequence[Step]) -> str:
    """The text after the steps among these that redact."""
    for step in steps:
        if step.name.startswith(REDACT):
            text, _ = REDACTORS[step.name](text)
    return text


def _side(candidate: Candidate, steps: list[Step], answers: dict[str, str]) -> str:
    made = [step for step in steps if not step.name.startswith(REDACT)]
    return _redacted(_made(candidate, made, answers), steps)


def _made(candidate: Candidate, steps: list[Step], answers: dict[str, str]) -> str:
    first = steps[0]
    if first.name in ("source", "commit/after"):
        return candidate.after
    if first.name == "commit/before":
        assert candidate.before is not None
        return candidate.before
    if first.name in _WRITTEN:
        return bug.read(answers[dict(first.parameters)["key"]]).code
    return redo(candidate.language, candidate.after, steps)


def _prompt(candidate: Candidate, steps: list[Step], answers: dict[str, str]) -> str:
    made = [step for step in steps if not step.name.startswith(REDACT)]
    return _redacted(_asked(candidate, made, answers), steps)


def _asked(candidate: Candidate, steps: list[Step], answers: dict[str, str]) -> str:
    if not steps:
        return candidate.instruction
    text = answers[dict(steps[-1].parameters)["key"]]
    said = instruct.read(text).text if steps[-1].name == "instruct" else recover.read(text).statement
    return said.strip()
