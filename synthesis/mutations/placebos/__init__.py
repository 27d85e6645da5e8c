"""Edits that change neither meaning nor quality: no criterion may prefer either side."""

from types import ModuleType

from synthesis.mutations.placebos import forms, idioms, order

FILES: tuple[ModuleType, ...] = (order, forms, idioms)
"""The files of this folder that hold operators."""
