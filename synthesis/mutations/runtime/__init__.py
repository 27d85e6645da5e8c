"""Operators of runtime efficiency, one file a way to waste time."""

from types import ModuleType

from synthesis.mutations.runtime import operators

FILES: tuple[ModuleType, ...] = (operators,)
"""The files of this folder that hold operators."""
