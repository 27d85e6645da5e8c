"""What each experiment trains, scores and claims."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import pipeline.experiments
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.experiments import EXPERIMENTS
from pipeline.experiments.common import Contrast, Design, Preset, small
from pipeline.experiments.material import Material, enough, read_material, sample, short
from pipeline.experiments.presets import FULL, PRESETS, QUICK
from pipeline.experiments.run import ExperimentOptions, prepare
from pipeline.experiments.scaling import SIZES, base
from pipeline.training.recipes import NANO
from schemas.conversation import system_prompt
from schemas.errors import ConfigError
from tests.pipeline.experiments.conftest import TINY, build


@pytest.fixture(scope="module")
def material(run: Path) -> Material:
    return read_material(run, TINY, (), "balanced", None)


def test_every_file_with_a_design_is_listed() -> None:
    folder = Path(str(pipeline.experiments.__file__)).parent
    written = {path.stem for path in folder.glob("[a-z]*.py") if "\ndef design(material: Material)" in path.read_text()}
    assert written == set(EXPERIMENTS)


def balanced(design: Design, contrast: Contrast) -> bool:
    """Whether every group weighs the same on both sides, as the sign flips of clusters need."""
    sides = [
        {g.name: sum(one.group == g.name for one in side) / len(side) for g in design.groups}
        for side in (contrast.a, contrast.b)
        if side
    ]
    return len(sides) == 1 or sides[0] == pytest.approx(sides[1])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_claim_is_of_what_is_scored(material: Material, name: str) -> None:
    design = EXPERIMENTS[name](material)
    scored = {(cell.name, view) for cell in design.cells for view in getattr(cell, "views", ("own",))}
    groups = {group.name for group in design.groups if group.rows}
    assert design.experiment == name
    assert {(one.cell, one.view) for c in design.contrasts for one in (*c.a, *c.b)} <= scored
    assert {one.group for c in design.contrasts for one in (*c.a, *c.b)} <= groups
    assert all(balanced(design, contrast) for contrast in design.contrasts)
    assert len({c.name for c in design.contrasts}) == len(design.contrasts)
    for training in design.trainings:
        assert training.recipe.last.token_budget == TINY.tokens
        assert training.recipe.last.max_pairs == TINY.max_pairs


def test_transfer_has_a_cell_a_language_and_one_of_all(material: Material) -> None:
    design = EXPERIMENTS["transfer"](material)
    assert [one.name for one in design.trainings] == ["Python", "Cpp", "all"]
    assert [group.name for group in design.groups] == ["Python", "Cpp"]
    assert [len(one.pairs) for one in design.trainings] == [18, 18, 36]
    for group in design.groups:
        assert {design.benchmark[row].language for row in group.rows} == {group.name}
    assert sum(len(group.rows) for group in design.groups) == len(design.benchmark) == 36
    assert design.notes[0] == (
        "Go is left out: 4 training pairs that are short enough and 4 benchmark pairs in 1 clusters, "
        "must be 12, 6 and 2."
    )
    own, others = next((c.a, c.b) for c in design.contrasts if c.name == "own above others")
    assert {(one.cell, one.group) for one in own} == {("Python", "Python"), ("Cpp", "Cpp")}
    assert {(one.cell, one.group) for one in others} == {("Python", "Cpp"), ("Cpp", "Python")}


def test_criteria_has_merges_of_the_single_models(material: Material) -> None:
    design = EXPERIMENTS["criteria"](material)
    kept = ["runtime_efficiency", "security_hardness", "functional_correctness"]
    assert [one.name for one in design.trainings] == [*kept, "all"]
    assert {merge.how: merge.of for merge in design.merges} == dict.fromkeys(
        ("weights", "rewards", "routed"), tuple(kept)
    )
    for one in design.trainings[:-1]:
        assert {pair.criterion for pair in one.pairs} == {one.name}


def test_scaling_differs_in_shape_alone(material: Material) -> None:
    design = EXPERIMENTS["scaling"](replace(material, preset=TINY.model_copy(update={"sizes": 4})))
    assert [one.name for one in design.trainings] == ["0.1M", "0.3M", "1M", "3M"]
    stages = [one.recipe.last.model_copy(update={"learning_rate": 1.0}) for one in design.trainings]
    assert all(stage == stages[0] for stage in stages)
    assert len({one.recipe.architecture.vocab_size for one in design.trainings}) == 1
    rates = [one.recipe.last.learning_rate for one in design.trainings]
    assert rates == sorted(rates, reverse=True)
    assert [c.name for c in design.contrasts][-4:] == [
        "0.3M above 0.1M", "1M above 0.3M", "3M above 1M", "3M above 0.1M"
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="--recipe nano: scaling compares two or more"):
        EXPERIMENTS["scaling"](replace(material, recipes=(NANO,)))


def test_sizes_are_what_their_names_say() -> None:
    for name, recipe in SIZES:
        a = recipe.architecture
        width = a.heads * a.head_dim
        block = 4 * a.hidden_size * width + 3 * a.hidden_size * a.intermediate_size
        about = a.vocab_size * a.hidden_size + a.layers * block
        assert about == pytest.approx(float(name[:-1]) * 1e6, rel=0.15)


def test_loss_changes_one_term_at_a_time(material: Material) -> None:
    design = EXPERIMENTS["loss"](material)
    stages = {one.name: one.recipe.last for one in design.trainings}
    whole = stages.pop("whole")
    changed = {
        name: {key for key in type(stage).model_fields if getattr(stage, key) != getattr(whole, key)}
        for name, stage in stages.items()
    }
    assert changed == {
        "no-lm": {"lm_weight"},
        "no-magnitude": {"magnitude_weight"},
        "released": {"magnitude"},
        "preference-alone": {"lm_weight", "magnitude_weight"},
    }
    assert "PT is left out" in design.notes[-1]
    bare = NANO.last.model_copy(update={"lm_weight": 0.0, "magnitude_weight": 0.0})
    design = EXPERIMENTS["loss"](replace(material, recipes=(NANO.model_copy(update={"stages": (bare,)}),)))
    assert design.trainings[0].recipe.last.lm_weight > 0, "there is something to leave out"


def test_loss_has_pt_where_general_preferences_are_given(material: Material) -> None:
    design = EXPERIMENTS["loss"](replace(material, general=material.training[:9]))
    pt = design.trainings[-1]
    assert [stage.name for stage in pt.recipe.stages] == ["pt", "pm"]
    assert pt.recipe.last == design.trainings[0].recipe.last
    assert len(pt.general) == 9
    assert design.contrasts[-1].name == "PT"
    assert "9 general preferences" in design.notes[-1]


def test_prompt_scores_each_model_three_ways(material: Material) -> None:
    design = EXPERIMENTS["prompt"](material)
    assert [(one.name, one.recipe.last.system, one.views) for one in design.trainings] == [
        ("own", "own", ("none", "own", "all")),
        ("stored", "stored", ("none", "own", "all")),
    ]
    assert "Flips are left out: 0 of them" in design.notes[-1]
    flipped = [replace(pair, kind="flip") for pair in material.benchmark[:8]]
    design = EXPERIMENTS["prompt"](replace(material, benchmark=[*flipped, *material.benchmark[8:]]))
    assert [(group.name, len(group.rows)) for group in design.groups] == [("all", 40), ("flips", 8)]
    assert len(design.contrasts) == 10


def test_a_sample_depends_on_ids_alone(material: Material) -> None:
    pairs = list(material.benchmark)
    taken = sample(pairs, 12)
    assert len(taken) == 12
    assert [pair.id for pair in taken] == sorted(pair.id for pair in taken)
    assert {pair.id for pair in sample(pairs[::-1], 12)} == {pair.id for pair in taken}
    assert sample(pairs, 0) == pairs
    spread = sample(pairs, 12, lambda pair: pair.language)
    assert sorted(sum(pair.language == name for pair in spread) for name in ("Python", "Cpp", "Go")) == [4, 4, 4]


def test_presets() -> None:
    assert set(PRESETS) == {"quick", "full", "tiny"}
    assert QUICK.tokens <= 150_000
    assert FULL.tokens == NANO.last.token_budget
    assert base(FULL) == NANO
    assert base(QUICK) == SIZES[1][1]
    stage = small(NANO, FULL, "x").last
    assert (stage.max_tokens, stage.batch_pairs) == (NANO.last.max_tokens, NANO.last.batch_pairs)


def test_short_pairs_fit(material: Material) -> None:
    from pipeline.training.rows import encode
    from pipeline.training.tokenizer import train_tokenizer

    pair = material.training[0]
    pairs = [pair, replace(pair, chosen=pair.chosen * 9), replace(pair, rejected=pair.rejected * 9), pair]
    recipe = small(NANO, TINY.model_copy(update={"max_tokens": 200}), "x")
    assert short(pairs, recipe) == 2
    fitting = encode(train_tokenizer(pairs, 2048, 200), pairs, "own", 200).rows
    assert len(fitting) >= 2


def test_the_benchmark_is_as_short_as_what_is_trained_on(run: Path, tmp_path: Path) -> None:
    whole = read_material(run, TINY.model_copy(update={"max_tokens": 0}), (), "full", None)
    assert (len(whole.benchmark), whole.notes) == (40, ())
    sizes = sorted(short_of(pair) for pair in whole.benchmark)
    middle = -(-sizes[20] // 3)
    part = read_material(run, TINY.model_copy(update={"max_tokens": middle}), (), "full", None)
    assert [pair.id for pair in part.benchmark] == [p.id for p in whole.benchmark if short_of(p) <= 3 * middle]
    assert 20 < len(part.benchmark) < 40
    assert f"surely fit {middle} tokens, as those trained on do: {len(part.benchmark)} of 40" in part.notes[0]
    work = prepare("loss", run, tmp_path, ExperimentOptions(preset="tiny"))
    assert "40 of 40" in work.design.notes[-1]
    with pytest.raises(ConfigError, match="none of 40 benchmark pairs fits 20 tokens"):
        read_material(run, TINY.model_copy(update={"max_tokens": 20}), (), "full", None)


def short_of(pair: BenchmarkPair) -> int:
    """Characters of a pair's longer conversation."""
    return len(system_prompt(pair.criterion)) + len(pair.prompt) + max(len(pair.chosen), len(pair.rejected))


