"""One side of `bench.train` in a process of its own: a training that takes one step each time it is told to.

Usage: python -m bench.train_side FOLDER SIDE; see `bench.train.prepare` for what the folder holds. It writes a JSON
line `{"ready": true}`, then waits for a line before each step and answers it with the step's loss, wall and CPU
seconds. Not for people.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from pipeline.training.recipe import Recipe, Stage
from pipeline.training.rows import Row

Told = Callable[[float], None]


class Turns:
    """Takes turns with the other sides: every step is measured from its `go` to its end.

    Args:
        asked: gives a line for each step.
        said: where the JSON lines go.
    """

    def __init__(self, asked: TextIO, said: TextIO) -> None:
        self._asked, self._said = asked, said
        self._wall = self._cpu = 0.0

    def wait(self, said: dict[str, Any]) -> None:
        """Say something, then wait for the next step to be asked for."""
        self._said.write(json.dumps(said) + "\n")
        self._said.flush()
        self._asked.readline()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def step(self, loss: float) -> None:
        """A step is done; returns when the next one is asked for."""
        self.wait({"loss": loss, "wall_s": time.perf_counter() - self._wall, "cpu_s": time.process_time() - self._cpu})


def rows_of(folder: Path) -> list[Row]:
    """The pairs as tokens, in the order of the batches."""
    lines = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    return [Row(**json.loads(line)) for line in lines]


def load(folder: Path) -> tuple[Any, Any]:
    """The first weights, and the tokenizer."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)
    return model.train(), AutoTokenizer.from_pretrained(folder, local_files_only=True)


def train_ours(folder: Path, stage: Stage, told: Told) -> None:
    """Train with `pipeline.training`, both sides of a pair in one row."""
    from pipeline.training.recipes import NANO
    from pipeline.training.reward_trainer import Work
    from pipeline.training.stages import Keep, run_stage
    from pipeline.training.two_heads import TwoHeads, packs

    model, tokenizer = load(folder)
    rows, size = rows_of(folder), stage.batch_pairs
    plan = [tuple(range(start, start + size)) for start in range(0, len(rows), size)]
    recipe: Recipe = NANO.model_copy(update={"stages": (stage,)})
    heads = TwoHeads(model)
    work = Work(stage, rows, plan, tokenizer.pad_token_id, shared=True, packed=packs(heads.config))
    run_stage(heads, tokenizer, work, recipe, Keep(), "", 0, lambda event: told(event["loss"]))


def train_trl(folder: Path, stage: Stage, told: Told) -> None:
    """Train with TRL's `RewardTrainer` as it comes: its own collator, loss and loop, on the same tokens and batches.

    What is not its default is what the other side does too: no activation checkpointing, float32, no limit of length,
    the batches in their given order, and the optimiser's settings.
    """
    from datasets import Dataset
    from transformers import PrinterCallback, TrainerCallback

    trl: Any = import_module("trl")

    class Tell(TrainerCallback):
        """Passes each step's loss on."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            """See the class."""
            if logs and "loss" in logs:
                told(float(logs["loss"]))

    model, tokenizer = load(folder)
    sides = [row.sides for row in rows_of(folder)]
    chosen, rejected = ([list(side[n]) for side in sides] for n in (0, 1))
    args = trl.RewardConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=stage.batch_pairs,
        max_steps=len(sides) // stage.batch_pairs,
        learning_rate=stage.learning_rate,
        lr_scheduler_type="constant",
        adam_beta1=stage.betas[0],
        adam_beta2=stage.betas[1],
        adam_epsilon=stage.epsilon,
        weight_decay=stage.weight_decay,
        max_grad_norm=stage.clip,
        max_length=None,
        activation_checkpointing=False,
        bf16=False,
        use_cpu=True,
        train_sampling_strategy="sequential",
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    trainer = trl.RewardTrainer(
        model=model,
        args=args,
        processing_class=tokenizer,
        train_dataset=Dataset.from_dict({"chosen_ids": chosen, "rejected_ids": rejected}),
        callbacks=[Tell()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def main(words: list[str]) -> int:
    """Train the named side of a folder, a step at a time; returns the exit code."""
    folder, side = Path(words[0]), words[1]
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print goes to the errors
    turns = Turns(sys.stdin, said)
    stage = Stage.model_validate_json((folder / f"{side}.json").read_text(encoding="utf-8"))
    turns.wait({"ready": True})
    (train_trl if side == "trl" else train_ours)(folder, stage, turns.step)
    said.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
