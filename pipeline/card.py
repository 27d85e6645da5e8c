"""Cards of a run's data set and benchmark, and their counts as JSON."""

from collections import Counter
from typing import Any

import yaml

from pipeline import storage
from pipeline.config import RunConfig
from schemas.criteria import CRITERIA


def write_card(root: str, config: RunConfig, stats: dict[str, Any]) -> list[str]:
    """Write `dataset/README.md`, `dataset/stats.json` and `benchmark/README.md`; returns these paths."""
    storage.write_json(storage.join(root, "dataset/stats.json"), stats)
    storage.write_bytes(storage.join(root, "dataset/README.md"), dataset_card(config, stats).encode())
    storage.write_bytes(storage.join(root, "benchmark/README.md"), benchmark_card(config, stats).encode())
    return ["dataset/stats.json", "dataset/README.md", "benchmark/README.md"]


def dataset_card(config: RunConfig, stats: dict[str, Any]) -> str:
    """The data set's card; its front matter is what `datasets.load_dataset` reads."""
    front = {
        "pretty_name": f"Themis {config.name}",
        "task_categories": ["text-classification"],
        "tags": ["preference", "reward-model", "code"],
        "configs": [
            {
                "config_name": "full",
                "default": True,
                "data_files": [{"split": "train", "path": "data/*.parquet"}],
            },
            {"config_name": "balanced", "data_files": [{"split": "train", "path": "balanced/*.parquet"}]},
            {"config_name": "placebo", "data_files": [{"split": "train", "path": "placebo/*.parquet"}]},
        ],
    }
    return "\n".join(
        [
            "---",
            yaml.safe_dump(front, sort_keys=False).strip(),
            "---",
            "",
            f"# Themis {config.name}",
            "",
            f"{stats['pairs'].get('train', 0):,} code preference pairs,",
            f"{stats['pairs'].get('balanced', 0):,} of them in `balanced`,",
            "where the chosen side is longer as often as it is shorter per criterion and language.",
            "The pairs of `placebo` are ties: one side is an edit that changes neither meaning nor quality.",
            "Made by `themis run`; each row's repository, revision, path, licence and steps are in `provenance/`,",
            "in the same order. The licence of a row's code is its repository's.",
            "",
            *_table(stats, "train"),
            "",
        ]
    )


def benchmark_card(config: RunConfig, stats: dict[str, Any]) -> str:
    """The benchmark's card."""
    return "\n".join(
        [
            f"# Themis {config.name}: benchmark",
            "",
            f"{stats['pairs'].get('benchmark', 0):,} pairs from repositories that the training set has nothing of.",
            "The chosen side is longer about as often as it is shorter, per criterion and language.",
            "",
            *_table(stats, "benchmark"),
            "",
        ]
    )


def _table(stats: dict[str, Any], split: str) -> list[str]:
    cells: Counter[tuple[str, str]] = Counter()
    for cell in stats["cells"]:
        if cell["split"] == split:
            cells[cell["language"], cell["criterion"]] += cell["pairs"]
    criteria = [key for key in CRITERIA if any(criterion == key for _, criterion in cells)]
    languages = sorted({language for language, _ in cells})
    return [
        "| language | " + " | ".join(CRITERIA[key].name for key in criteria) + " |",
        "|---" * (len(criteria) + 1) + "|",
        *(f"| {name} | " + " | ".join(str(cells[name, key]) for key in criteria) + " |" for name in languages),
    ]
