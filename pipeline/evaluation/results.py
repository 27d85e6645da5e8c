"""`results.json` of a scores table, with the keys, order and rounding of the released evaluation runs."""

from typing import Any

import numpy as np
import pyarrow as pa

PLACES = 4


def results(scores: pa.Table) -> dict[str, Any]:
    """Accuracies overall and by aspect, language and subset; a tie counts as wrong.

    Where the table has the column `parse_failed` (generative judges), failed pairs count as wrong, the differences
    are of the others, and their number is given, as in the released runs.

    Args:
        scores: at least one row, columns of `contract.SCORES`.
    """
    correct = np.array(scores["correct"].to_pylist(), dtype=bool)
    differences = np.array(scores["score_diff"].to_pylist(), dtype=np.float64)
    judged = "parse_failed" in scores.column_names
    failed = np.array(scores["parse_failed"].to_pylist(), dtype=bool) if judged else np.zeros(len(correct), dtype=bool)
    valid = differences[~failed]
    overall: dict[str, Any] = {"accuracy": _share(correct)}
    if judged:
        overall["accuracy_valid_only"] = _share(correct[~failed])
    overall |= {
        "total_examples": len(correct),
        "correct_predictions": int(correct.sum()),
        "mean_score_difference": round(float(valid.mean()), PLACES) if len(valid) else 0.0,
        "median_score_difference": round(float(np.median(valid)), PLACES) if len(valid) else 0.0,
        "std_score_difference": round(float(valid.std(ddof=1)), PLACES) if len(valid) > 1 else 0.0,
    }
    if judged:
        overall |= {
            "valid_pairs": len(valid),
            "total_parse_failures": int(failed.sum()),
            "parse_failure_rate": _share(failed),
        }
    found: dict[str, Any] = {"overall": overall}
    for column in ("aspect", "language", "subset"):
        labels = np.array(scores[column].to_pylist(), dtype=object)
        found[f"by_{column}"] = {
            label: {"accuracy": _share(correct[labels == label]), "count": int((labels == label).sum())}
            for label in sorted(set(labels))
        }
    if judged:
        found["parse_failures"] = int(failed.sum())
    return found


def _share(flags: Any) -> float:
    return round(float(flags.mean()), PLACES) if len(flags) else 0.0
