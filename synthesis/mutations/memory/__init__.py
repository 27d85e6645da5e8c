"""Operators of memory efficiency, one file a way to waste memory."""

from types import ModuleType

from synthesis.mutations.memory import operators

FILES: tuple[ModuleType, ...] = (operators,)
"""The files of this folder that hold operators."""
