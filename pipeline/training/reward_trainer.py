"""TRL's `RewardTrainer` on rows that are tokenised already, with two heads and batches cut our way.

A step's batch is a function of the schedule alone. Each process takes its part of it and computes that in
micro-batches; every term is divided by what the whole batch holds, so neither the processes nor the cut change a loss.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from transformers import PrinterCallback, TrainerCallback
from trl.trainer.reward_trainer import RewardTrainer

from pipeline.training import checkpoints
from pipeline.training.collator import Batch, collate, size_of
from pipeline.training.loss import Totals, preference_loss
from pipeline.training.recipe import Stage
from pipeline.training.rows import Row
from pipeline.training.schedule import learning_rate, micro_batches
from schemas.errors import CheckFailed

_IDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Work:
    """What one stage trains.

    Attributes:
        stage: its settings.
        rows: pairs as tokens.
        plan: every batch, as indices of rows.
        pad: token of the padding.
        shared: both sides of a pair in one row.
        first_step: steps of the stages before.
        first_tokens: tokens of the stages before.
        number: of the stage, from 1.
        packed: shared rows lie end to end, see `pair_attention`.
    """

    stage: Stage
    rows: Sequence[Row]
    plan: Sequence[tuple[int, ...]]
    pad: int
    shared: bool
    first_step: int = 0
    first_tokens: int = 0
    number: int = 1
    packed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One process's part of a batch.

    Attributes:
        batches: its micro-batches.
        totals: of the whole batch.
        tokens: of the whole batch, without padding.
    """

    batches: tuple[Batch, ...]
    totals: Totals
    tokens: int


class Steps(TorchDataset[Step]):
    """One process's part of every batch of a stage."""

    def __init__(self, work: Work, process: int, processes: int) -> None:
        self._work, self._process, self._processes = work, process, processes
        self._lengths = [size_of([row], True) if work.shared else 2 * row.longest for row in work.rows]

    def __len__(self) -> int:
        return len(self._work.plan)

    def __getitem__(self, number: int) -> Step:
        work, batch = self._work, self._work.plan[number]
        most = 2 * work.stage.micro_pairs * work.stage.max_tokens
        parts = micro_batches(batch, self._lengths, self._processes, most)[self._process]
        rows = [work.rows[i] for i in batch]
        totals = Totals(len(rows), sum(row.weight for row in rows), sum(row.chosen - row.prompt for row in rows))
        batches = tuple(
            collate([work.rows[i] for i in part or batch[:1]], work.pad, work.shared, bool(part), work.packed)
            for part in parts
        )
        return Step(batches, totals, size_of(rows, work.shared))


