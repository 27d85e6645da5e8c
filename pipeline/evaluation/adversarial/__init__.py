"""Perturbations that must not change a verdict, one file each."""

from pipeline.evaluation.adversarial import (
    comments_added,
    comments_removed,
    dead_code,
    judge_addressed,
    misleading_comment,
    reformatted,
    renamed_locals,
)
from pipeline.evaluation.adversarial.base import Perturbation, perturb

PERTURBATIONS: dict[str, Perturbation] = {
    one.name: one
    for one in (
        renamed_locals.PERTURBATION,
        comments_removed.PERTURBATION,
        comments_added.PERTURBATION,
        reformatted.PERTURBATION,
        dead_code.PERTURBATION,
        misleading_comment.PERTURBATION,
        judge_addressed.PERTURBATION,
    )
}
"""Name to perturbation."""

__all__ = ["PERTURBATIONS", "Perturbation", "perturb"]
