"""A made-up finished run, written with the contract's schemas."""

import json
import math
from collections import Counter
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import contract
from schemas.criteria import CODE_CRITERIA, CRITERIA
from schemas.provenance import sha256

ATTACK = "</pre><script>alert(1)</script>"
LANGUAGES = contract.LANGUAGES[:8]
OPERATORS = {
    "readability_maintainability": ("flatten_names", "magic_number"),
    "runtime_efficiency": ("list_membership", "repeated_work"),
    "security_hardness": ("sql_concat", "weak_hash"),
    "functional_correctness": ("off_by_one", "swapped_arguments"),
    "memory_efficiency": ("read_whole_file", "copy_argument"),
}
CODE = """def merge_intervals(intervals, gap=0):
    \"\"\"Join intervals that touch, or lie at most `gap` apart.\"\"\"
    ordered = sorted(intervals)
    merged = []
    for start, end in ordered:
        if merged and start <= merged[-1][1] + gap:
            last_start, last_end = merged[-1]
            merged[-1] = (last_start, max(last_end, end))
        else:
            merged.append((start, end))
    if not merged:
        return []
    total = sum(end - start for start, end in merged)
    logger.debug("merged %d intervals, %d long", len(merged), total)
    return merged"""
WORSE = CODE.replace("start <= merged", "start < merged").replace("    if not merged:\n        return []\n", "")


def _pair(number: int, criterion: str, language: str, split: str, attack: bool) -> dict:
    rng = Random(f"{number}")
    commit = number % 5 == 0
    operator = "commit/before" if commit else f"mutation/{OPERATORS[criterion][number % 2]}"
    hostile = ATTACK if attack else ""
    chosen, rejected = (CODE + hostile, WORSE) if number % 3 else (CODE, CODE + "\n# " + "x" * (number % 7) + hostile)
    origin = {
        "source": "packages", "repo": f"pypi:{split}-lib{rng.randrange(12)}{hostile}", "revision": f"2.{number % 9}.0",
        "path": f"src/intervals_{number % 4}.py{hostile}", "blob_sha256": sha256(str(number).encode()),
        "license": rng.choice(["MIT", "Apache-2.0", "BSD-3-Clause"]), "committed_at": 1_546_300_800 if commit else None,
    }  # fmt: skip
    step = {"version": "1", "spans": [{"start": 210, "end": 212}, {"start": 391, "end": 430}]}
    steps = [
        {"side": "chosen", "name": "source", "version": "1", "parameters": "{}", "spans": []},
        {"side": "rejected", "name": operator, "parameters": '{"site": "3"}', **step},
    ]
    return {
        "id": sha256(f"{split}{number}".encode()), "cluster": sha256(f"c{number}".encode()), **origin,
        "spans": [{"start": 1042, "end": 1698}], "language": language, "criterion": criterion,
        "prompt": f"Write a {language} function that joins overlapping intervals and keeps their order.{hostile}",
        "chosen": chosen, "rejected": rejected, "steps": steps, "operator": operator,
        "filters": ["length", "syntax_depth", "english", "near_duplicates", "decontamination"],
    }  # fmt: skip


