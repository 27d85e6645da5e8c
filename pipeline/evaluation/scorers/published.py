"""The 51 published models of the reference release's evaluation, each with the scorer that reads it and its settings.

Facts are from the release's evaluation scripts and from the models' cards: hub ids, layouts, formulas, 4,096 tokens.
Where neither states something, `note` says how we read it. The release does not record which system prompt each run
had; its scripts' words are in its repository, ours are in `schemas.conversation`. Two things we do otherwise on
purpose: of a conversation beyond the bound its beginning is cut, not the answer's end with the token that is read; and
a BOS that both the chat template and the tokenizer write comes once.
"""

from typing import Any

from pipeline.evaluation.scorers import SCORERS
from pipeline.evaluation.scorers.cls_token import ClsTokenOptions
from pipeline.evaluation.scorers.gated import GatedOptions
from pipeline.evaluation.scorers.last_token import LastTokenOptions
from pipeline.evaluation.scorers.published_judges import judges
from pipeline.evaluation.scorers.published_model import MAX_TOKENS, OWN, PublishedModel, read_by
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.evaluation.scorers.value_head import ValueHeadOptions
from schemas.config import validate
from schemas.errors import ConfigError

_NONE = "The run's system prompt is not recorded: none, since the model's format has no system role."
_THEIRS = "Give the words that the model was trained with as system_file; with ours (system: own) scores differ."
_EAGER = "Gemma 2 caps attention logits, which needs eager attention."
_MLP = "Two layers with a ReLU, as its architecture's code in public servers has it."

_ULTRA = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}Human: {{ message['content'] }}\n"
    "{% elif message['role'] == 'assistant' %}Assistant: {{ message['content'] }}{% endif %}{% endfor %}"
)
_EURUS = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}[INST] {{ message['content'] }} "
    "[\\INST]{% elif message['role'] == 'assistant' %} {{ message['content'] }}{% endif %}{% endfor %}"
)
_LLAMA3_ANSWER = "<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
_GEMMA_ANSWER = "<end_of_turn>\n<start_of_turn>model"


def _plain(model: str, run: str = "", note: str = OWN, **settings: Any) -> PublishedModel:
    options = SequenceClassificationOptions(max_tokens=MAX_TOKENS, **settings)
    return PublishedModel(model, run or model.split("/")[1], options, note)


def _internlm2(model: str, run: str = "", note: str = OWN) -> PublishedModel:
    settings = {"layout": "internlm2", "head": "v_head", "end_key": "reward_token_id"}
    return read_by(LastTokenOptions, model, note, run, **settings)


def _mlp(model: str, note: str, **settings: Any) -> PublishedModel:
    return read_by(ValueHeadOptions, model, note, layers=("score.0", "score.2"), **settings)


def _plain_models() -> list[PublishedModel]:
    """One label, read by transformers."""
    return [
        *(
            _plain(f"project-themis/Themis-RM-{size}", note=_THEIRS, system="file")
            for size in ("0.6B", "1.7B", "4B", "8B", "14B", "32B")
        ),
        *(_plain(f"LARK-Lab/CodeScaler-{size}") for size in ("1.7B", "4B", "8B")),
        *(
            _plain(f"Skywork/Skywork-Reward-V2-Qwen3-{size}", f"SkyworkV2-Qwen-{size}")
            for size in ("0.6B", "1.7B", "4B", "8B")
        ),
        _plain("Skywork/Skywork-Reward-Gemma-2-27B-v0.2", note=f"{_NONE} {_EAGER}", system="none", attention="eager"),
        _plain("allenai/Llama-3.1-8B-Instruct-RM-RB2"),
        _plain("allenai/Llama-3.1-70B-Instruct-RM-RB2"),
        _plain("allenai/Llama-3.1-Tulu-3-70B-SFT-RM-RB2"),
        _plain("NCSOFT/Llama-3-OffsetBias-RM-8B"),
        _plain("sfairXC/FsfairX-LLaMA3-RM-v0.1"),
        *(
            _plain(
                f"nvidia/AceMath-{size}-RM",
                note=f"One label, by the card; the release names its script of value heads, which it lacks. {OWN}",
            )
            for size in ("7B", "72B")
        ),
        _plain(
            "reciprocate/mistral-7b-gsm8k-code-rm",
            note=f"The release's script names no owner and loads an AutoModel: one label is our reading. {_NONE}",
            system="none",
        ),
    ]


def _value_heads() -> list[PublishedModel]:
    grm: dict[str, Any] = {"layers": ("v_head.summary.0", "v_head.summary.2")}
    return [
        read_by(ValueHeadOptions, "TIGER-Lab/AceCodeRM-7B", OWN),
        read_by(ValueHeadOptions, "TIGER-Lab/AceCodeRM-32B", OWN),
        read_by(ValueHeadOptions, "Ray2333/GRM-llama3-8B-sftreg", OWN, **grm),
        read_by(ValueHeadOptions, "Ray2333/GRM-llama3.2-3B-sftreg", OWN, **grm),
        _mlp("infly/INF-ORM-Llama3.1-70B", f"Run with flash attention. {OWN}", dtype="bfloat16"),
        _mlp("Qwen/Qwen2.5-Math-RM-72B", f"{_MLP} {OWN}"),
        _mlp("Qwen/WorldPM-72B-RLHFLow", f"{_MLP} {OWN}"),
    ]


