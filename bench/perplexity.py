"""Rebuilds the embedded language model of the perplexity filter from the documentation of pinned packages.

Usage: python -m bench.perplexity [--out filters/likelihood/weights.json] [--check]

Read are docstrings of Python modules and comments of C and C++ headers of the packages in `PACKAGES`, in the versions
that constraints.txt pins. All of them have permissive licences; what is kept are rounded log-probabilities of words,
of pairs of words and of letters, and no sentence. The same versions give the same file. Packages that are not named
here are left for measuring.
"""

import argparse
import ast
import base64
import json
import math
import re
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from filters.likelihood.embedded import (
    LETTERS,
    NATS_PER_LETTER_STEP,
    NATS_PER_STEP,
    START,
    STEPS,
    UNKNOWN,
    letters_of,
    sentences,
)

PACKAGES = {
    "aiohttp": "aiohttp",
    "anyio": "anyio",
    "apache-beam": "apache_beam",
    "click": "click",
    "coverage": "coverage",
    "cryptography": "cryptography",
    "datasets": "datasets",
    "datasketch": "datasketch",
    "duckdb": "duckdb",
    "fastavro": "fastavro",
    "filelock": "filelock",
    "grpcio": "grpc",
    "huggingface_hub": "huggingface_hub",
    "markdown-it-py": "markdown_it",
    "mpmath": "mpmath",
    "mypy": "mypy",
    "numpy": "numpy",
    "packaging": "packaging",
    "pandas": "pandas",
    "protobuf": "google",
    "psutil": "psutil",
    "pyarrow": "pyarrow",
    "pydantic": "pydantic",
    "Pygments": "pygments",
    "pyparsing": "pyparsing",
    "pytest": "_pytest",
    "python-dateutil": "dateutil",
    "requests": "requests",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
    "sqlglot": "sqlglot",
    "sympy": "sympy",
    "tenacity": "tenacity",
    "torch": "torch",
    "transformers": "transformers",
    "urllib3": "urllib3",
    "virtualenv": "virtualenv",
}
"""Distributions and the folder of each, all under MIT, BSD, Apache-2.0 or the like."""

MAX_BYTES = 1_000_000
"""Of a file that is read."""

MIN_WORD, MIN_PAIR = 4, 4
"""How often a word, and a pair of words, is seen in different sentences to be in the table."""

MIN_CONTEXT = 6
"""How many words hold three letters that are a context."""

DISCOUNT = 0.75
"""Taken from each count (absolute discounting; Ney, Essen and Kneser 1994)."""

_COMMENT = re.compile(r"/\*.*?\*/|(?:^[ \t]*//[^\n]*\n)+", re.DOTALL | re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]*(?:/\*+!?|\*+/|//[/!]*<?|\*)[ \t]?|\*/", re.MULTILINE)


def main(argv: list[str] | None = None) -> int:
    """Write the table, or compare it with the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parent.parent / "filters" / "likelihood" / "weights.json"
    parser.add_argument("--out", type=Path, default=default)
    parser.add_argument("--check", action="store_true", help="compare with the file, write nothing")
    options = parser.parse_args(argv)
    root = Path(np.__file__).parent.parent
    spoken = list(distinct(texts(root, PACKAGES.values())))
    model = fit(spoken) | {
        "trained": {name: version(name).split("+")[0] for name in PACKAGES},
        "sentences": len(spoken),
    }
    text = json.dumps(model, indent=1, sort_keys=True) + "\n"
    if options.check:
        same = options.out.read_text(encoding="utf-8") == text
        print(f"{options.out}: {'the same' if same else 'another model'}")
        return 0 if same else 1
    options.out.write_text(text, encoding="utf-8")
    print(f"{options.out}: {len(text)} bytes of {len(spoken)} sentences, {model['words_count']} words")
    return 0


def texts(root: Path, packages: Iterable[str]) -> Iterator[str]:
    """Docstrings and header comments of the packages under `root`, in the order of the paths."""
    for package in packages:
        for path in sorted((root / package).rglob("*")):
            reader = {".py": docstrings, ".h": comments, ".hpp": comments}.get(path.suffix)
            if reader is not None and path.stat().st_size <= MAX_BYTES:
                yield from reader(path.read_text(encoding="utf-8", errors="replace"))


def docstrings(source: str) -> list[str]:
    """Of the module, its classes and functions; none where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError:
        return []
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = (ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds))
    return [text for text in found if text]


