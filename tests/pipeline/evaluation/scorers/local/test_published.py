"""The table of the 51, and each kind of setting on a tiny checkpoint in the layout that the setting names."""

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pipeline.evaluation.scorers import SCORERS
from pipeline.evaluation.scorers.gated import GatedOptions
from pipeline.evaluation.scorers.last_token import LastTokenOptions
from pipeline.evaluation.scorers.published import PUBLISHED, chosen, published
from pipeline.evaluation.scorers.value_head import ValueHeadOptions
from schemas.config import validate
from schemas.errors import ConfigError

_NAMES = """
AceCodeRM-32B AceCodeRM-7B AceMath-72B-RM AceMath-7B-RM ArmoRM-Llama3-8B-v0.1 Athene-RM-70B Athene-RM-8B CE-RM-4B
CodeScaler-1.7B CodeScaler-4B CodeScaler-8B Eurus-RM-7b FsfairX-LLaMA3-RM-v0.1 GRM-llama3-8B-sftreg
GRM-llama3.2-3B-sftreg INF-ORM-Llama3.1-70B LDL-Reward-Gemma-2-27B-v0.1 LMUnit-qwen2.5-72b Llama-3-OffsetBias-RM-8B
Llama-3.1-70B-Instruct-RM-RB2 Llama-3.1-8B-Instruct-RM-RB2 Llama-3.1-Tulu-3-70B-SFT-RM-RB2
Llama-3.3-Nemotron-70B-Reward QRM-Gemma-2-27B QRM-Llama3.1-8B-v2 Qwen2.5-Math-RM-72B
Qwen3-Nemotron-32B-GenRM-Principle R3-Qwen3-14B-14k R3-Qwen3-4B-14k R3-Qwen3-8B-14k Skywork-Reward-Gemma-2-27B-v0.2
SkyworkV2-Qwen-0.6B SkyworkV2-Qwen-1.7B SkyworkV2-Qwen-4B SkyworkV2-Qwen-8B Starling-RM-34B Themis-RM-0.6B
Themis-RM-1.7B Themis-RM-14B Themis-RM-32B Themis-RM-4B Themis-RM-8B URM-LLaMa-3.1-8B UltraRM-13b
WorldPM-72B-RLHFLow internlm2-1_8-b-reward internlm2-20b-reward internlm2-7b-reward-code-100k
internlm2-7b-reward-math-100k internlm2-7b-reward mistral-7b-gsm8k-code-rm
"""
RUNS = _NAMES.split()
"""Names of the release's runs."""

ASKED = (["p", "a longer prompt"], ["q", "another\n\nanswer"], ["memory_efficiency"] * 2)
LLAMA3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n{{ m['content'] }}"
    "<|eot_id|>{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n{{ m['content'] }}<end_of_turn>\n"
    "{% endfor %}"
)


def test_every_run_of_the_release_is_in_the_table():
    assert len(RUNS) == 51
    assert sorted(one.run for one in PUBLISHED.values()) == sorted(RUNS)
    assert all(name.count("/") == 1 and name == one.model for name, one in PUBLISHED.items())


def test_every_kind_is_a_scorer_that_tests_make():
    tests = [path for path in Path(__file__).parents[1].rglob("test_*.py") if path.name != Path(__file__).name]
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    for one in PUBLISHED.values():
        assert type(one.options) is SCORERS[one.options.kind]
        assert f"{type(one.options).__name__}(" in text


@pytest.mark.parametrize("name", RUNS)
def test_options_are_what_a_file_of_them_would_give(name):
    one = published(name)
    settings = one.options.model_dump(mode="json")
    assert validate(type(one.options), settings, name) == one.options
    assert published(one.model) is one


def test_an_unknown_name_is_refused():
    with pytest.raises(ConfigError, match="GPT-9: is none of the 51 published models"):
        published("GPT-9")


def test_a_command_gets_the_published_settings_and_may_change_them():
    options, model = chosen("INF-ORM-Llama3.1-70B", None, {"device": "auto", "dtype": "float16"})
    assert (options.kind, options.layers, model) == (
        "value_head",
        ("score.0", "score.2"),
        "infly/INF-ORM-Llama3.1-70B",
    )
    assert (options.device, options.dtype, options.max_tokens) == ("auto", "float16", 4096)
    copied, folder = chosen("copies/athene", "Nexusflow/Athene-RM-8B", {"token": 7})
    assert (copied.kind, copied.token, folder) == ("cls_token", 7, "copies/athene")
    assert chosen("run/models/nano", None, {})[0].kind == "sequence_classification"
    assert chosen("run/models/nano", "length", {})[0].kind == "length"
    with pytest.raises(ConfigError, match="--scorer magic: no such scorer; there are "):
        chosen("run/models/nano", "magic", {})
    with pytest.raises(ConfigError, match="scorer UltraRM-13b: layout"):
        chosen("UltraRM-13b", None, {"layout": "round"})