def test_a_run_without_a_part(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    with pytest.raises(ConfigError, match=r"has no benchmark/\. Give the folder of a finished run"):
        read_material(tmp_path, TINY, (), "full", None)


@pytest.mark.parametrize(("few", "why"), [("pairs", "11"), ("test", "5"), ("clusters", "in 1 clusters")])
def test_each_bound_leaves_out(material: Material, few: str, why: str) -> None:
    mine = [replace(pair, language="C") for pair in material.benchmark[:6]]
    if few == "test":
        mine.pop()
    names = ["only"] * 6 if few == "clusters" else list("ababab")
    others = [pair for pair in material.benchmark if pair.language != "Go"]
    benchmark = [*(replace(p, cluster=c) for p, c in zip(mine, names, strict=False)), *others]
    counts = {"C": 11 if few == "pairs" else 12}
    spoken = ["C", "Python", "Cpp", "Ruby"]
    kept, left_out = enough(spoken, lambda n: counts.get(n, 12 * (n != "Ruby")), benchmark, lambda p: p.language, TINY)
    assert kept == ["Python", "Cpp"]
    assert len(left_out) == 1, "a name with no pair at all is not worth a line"
    assert why in left_out[0]


def test_too_few_of_everything(tmp_path: Path) -> None:
    starved = Preset(tokens=1000, max_pairs=10, seeds=1, sizes=2, min_pairs=30, min_test=1)
    small_run = read_material(build(tmp_path / "run", packages=3), starved, (), "full", None)
    for name in ("transfer", "criteria"):
        with pytest.raises(ConfigError, match=r"0 of \d have enough pairs, must be 2 or more.*is left out: "):
            EXPERIMENTS[name](small_run)


def test_a_recipe_is_where_the_others_begin(material: Material, recipe: Callable[..., str]) -> None:
    from pipeline.training.recipes import recipe_named

    named = recipe_named(recipe())
    for name in ("transfer", "criteria", "loss", "prompt"):
        design = EXPERIMENTS[name](replace(material, recipes=(named,)))
        assert {one.recipe.architecture.hidden_size for one in design.trainings} == {16}
