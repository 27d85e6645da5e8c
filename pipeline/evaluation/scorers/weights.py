"""Tensors of a checkpoint by name: safetensors, or `.bin` files read without running what a pickle may hold."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import is_zipfile

from schemas.errors import ConfigError

INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLES = ("model.safetensors", "pytorch_model.bin")


def files(folder: Path) -> dict[Path, list[str] | None]:
    """The weight files of a checkpoint, each with the names that its index says it holds (None: no index).

    Safetensors come before `.bin`, where a checkpoint has both.

    Raises:
        ConfigError: there is none, or an index names a file outside the folder, or one that is missing.
    """
    for index, single in zip(INDEXES, SINGLES, strict=True):
        if (folder / index).is_file():
            return _indexed(folder, index)
        if (folder / single).is_file():
            return {folder / single: None}
    raise ConfigError(f"{folder}: holds neither {SINGLES[0]} nor {SINGLES[1]}. Give a checkpoint with its weights.")


def _indexed(folder: Path, index: str) -> dict[Path, list[str] | None]:
    try:
        named: dict[str, str] = json.loads((folder / index).read_text(encoding="utf-8"))["weight_map"]
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{folder / index}: is no index of weights: {error!r}. Fetch it again.") from None
    found: dict[Path, list[str] | None] = {}
    for name, file in named.items():
        path = folder / file
        if path.name != file or not path.is_file():
            raise ConfigError(f"{folder / index}: names {file!r}, which is not in the folder. Fetch it again.")
        names = found.setdefault(path, [])
        assert names is not None
        names.append(name)
    return found


def tensors(folder: Path, names: Sequence[str], optional: Sequence[str] = (), file: str = "") -> dict[str, Any]:
    """Some tensors of a checkpoint, in float32.

    Args:
        folder: of the checkpoint.
        names: that must be there.
        optional: that may be there.
        file: where they are, if not in the checkpoint's own weight files.

    Raises:
        ConfigError: one of `names` is missing, or a file can't be read.
    """
    wanted = {*names, *optional}
    if file and not (folder / file).is_file():
        raise ConfigError(f"{folder}: holds no {file}, where {', '.join(names)} should be. Fetch it, or name another.")
    where: dict[Path, list[str] | None] = {folder / file: None} if file else files(folder)
    found: dict[str, Any] = {}
    for path, held in where.items():
        if held is None or wanted & set(held):
            found.update({name: tensor.float() for name, tensor in read(path, wanted)})
    missing = [name for name in names if name not in found]
    if missing:
        raise ConfigError(
            f"{folder}: its weights lack {', '.join(missing)}. Give a checkpoint of this architecture, or the head's "
            "own names in the scorer's options."
        )
    return found


def read(path: Path, wanted: set[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Names and tensors of one file.

    Args:
        path: of a safetensors file, or of what `torch.save` wrote.
        wanted: names; None for all.

    Raises:
        ConfigError: the file is cut short, or holds more than tensors.
    """
    if path.suffix == ".safetensors":
        yield from _safetensors(path, wanted)
        return
    import torch

    try:
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zipfile(path))
    except (UnpicklingError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise ConfigError(f"{path}: can't be read as tensors alone: {error}") from None
    for name, tensor in held.items():
        if wanted is None or name in wanted:
            yield name, tensor


def _safetensors(path: Path, wanted: set[str] | None) -> Iterator[tuple[str, Any]]:
    from safetensors import SafetensorError, safe_open

    opened: Any = safe_open
    try:
        with opened(path, framework="pt") as held:
            for name in sorted(held.keys() if wanted is None else wanted & set(held.keys())):
                yield name, held.get_tensor(name)
    except SafetensorError as error:
        raise ConfigError(f"{path}: can't be read: {error}. Fetch it again.") from None
