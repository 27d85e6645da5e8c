"""The dry run against arithmetic done by hand, and the memory formulas against what torch keeps."""

import gc
import json
import subprocess
import sys
from io import StringIO

import pytest
import torch
from rich.console import Console
from transformers import LlamaConfig, LlamaForSequenceClassification, Qwen3Config, Qwen3ForSequenceClassification

from pipeline.training.lora import add_adapters
from pipeline.training.memory import Setting, activation_bytes, block_bytes, memory
from pipeline.training.model import new_model
from pipeline.training.pairs import TrainingPair
from pipeline.training.plan import dry_run, mean_tokens, meta_model, shape_of
from pipeline.training.plan_table import plan_table
from pipeline.training.recipe import Lora
from pipeline.training.recipes import NANO, RECIPES, recipe_named
from schemas.errors import ConfigError

PUBLISHED = {
    "qwen3-0.6b": (596_049_920, 0),
    "qwen3-1.7b": (1_720_574_976, 0),
    "qwen3-4b": (4_022_468_096, 0),
    "qwen3-8b": (8_190_735_360, 151_936 * 4096),
    "qwen3-14b": (14_768_307_200, 151_936 * 5120),
    "qwen3-32b": (32_762_123_264, 151_936 * 5120),
}
"""Parameters of the published causal models, and those of their untied head."""


def by_hand(recipe):
    """Parameters of a Qwen3 reward model."""
    a = recipe.architecture
    queries, keys = a.heads * a.head_dim, a.kv_heads * a.head_dim
    attention = a.hidden_size * (queries + 2 * keys) + queries * a.hidden_size + 2 * a.head_dim
    block = attention + 3 * a.hidden_size * a.intermediate_size + 2 * a.hidden_size
    return a.vocab_size * a.hidden_size + a.layers * block + a.hidden_size + a.hidden_size


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_suite_has_exactly_the_published_parameters(name):
    plan = dry_run(RECIPES[name], 354_010, 1300, pt_pairs=110_000, pt_tokens=900)
    causal, head = PUBLISHED[name]
    assert plan.parameters == causal - head + RECIPES[name].architecture.hidden_size == by_hand(RECIPES[name])
    assert plan.trained == plan.parameters + head
    assert plan.model == "Qwen3ForSequenceClassification"
    pt, pm = plan.stages
    assert (pt.steps, pt.pairs, pt.tokens) == (2 * 108, 220_000, 198_000_000)
    assert (pm.steps, pm.pairs, pm.tokens) == (692, 354_010, 460_213_000)
    for stage, batch in ((pt, 1024), (pm, 512)):
        assert stage.accumulate * stage.pairs_at_once * plan.gpus == batch
        assert 6 * plan.parameters * 0.6 < stage.flops / stage.tokens < 6 * plan.parameters * 1.7
        assert stage.hours == pytest.approx(stage.flops / (plan.gpus * 989.4e12 * 0.35) / 3600)
    assert plan.fits
    assert plan.peak == max(pt.memory.total, pm.memory.total)


@pytest.mark.parametrize("size", [10, 30, 100])
def test_the_scaling_recipes_are_as_large_as_their_names(size):
    plan = dry_run(RECIPES[f"scratch-{size}m"], 20_000, 500)
    assert plan.parameters == by_hand(RECIPES[f"scratch-{size}m"])
    assert plan.parameters == pytest.approx(size * 1e6, rel=0.05)
    assert plan.fits


def test_nano_on_meta_is_nano_on_the_processor():
    plan = dry_run(NANO, 100_000, 1000)
    a = NANO.architecture
    real = new_model(a, a.vocab_size, 0, 1, 384, 0)
    assert plan.parameters == plan.trained == sum(p.numel() for p in real.parameters())
    assert {p.device.type for p in meta_model(NANO).parameters()} == {"meta"}
    (stage,) = plan.stages
    assert plan.mfu is None
    assert plan.fits
    assert stage.tokens <= NANO.last.token_budget < stage.tokens + 2 * 384 * 16  # rows are cut to what can fit
    assert stage.steps == stage.pairs // 16
    assert (stage.pairs_at_once, stage.accumulate, stage.longest_row) == (16, 1, 768)


