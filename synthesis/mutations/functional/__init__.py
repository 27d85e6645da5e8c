"""Operators of functional correctness, one file a way to go wrong."""

from types import ModuleType

from synthesis.mutations.functional import operators

FILES: tuple[ModuleType, ...] = (operators,)
"""The files of this folder that hold operators."""
