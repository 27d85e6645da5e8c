"""A run's folder on disk: whose it is, what a stage leaves there, and whether it is still whole."""

import logging
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import certificate, manifest, storage
from pipeline.config import RunConfig
from pipeline.manifest import Manifest, StageEntry
from schemas.errors import CheckFailed, RunFolderError
from schemas.provenance import sha256

LOG = logging.getLogger("themis")

OUTPUTS: dict[str, tuple[str, ...]] = {
    "mine": ("mined",),
    "synthesize": ("pairs", "ledger"),
    "curate": ("curated",),
    "assemble": ("dataset/data", "dataset/balanced", "dataset/provenance", "dataset/placebo",
                 "dataset/placebo_provenance", "dataset", "benchmark/data", "benchmark/provenance",
                 "benchmark/placebo", "benchmark/placebo_provenance", "benchmark"),
    "train": (), "evaluate": (), "report": (),
}  # fmt: skip

OURS = {".lock", "run.log", "config.yaml", "stages", "dropped", "dead", certificate.NAME} | {
    name.split("/")[0] for folders in OUTPUTS.values() for name in folders
}
"""What may lie in a folder whose run was killed before its first stage was done."""


def themis_version() -> str:
    """Version of this package."""
    try:
        return version("themis-preference")
    except PackageNotFoundError:
        return "0+source"


def claim(config: RunConfig, root: str, warnings: tuple[str, ...]) -> Manifest:
    """The manifest of the folder, which must be this run's, empty, or absent.

    Raises:
        RunFolderError: the folder is another run's or holds other things.
    """
    found = manifest.load(root)
    if found is not None and found.identity != config.identity:
        raise RunFolderError(
            f"{root}: holds the run {found.name!r} of another name, seed or set of sources. Choose another --out."
        )
    if found is None and storage.is_local(root) and Path(root).is_dir():
        names = sorted(path.name for path in Path(root).iterdir())
        foreign = [name for name in names if name not in OURS and not name.startswith(storage.WRITING)]
        if foreign:
            raise RunFolderError(f"{root}: not empty and not a run's folder ({foreign[0]!r}). Choose another --out.")
    made = Manifest(config.name, config.seed, config.identity, themis_version(), warnings)
    return made if found is None else Manifest(**{**_fields(made), "stages": found.stages})


def _fields(made: Manifest) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ("name", "seed", "identity", "themis", "warnings")}


def intact(root: str, entry: StageEntry) -> bool:
    """Whether every file of a finished stage is there, of the recorded size where that can be seen cheaply."""
    for file in entry.files:
        path = storage.join(root, file["path"])
        if storage.is_local(path):
            if not Path(path).is_file() or Path(path).stat().st_size != file["bytes"]:
                return False
        elif not storage.exists(path):
            return False
    return True


def receipts(root: str, paths: list[str]) -> tuple[dict[str, Any], ...]:
    """Receipts of files that are not tables of records."""
    made = []
    for path in sorted(paths):
        data = storage.read_bytes(storage.join(root, path))
        made.append({"path": path, "sha256": sha256(data), "rows": None, "bytes": len(data)})
    return tuple(made)


def clear(root: str, stage: str) -> None:
    """Delete what an unfinished run of a stage left."""
    patterns = [f"{folder}/*.parquet" if folder == "ledger" else f"{folder}/*" for folder in OUTPUTS[stage]]
    if stage in ("mine", "synthesize", "curate"):
        patterns += [f"dropped/{stage}-*", f"dead/{stage}-*"]
    if stage == "assemble":
        patterns.append(certificate.NAME)
    storage.remove(root, patterns)
    if storage.is_local(root) and stage in ("train", "evaluate"):
        shutil.rmtree(Path(root) / ("models" if stage == "train" else "evaluation"), ignore_errors=True)


def check_disk(root: str, min_free_gib: float) -> None:
    """Check that a local disk has room.

    Raises:
        CheckFailed: it has not.
    """
    if storage.is_local(root):
        Path(root).mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free / 2**30
        if free < min_free_gib:
            raise CheckFailed(
                f"{root}: {free:.1f} GiB free, execution.min_free_gib asks for {min_free_gib}. Free some, or lower it."
            )


def log_to(root: str) -> None:
    """Let `LOG` write to a local run's `run.log`, and nowhere else."""
    if not storage.is_local(root):
        return
    handler = logging.FileHandler(Path(root) / "run.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for old in list(LOG.handlers):
        LOG.removeHandler(old)
        old.close()
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
