"""Embeddings of messages."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from pipeline.criterion import encoder
from pipeline.criterion.encoder import DECIMALS, DIMENSIONS, PACKAGED, embed, one_thread
from schemas.errors import ConfigError

TEXTS = ("Fix memory leak", "Make the lookup faster", "", "word " * 500, "\0\n 修正 [SEP]")


@pytest.mark.parametrize("text", TEXTS)
def test_embedding_is_of_length_1_and_rounded(text: str) -> None:
    found = embed(text)
    assert found.shape == (DIMENSIONS,)
    assert np.linalg.norm(found) == pytest.approx(1, abs=0.01)
    assert np.array_equal(found, np.round(found, DECIMALS))


def test_embedding_does_not_depend_on_what_came_before() -> None:
    embed.cache_clear()
    forth = {text: embed(text).tobytes() for text in TEXTS}
    embed.cache_clear()
    back = {text: embed(text).tobytes() for text in reversed(TEXTS)}
    assert forth == back
    assert len(set(forth.values())) == len(forth)
    with one_thread():
        embed.cache_clear()
        assert embed(TEXTS[0]).tobytes() == forth[TEXTS[0]]


def test_lone_surrogates_are_read() -> None:
    assert np.array_equal(embed("Fix \ud800 leak"), embed("Fix ? leak"))


def test_like_texts_are_near() -> None:
    leak, other, far = (embed(text) for text in ("Fix memory leak", "Free the memory that leaked", "Rename a class"))
    assert leak @ other > leak @ far + 0.2


def test_one_thread_is_given_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("gone", [PACKAGED, "torch", "transformers"])
def test_missing_package_names_the_extra(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "_loaded", encoder._loaded.__wrapped__)
    monkeypatch.setattr(encoder, "find_spec", lambda name: None if name == gone else find_spec(name))
    monkeypatch.setitem(sys.modules, gone, None)
    with pytest.raises(ConfigError, match=rf"{gone} is missing\. Run `pip install themis-preference\[mine\]`"):
        embed(f"A text that no other test embeds, without {gone}")