def _tokens() -> list[PublishedModel]:
    """Heads at a CLS token, or at the last token of a checkpoint with a layout of its own."""
    return [
        read_by(ClsTokenOptions, "Nexusflow/Athene-RM-8B", "", token=128_003),
        read_by(ClsTokenOptions, "Nexusflow/Athene-RM-70B", "", token=128_003),
        read_by(
            LastTokenOptions,
            "openbmb/Eurus-RM-7b",
            f"The card's example as the template. {_NONE}",
            system="none",
            chat_template=_EURUS,
        ),
        read_by(
            LastTokenOptions,
            "openbmb/UltraRM-13b",
            f"The card's example as the template. {_NONE}",
            system="none",
            chat_template=_ULTRA,
        ),
        read_by(
            LastTokenOptions,
            "Nexusflow/Starling-RM-34B",
            _NONE,
            system="none",
            layout="prefixed",
            head="v_head",
            tokenizer="01-ai/Yi-34B-Chat",
        ),
        _internlm2("internlm/internlm2-1_8b-reward", "internlm2-1_8-b-reward"),
        _internlm2("internlm/internlm2-7b-reward"),
        _internlm2("internlm/internlm2-20b-reward"),
        *(
            _internlm2(
                f"eth-dl-rewards/internlm2-7b-reward-{domain}-100k",
                note=f"The owner of the hub id is our reading. {OWN}",
            )
            for domain in ("code", "math")
        ),
    ]


def _mixtures() -> list[PublishedModel]:
    distributions = ("network.0", "network.2", "network.4")
    return [
        read_by(
            GatedOptions,
            "RLHFlow/ArmoRM-Llama3-8B-v0.1",
            "",
            system="none",
            objectives=19,
            boundary=_LLAMA3_ANSWER,
            temperature=10.0,
            temperature_key="gating_temperature",
            scale="gating.logit_scale",
            transform="reward_transform_matrix",
        ),
        read_by(
            GatedOptions,
            "nicolinho/QRM-Llama3.1-8B-v2",
            f"Run under automatic mixed precision. {OWN}",
            dtype="bfloat16",
            objectives=5,
            bins=19,
            gate=tuple(f"gating.layers.{number}" for number in (0, 3, 6, 9)),
            gate_norms=tuple(f"gating.layers.{number}" for number in (2, 5, 8)),
            boundary=_LLAMA3_ANSWER,
            temperature=10.0,
            temperature_key="gating_temperature",
        ),
        read_by(
            GatedOptions,
            "nicolinho/QRM-Gemma-2-27B",
            f"{_NONE} {_EAGER}",
            system="none",
            attention="eager",
            objectives=5,
            bins=19,
            gate=tuple(f"gating.layers.{number}" for number in (0, 4, 8, 11)),
            gate_norms=tuple(f"gating.layers.{number}" for number in (2, 6, 10)),
            boundary=_GEMMA_ANSWER,
            temperature_key="gating_temperature",
            scale="gating.logit_scale",
        ),
        read_by(
            GatedOptions,
            "ShikaiChen/LDL-Reward-Gemma-2-27B-v0.1",
            f"Run with flash attention. {_NONE} {_EAGER}",
            system="none",
            attention="eager",
            dtype="bfloat16",
            objectives=22,
            bins=10,
            reduce="expectation",
            regression=distributions,
            regression_activation="leaky_relu",
            regression_file="regression_layer.pt",
            gate=("network.0", "network.3", "network.6"),
            gate_activation="leaky_relu",
            gate_file="gating_layer.pt",
            softmax=False,
        ),
        read_by(
            GatedOptions,
            "LxzGordon/URM-LLaMa-3.1-8B",
            f"Its head is code in the checkpoint; the layout is that of public servers. {OWN}",
            objectives=5,
            bins=2,
            reduce="first",
            regression=("score",),
            gate=tuple(f"weights.fc.{number}" for number in (0, 2, 4)),
            gate_activation="selu",
            softmax=False,
        ),
    ]


PUBLISHED: dict[str, PublishedModel] = {
    one.model: one for one in (*_plain_models(), *_value_heads(), *_tokens(), *_mixtures(), *judges())
}
"""Hub id to the model. `published("NAME")` takes the run's name too."""


def published(name: str) -> PublishedModel:
    """A published model by its hub id or its run's name.

    Raises:
        ConfigError: there is no such model in the table.
    """
    if name in PUBLISHED:
        return PUBLISHED[name]
    found = next((one for one in PUBLISHED.values() if one.run == name), None)
    if found is None:
        raise ConfigError(f"{name}: is none of the {len(PUBLISHED)} published models. Name one by hub id or run.")
    return found


def chosen(model: str, scorer: str | None, given: dict[str, Any]) -> tuple[Any, str]:
    """The options of a scorer as a user asks for it, and what they load.

    Example:
        >>> options, model = chosen("ArmoRM-Llama3-8B-v0.1", None, {"device": "cuda:0"})
        >>> options.kind, options.device, model
        ('gated', 'cuda:0', 'RLHFlow/ArmoRM-Llama3-8B-v0.1')

    Args:
        model: a folder, a hub id, or the name of a published run.
        scorer: a kind of scorer; a published model (hub id or run), whose settings a copy in a folder is read with;
            None for the settings of `model`, where it is a published one, else for sequence classification.
        given: options that differ.

    Raises:
        ConfigError: there is no such scorer, or an option is wrong.
    """
    if scorer in SCORERS:
        return validate(SCORERS[scorer], given, f"scorer {scorer}"), model
    names = {name for one in PUBLISHED.values() for name in (one.model, one.run)}
    if scorer is None and model not in names:
        return validate(SequenceClassificationOptions, given, "scorer sequence_classification"), model
    if scorer is not None and scorer not in names:
        raise ConfigError(
            f"--scorer {scorer}: no such scorer; there are {', '.join(SCORERS)}, and the published models' names."
        )
    one = published(scorer or model)
    options = validate(type(one.options), one.options.model_dump(mode="json") | given, f"scorer {one.run}")
    return options, one.model if scorer is None else model
