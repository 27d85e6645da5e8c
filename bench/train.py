"""`make bench-train`: our training beside TRL's plain RewardTrainer, on the same real pairs, in one run.

Usage: python -m bench.train --dataset RUN/dataset [--recipe scratch-10m] [--steps 20] [--batch-pairs 8] ...

Each side runs in a process of its own with the same first weights, tokens, batches in the same order, optimiser and
number of threads, and takes one step in turn, so that both meet the same machine. Sides: `trl`; `ours` with the same
loss (lambda = 0, mu = 0); `ours with LM`, which has the recipe's terms too and has no counterpart. The first steps are
not timed. It ends with 1 where the ratio of pairs a second of `ours` to `trl`, or the largest difference of their
losses, misses its bound.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from bench.measured import ONE_THREAD, ROOT
from pipeline.training.recipe import Recipe, Stage
from pipeline.training.rows import Row, encode
from pipeline.training.schedule import schedule
from schemas.errors import ThemisError

LEAST_RATIO = 1.4
MOST_DIFFERENCE = 1e-3
TERMS = {"trl": "Bradley-Terry", "ours": "Bradley-Terry", "ours_lm": "Bradley-Terry + LM + magnitude"}
"""Side to the terms of its loss."""
Steps = list[dict[str, float]]


def prepare(folder: Path, given: argparse.Namespace) -> list[list[Row]]:
    """Write what the sides read: first weights, tokenizer, rows, and each side's stage; returns the batches.

    Raises:
        ConfigError: the data set can't be read.
        ValueError: too few pairs fit.
    """
    import torch

    from pipeline.training.model import new_model, settle_padding
    from pipeline.training.pairs import read_pairs
    from pipeline.training.recipes import recipe_named
    from pipeline.training.tokenizer import train_tokenizer

    torch.set_num_threads(given.threads)
    recipe: Recipe = recipe_named(given.recipe)
    pairs = read_pairs(given.dataset)
    Random(f"{given.seed}:bench").shuffle(pairs)
    pairs = pairs[: given.pairs]
    shape = recipe.architecture
    tokenizer = train_tokenizer(pairs, shape.vocab_size, given.max_tokens)
    rows = encode(tokenizer, pairs, recipe.last.system, given.max_tokens).rows
    plan = schedule([len(row.tokens) for row in rows], given.batch_pairs, 1, 0, given.seed)
    batches = [[rows[i] for i in batch] for batch in plan if len(batch) == given.batch_pairs][: given.steps]
    if len(batches) < given.steps:
        raise ValueError(f"{len(rows)} of {len(pairs)} pairs fit {given.max_tokens} tokens; too few for the steps.")
    model = new_model(
        shape, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id, given.max_tokens, given.seed
    )
    settle_padding(model, tokenizer, frozenset(row.tokens[row.chosen - 1] for row in rows))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    lines = (json.dumps(asdict(row) | {"tokens": list(row.tokens)}) for batch in batches for row in batch)
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for side, stage in stages(recipe.last, given).items():
        (folder / f"{side}.json").write_text(stage.model_dump_json(), encoding="utf-8")
    return batches


def stages(stage: Stage, given: argparse.Namespace) -> dict[str, Stage]:
    """Side to what it trains: the recipe's stage, at one rate throughout; the same terms for `trl` and `ours`."""
    rate = given.learning_rate or stage.learning_rate
    common = {
        "max_tokens": given.max_tokens, "batch_pairs": given.batch_pairs, "micro_pairs": 0, "epochs": 1,
        "token_budget": 0, "learning_rate": rate, "final_learning_rate": rate, "warmup_share": 0.0,
    }  # fmt: skip
    plain = stage.model_copy(update=common | {"lm_weight": 0.0, "magnitude_weight": 0.0})
    return {"trl": plain, "ours": plain, "ours_lm": stage.model_copy(update=common)}


@contextmanager
def started(folder: Path, sides: Sequence[str], threads: int) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """A process a side, each waiting for its first step; ended with the block."""
    number = {name: str(threads) for name in ONE_THREAD}
    quiet = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_WAIT_POLICY": "passive"}
    processes = {}
    try:
        for side in sides:
            with (folder / f"{side}.log").open("wb") as log:
                processes[side] = subprocess.Popen(
                    [sys.executable, "-m", "bench.train_side", str(folder), side], cwd=ROOT, text=True,
                    env={**os.environ, **number, **quiet}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                )  # fmt: skip
        yield processes
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()


def measured(folder: Path, sides: Sequence[str], steps: int, threads: int) -> dict[str, Steps]:
    """Each side's steps: `loss`, `wall_s`, `cpu_s`. The sides take turns, and turns at going first.

    Raises:
        RuntimeError: a side ended early; with the last lines that it said.
    """
    found: dict[str, Steps] = {side: [] for side in sides}
    with started(folder, sides, threads) as processes:
        for side in sides:
            _answer(folder, side, processes[side])
        for step in range(steps):
            for side in sides if step % 2 else tuple(reversed(sides)):
                stdin = processes[side].stdin
                assert stdin is not None
                stdin.write("go\n")
                stdin.flush()
                found[side].append(_answer(folder, side, processes[side]))
            print(f"step {step + 1} of {steps}: " + ", ".join(
                f"{side} {found[side][-1]['loss']:.4f} in {found[side][-1]['wall_s']:.2f} s" for side in sides
            ), file=sys.stderr, flush=True)  # fmt: skip
    return found


