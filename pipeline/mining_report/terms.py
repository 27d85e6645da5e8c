"""Baseline: term lists matched as they were published, lower-cased and inside words, in the whole message."""

from pathlib import Path

from pipeline.mining_report.found import Prediction
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError

PREFIXES = {
    "functionality": "functional_correctness",
    "memory_eff": "memory_efficiency",
    "readability": "readability_maintainability",
    "runtime_eff": "runtime_efficiency",
    "sec": "security_hardness",
}
"""What a list's file name begins with, to the criterion."""

MAX_BYTES = 1_000_000


def read_terms(folder: Path) -> dict[str, tuple[str, ...]]:
    """Criterion to its terms, lower case, each once.

    Args:
        folder: of `*.list` files, one term a line.

    Raises:
        ConfigError: there is no list, or one that can't be read or belongs to no criterion.
    """
    lists = sorted(folder.glob("*.list")) if folder.is_dir() else []
    if not lists:
        raise ConfigError(f"--terms {folder}: holds no *.list file. Each has one term a line.")
    terms: dict[str, dict[str, None]] = {}
    for path in lists:
        key = next((criterion for prefix, criterion in PREFIXES.items() if path.name.startswith(prefix)), None)
        if key is None:
            raise ConfigError(f"{path}: of no criterion. Its name must begin with one of {', '.join(PREFIXES)}.")
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ConfigError(f"{path}: more than {MAX_BYTES:,} bytes, so it is no list of terms.")
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: can't be read: {error}") from None
        terms.setdefault(key, {}).update(dict.fromkeys(line.strip().lower() for line in lines if line.strip()))
    return {key: tuple(terms[key]) for key in CODE_CRITERIA if key in terms}


def hits(message: str, terms: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Criterion to how many of its terms are in the message; criteria without any are left out."""
    lower = message.lower()
    counted = {key: sum(term in lower for term in own) for key, own in terms.items()}
    return {key: count for key, count in counted.items() if count}


def every_match(counted: dict[str, int]) -> tuple[Prediction, ...]:
    """A prediction for each criterion that matches: the published way."""
    return tuple(Prediction(key, 1.0, True) for key in counted)


def most_hits(counted: dict[str, int]) -> tuple[Prediction, ...]:
    """A prediction for the criterion with most hits; of equal ones the first by class label."""
    best = max(counted, key=lambda key: counted[key], default=None)
    return () if best is None else (Prediction(best, 1.0, True),)
