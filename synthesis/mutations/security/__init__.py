"""Operators of security hardness, one file a kind of weakness."""

from types import ModuleType

from synthesis.mutations.security import (
    bounds,
    checks,
    commands,
    crypto,
    exposure,
    injection,
    memory,
    prototypes,
    repairs,
    system,
    weakened,
)

FILES: tuple[ModuleType, ...] = (
    checks,
    prototypes,
    bounds,
    weakened,
    commands,
    injection,
    crypto,
    exposure,
    memory,
    system,
    repairs,
)
"""The files of this folder that hold operators."""