def test_floating_point_operations_are_those_of_the_matrices_the_attention_and_the_head():
    recipe = recipe_named("nano", ("stages.pm.token_budget=0", "stages.pm.epochs=1"))
    a, row, tokens = recipe.architecture, 100, 100 * 1000
    matrices = a.layers * (4 * 128 * 128 + 3 * 128 * 512)
    attention = 3 * 2 * 2 * a.layers * 128 * row / 2  # forward and backward, two products, half of them masked
    head = 6 * a.vocab_size * 128 * 0.47
    (stage,) = dry_run(recipe, 1000, row).stages
    assert stage.flops == pytest.approx(tokens * (6 * matrices + attention + head))
    (silent,) = dry_run(recipe_named("nano", ("stages.pm.token_budget=0", "stages.pm.epochs=1",
                                              "stages.pm.lm_weight=0")), 1000, row).stages  # fmt: skip
    assert silent.flops == pytest.approx(tokens * (6 * matrices + attention))
    assert silent.memory.logits == 0
    (adapted,) = dry_run(recipe.model_copy(update={"lora": Lora(rank=4)}), 1000, row).stages
    assert adapted.flops == pytest.approx(tokens * (4 * matrices + attention + head * 4 / 6))


def test_steps_are_bounded_by_pairs_epochs_and_tokens():
    few = recipe_named("nano", ("stages.pm.max_pairs=100", "stages.pm.epochs=3", "stages.pm.token_budget=0"))
    (stage,) = dry_run(few, 5000, 200).stages
    assert (stage.pairs, stage.steps, stage.tokens) == (300, 3 * 7, 60_000)
    (stage,) = dry_run(recipe_named("nano", ("stages.pm.token_budget=10000",)), 5000, 200).stages
    assert (stage.pairs, stage.steps, stage.tokens) == (50, 3, 10_000)


def test_adapters_are_counted_without_being_built():
    pytest.importorskip("peft")
    recipe = recipe_named("nano", ("lora.rank=4",))
    a = NANO.architecture
    model = new_model(a, a.vocab_size, 0, 1, 384, 0)
    add_adapters(model, Lora(rank=4))
    plan = dry_run(recipe, 1000, 300)
    assert plan.trained == sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert plan.stages[0].memory.optimizer == 8 * plan.trained
    assert plan.stages[0].memory.weights == 4 * sum(p.numel() for p in model.parameters())


def kept_bytes(model, rows, row, autocast):
    """Bytes of all that autograd saves in a forward pass of the body, each storage once, parameters left out."""
    parameters = {p.untyped_storage().data_ptr() for p in model.parameters()}
    storages, alive = {}, []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            alive.append(tensor)  # or its memory would be used again, and counted once for two
            storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    tokens_BT = torch.randint(1, 600, (rows, row))
    mask_B1TT = torch.ones(row, row, dtype=torch.bool).tril().repeat(rows, 1, 1, 1)
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16, enabled=autocast),
    ):
        model.model(
            input_ids=tokens_BT, attention_mask=mask_B1TT, position_ids=torch.arange(row).repeat(rows, 1),
            use_cache=False,
        )  # fmt: skip
    return sum(storages.values())


@pytest.mark.parametrize("kind", ["qwen3", "llama"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "autocast"])
def test_activations_take_what_torch_keeps(kind, precision):
    configure, build = {
        "qwen3": (Qwen3Config, Qwen3ForSequenceClassification),
        "llama": (LlamaConfig, LlamaForSequenceClassification),
    }[kind]
    rows, row = 3, 90
    kept, models = [], []
    for layers in (1, 3):
        model = build(
            configure(vocab_size=600, hidden_size=48, intermediate_size=112, num_hidden_layers=layers,
                      num_attention_heads=4, num_key_value_heads=2, head_dim=16, num_labels=1, pad_token_id=0)
        ).train()  # fmt: skip
        models.append(model.to(torch.bfloat16) if precision == "bfloat16" else model)
        kept.append(kept_bytes(models[-1], rows, row, precision == "autocast"))
    shape = shape_of(models[1], NANO)
    sharded = precision == "bfloat16"
    setting = Setting(precision != "float32", 2 * sharded, sharded, checkpointing=False, fused=False, lm=True)
    cast = 2 * shape.matrices if precision == "autocast" else 0  # counted as `gathered`, not as activations
    block = (kept[1] - kept[0] - cast * 2 / 3) / 2
    assert block == pytest.approx(rows * row * block_bytes(shape, setting, row), rel=0.02)
    assert kept[1] - cast == pytest.approx(activation_bytes(shape, setting, rows, row), rel=0.05)


def alive_bytes(model, rows, row):
    """Bytes of the tensors that a checkpointed forward pass leaves alive: held by its closures, not by autograd."""
    tokens_BT = torch.randint(1, 600, (rows, row))
    gc.collect()
    before = {id(thing) for thing in gc.get_objects() if issubclass(type(thing), torch.Tensor)}
    output = model.model(input_ids=tokens_BT, use_cache=False).last_hidden_state
    made = [thing for thing in gc.get_objects() if issubclass(type(thing), torch.Tensor) and id(thing) not in before]
    assert output.requires_grad
    return sum({t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in made}.values())


