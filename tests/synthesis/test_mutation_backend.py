"""The embedded backend: at most one pair a function and criterion, drawn from the record, and made again exactly."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from schemas.config import validate
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Dropped, Pair
from synthesis.backends.mutation import ENTANGLED, Hardness, Mix, MutationBackend
from synthesis.mutations import BY_NAME, OPERATORS
from synthesis.mutations.operator import Edit, apply
from synthesis.versions import redo

CODE = '''def load(path, limit=100):
    """Lines of a file, longest first, größer zuerst."""
    if limit < 0:
        raise ValueError("bad limit")
    found = []
    with open(path) as file:
        for line in file:
            line = line.strip()
            if line and not line.startswith("#"):
                found.append(line)
            if len(found) >= limit:
                break
    found.sort(key=len, reverse=True)
    return found
'''
CANDIDATE = Candidate(
    id="candidate",
    parent_id="file",
    kind="task",
    origin=Origin("pypi", "pypi:lines", "1.0", "lines.py", "ab" * 32, "MIT"),
    language="Python",
    spans=((10, 500),),
    instruction="Write the Python function `load`.\n\nLines of a file, longest first.",
    after=CODE,
)
PLAIN = Mix(repair=0, flip=0, chain=0, placebo=0)
BACKEND = MutationBackend(mix=PLAIN)


def pairs_of(candidate: Candidate, seed: int = 1, backend: MutationBackend = BACKEND) -> list[Pair]:
    return [one for one in backend.pairs(candidate, seed) if isinstance(one, Pair)]


def test_a_criterion_makes_at_most_one_pair_and_each_says_what_became_of_it() -> None:
    made = BACKEND.pairs(CANDIDATE, 1)
    assert len(made) == len(CODE_CRITERIA)
    pairs = pairs_of(CANDIDATE)
    assert len(pairs) >= 4
    assert len({pair.criterion for pair in pairs}) == len(pairs)
    assert len({one.id for one in made}) == len(made)
    for pair in pairs:
        assert pair.chosen == CODE != pair.rejected
        assert (pair.parent_id, pair.cluster, pair.prompt) == ("candidate", "candidate", CANDIDATE.instruction)
        assert (pair.origin, pair.language, pair.spans) == (CANDIDATE.origin, "Python", CANDIDATE.spans)


def test_steps_say_how_each_side_was_made() -> None:
    for pair in pairs_of(CANDIDATE):
        chosen, rejected = pair.steps
        assert (chosen.side, chosen.name, dict(chosen.parameters)) == (
            "chosen", "source", {"sha256": sha256(CODE.encode())},
        )  # fmt: skip
        name = rejected.name.removeprefix("mutation/")
        assert name in {one.name for one in OPERATORS[pair.criterion]}
        edits = tuple(Edit(*edit) for edit in json.loads(dict(rejected.parameters)["edits"]))
        assert rejected.spans == tuple((edit.start, edit.end) for edit in edits)
        assert apply(CODE, edits) == pair.rejected


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others() -> None:
    assert BACKEND.pairs(CANDIDATE, 1) == BACKEND.pairs(CANDIDATE, 1)
    drawn = Counter(pair.rejected for seed in range(20) for pair in pairs_of(CANDIDATE, seed))
    assert len(drawn) > 20
    by_record = {pair.rejected for n in range(10) for pair in pairs_of(replace(CANDIDATE, id=f"candidate {n}"))}
    assert len(by_record) > 10


def test_a_criterions_draw_does_not_depend_on_the_others() -> None:
    alone = MutationBackend(criteria=("functional_correctness",), mix=PLAIN)
    (pair,) = pairs_of(CANDIDATE, 3, alone)
    assert pair in pairs_of(CANDIDATE, 3)


def test_every_recorded_mutant_is_made_again_to_the_byte() -> None:
    made = [pair for seed in range(25) for pair in pairs_of(CANDIDATE, seed)]
    assert len({pair.steps[1].name for pair in made}) >= 12
    for pair in made:
        assert redo("Python", CODE, pair.steps[1:]) == pair.rejected


def test_a_method_in_a_wrapper_is_made_again_to_the_byte() -> None:
    code = "total(a, b) {\n  const sum = a + b;\n  if (sum > 10) {\n    return 10;\n  }\n  return sum;\n}"
    candidate = replace(CANDIDATE, language="JavaScript", after=code, instruction="Add them.")
    made = [pair for seed in range(10) for pair in pairs_of(candidate, seed)]
    assert made
    for pair in made:
        assert redo("JavaScript", code, pair.steps[1:]) == pair.rejected


def test_another_version_or_another_text_can_not_be_made_again() -> None:
    step = pairs_of(CANDIDATE)[0].steps[1]
    with pytest.raises(CheckFailed, match="Check out the run's version"):
        redo("Python", CODE, [replace(step, version="0")])
    with pytest.raises(CheckFailed, match="this code has another"):
        redo("Python", CODE, [replace(step, name="mutation/no_such_operator")])
    parameters = dict(step.parameters) | {"edits": json.dumps([[0, 3, "del"]])}
    with pytest.raises(CheckFailed, match="no longer yields"):
        redo("Python", CODE, [replace(step, parameters=tuple(sorted(parameters.items())))])


def test_operators_left_out_are_not_used() -> None:
    used = {pair.steps[1].name.removeprefix("mutation/") for seed in range(25) for pair in pairs_of(CANDIDATE, seed)}
    backend = MutationBackend(leave_out=tuple(sorted(used)), mix=PLAIN)
    others = {p.steps[1].name.removeprefix("mutation/") for s in range(25) for p in pairs_of(CANDIDATE, s, backend)}
    assert used.isdisjoint(others)


def test_where_no_operator_fits_it_is_said() -> None:
    names = tuple(one.name for one in OPERATORS["memory_efficiency"])
    backend = MutationBackend(criteria=("memory_efficiency",), leave_out=names, mix=PLAIN)
    (dropped,) = backend.pairs(CANDIDATE, 1)
    assert isinstance(dropped, Dropped)
    assert (dropped.stage, dropped.reason) == ("synthesize", "no_operator_fits")
    assert dropped.detail == "memory_efficiency: none of 0 operators fits"
    assert dropped.id != CANDIDATE.id
    tiny = replace(CANDIDATE, after="def f():\n    pass\n")
    made = MutationBackend(criteria=("runtime_efficiency",), mix=PLAIN).pairs(tiny, 1)
    assert [one.reason for one in made if isinstance(one, Dropped)] == ["no_operator_fits"]


def test_what_is_no_function_is_dropped_once() -> None:
    (dropped,) = BACKEND.pairs(replace(CANDIDATE, after="x = 1\n"), 1)
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.id) == ("no_function", "candidate")


def test_words_of_the_prompt_stay() -> None:
    prompt = "Raise `ValueError` when `limit` is negative; `reverse` the order; skip lines that start with '#'."
    candidate = replace(CANDIDATE, instruction=prompt)
    for seed in range(25):
        for pair in pairs_of(candidate, seed):
            for word in ("ValueError", "limit", "reverse"):
                assert pair.rejected.count(word) >= CODE.count(word), pair.steps[1].name


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"criteria": ["speed"]},
            "criteria: Value error, 'speed' is no criterion; there are readability_maintainability, ",
        ),
        ({"criteria": ["memory_efficiency"] * 2}, "a criterion is given twice"),
        ({"leave_out": ["guard_remove"]}, "leave_out: Value error, 'guard_remove' is no operator; there are "),
    ],
)
def test_an_unknown_name_is_refused_before_anything_runs(options: dict[str, list[str]], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(MutationBackend, options, "run.yaml")
    assert expected in str(caught.value)


def made_with(mix: Mix, kind: str, seeds: int = 30, hardness: Hardness = Hardness()) -> list[list[Pair]]:  # noqa: B008
    """The pairs of a kind, seed by seed; each pair's sides are made again from its steps."""
    backend = MutationBackend(mix=mix, hardness=hardness)
    found = []
    for seed in range(seeds):
        pairs = pairs_of(CANDIDATE, seed, backend)
        for pair in pairs:
            for side in ("chosen", "rejected"):
                steps = [step for step in pair.steps if step.side == side and step.name != "source"]
                assert redo("Python", CODE, steps) == getattr(pair, side)
        found.append([pair for pair in pairs if pair.kind == kind])
    assert any(found)
    return found


