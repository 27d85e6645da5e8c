"""Operators that change code in exactly one way: a folder a criterion, and the placebos.

A function decorated in one of the files listed here is in. Defects make code worse by their criterion; repairs, the
inverse of some defects, make human code better that has the defect; placebos change neither meaning nor quality.
"""

from types import ModuleType

from synthesis.mutations import functional, memory, placebos, readability, runtime, security
from synthesis.mutations.operator import Operator

FILES: dict[str, tuple[ModuleType, ...]] = {
    "readability_maintainability": readability.FILES,
    "runtime_efficiency": runtime.FILES,
    "security_hardness": security.FILES,
    "functional_correctness": functional.FILES,
    "memory_efficiency": memory.FILES,
}
"""Criterion to the files of its operators."""


def _of(files: tuple[ModuleType, ...], kind: str) -> tuple[Operator, ...]:
    found = [value for file in files for value in vars(file).values() if isinstance(value, Operator)]
    return tuple(one for one in found if one.kind == kind)


OPERATORS: dict[str, tuple[Operator, ...]] = {criterion: _of(files, "defect") for criterion, files in FILES.items()}
"""Criterion to the operators that make code worse by it, in the order of the files."""

REPAIRS: dict[str, tuple[Operator, ...]] = {criterion: _of(files, "repair") for criterion, files in FILES.items()}
"""Criterion to the operators that make code better by it, where code has the defect."""

PLACEBOS: tuple[Operator, ...] = _of(placebos.FILES, "placebo")
"""Operators that change neither meaning nor quality."""

BY_NAME: dict[str, Operator] = {
    one.name: one for listed in (*OPERATORS.values(), *REPAIRS.values(), PLACEBOS) for one in listed
}
"""Every operator by its name, which no two share."""

HELD_OUT: frozenset[str] = frozenset(
    {
        "case_lost",
        "unusual_case",
        "dead_code",
        "needless_work",
        "no_early_exit",
        "injection",
        "failing_open",
        "snapshots",
        "buffers",
    }
)
"""Families that no training pair is made with, so that a benchmark can ask for what was never shown."""

__all__ = ["BY_NAME", "FILES", "HELD_OUT", "OPERATORS", "PLACEBOS", "REPAIRS", "Operator"]
