"""Operators of security hardness, one file a kind of weakness."""

from types import ModuleType

from synthesis.mutations.security import operators

FILES: tuple[ModuleType, ...] = (operators,)
"""The files of this folder that hold operators."""
