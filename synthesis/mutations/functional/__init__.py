"""Operators of functional correctness, one file a way to go wrong."""

from types import ModuleType

from synthesis.mutations.functional import (
    arithmetic,
    branches,
    comparisons,
    conditions,
    conversions,
    failures,
    jumps,
    loops,
    missing,
    operations,
    repairs,
    siblings,
    statements,
    values,
)

FILES: tuple[ModuleType, ...] = (
    comparisons,
    conditions,
    arithmetic,
    operations,
    values,
    siblings,
    conversions,
    loops,
    jumps,
    branches,
    missing,
    failures,
    statements,
    repairs,
)
"""The files of this folder that hold operators."""