def _answer(folder: Path, side: str, process: subprocess.Popen[str]) -> dict[str, float]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        said = (folder / f"{side}.log").read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        raise RuntimeError(f"the side {side} ended early:\n" + "\n".join(said))
    answer: dict[str, float] = json.loads(line)
    return answer


def summary(found: dict[str, Steps], batches: Sequence[Sequence[Row]], warm: int, seed: int) -> dict[str, Any]:
    """What the steps come to, with those after the first `warm` timed.

    Returns:
        `pairs_per_s` and `pairs_per_cpu_s` by side; `ratio` and `cpu_ratio` to `trl` by other side, each the ratio of
        sums with a 95% bootstrap interval over steps and the median of single steps; `difference`, the largest of the
        losses of `ours` and `trl`; `tokens` of both ways to lay a pair out, without padding.
    """
    timed = range(warm, len(batches))
    pairs = sum(len(batches[i]) for i in timed)
    others = [side for side in found if side != "trl"]
    rows = [row for batch in batches for row in batch]
    return {
        "pairs_per_s": {side: pairs / sum(steps[i]["wall_s"] for i in timed) for side, steps in found.items()},
        "pairs_per_cpu_s": {side: pairs / sum(steps[i]["cpu_s"] for i in timed) for side, steps in found.items()},
        "ratio": {side: _ratio(found["trl"], found[side], timed, "wall_s", seed) for side in others},
        "cpu_ratio": {side: _ratio(found["trl"], found[side], timed, "cpu_s", seed) for side in others},
        "difference": max(abs(a["loss"] - b["loss"]) for a, b in zip(found["trl"], found["ours"], strict=True)),
        "tokens": {
            "trl": sum(len(row.tokens) + row.prefix for row in rows),
            "ours": sum(len(row.tokens) for row in rows),
        },
        "longest_mean": sum(row.longest for row in rows) / len(rows),
    }


def _ratio(base: Steps, mine: Steps, timed: Sequence[int], key: str, seed: int) -> dict[str, float]:
    """Base's seconds over mine, on the same batches."""
    rng = Random(f"{seed}:ratio")

    def of(steps: Sequence[int]) -> float:
        return sum(base[i][key] for i in steps) / sum(mine[i][key] for i in steps)

    drawn = sorted(of(rng.choices(timed, k=len(timed))) for _ in range(1000))
    single = median(base[i][key] / mine[i][key] for i in timed)
    return {"ratio": of(timed), "low": drawn[24], "high": drawn[974], "median_of_steps": single}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(prog="python -m bench.train", description=(__doc__ or "").splitlines()[0])
    made.add_argument("--dataset", type=Path, required=True, help="a run's dataset folder, of commit pairs")
    made.add_argument("--recipe", default="scratch-10m", help="whose shape, settings and loss terms are taken")
    made.add_argument("--pairs", type=int, default=1000, help="drawn from the data set")
    made.add_argument("--max-tokens", type=int, default=1024, help="longer pairs are left out of both sides")
    made.add_argument("--batch-pairs", type=int, default=8)
    made.add_argument("--steps", type=int, default=20)
    made.add_argument("--warm", type=int, default=2, help="first steps that are not timed")
    made.add_argument("--threads", type=int, default=1)
    made.add_argument("--learning-rate", type=float, default=0.0, help="0 for the recipe's")
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--out", type=Path, default=Path("runs/bench/train.json"))
    return made


def main() -> int:
    """Measure, print, write; returns the exit code."""
    given = parser().parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
            batches = prepare(Path(folder), given)
            found = measured(Path(folder), tuple(TERMS), given.steps, given.threads)
    except (ThemisError, ValueError) as error:
        print(f"bench.train: {error}", file=sys.stderr)
        return 2
    told = summary(found, batches, given.warm, given.seed)
    report(told, given)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    options = {name: str(value) if isinstance(value, Path) else value for name, value in vars(given).items()}
    table = {"options": options, **told, "steps": found}
    given.out.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    held = told["ratio"]["ours"]["ratio"] >= LEAST_RATIO and told["difference"] <= MOST_DIFFERENCE
    return 0 if held else 1


def report(told: dict[str, Any], given: argparse.Namespace) -> None:
    """Print the figures."""
    print(
        f"{given.recipe}, {given.steps} steps of {given.batch_pairs} pairs, {told['longest_mean']:.0f} tokens in the "
        f"longer side on average; {given.threads} threads, float32"
    )
    for side, rate in told["pairs_per_s"].items():
        line = f"{side:<8} {rate:8.2f} pairs/s {told['pairs_per_cpu_s'][side]:8.2f} a CPU second"
        if side != "trl":
            r, c = told["ratio"][side], told["cpu_ratio"][side]
            line += f"  {r['ratio']:.2f} times ({r['low']:.2f} to {r['high']:.2f}); by CPU {c['ratio']:.2f}"
        print(f"{line}  {TERMS[side]}")
    tokens = told["tokens"]
    print(f"tokens   {tokens['trl'] / tokens['ours']:.2f} times as many where each side has a row of its own")
    print(f"loss     differs by {told['difference']:.1e} at most (bound {MOST_DIFFERENCE:g})")


if __name__ == "__main__":
    sys.exit(main())
