"""Checkpoints of a training: sealed by a manifest that is written last, checked before they are taken."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.training.folder import write_whole

WEIGHTS = "model.safetensors"
MANIFEST = "manifest.json"
KEPT = 2


def seal(folder: Path, key: str) -> None:
    """Write a checkpoint's manifest, once all of its files are on the disk.

    Args:
        folder: of the checkpoint.
        key: of the training, see `stage_key`.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
            files[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "sha256": _digest(path)}
    write_whole(folder / MANIFEST, (json.dumps({"key": key, "files": files}, indent=2) + "\n").encode())


def broken(folder: Path, key: str) -> str | None:
    """Why a checkpoint can't be taken; None where it can."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["key"] != key:
            return "it is another training's"
        for name, wanted in files.items():
            path = folder / name
            if not path.is_file():
                return f"{name} is missing"
            if path.stat().st_size != wanted["bytes"]:
                return f"{name} has {path.stat().st_size} bytes, must be {wanted['bytes']}"
            if _digest(path) != wanted["sha256"]:
                return f"{name} is not what was written"
    except FileNotFoundError:
        return "it was not finished"
    except (ValueError, KeyError, TypeError):
        return f"{MANIFEST} can't be read"
    return None


def newest(folder: Path, key: str, tell: Callable[[str], None]) -> Path | None:
    """The newest whole checkpoint of a stage; broken ones are named and removed.

    Args:
        folder: of the stage's checkpoints.
        key: of the training.
        tell: told of each that is not taken.
    """
    found = sorted(folder.glob("checkpoint-*"), key=step_of, reverse=True)
    for path in found:
        why = broken(path, key)
        if why is None:
            return path
        tell(f"{path}: {why}; it is not taken")
        shutil.rmtree(path)
    return None


def prune(folder: Path) -> None:
    """Remove all but the last `KEPT` checkpoints of a stage."""
    for path in sorted(folder.glob("checkpoint-*"), key=step_of)[:-KEPT]:
        shutil.rmtree(path)


def step_of(path: Path) -> int:
    """Steps that a checkpoint comes after; -1 for a folder of another name."""
    number = path.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


def log_of(path: Path) -> list[dict[str, float]]:
    """The log of a stage up to a checkpoint."""
    state = json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
    return [entry["row"] for entry in state["log_history"] if "row" in entry]


def load_weights(heads: Any, path: Path) -> None:
    """Load both heads, strictly."""
    from safetensors.torch import load_file

    heads.load_state_dict(load_file(path / WEIGHTS), strict=True)


def stage_key(parts: Any, rows: Any) -> str:
    """What a checkpoint is of: settings and rows; another recipe, seed or data set has another key.

    Args:
        parts: settings, JSON.
        rows: `rows.Row`s.
    """
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    for row in rows:
        digest.update(f"{row.idx}\0{row.prompt}\0{row.prefix}\0{row.chosen}\0{row.label}\0{row.weight}\0".encode())
        digest.update(row.tokens)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
