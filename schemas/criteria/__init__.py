"""The criteria, one file each, in the order of their released class labels."""

from schemas.criteria import functional, harmlessness, helpfulness, memory, readability, runtime, security
from schemas.criteria.criterion import Criterion

CRITERIA: dict[str, Criterion] = {
    c.key: c
    for c in (
        readability.CRITERION,
        runtime.CRITERION,
        security.CRITERION,
        functional.CRITERION,
        memory.CRITERION,
        helpfulness.CRITERION,
        harmlessness.CRITERION,
    )
}
"""Key to criterion, ordered by id."""

CODE_CRITERIA: dict[str, Criterion] = {key: c for key, c in CRITERIA.items() if c.code}
"""The five criteria of code."""

__all__ = ["CODE_CRITERIA", "CRITERIA", "Criterion"]
