import pytest
import yaml

from pipeline.training.recipes import NANO, RECIPES, recipe_named
from pipeline.training.recipes.named import check
from schemas.errors import ConfigError

QWEN3 = [f"qwen3-{size}" for size in ("0.6b", "1.7b", "4b", "8b", "14b", "32b")]


def test_the_table_holds_each_recipe_under_its_name():
    assert all(recipe.name == name for name, recipe in RECIPES.items())
    assert {"nano", "smollm2-135m", "scratch-10m", "scratch-30m", "scratch-100m", *QWEN3} <= set(RECIPES)
    for name, recipe in RECIPES.items():
        check(recipe, name)
        assert recipe_named(name) == recipe


@pytest.mark.parametrize("name", QWEN3)
def test_the_suite_has_the_papers_stages(name):
    recipe = RECIPES[name]
    pt, pm = recipe.stages
    assert (pt.name, pm.name) == ("pt", "pm")
    assert (pt.epochs, pt.batch_pairs, pt.max_tokens, pt.clip) == (2, 1024, 2560, 2.0)
    assert (pt.learning_rate, pt.final_learning_rate, pt.lm_weight, pt.magnitude_weight) == (2e-5, 1e-5, 0.4, 0.01)
    assert (pm.epochs, pm.batch_pairs, pm.max_tokens, pm.clip) == (1, 512, 4096, 1.5)
    assert (pm.learning_rate, pm.final_learning_rate, pm.lm_weight, pm.magnitude_weight) == (1e-5, 5e-7, 0.25, 0.001)
    for stage in recipe.stages:
        assert (stage.betas, stage.epsilon, stage.weight_decay, stage.warmup_share) == ((0.9, 0.95), 1e-8, 0.1, 0.05)
        assert (stage.system, stage.configuration, stage.max_pairs, stage.token_budget) == ("stored", "full", 0, 0)
        assert stage.batch_pairs % (recipe.gpus * stage.micro_pairs) == 0 or stage.batch_pairs // recipe.gpus < (
            stage.micro_pairs
        )
    assert (recipe.precision, recipe.gradient_checkpointing, recipe.kernels) == ("bfloat16", True, True)
    assert recipe.weights == "Qwen/Qwen3-" + name.removeprefix("qwen3-").upper()


def test_gpus_of_the_suite_and_which_are_sharded():
    assert [RECIPES[name].gpus for name in QWEN3] == [8, 8, 16, 32, 64, 128]
    assert [RECIPES[name].shard for name in QWEN3] == [False, False, True, True, True, True]


def test_the_scaling_recipes_differ_in_shape_rate_and_what_is_computed_at_once_only():
    stages = [RECIPES[f"scratch-{size}"].last for size in ("10m", "30m", "100m")]
    one = {"learning_rate": 1.0, "micro_pairs": 1}
    assert len({stage.model_copy(update=one).model_dump_json() for stage in stages}) == 1
    assert len({RECIPES[f"scratch-{size}"].architecture.vocab_size for size in ("10m", "30m", "100m")}) == 1