def with_heads(made, options):
    """The heads that the options name, with the sizes that they name."""
    if isinstance(options, GatedOptions):
        made.linear(options.regression[0], 32, options.objectives * options.bins, bias=False)
        sizes = [32, *[24] * (len(options.gate) - 1), options.objectives]
        for name, inputs, outputs in zip(options.gate, sizes, sizes[1:], strict=False):
            made.linear(name, inputs, outputs, bias=not options.gate_norms)
        for name in options.gate_norms:
            made.heads |= {f"{name}.{part}": torch.rand(24) + 0.1 for part in ("weight", "bias", "running_mean")}
            made.heads[f"{name}.running_var"] = torch.rand(24) + 0.5
        if options.scale:
            made.heads[options.scale] = torch.ones(1)
        if options.transform:
            made.heads[options.transform] = torch.eye(options.objectives)
    elif isinstance(options, ValueHeadOptions):
        sizes = [32, *[24] * (len(options.layers) - 1), options.outputs]
        for name, inputs, outputs in zip(options.layers, sizes, sizes[1:], strict=False):
            made.linear(name, inputs, outputs)
    else:
        made.linear(getattr(options, "head", "score"), 32, 1, bias=False)
    return made


LAYOUTS = {
    "AceCodeRM-7B": "qwen2",
    "AceMath-7B-RM": "qwen2",
    "ArmoRM-Llama3-8B-v0.1": "llama",
    "Athene-RM-8B": "llama",
    "Eurus-RM-7b": "mistral",
    "GRM-llama3.2-3B-sftreg": "llama",
    "INF-ORM-Llama3.1-70B": "llama",
    "QRM-Gemma-2-27B": "gemma2",
    "QRM-Llama3.1-8B-v2": "llama",
    "Qwen2.5-Math-RM-72B": "qwen2",
    "Skywork-Reward-Gemma-2-27B-v0.2": "gemma2",
    "Starling-RM-34B": "llama",
    "URM-LLaMa-3.1-8B": "llama",
    "UltraRM-13b": "llama",
}
"""One run of each layout that the other tests don't write as published (InternLM2, LDL), and its backbone."""


@pytest.mark.parametrize("run", LAYOUTS)
def test_the_settings_read_a_checkpoint_in_the_published_layout(tiny, run):
    family, options = LAYOUTS[run], published(run).options
    made = tiny(family, query_pre_attn_scalar=8) if family == "gemma2" else tiny(family)
    made.tokenizer.chat_template = None if options.chat_template else GEMMA if family == "gemma2" else LLAMA3
    if run == "Starling-RM-34B":
        made.prefix = "transformer."
    elif run == "Athene-RM-8B":
        options = options.model_copy(update={"token": 3})
    made.extra = {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    folder = with_heads(made, options).save()
    assert options.dtype in ("float32", "bfloat16")
    local = options.model_copy(update={"tokenizer": None})
    scores = local.load(str(folder)).score(*ASKED)
    assert all(math.isfinite(score) for score in scores)
    assert scores[0] != scores[1]


def test_ldls_heads_lie_in_two_files(tiny):
    options = published("LDL-Reward-Gemma-2-27B-v0.1").options
    made = tiny("gemma2", query_pre_attn_scalar=8)
    made.tokenizer.chat_template = GEMMA
    folder = made.save()
    for file, layers, outputs in (
        (options.regression_file, options.regression, 220),
        (options.gate_file, options.gate, 22),
    ):
        made.heads = {}
        for name, inputs, values in zip(layers, (32, 16, 16), (16, 16, outputs), strict=True):
            made.linear(name, inputs, values)
        torch.save(made.heads, folder / file)
    scores = options.load(str(folder)).score(*ASKED)
    assert scores[0] != scores[1]


def test_internlm2s_settings_name_the_reward_token_and_the_layout():
    options = published("internlm2-7b-reward").options
    assert isinstance(options, LastTokenOptions)
    assert (options.layout, options.head, options.end_key) == ("internlm2", "v_head", "reward_token_id")


def test_a_head_of_another_layout_is_not_taken_for_one(tiny):
    made = with_heads(tiny(), published("GRM-llama3-8B-sftreg").options)
    folder = made.save()
    with pytest.raises(ConfigError, match=r"weights lack v_head\.summary\.weight"):
        published("AceCodeRM-7B").options.load(str(folder))
    save_file({"v_head.summary.weight": torch.zeros(1, 32)}, folder / "model.safetensors")
    with pytest.raises(ConfigError, match="weights lack embed_tokens"):
        published("AceCodeRM-7B").options.load(str(folder))
