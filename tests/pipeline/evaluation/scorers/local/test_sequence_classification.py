import json
import shutil

import pytest
import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
)

from pipeline.evaluation.scorers.encoding import batches
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from schemas.errors import ConfigError

ONE = (["p"], ["q"], ["memory_efficiency"])


def reward_model(tiny, family="llama", labels=1, **settings):
    made = tiny(family, **settings)
    made.extra = {"id2label": {str(n): f"LABEL_{n}" for n in range(labels)}}
    made.extra["label2id"] = {name: int(n) for n, name in made.extra["id2label"].items()}
    made.linear("score", 32, labels, bias=False)
    return made


def formula(made, label=0):
    return lambda *turns: float(made.hidden(made.ids(*turns))[-1] @ made.heads["score.weight"][label])


@pytest.mark.parametrize("family", ["llama", "qwen2", "mistral"])
def test_the_reward_is_read_at_the_last_token(tiny, check, family):
    made = reward_model(tiny, family)
    made.save()
    check(SequenceClassificationOptions(), made, formula(made))


def test_one_label_of_several(tiny, check):
    made = reward_model(tiny, labels=3)
    folder = str(made.save())
    check(SequenceClassificationOptions(label=2), made, formula(made, 2))
    with pytest.raises(ConfigError, match="num_labels is 3, must be 1"):
        SequenceClassificationOptions().load(folder)
    with pytest.raises(ConfigError, match="label: 3: the model has 3"):
        SequenceClassificationOptions(label=3).load(folder)


def test_it_agrees_with_plain_transformers(tiny, asked):
    made = reward_model(tiny)
    folder = str(made.save())
    prompts, answers, criteria = asked
    options = SequenceClassificationOptions()
    plain = AutoModelForSequenceClassification.from_pretrained(folder)
    rows = [made.ids(options.system_of(c), p, a) for p, a, c in zip(prompts, answers, criteria, strict=True)]
    with torch.inference_mode():
        want = [float(plain(input_ids=torch.tensor([row])).logits[0, 0]) for row in rows]
    assert options.load(folder).score(*asked) == pytest.approx(want, abs=1e-4)


@pytest.mark.parametrize("pad", ["<end>", None])
def test_a_tokenizer_that_pads_with_the_end_token_or_nothing(tiny, check, pad):
    made = reward_model(tiny)
    made.tokenizer.pad_token = pad
    made.config.pad_token_id = made.tokenizer.pad_token_id
    made.save()
    check(SequenceClassificationOptions(), made, formula(made), eager=False)


def test_a_conversation_beyond_the_bound_keeps_its_end(tiny):
    made = reward_model(tiny)
    scorer = SequenceClassificationOptions(max_tokens=20).load(str(made.save()))
    found = scorer.score(["p" * 500, "q" * 70], ["x = 1\n" * 30] * 2, ["memory_efficiency"] * 2)
    cut = made.ids(None, "p", "x = 1\n" * 30)[-20:]
    assert found == pytest.approx([float(made.hidden(cut)[-1] @ made.heads["score.weight"][0])] * 2, abs=1e-4)


def test_half_precision_is_near_full_precision(tiny, asked):
    made = reward_model(tiny)
    folder = str(made.save())
    full = SequenceClassificationOptions().load(folder).score(*asked)
    scorer = SequenceClassificationOptions(dtype="bfloat16").load(folder)
    assert scorer.model.dtype == torch.bfloat16
    assert scorer.score(*asked) == pytest.approx(full, abs=0.3)
    assert scorer.score(*asked) != full


def test_batches_bound_their_tokens():
    lengths = [5, 100, 7, 30, 6, 31, 2000]
    found = batches(lengths, 60)
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= 60 for b in found)
    assert found[0] == [0, 4, 2]


def test_code_in_the_checkpoint_is_not_run(tiny, monkeypatch):
    made = reward_model(tiny)
    made.extra["auto_map"] = {"AutoModelForSequenceClassification": "head.Reward"}
    folder = made.save()
    (folder / "head.py").write_text("raise SystemExit('ran')\n")
    with pytest.raises(ConfigError, match=r"head is code in the checkpoint, which is not run.*trust_remote_code: true"):
        SequenceClassificationOptions().load(str(folder))