def _write(path: Path, schema: pa.Schema, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _tables(root: Path, train: list[dict], even: list[dict], bench: list[dict]) -> None:
    def training(pair: dict) -> dict:
        labels = {"language": LANGUAGES.index(pair["language"]), "aspect": CRITERIA[pair["criterion"]].id}
        return {**pair, **labels, "system": None, "input": pair["prompt"], "idx": pair["id"]}

    def provenance(pair: dict) -> dict:
        return {**pair, "idx": pair["id"], **{f"{s}_sha256": sha256(pair[s].encode()) for s in ("chosen", "rejected")}}

    for shard in (0, 1):
        name = f"train-0000{shard}-of-00002.parquet"
        own = sorted(train[shard::2], key=lambda pair: pair["id"])
        _write(root / "dataset/data" / name, contract.training_schema(), [training(p) for p in own])
        _write(root / "dataset/provenance" / name, contract.PROVENANCE, [provenance(p) for p in own])
    _write(
        root / "dataset/balanced/train-00000-of-00001.parquet", contract.training_schema(), list(map(training, even))
    )
    rows = [{**p, "aspect": CRITERIA[p["criterion"]].benchmark_name, "subset": "MUTANTS"} for p in bench]
    _write(root / "benchmark/data/test-00000-of-00001.parquet", contract.BENCHMARK, rows)
    held = [provenance(p) for p in bench]
    _write(root / "benchmark/provenance/test-00000-of-00001.parquet", contract.BENCHMARK_PROVENANCE, held)


def _side(pair: dict) -> str:
    difference = len(pair["chosen"]) - len(pair["rejected"])
    return "longer" if difference > 0 else "shorter" if difference < 0 else "equal"


def _stats(root: Path, splits: dict[str, list[dict]]) -> None:
    cells = Counter(
        (name, p["criterion"], p["language"], p["operator"], _side(p)) for name, pairs in splits.items() for p in pairs
    )
    keys = ("split", "criterion", "language", "operator", "length")
    dropped = {"mine": {"no_docstring": 4100, "too_short": 911, "generated": 77}, "curate": {"near_duplicate": 310}}
    table = {
        "pairs": {name: len(pairs) for name, pairs in splits.items()},
        "cells": [{**dict(zip(keys, key, strict=True)), "pairs": count} for key, count in sorted(cells.items())],
        "dropped": dropped,
        "sources": [{"source": "packages", "units": 24, "files": 812}],
    }
    (root / "dataset/stats.json").write_text(json.dumps(table))
    stage = {"key": "k", "seconds": 31.4, "files": []}
    names = ("in", "expanded", "dropped_in", "dead_in", "children", "kept", "dropped", "dead")
    kept = len(splits["train"]) + len(splits["benchmark"])
    counts = {
        "mine": (812, 735, 77, 0, 5811, 800, 5011, 0),
        "synthesize": (800, 798, 0, 2, kept + 310, kept + 310, 0, 0),
        "curate": (kept + 310, kept + 310, 0, 0, kept + 310, kept, 310, 0),
    }
    stages = {name: {**stage, "counts": dict(zip(names, row, strict=True))} for name, row in counts.items()}
    receipt = {"path": "dataset/stats.json", "sha256": "ab" * 32, "rows": None, "bytes": 4096}
    stages["assemble"] = {**stage, "counts": {}, "files": [receipt]}
    manifest = {"name": "quickstart", "seed": 7, "themis": "0.1.0", "warnings": [], "stages": stages}
    (root / "manifest.json").write_text(json.dumps(manifest))


def _estimate(value: float, half: float = 0.06) -> dict:
    return {"estimate": value, "half_width": half, "low": round(value - half, 4), "high": round(value + half, 4)}


def _summary(value: float, pairs: int) -> dict:
    both = {name: {"micro": _estimate(value), "packages": _estimate(value)} for name in ("strict", "half_credit")}
    return {"pairs": pairs, "clusters": 9, "ties": 0, **both}


def _measured(center: float, bench: list[dict]) -> dict:
    def by(labels: list[str]) -> dict:
        return {k: _summary(round(center + Random(k).uniform(-0.1, 0.1), 4), n) for k, n in Counter(labels).items()}

    return {
        "definition": {"interval": "95%"}, "overall": _summary(center, len(bench)),
        "by_criterion": by([CRITERIA[p["criterion"]].benchmark_name for p in bench]),
        "by_language": by([contract.BENCHMARK_LANGUAGES.get(p["language"], p["language"]) for p in bench]),
        "by_operator": by([p["operator"].removeprefix("mutation/") for p in bench]),
        "by_length": by([f"chosen is {_side(p)}" for p in bench]),
    }  # fmt: skip


def _model(root: Path, bench: list[dict], steps: int = 240) -> None:
    rng = Random(3)
    for folder in ("models/nano", "evaluation/nano"):
        (root / folder).mkdir(parents=True)
    rows = ["step,loss,reward_loss,lm_loss,magnitude,accuracy,lr,tokens"]
    for step in range(steps):
        loss = 1.1 + 1.6 * math.exp(-step / 40) + rng.gauss(0, 0.08)
        rows.append(
            f"{step},{loss:.6f},0.6,4.1,0.2,{min(1, 0.5 + step / 900 + rng.gauss(0, 0.06)):.6f},0.001,{step}000"
        )
    (root / "models/nano/training_log.csv").write_text("\n".join(rows) + "\n")
    summary = {"parameters": 2_113_536, "pairs_used": 640, "tokens": 812_344, "steps": steps, "seconds": 171.2}
    (root / "models/nano/training.json").write_text(json.dumps(summary))
    (root / "evaluation/nano/intervals.json").write_text(json.dumps(_measured(0.731, bench)))
    bag = _measured(0.694, bench)
    unseen = {"off_by_one": {"training_pairs": 500, **_summary(0.512, 12)}}
    control = {"draws": [0.49, 0.52], "sd": 0.02, "mean": _estimate(0.505)}
    rules = {"bag": bag, "length": {"fitted_on_training": _measured(0.62, bench)}, "left_out_operator": unseen}
    (root / "evaluation/nano/baselines.json").write_text(json.dumps({**rules, "shuffled_bag": control}))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run, with a model and its evaluation."""
    return make_run(tmp_path / "run")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """The same, of pairs that attack the page."""
    return make_run(tmp_path / "run", attack=True)


def make_run(root: Path, attack: bool = False) -> Path:
    cells = [(c, language) for c in CODE_CRITERIA for language in LANGUAGES]
    splits = {
        split: [_pair(n, *cells[n % 40 if n % 7 else n % 11], split, attack) for n in range(total)]
        for split, total in (("train", 700), ("benchmark", 160))
    }
    sides: dict[tuple[str, str], list[dict]] = {}
    for pair in splits["train"]:
        sides.setdefault((pair["criterion"], _side(pair)), []).append(pair)
    splits["balanced"] = []
    for criterion in CODE_CRITERIA:
        long, short = sides.get((criterion, "longer"), []), sides.get((criterion, "shorter"), [])
        splits["balanced"] += long[: len(short)] + short[: len(long)]
    _tables(root, splits["train"], splits["balanced"], splits["benchmark"])
    _stats(root, splits)
    _model(root, splits["benchmark"])
    return root
