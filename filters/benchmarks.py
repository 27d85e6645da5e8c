"""Where the benchmarks that training must not know keep their prompts and their sides."""

from collections.abc import Mapping
from typing import NamedTuple


class Benchmark(NamedTuple):
    """A published benchmark of preferences.

    Attributes:
        dataset: its name on the Hugging Face hub.
        config: of the data set, where it has several.
        split: of it, or several with a plus sign between.
        column: with the prompt.
        id_column: with the row's id.
        side_columns: with the texts that are compared; each holds one text or a list of them.
    """

    dataset: str
    config: str | None
    split: str
    column: str
    id_column: str
    side_columns: tuple[str, ...]


_SIDES = ("chosen", "rejected")

PRESETS: Mapping[str, Benchmark] = {
    "code_reward_bench": Benchmark("project-themis/Themis-CodeRewardBench", "Full", "Full", "prompt", "id", _SIDES),
    "reward_bench": Benchmark("allenai/reward-bench", None, "filtered", "prompt", "id", _SIDES),
    "reward_bench_2": Benchmark("allenai/reward-bench-2", None, "test", "prompt", "id", _SIDES),
    "judge_bench": Benchmark(
        "ScalerLab/JudgeBench", None, "gpt+claude", "question", "pair_id", ("response_A", "response_B")
    ),
    "rm_bench": Benchmark("THU-KEG/RM-Bench", None, "train", "prompt", "id", _SIDES),
}
"""The five of the paper, by the name that a configuration gives them."""
