"""One stage of a training: TRL's trainer, an optimiser of its own, the last whole checkpoint where there is one."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.training import checkpoints
from pipeline.training.recipe import Recipe

Progress = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Keep:
    """How a training is kept and watched.

    Attributes:
        folder: of the checkpoints; None for none.
        resume: go on from the newest whole checkpoint.
        every: steps between checkpoints; 0 for a tenth of the stage's.
        report_to: trackers that transformers knows, such as `tensorboard` and `wandb`; none by default.
        workers: processes that make batches ahead; 0 to make them in turn.
    """

    folder: Path | None = None
    resume: bool = True
    every: int = 0
    report_to: tuple[str, ...] = field(default=())
    workers: int = 0


class Ended(NamedTuple):
    """What a stage leaves.

    Attributes:
        log: a row a step.
        whole: the checkpoint that holds the weights, where those of the model are spread over processes.
    """

    log: list[dict[str, float]]
    whole: Path | None = None


def run_stage(heads: Any, tokenizer: Any, work: Any, recipe: Recipe, keep: Keep, key: str, seed: int,
              progress: Progress) -> Ended:  # fmt: skip
    """Train one stage, in place.

    Args:
        heads: `two_heads.TwoHeads`.
        tokenizer: whose padding is settled.
        work: `reward_trainer.Work`.
        recipe: for precision and sharding.
        keep: checkpoints.
        key: of the stage, see `checkpoints.stage_key`.
        seed: of whatever is drawn.
        progress: told a dict a step, and messages.

    Raises:
        CheckFailed: the loss became not finite; the checkpoints stay.
    """
    from datasets import Dataset

    from pipeline.training.reward_trainer import Done, TwoHeadTrainer

    heads.ask_for_lm(work.stage.lm_weight > 0)
    with _folder(keep, work, key) as folder:
        args = _arguments(folder, recipe, work, keep, seed)
        from accelerate import PartialState
        from accelerate.utils import broadcast_object_list

        state = PartialState()
        taken: list[Path | None] = [None]
        if keep.folder is not None and state.is_main_process:
            taken = [_taken(folder, key, keep.resume, progress)]
        if state.num_processes > 1:
            broadcast_object_list(taken)
        checkpoint = taken[0]
        if checkpoint is not None and checkpoints.step_of(checkpoint) >= len(work.plan):
            checkpoints.load_weights(heads, checkpoint)
            return Ended(checkpoints.log_of(checkpoint))
        tell = progress if state.is_main_process else _silent
        trainer = TwoHeadTrainer(
            work, tell, model=heads, args=args, processing_class=tokenizer, callbacks=[Done()],
            train_dataset=Dataset.from_dict({"idx": [row.idx for row in work.rows]}),
        )  # fmt: skip
        trainer.key = key
        with _deterministic(trainer.accelerator.device.type):
            trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        whole = folder / f"checkpoint-{len(work.plan)}" if trainer.is_fsdp_enabled else None
        return Ended(trainer.rows(), whole)


def _taken(folder: Path, key: str, resume: bool, progress: Progress) -> Path | None:
    """The checkpoint to go on from; where none is wanted, those there are removed."""

    def tell(message: str) -> None:
        progress({"stage": "train", "message": message})

    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    found = checkpoints.newest(folder, key, tell)
    if found is not None:
        tell(f"going on from {found}")
    return found


@contextmanager
def _folder(keep: Keep, work: Any, key: str) -> Iterator[Path]:
    """Where transformers may write: the stage's checkpoints, or a folder that vanishes."""
    if keep.folder is not None:
        yield keep.folder / f"{work.number}-{work.stage.name}-{key[:12]}"
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _arguments(folder: Path, recipe: Recipe, work: Any, keep: Keep, seed: int) -> Any:
    import torch
    from trl.trainer.reward_config import RewardConfig

    steps = len(work.plan)
    on_gpu = torch.cuda.is_available()
    return RewardConfig(
        output_dir=str(folder),
        per_device_train_batch_size=1,
        max_steps=steps,
        learning_rate=work.stage.learning_rate,
        max_grad_norm=work.stage.clip,
        bf16=recipe.precision == "bfloat16",
        use_cpu=not on_gpu,
        seed=seed,
        max_length=None,
        pad_to_multiple_of=None,
        activation_checkpointing=False,  # the model was told already, where the recipe asks for it
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        logging_steps=1,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to=list(keep.report_to) or "none",
        save_strategy="no" if keep.folder is None else "steps",
        save_steps=keep.every or max(1, -(-steps // 10)),
        dataloader_num_workers=keep.workers,
        dataloader_pin_memory=False,
        **(_sharded() if recipe.shard and on_gpu and keep.folder is not None else {}),
    )


def _sharded() -> dict[str, Any]:
    """FSDP2 where several processes share the work; checkpoints hold whole weights all the same."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        return {}
    return {"fsdp": True, "fsdp_config": {"version": 2, "state_dict_type": "FULL_STATE_DICT"}}


@contextmanager
def _deterministic(device: str) -> Iterator[None]:
    """On a processor the same steps give the same bits; on a GPU that would cost too much."""
    import torch

    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(before or device == "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _silent(_: dict[str, Any]) -> None:
    """Of all processes the main one speaks."""