def test_code_in_the_checkpoint_runs_when_it_is_trusted(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    made = reward_model(tiny)
    made.extra["auto_map"] = {"AutoModelForSequenceClassification": "head_of_ours.Doubled"}
    folder = made.save()
    (folder / "head_of_ours.py").write_text(
        "from transformers import LlamaForSequenceClassification\n\n\n"
        "class Doubled(LlamaForSequenceClassification):\n"
        "    def forward(self, **given):\n"
        "        found = super().forward(**given)\n"
        "        found.logits = found.logits * 2\n"
        "        return found\n"
    )
    want = 2 * formula(made)(None, "p", "q")
    options = SequenceClassificationOptions(trust_remote_code=True, system="none")
    assert options.load(str(folder)).score(*ONE) == pytest.approx([want], abs=1e-4)


def test_an_encoder_reads_its_first_token_so_padding_stays_right(tmp_path, make):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=make.vocab,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
        initializer_range=0.3,
    )
    model = BertForSequenceClassification(config).eval()
    model.save_pretrained(tmp_path)
    make.tokenizer().save_pretrained(tmp_path)
    scorer = SequenceClassificationOptions(system="none").load(str(tmp_path))
    asked = (["p", "pp"], ["q", "q" * 30], ["memory_efficiency"] * 2)
    together, alone = scorer.score(*asked), scorer.score(["p"], ["q"], ["memory_efficiency"])
    assert together[0] == pytest.approx(alone[0], abs=1e-4)
    with pytest.raises(ConfigError, match="padding: left: an encoder"):
        SequenceClassificationOptions(padding="left").load(str(tmp_path))


def test_absolute_positions_count_from_the_conversations_first_token(tmp_path, make):
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=make.vocab, n_embd=16, n_layer=1, n_head=2, n_positions=256, num_labels=1, initializer_range=0.3
    )
    GPT2ForSequenceClassification(config).save_pretrained(tmp_path)
    make.tokenizer().save_pretrained(tmp_path)
    asked = (["p", "pp"], ["q", "q" * 30], ["memory_efficiency"] * 2)
    found = {
        (side, tokens): SequenceClassificationOptions(system="none", padding=side, batch_tokens=tokens)
        .load(str(tmp_path))
        .score(*asked)
        for side in ("left", "right")
        for tokens in (1, 4096)
    }
    alone = found["right", 1]
    assert abs(alone[0] - alone[1]) > 1e-2
    assert all(scores == pytest.approx(alone, abs=1e-4) for scores in found.values())


def test_a_head_without_weights_is_named(tiny):
    made = reward_model(tiny)
    made.heads = {}
    with pytest.raises(ConfigError, match=r"weights lack score\.weight"):
        SequenceClassificationOptions().load(str(made.save()))


def test_a_head_of_another_size_is_named(tiny):
    made = reward_model(tiny)
    made.linear("score", 32, 2, bias=False)
    with pytest.raises(ConfigError, match=r"score\.weight has the shape .*2, 32.*, must be .*1, 32"):
        SequenceClassificationOptions().load(str(made.save()))


def test_weights_in_shards_are_found(tiny):
    made = reward_model(tiny)
    folder = made.save()
    state = {f"model.{name}": tensor for name, tensor in made.model.state_dict().items()}
    save_file(state, folder / "model-00001-of-00002.safetensors", {"format": "pt"})
    save_file(made.heads, folder / "model-00002-of-00002.safetensors", {"format": "pt"})
    where = dict.fromkeys(state, "model-00001-of-00002.safetensors")
    where["score.weight"] = "model-00002-of-00002.safetensors"
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
    whole = SequenceClassificationOptions().load(str(folder)).score(*ONE)
    (folder / "model.safetensors").unlink()
    assert SequenceClassificationOptions().load(str(folder)).score(*ONE) == pytest.approx(whole, abs=1e-5)


def test_an_architecture_that_nobody_knows_is_refused(tiny, tmp_path):
    made = reward_model(tiny)
    folder = made.save()
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"model_type": "unheard_of"}))
    with pytest.raises(ConfigError, match=r"can't be loaded: .*unheard_of"):
        SequenceClassificationOptions().load(str(folder))
    shutil.copy(folder / "model.safetensors", tmp_path / "whole")
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "model.safetensors").write_bytes((tmp_path / "whole").read_bytes()[:-2000])
    with pytest.raises(ConfigError, match=r"can't be loaded: .*Check config\.json and the weights"):
        SequenceClassificationOptions().load(str(folder))