def test_assignments_reach_every_part():
    recipe = recipe_named(
        "qwen3-0.6b",
        ("lora.rank=8", "gpus=1", "stages.pm.learning_rate=1e-4", "stages.0.batch_pairs=16", "stages.1.system=own",
         "weights=./mine", "lora.targets=[q_proj, v_proj]", "architecture.layers=2"),
    )  # fmt: skip
    assert recipe.lora is not None
    assert (recipe.lora.rank, recipe.lora.alpha, recipe.lora.targets) == (8, 32.0, ("q_proj", "v_proj"))
    pt, pm = recipe.stages
    assert (pt.learning_rate, pm.learning_rate, pt.batch_pairs, pm.system) == (2e-5, 1e-4, 16, "own")
    assert (recipe.gpus, recipe.weights, recipe.architecture.layers) == (1, "./mine", 2)
    assert recipe_named("nano", ("lora.rank=8", "lora=null")) == NANO
    assert RECIPES["qwen3-0.6b"].lora is None


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("lora", "must be FIELD=VALUE"),
        ("=3", "must be FIELD=VALUE"),
        ("learning_rate=1", r"say stages\.pm\.learning_rate or stages\.pt\.learning_rate"),
        ("stages.pt.epochs=2", "no 'pt' there; there are pm"),
        ("stages.3.epochs=2", "no '3' there"),
        ("stages.pm.epochs=0", r"recipe nano: stages\.0\.epochs: .* got 0"),
        ("stages.pm.epochs=many", r"stages\.0\.epochs: .* got 'many'"),
        ("rank=1", "rank: unknown key"),
        ("name.x=1", "name is not a section"),
        ("name.x.y=1", r"name\.x is not a section"),
        ("name=[", "not valid YAML"),
        ("name=../up", r"name: '\.\./up': a folder is named so"),
        ("architecture.kv_heads=3", "3 does not divide heads, 4"),
        ("gpus=32", "16 pairs for 32 GPUs"),
        ("shard=true", "needs 2 GPUs at least, gpus is 0"),
        ("stages.pm.final_learning_rate=0.5", r"0\.5 is above learning_rate, 0\.003"),
    ],
)
def test_wrong_assignments(assignment, message):
    with pytest.raises(ConfigError, match=message):
        recipe_named("nano", (assignment,))


def test_a_name_or_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="recipe 'mano': no such recipe; there are nano, scratch-10m"):
        recipe_named("mano")
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file. Name one, or one of nano"):
        recipe_named(str(tmp_path / "none.yaml"))


def test_a_recipe_of_ones_own(tmp_path):
    whole = tmp_path / "whole.yaml"
    whole.write_text(yaml.safe_dump(NANO.model_dump(mode="json") | {"name": "mine"}))
    assert recipe_named(str(whole)) == NANO.model_copy(update={"name": "mine"})
    part = tmp_path / "part.yml"
    part.write_text("extends: qwen3-0.6b\nname: mine\narchitecture: {layers: 4}\nlora: {rank: 4}\n")
    recipe = recipe_named(str(part), ("stages.pm.learning_rate=3e-5",))
    assert (recipe.name, recipe.architecture.layers, recipe.architecture.hidden_size) == ("mine", 4, 1024)
    assert recipe.lora is not None
    assert (recipe.lora.rank, recipe.last.learning_rate, len(recipe.stages)) == (4, 3e-5, 2)
    part.write_text("extends: mano\n")
    with pytest.raises(ConfigError, match=r"part\.yml: extends: 'mano': no such recipe"):
        recipe_named(str(part))
    part.write_text("extends: nano\nlayers: 4\n")
    with pytest.raises(ConfigError, match=r"part\.yml: layers: unknown key"):
        recipe_named(str(part))
    part.write_text("extends: qwen3-0.6b\nstages: [{name: pm, max_tokens: 64, epochs: 1, batch_pairs: 8, "
                    "learning_rate: 1e-4, lm_weight: 0, magnitude_weight: 0}]\n")  # fmt: skip
    assert recipe_named(str(part)).last.learning_rate == 1e-4
    part.write_text(part.read_text() + "gpus: 16\n")
    with pytest.raises(ConfigError, match=r"stages\.pm\.batch_pairs: 8 pairs for 16 GPUs"):
        recipe_named(str(part))


def test_stages_in_the_wrong_order(tmp_path):
    table = RECIPES["qwen3-0.6b"].model_dump(mode="json")
    path = tmp_path / "turned.yaml"
    path.write_text(yaml.safe_dump(table | {"stages": table["stages"][::-1]}))
    with pytest.raises(ConfigError, match="stages: pm, pt: must be pt, pm, or pt and then pm"):
        recipe_named(str(path))
