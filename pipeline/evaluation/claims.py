"""What a model can be said to beat: each claim is a paired test over clusters, corrected by Holm over all of them."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.evaluation.controls import flips
from pipeline.evaluation.paired import DEFINITION, Comparison, Side, compare, corrected
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.statistics import credits_of

LABELS = {
    "length_on_benchmark": "the best length rule of this very benchmark",
    "length_on_training": "the length rule of the training set",
    "bag": "the token bag",
    "newer_bag": "the bag of newer against older sides",
    "original_bag": "the bag of originals against edits",
    "likelihood_mean": "the base model's mean token log-likelihood",
    "likelihood_sum": "the base model's summed log-likelihood",
}
"""Control to its name in a sentence that begins `beats`; a control that isn't here is no claim."""

Differences = Sequence[float]


def claims(
    pairs: Sequence[BenchmarkPair], differences: Differences, controls: Mapping[str, Differences]
) -> dict[str, Any]:
    """`definition` and `rows`, for `intervals.json`: chance, where length misleads, each control, and flips.

    `by_criterion` has chance for each criterion, corrected over these alone.

    Args:
        pairs: of the benchmark.
        differences: of the model, chosen's score less rejected's; NaN where one is missing, which is wrong.
        controls: name to the same of a rule; NaN where it was not measured: the claim is then of the other pairs.
    """
    clusters = [pair.cluster or pair.repo or pair.id for pair in pairs]
    model = credits_of(differences, True).tolist()
    named = [("chance", _against("beats chance", model, [0.5] * len(pairs), clusters))]
    rule = controls.get("length_on_training", controls.get("length_on_benchmark"))
    if rule is not None and (wrong := [i for i, value in enumerate(rule) if value < 0]):
        part = [model[i] for i in wrong], [0.5] * len(wrong), [clusters[i] for i in wrong]
        named.append(("length_disagrees", _against("beats chance where length and label disagree", *part)))
    for name, label in LABELS.items():
        known = [i for i, value in enumerate(controls.get(name, ())) if not math.isnan(value)]
        if known:
            its = credits_of([controls[name][i] for i in known], True).tolist()
            part = [model[i] for i in known], its, [clusters[i] for i in known]
            named.append((name, _against(f"beats {label}", *part)))
    both, flip_clusters = flips.both_right(pairs, differences)
    if both:
        level = [flips.CHANCE] * len(both)
        named.append(
            ("flips", _against("has both sides of a flip right more often than chance", both, level, flip_clusters))
        )
    return {"definition": DEFINITION, "rows": _rows(named), "by_criterion": _by_criterion(pairs, model, clusters)}


def _by_criterion(
    pairs: Sequence[BenchmarkPair], model: Sequence[float], clusters: Sequence[str]
) -> list[dict[str, Any]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, pair in enumerate(pairs):
        groups[pair.aspect].append(row)
    named = []
    for name, own in sorted(groups.items()):
        part = [model[i] for i in own], [0.5] * len(own), [clusters[i] for i in own]
        named.append((name, _against(f"beats chance on {name}", *part)))
    return _rows(named)


def _rows(named: Sequence[tuple[str, Comparison]]) -> list[dict[str, Any]]:
    tested = corrected([one for _, one in named])
    return [{"against": name} | one.row() for (name, _), one in zip(named, tested, strict=True)]


def _against(name: str, model: Sequence[float], other: Sequence[float], clusters: Sequence[str]) -> Comparison:
    return compare(name, Side(model, clusters), Side(other, clusters))
