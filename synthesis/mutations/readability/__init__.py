"""Operators of readability and maintainability, one file a thing that a reader needs."""

from types import ModuleType

from synthesis.mutations.readability import (
    conditions,
    dead_code,
    duplication,
    explanations,
    flow,
    helpers,
    idioms,
    lines,
    magic,
    names,
    nesting,
    notes,
    rebranching,
    redundancy,
    repairs,
)

FILES: tuple[ModuleType, ...] = (
    names,
    notes,
    explanations,
    helpers,
    magic,
    nesting,
    conditions,
    redundancy,
    duplication,
    dead_code,
    flow,
    lines,
    repairs,
    rebranching,
    idioms,
)
"""The files of this folder that hold operators."""