def test_checkpointing_keeps_the_stream_of_each_block_and_one_block():
    alive, shapes = [], []
    for layers in (2, 6):
        a = NANO.architecture.model_copy(update={"layers": layers})
        model = new_model(a, 600, 0, 1, 384, 0).train()
        model.activation_checkpointing_enable({"use_reentrant": False})
        alive.append(alive_bytes(model, 2, 64))
        shapes.append(shape_of(model, NANO))
    setting = Setting(bfloat16=False, gpus=0, shard=False, checkpointing=True, fused=False, lm=True)
    few, many = (activation_bytes(shape, setting, 2, 64) for shape in shapes)
    generator = len(torch.get_rng_state())  # each block keeps the generator's state too
    assert alive[1] - alive[0] - 4 * generator == many - few == 4 * 2 * 64 * 4 * 128
    block = 2 * 64 * block_bytes(shapes[1], setting, 64)
    assert many - block == pytest.approx(6 * 2 * 64 * 4 * 128, rel=0.4)
    plain = Setting(bfloat16=False, gpus=0, shard=False, checkpointing=False, fused=False, lm=True)
    assert activation_bytes(shapes[1], plain, 2, 64) - many == 5 * block - 6 * 2 * 64 * 4 * 128


def test_a_sharded_model_takes_its_share_and_a_copy_of_two_blocks():
    recipe = RECIPES["qwen3-8b"]
    shape = shape_of(meta_model(recipe), recipe)
    alone = Setting(bfloat16=True, gpus=1, shard=False, checkpointing=True, fused=True, lm=True)
    spread = Setting(bfloat16=True, gpus=32, shard=True, checkpointing=True, fused=True, lm=True)
    copies = Setting(bfloat16=True, gpus=32, shard=False, checkpointing=True, fused=True, lm=True)
    one, many, each = (memory(shape, setting, 1, 4096, 2**27) for setting in (alone, spread, copies))
    assert one.weights + one.gradients + one.optimizer == 16 * shape.parameters
    assert many.weights + many.gradients + many.optimizer == pytest.approx(16 * shape.parameters / 32, abs=3)
    assert each.gradients == 2 * one.gradients
    assert many.gathered == 2 * 2 * (2 * shape.matrices // 36 + shape.parameters - shape.matrices)
    assert one.total == sum((one.weights, one.gradients, one.optimizer, one.gathered, one.activations, one.logits))


def test_what_does_not_fit_is_said():
    plan = dry_run(recipe_named("qwen3-32b", ("gpus=1", "shard=false")), 1000, 1000)
    assert not plan.fits
    assert json.loads(plan.to_json())["fits"] is False


def test_json_and_table_hold_the_plan():
    plan = dry_run(RECIPES["qwen3-14b"], 354_010, 1300)
    table = json.loads(plan.to_json())
    assert (table["recipe"], table["parameters"], table["gpus"], table["shard"]) == (
        "qwen3-14b", plan.parameters, 64, True
    )  # fmt: skip
    assert [stage["name"] for stage in table["stages"]] == ["pt", "pm"]
    for row, stage in zip(table["stages"], plan.stages, strict=True):
        terms = {key: value for key, value in row["memory"].items() if key != "total"}
        assert row["memory"]["total"] == sum(terms.values()) == stage.memory.total
    console = Console(width=260, record=True, file=StringIO())
    console.print(plan_table([plan, dry_run(NANO, 100, 300)]))
    text = console.export_text()
    assert f"{plan.parameters:,}" in text
    assert "64 sharded" in text
    assert "CPU" in text


def test_tokens_are_estimated_from_characters():
    pair = TrainingPair("1", "s" * 40, "p" * 100, "c" * 150, "r" * 150, "memory_efficiency")
    short = TrainingPair("2", None, "p", "c", "r", "memory_efficiency")
    assert mean_tokens([pair]) == 100
    assert mean_tokens([pair, short]) == 50
    assert mean_tokens([short]) == 1
    with pytest.raises(ConfigError, match="has none"):
        mean_tokens([])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pairs": 0, "tokens": 1}, "pairs: 0: must be at least 1"),
        ({"pairs": 1, "tokens": -1}, "tokens: -1: must be at least 1"),
        ({"pairs": 1, "tokens": 1, "pt_pairs": 0}, "pt_pairs: 0: must be at least 1"),
        ({"pairs": 1, "tokens": 1, "mfu": 0.0}, r"mfu: 0\.0: must be above 0"),
    ],
)
def test_counts_that_make_no_sense(given, message):
    with pytest.raises(ConfigError, match=message):
        dry_run(NANO, **given)


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, pipeline.training.plan_table, pipeline.training.weights, pipeline.training.lora, "
        "pipeline.training.recipes; print(sorted({'torch', 'transformers', 'peft', 'gguf', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
