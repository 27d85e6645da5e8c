"""Operators that make code worse in exactly one way, one file a criterion; a function decorated there is in."""

from types import ModuleType

import synthesis.mutations.functional as functional
import synthesis.mutations.memory as memory
import synthesis.mutations.readability as readability
import synthesis.mutations.runtime as runtime
import synthesis.mutations.security as security
from synthesis.mutations.operator import Operator

MODULES: dict[str, ModuleType] = {
    "readability_maintainability": readability,
    "runtime_efficiency": runtime,
    "security_hardness": security,
    "functional_correctness": functional,
    "memory_efficiency": memory,
}
"""Criterion to the file of its operators."""

OPERATORS: dict[str, tuple[Operator, ...]] = {
    criterion: tuple(value for value in vars(module).values() if isinstance(value, Operator))
    for criterion, module in MODULES.items()
}
"""Criterion to its operators, in the order of the file."""

__all__ = ["MODULES", "OPERATORS", "Operator"]
