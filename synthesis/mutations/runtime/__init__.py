"""Operators of runtime efficiency, one file a way to waste time."""

from types import ModuleType

from synthesis.mutations.runtime import (
    batches,
    branches,
    building,
    caching,
    cleared,
    conversions,
    costlier,
    exits,
    invariants,
    lookups,
    needless,
    patterns,
    repairs,
)

FILES: tuple[ModuleType, ...] = (
    invariants,
    needless,
    exits,
    branches,
    caching,
    lookups,
    patterns,
    building,
    batches,
    conversions,
    cleared,
    costlier,
    repairs,
)
"""The files of this folder that hold operators."""
