"""Perplexity by a KenLM model, such as those of CCNet (Wenzek et al. 2020; Heafield 2011)."""

import importlib
import math
from functools import cache
from pathlib import Path
from typing import Any

from schemas.errors import ConfigError

_WAY_OUT = "or leave `model` out for the embedded model."


def perplexity(path: str, sentences: list[tuple[str, ...]]) -> float:
    """Of sentences of words, or of pieces: per word and end of a sentence, as KenLM has it for one sentence.

    Raises:
        ConfigError: the package is not installed, or the file is no model.
    """
    model = _model(path)
    units = sum(map(len, sentences)) + len(sentences)
    decimal: float = sum(model.score(" ".join(sentence), bos=True, eos=True) for sentence in sentences)
    return math.pow(10.0, -decimal / units)


def pieces(path: str, lines: list[str]) -> list[tuple[str, ...]]:
    """Each line in the pieces of a SentencePiece model.

    Raises:
        ConfigError: the package is not installed, or the file is no model.
    """
    encoder = _encoder(path)
    return [tuple(encoder.encode(line, out_type=str)) for line in lines]


@cache
def _model(path: str) -> Any:
    kenlm = _package("kenlm", "model", path)
    try:
        return kenlm.Model(path)
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            f"perplexity: model: {path!r} is no KenLM model: {_first_line(error)}. Mend the path."
        ) from None


@cache
def _encoder(path: str) -> Any:
    package = _package("sentencepiece", "pieces", path)
    try:
        return package.SentencePieceProcessor(model_file=path)
    except (OSError, RuntimeError) as error:
        message = f"perplexity: pieces: {path!r} is no SentencePiece model: {_first_line(error)}. Mend the path."
        raise ConfigError(message) from None


def _package(name: str, field: str, path: str) -> Any:
    if not Path(path).is_file():
        raise ConfigError(f"perplexity: {field}: {path!r}: no such file. Mend the path, {_WAY_OUT}")
    try:
        return importlib.import_module(name)
    except ImportError:
        message = f"perplexity: {field}: {path!r} needs the package {name}: `pip install {name}`, {_WAY_OUT}"
        raise ConfigError(message) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
