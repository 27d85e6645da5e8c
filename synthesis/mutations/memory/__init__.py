"""Operators of memory efficiency, one file a way to waste memory."""

from types import ModuleType

from synthesis.mutations.memory import (
    buffers,
    copied,
    eager,
    in_place,
    ownership,
    release,
    repairs,
    retained,
    sizes,
    snapshots,
    streaming,
    temporaries,
)

FILES: tuple[ModuleType, ...] = (
    eager,
    streaming,
    temporaries,
    in_place,
    copied,
    snapshots,
    buffers,
    sizes,
    release,
    ownership,
    retained,
    repairs,
)
"""The files of this folder that hold operators."""