class TwoHeadTrainer(RewardTrainer):
    """Trains `two_heads.TwoHeads` on a stage's `Work`.

    Args:
        work: what to train.
        tell: told a dict a step.
        given: what TRL's trainer takes: model, args, processing_class, train_dataset, callbacks.
    """

    def __init__(self, work: Work, tell: Callable[[dict[str, Any]], None], **given: Any) -> None:
        self._work, self._tell = work, tell
        self._row: dict[str, float] = {}
        self.key = ""
        super().__init__(**given)
        self.remove_callback(PrinterCallback)

    def _send_telemetry(self) -> None:
        """Nothing is sent anywhere."""

    def _prepare_dataset(self, dataset: Any, *_: Any) -> Any:
        """Rows are tokenised already: none is dropped, none changed."""
        return dataset

    def get_train_dataloader(self) -> DataLoader[Any]:
        """This process's part of every batch, in the order of the schedule."""
        steps = Steps(self._work, self.args.process_index, self.args.world_size)
        workers = self.args.dataloader_num_workers
        return DataLoader(steps, batch_size=1, shuffle=False, collate_fn=_only, num_workers=workers)

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """AdamW, with weight decay on matrices."""
        if self.optimizer is None:
            stage = self._work.stage
            module: Any = model or self.model
            trained = [p for p in module.parameters() if p.requires_grad]
            groups = [
                {"params": [p for p in trained if p.ndim > 1], "weight_decay": stage.weight_decay},
                {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
            ]
            self.optimizer = torch.optim.AdamW(
                [group for group in groups if group["params"]],
                lr=stage.learning_rate, betas=stage.betas, eps=stage.epsilon, foreach=True,
            )  # fmt: skip
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The stage's own curve."""
        if self.lr_scheduler is None:
            stage, steps, made = self._work.stage, len(self._work.plan), optimizer or self.optimizer
            assert made is not None
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
                made, lambda step: learning_rate(step, steps, stage) / stage.learning_rate
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        """Forward and backward of this process's part of a batch; the loss of the whole batch."""
        step: Step = inputs["step"]
        model.train()
        found: list[torch.Tensor] = []
        for number, batch in enumerate(step.batches):
            last = number == len(step.batches) - 1
            with contextlib.nullcontext() if last else self.accelerator.no_sync(model):
                with self.compute_loss_context_manager():
                    loss, parts = self.compute_loss(model, {"batch": batch, "totals": step.totals}, True)
                self.accelerator.backward(loss * self.args.world_size)  # gradients are averaged over processes
            found.append(parts)
        sums: torch.Tensor = self.accelerator.reduce(torch.stack(found).sum(0), "sum")
        values: list[float] = sums.tolist()
        if not math.isfinite(values[0]):
            raise CheckFailed(self._broken(values[0], step.batches, found))
        self._note(step, values)
        return sums[0]

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Loss of a micro-batch, as its part of the whole batch's, and the parts of all terms."""
        batch, stage = inputs["batch"], self._work.stage
        device = self.accelerator.device
        chosen_B, rejected_B, nll = model(**batch.inputs(device))
        losses = preference_loss(
            chosen_B,
            rejected_B,
            nll,
            inputs["totals"],
            stage.lm_weight,
            stage.magnitude_weight,
            stage.magnitude,
            batch.label_B.to(device),
            batch.weight_B.to(device),
            batch.count_B.to(device),
        )
        parts = torch.stack([value.detach().float() for value in losses])
        return (losses.total, parts) if return_outputs else losses.total

    def _broken(self, loss: float, batches: Sequence[Batch], found: Sequence[torch.Tensor]) -> str:
        """What to say of a loss that is not finite: the step, and the pairs of the micro-batches that made it so."""
        work, done = self._work, self.state.global_step
        ids = [
            idx
            for batch, parts in zip(batches, found, strict=True)
            if batch.size and not math.isfinite(parts[0].item())
            for idx in batch.idx
        ] or [work.rows[i].idx for i in work.plan[done]]
        shown = ", ".join(ids[:_IDS_SHOWN]) + (f" and {len(ids) - _IDS_SHOWN} more" if ids[_IDS_SHOWN:] else "")
        return (
            f"stage {work.stage.name}: the loss is {loss} at step {work.first_step + done}, with the pairs {shown}. "
            "Lower learning_rate, or look at these pairs."
        )

    def _note(self, step: Step, sums: list[float]) -> None:
        """Keep the step's row for the log."""
        work, done = self._work, self.state.global_step
        names = ("loss", "reward_loss", "lm_loss", "magnitude", "accuracy", "margin")
        before = self._row["tokens"] if self._row else self._tokens_before()
        self._row = {
            "step": work.first_step + done,
            "stage": work.number,
            **{name: round(value, 6) for name, value in zip(names, sums, strict=True)},
            "lr": round(learning_rate(done, len(work.plan), work.stage), 12),
            "tokens": before + step.tokens,
        }

    def _tokens_before(self) -> float:
        """Tokens of all steps before the first one that this process runs."""
        rows = self.rows()
        return rows[-1]["tokens"] if rows else self._work.first_tokens

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """One row a step; the summary that transformers adds at the end is left out."""
        if "learning_rate" not in logs:
            return
        norm = float(logs["grad_norm"])
        row = {**self._row, "grad_norm": round(norm, 6)}
        history: list[Any] = self.state.log_history
        history.append({"row": row})
        if self.args.report_to:
            self.control = self.callback_handler.on_log(self.args, self.state, self.control, dict(row))
        self._tell({
            "stage": "train", "step": int(row["step"]) + 1, "loss": row["loss"],
            "accuracy": row["accuracy"], "tokens": int(row["tokens"]),
        })  # fmt: skip

    def rows(self) -> list[dict[str, float]]:
        """The log of the stage up to now."""
        history: list[Any] = self.state.log_history
        return [entry["row"] for entry in history if "row" in entry]

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Both heads; a weight that is missing or too many is an error."""
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            checkpoints.load_weights(model or self.model, Path(resume_from_checkpoint))

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """Both heads, as safetensors; nothing else of transformers' is needed to go on."""
        from safetensors.torch import save_file

        if self.args.should_save:
            folder, module = Path(output_dir or str(self.args.output_dir)), self.model
            folder.mkdir(parents=True, exist_ok=True)
            assert module is not None
            state = module.state_dict() if state_dict is None else state_dict
            save_file({name: value.contiguous() for name, value in state.items()}, folder / checkpoints.WEIGHTS)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Save, then seal: a checkpoint without its manifest is none."""
        super(RewardTrainer, self)._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            folder = Path(str(self.args.output_dir))
            checkpoints.seal(folder / f"checkpoint-{self.state.global_step}", self.key)
            checkpoints.prune(folder)


class Done(TrainerCallback):
    """Saves at the last step of a stage, whatever the interval."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """See the class."""
        if state.global_step >= state.max_steps and args.save_strategy != "no":
            control.should_save = True
        return control


def _only(items: list[Step]) -> dict[str, Step]:
    return {"step": items[0]}