def test_a_chain_has_one_defect_against_the_same_with_one_more() -> None:
    for pairs in made_with(Mix(repair=0, flip=0, chain=1, placebo=0), "chain"):
        for pair in pairs:
            one, *two = ([step.name for step in pair.steps if step.side == side] for side in ("chosen", "rejected"))
            assert two[0][: len(one)] == one and len(two[0]) == len(one) + 1 == 2
            assert CODE not in (pair.chosen, pair.rejected)
            assert {BY_NAME[name.removeprefix("mutation/")].criterion for name in two[0]} == {pair.criterion}


def test_the_second_defect_leaves_the_first_one_there() -> None:
    for pairs in made_with(Mix(repair=0, flip=0, chain=1, placebo=0), "chain"):
        for pair in pairs:
            first, last = (json.loads(dict(step.parameters)["edits"]) for step in pair.steps[1:])
            written, shift = [], 0
            for start, end, text in sorted(first):
                size = len(text.encode())
                written.append((start + shift, start + shift + size))
                shift += size - (end - start)
            assert not any(s <= b and a <= e for s, e, _ in last for a, b in written), pair.steps


def test_a_flip_has_the_same_two_texts_under_both_prompts_with_opposite_winners() -> None:
    for pairs in made_with(Mix(repair=0, flip=1, chain=0, placebo=0), "flip"):
        assert len(pairs) in (0, 2)
        if not pairs:
            continue
        one, other = pairs
        assert (one.chosen, one.rejected) == (other.rejected, other.chosen)
        assert one.criterion != other.criterion and one.prompt == other.prompt and one.cluster == other.cluster
        assert frozenset({one.criterion, other.criterion}) not in ENTANGLED
        for pair in pairs:
            rejected = next(step for step in pair.steps if step.side == "rejected")
            assert BY_NAME[rejected.name.removeprefix("mutation/")].criterion == pair.criterion


