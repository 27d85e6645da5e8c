"""A criterion model from hand-read commits: read their histories, fit, write; the embedded one to the same bytes."""

import importlib.metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipeline import storage
from pipeline.criterion import fit, fit_transformer
from pipeline.criterion.encoder import one_thread
from pipeline.criterion.model import to_json
from pipeline.mining_report.gold import read_gold
from pipeline.mining_report.mirrors import NO_MIRROR, read_mirrors
from pipeline.progress import tick
from pipeline.training.extra import require_train_extra
from schemas.errors import CheckFailed

OWN = ("given.jsonl", "more.jsonl")
"""The hand-read commits that come with the package; the first file sets the thresholds."""


def build(labels: tuple[Path, ...], mirrors: Path, out: Path, base: str | None = None) -> dict[str, Any]:
    """Write a model and tell how it did on repositories that it had not seen.

    Args:
        labels: files of hand-read commits; empty for the package's own.
        mirrors: folder of the git repositories that they are from.
        out: the weights' file, or the encoder's folder; written whole or not at all.
        base: encoder to fine-tune, a folder or hub id; None for the embedded linear model.

    Raises:
        ConfigError: a file or the folder is wrong, or an extra is missing.
        CheckFailed: a repository is missing, or no threshold reaches the precision wanted.
    """
    require_train_extra()
    folder = files("pipeline.criterion") / "labels"
    sources = [read_gold(path) for path in labels or [Path(str(folder / name)) for name in OWN]]
    reads = [list(read_mirrors(source.commits, mirrors, lambda _: tick("read"))) for source in sources]
    lacking = sorted({gold.repo for read in reads for gold, change in read if change == NO_MIRROR})
    if lacking:
        raise CheckFailed(f"{mirrors}: no mirror of {', '.join(lacking)}. Clone them there: git clone --bare.")
    trained: dict[str, Any] = {"labels": {source.name: source.sha256 for source in sources}}
    if base is None:
        trained["scikit-learn"] = importlib.metadata.version("scikit-learn")
        with one_thread():
            parts = [fit.labels(read) for read in reads]
            model, report = fit.fit(parts, trained)
        storage.write_bytes(str(out), to_json(model).encode())
    else:
        texts = [fit_transformer.text_labels(read) for read in reads]
        report = fit_transformer.fit(texts, trained, out, base)
    told = [
        {"labels": source.name, "commits": len(source.commits), "left_out": figures}
        for source, figures in zip(sources, report, strict=True)
    ]
    return {"out": str(out), "labels": told}
