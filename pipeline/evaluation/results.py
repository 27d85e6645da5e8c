"""`results.json` of a scores table, with the keys, order and rounding of the released evaluation runs.

The released runs come in three layouts:

- most: a score for every answer;
- judges that may give no score: the columns `parse_failed`, `chosen_parse_failed` and `rejected_parse_failed`.
  Failed pairs count as wrong, the differences are of the others, and the pairs that failed are counted;
- LMUnit: no such column. An answer without a score has 0, outside its scale of 1 to 5, and counts as any other; the
  answers (not pairs) that failed are counted.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

PLACES = 4
PAIR_FAILED = "parse_failed"
SIDES_FAILED = ("chosen_parse_failed", "rejected_parse_failed")
SCORES = ("chosen_score", "rejected_score")

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def results(scores: pa.Table, no_answer: float | None = None) -> dict[str, Any]:
    """Accuracies overall and by aspect, language and subset; a tie counts as wrong.

    Args:
        scores: at least one row, columns of `contract.SCORES`; `subset` may be missing (then `by_subset` is empty),
            and the columns of failures above may be there.
        no_answer: the score that stands for none, where a table has no columns of failures but counts them.
    """
    correct, differences = flags(scores["correct"]), floats(scores["score_diff"])
    failed = failed_pairs(scores)
    overall: dict[str, Any] = {"accuracy": share(correct)}
    if failed is not None:
        overall["accuracy_valid_only"] = share(correct[~failed])
    overall |= {"total_examples": len(correct), "correct_predictions": int(correct.sum())}
    if failed is None and no_answer is not None:
        lost = sum(int((floats(scores[name]) == no_answer).sum()) for name in SCORES)
        overall |= {"parse_failures": lost, "parse_failure_rate": round(lost / (2 * len(correct)), PLACES)}
    overall |= _spread(differences if failed is None else differences[~failed])
    if failed is not None:
        overall |= {
            "valid_pairs": int((~failed).sum()),
            "total_parse_failures": int(failed.sum()),
            "parse_failure_rate": round(int(failed.sum()) / len(failed), PLACES),
        }
    found: dict[str, Any] = {"overall": overall}
    for column in ("aspect", "language", "subset"):
        found[f"by_{column}"] = _by_label(scores, column, correct)
    if failed is not None:
        found["parse_failures"] = int(failed.sum())
    return found


def failed_pairs(scores: pa.Table) -> Flags | None:
    """Of each pair, whether a side has no score; None where the table has no column that tells."""
    told = [name for name in (PAIR_FAILED, *SIDES_FAILED) if name in scores.column_names]
    if not told:
        return None
    found: Flags = np.logical_or.reduce([flags(scores[name]) for name in told])
    return found


def flags(column: Any) -> Flags:
    """A column of truth values; null is False."""
    return np.array([value is True for value in column.to_pylist()], dtype=bool)


def floats(column: Any) -> Floats:
    """A column of numbers; null is NaN."""
    return np.array([np.nan if value is None else value for value in column.to_pylist()], dtype=np.float64)


def share(credits: Flags | Floats) -> float:
    """Mean of truth values or credits, rounded as the released runs are: by numpy, not by `round`; 0.0 of none.

    The two differ where the mean lies on a half: 1 of 160 is 0.0062 by numpy and 0.0063 by `round`.
    """
    return float(np.round(credits.mean(), PLACES)) if len(credits) else 0.0


def _spread(differences: Floats) -> dict[str, float]:
    """Mean, median and sample standard deviation; 0.0 where there is none."""
    count = len(differences)
    return {
        "mean_score_difference": float(np.round(differences.mean(), PLACES)) if count else 0.0,
        "median_score_difference": float(np.round(np.median(differences), PLACES)) if count else 0.0,
        "std_score_difference": float(np.round(differences.std(ddof=1), PLACES)) if count > 1 else 0.0,
    }


def _by_label(scores: pa.Table, column: str, correct: Flags) -> dict[str, dict[str, Any]]:
    if column not in scores.column_names:
        return {}
    labels = np.array(scores[column].to_pylist(), dtype=object)
    return {
        label: {"accuracy": share(correct[labels == label]), "count": int((labels == label).sum())}
        for label in sorted(set(labels))
    }
