"""Puts `hand_read` on the path, and lets small models work on one thread, where they are quicker."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.criterion import encoder

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module", autouse=True)
def few_threads() -> Iterator[None]:
    with encoder.one_thread():
        yield