def test_a_placebo_is_a_tie_and_stands_on_either_side() -> None:
    code = CODE.replace("if len(found) >= limit:", "if count >= limit:").replace(
        "    found = []", "    found, count = [], 0"
    )
    candidate = replace(CANDIDATE, after=code)
    backend = MutationBackend(mix=Mix(repair=0, flip=0, chain=0, placebo=1))
    made = [p for seed in range(40) for p in pairs_of(candidate, seed, backend) if p.kind == "placebo"]
    assert {pair.label for pair in made} == {0.5}
    assert {pair.chosen == code for pair in made} == {True, False}
    assert all(code in (pair.chosen, pair.rejected) for pair in made)


def test_several_defects_are_several_steps() -> None:
    hardness = Hardness(defects=(0, 0, 1))
    counts = [len(pair.steps) - 1 for pairs in made_with(PLAIN, "defect", 10, hardness) for pair in pairs]
    assert max(counts) == 3
    assert max(len(pair.steps) for pair in pairs_of(CANDIDATE)) == 2


def test_blatant_operators_come_first_where_asked() -> None:
    def share(blatant: float) -> float:
        backend = MutationBackend(mix=PLAIN, hardness=Hardness(blatant=blatant))
        names = [
            p.steps[1].name.removeprefix("mutation/") for seed in range(40) for p in pairs_of(CANDIDATE, seed, backend)
        ]
        return sum(BY_NAME[name].blatant for name in names) / len(names)

    assert share(1.0) > share(0.0)


def test_weights_of_defects_are_checked() -> None:
    with pytest.raises(ConfigError, match="weights must not be negative"):
        validate(Hardness, {"defects": [0.0, 0.0]}, "run.yaml")