def comments(source: str) -> list[str]:
    """Comments, without their margins, of C or C++."""
    return [_MARGIN.sub("", found[0]) for found in _COMMENT.finditer(source)]


def distinct(documents: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Each sentence once: copied licences and parameters would weigh too much."""
    seen = set()
    for document in documents:
        for sentence in sentences(document):
            if sentence not in seen:
                seen.add(sentence)
                yield sentence


def fit(spoken: list[tuple[str, ...]]) -> dict[str, Any]:
    """The table of a model; see `filters.likelihood.embedded` for what it holds."""
    counts = Counter(word for sentence in spoken for word in sentence)
    words = [UNKNOWN, START, *sorted(word for word, count in counts.items() if count >= MIN_WORD)]
    single = np.array([counts.get(word, 0) for word in words], dtype=np.float64)
    single[0] = sum(count for word, count in counts.items() if count < MIN_WORD)
    single = np.where(single > 0, single, 1e-9) / single.sum()
    backoff = np.zeros(len(words))
    pairs: list[tuple[int, int, float]] = []
    for first, seconds in sorted(_followers(spoken, words).items(), key=lambda item: item[0]):
        total = sum(seconds.values())
        left = DISCOUNT * len(seconds) / total
        kept = {w: (n - DISCOUNT) / total + left * single[w] for w, n in sorted(seconds.items()) if n >= MIN_PAIR and w}
        backoff[first] = math.log((1 - sum(kept.values())) / (1 - sum(single[w] for w in kept)))
        pairs.extend((first, w, math.log(p)) for w, p in kept.items())
    return {
        "words": _packed(" ".join(words[2:]).encode()),
        "words_count": len(words),
        "single": _packed(_steps(np.log(single))),
        "backoff": _packed(_steps(np.minimum(backoff, 0.0))),
        "pairs_per_word": _packed(np.bincount([b for b, _, _ in pairs], minlength=len(words)).astype("<u2").tobytes()),
        "pairs_after": _packed(_planes(np.array([w for _, w, _ in pairs]))),
        "pairs": _packed(_steps(np.array([p for _, _, p in pairs]))),
        "letters": _packed(_steps(np.log(_spelling(counts)), NATS_PER_LETTER_STEP)),
    }


def _followers(spoken: list[tuple[str, ...]], words: list[str]) -> dict[int, Counter[int]]:
    """How often each word follows each, by number."""
    number = {word: index for index, word in enumerate(words)}
    followers: dict[int, Counter[int]] = {}
    for sentence in spoken:
        before = number[START]
        for word in sentence:
            after = number.get(word, 0)
            followers.setdefault(before, Counter())[after] += 1
            before = after
    return followers


def _spelling(counts: Counter[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Probability of a letter after the three before, interpolated with fewer (Witten and Bell 1991).

    Each word that is seen more than twice counts once: frequent ones are in the table and not spelled. Three letters
    that few words hold count as two.
    """
    seen = np.zeros((LETTERS,) * 4)
    for word in (word for word, count in counts.items() if count > 2):
        a = b = c = 0
        for d in letters_of(word):
            seen[a, b, c, d] += 1
            a, b, c = b, c, d
    likely = np.full(LETTERS, 1 / LETTERS)
    for axes in ((0, 1, 2), (0, 1), (0,), ()):
        these = seen.sum(axes)
        if not axes:
            these = np.where(these.sum(-1, keepdims=True) < MIN_CONTEXT, 0, these)
        kinds = (these > 0).sum(-1, keepdims=True)
        likely = np.where(kinds, (these + kinds * likely) / np.maximum(these.sum(-1, keepdims=True) + kinds, 1), likely)
    return likely


def _steps(logs: np.ndarray[Any, Any], nats: float = NATS_PER_STEP) -> bytes:
    return np.clip(np.rint(-logs / nats), 0, STEPS).astype(np.uint8).tobytes()


def _planes(after: np.ndarray[Any, Any]) -> bytes:
    """Numbers of words below 65,536, the low bytes after the high ones, which packs better."""
    return bytes((after >> 8).astype(np.uint8).tobytes() + (after & 255).astype(np.uint8).tobytes())


def _packed(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data, 9)).decode()


if __name__ == "__main__":
    sys.exit(main())
