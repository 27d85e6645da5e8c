"""Operators of readability and maintainability, one file a thing that a reader needs."""

from types import ModuleType

from synthesis.mutations.readability import operators

FILES: tuple[ModuleType, ...] = (operators,)
"""The files of this folder that hold operators."""
