"""The table of many pairs has the shape of a real one, the same bytes each time, and what it says is in it."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from bench import corpus, many_pairs
from bench.corpus import build
from bench.many_pairs import Excerpt, File, all_excerpts, corpus_files, planned, slots
from bench.pair_junk import JUNK_SHARES, Texts, junk_of, spoiled
from bench.pair_sides import Slot, sides
from bench.pair_texts import (
    MAX_BYTES,
    Edit,
    applied,
    borrowed,
    documentation,
    edits,
    excerpts,
    identifiers,
    in_bytes,
    prompt,
)
from pipeline.beam import parquet_bytes, shard_of
from schemas import contract
from schemas.provenance import Origin
from schemas.records import PAIR_KINDS, Pair, SourceFile
from synthesis.mutations import BY_NAME

C_LICENSE = "/*\n * Copyright 2020 Somebody\n * All rights reserved.\n */\n\n"
SIDES = """def rest(count, größe):
    # the remainder
    while count >= 10:
        count = take(count, 3)
    return count
"""


def python_file(number: int) -> str:
    parts = [f'"""Module {number}: counts the apples of every tree that grows in garden {number}."""\n']
    for n in range(number % 7 + 3):
        parts.append(
            f"def apples_{number}_{n}(trees, limit):\n"
            f'    """Add up the apples of the trees in row {n * number}, until the given limit of garden {number}."""\n'
            f"    total = {n}\n    for tree in trees:\n        if tree.apples > {number + n}:\n"
            f"            total += tree.apples * {n + 1}\n    return min(total, limit)\n"
        )
    return "\n\n".join(parts)


def java_file(number: int) -> str:
    methods = (
        f"    /** Height {n}. */\n    int height{n}(int a) {{\n        return a + {n};\n    }}" for n in range(90)
    )
    return f"public class Tree{number} {{\n\n" + "\n\n".join(methods) + "\n\n}\n"


def small_corpus(folder: Path, files: int = 60) -> Path:
    made = [("Python", f"m{n}.py", python_file(n)) for n in range(files)]
    made += [("Java", f"T{n}.java", java_file(n)) for n in range(files // 6)]
    rows = [
        SourceFile(Origin("npm", f"npm:garden{n % 5}", f"1.{n % 2}", path, str(n)), language, text)
        for n, (language, path, text) in enumerate(made)
    ]
    corpus.write(build(rows, planted_each=1), folder, shards=2)
    return folder


def written(corpus_folder: Path, out: Path, pairs: int, shards: int = 3) -> list[dict[str, object]]:
    arguments = ["--corpus", str(corpus_folder), "--pairs", str(pairs), "--out", str(out), "--shards", str(shards)]
    assert many_pairs.main(arguments) == 0
    return [row for path in sorted((out / "pairs").iterdir()) for row in pq.read_table(path).to_pylist()]


def test_the_table_is_as_the_pipeline_writes_it(tmp_path: Path) -> None:
    source = small_corpus(tmp_path / "corpus")
    rows = written(source, tmp_path / "out", 200)
    assert len(rows) == 200 and len({row["id"] for row in rows}) == 200
    for shard, path in enumerate(sorted((tmp_path / "out" / "pairs").iterdir())):
        assert path.name == f"pairs-{shard:05d}-of-00003.parquet"
        table = pq.read_table(path)
        assert table.schema.equals(contract.PAIRS)
        ids = table["id"].to_pylist()
        assert ids == sorted(ids) and all(shard_of(id_, 3) == shard for id_ in ids)
        assert path.read_bytes() == parquet_bytes(table.to_pylist(), contract.PAIRS)
    for row in rows:
        pair = contract.pair_from_row(row)
        assert contract.pair_row(pair) == row
        assert pair.kind in PAIR_KINDS and pair.window is None
        assert pair.label == (0.5 if pair.kind == "placebo" else 1.0)
        assert {step.name.partition("/")[2] for step in pair.steps} <= {*BY_NAME, "", "after", "before"}
        assert 1_325_376_000 <= (pair.origin.committed_at or 0) < 1_640_995_200
        assert "@" not in pair.origin.repo and pair.origin.revision in ("1.0", "1.1")
        assert (pair.origin.before_sha256 is not None) == (pair.kind in ("change", "reversed"))


def test_the_same_bytes_twice_and_the_counts_are_true(tmp_path: Path) -> None:
    source = small_corpus(tmp_path / "corpus")
    rows = written(source, tmp_path / "one", 150)
    (tmp_path / "two" / "pairs").mkdir(parents=True)
    (tmp_path / "two" / "pairs" / "pairs-00009-of-00010.parquet").write_bytes(b"older")
    written(source, tmp_path / "two", 150)
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in sorted((tmp_path / n).rglob("*.*"))}
        for n in ("one", "two")
    )
    assert list(one.values()) == list(two.values())
    said = json.loads((tmp_path / "one" / "many_pairs.json").read_text())
    assert said["pairs"] == 150
    assert said["kind"] == dict(Counter(row["kind"] for row in rows))
    assert said["language"] == dict(Counter(row["language"] for row in rows))
    assert said["clusters"] == len({row["cluster"] for row in rows})
    size = sum(len(str(row[name]).encode()) for row in rows for name in ("prompt", "chosen", "rejected"))
    assert said["bytes"] == size and said["bytes_a_pair"] == round(size / 150)


def test_a_smaller_table_is_a_part_of_a_larger_one(tmp_path: Path) -> None:
    source = small_corpus(tmp_path / "corpus")
    few = {str(row["id"]): row for row in written(source, tmp_path / "few", 40)}
    many = {str(row["id"]): row for row in written(source, tmp_path / "many", 160)}
    assert few == {id_: many[id_] for id_ in few}


def test_more_pairs_than_one_tiling_gives_come_from_other_cuts(tmp_path: Path) -> None:
    files = list(corpus_files(small_corpus(tmp_path / "corpus")))
    assert len(files) == 70  # planted copies are left out
    once = sum(len(slots(one.key)) for one in all_excerpts(files, 0) if one.key < "f8")
    plan = planned(files, once + 50)
    assert len(plan.places) == once + 50
    assert {one.round for _, one, _ in plan.places} == {0, 1}


def test_wrong_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = small_corpus(tmp_path / "corpus", files=6)
    assert many_pairs.main(["--corpus", str(tmp_path), "--out", str(tmp_path / "x")]) == 2
    assert many_pairs.main(["--corpus", str(source), "--out", str(tmp_path / "x"), "--pairs", "0"]) == 2
    assert many_pairs.main(["--corpus", str(source), "--out", str(tmp_path / "x"), "--pairs", "99999"]) == 1
    assert "Ask for fewer" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_pairs_of_a_cluster_share_their_prompt_and_contamination_is_from_the_benchmark() -> None:
    files = [File(f"{n:064x}", "Python", f"npm:a{n}@1", f"m{n}.py", python_file(n).encode(), "0") for n in range(400)]
    plan = planned(files, 1200)
    assert len(plan.prompts) > 3
    made = [many_pairs.made_pair(plan, *place) for place in plan.places]
    clean = [pair for pair, junk in made if junk is None]
    by_cluster: dict[str, set[str]] = {}
    for pair in clean:
        by_cluster.setdefault(pair.cluster, set()).add(pair.prompt)
    assert all(len(prompts) == 1 for prompts in by_cluster.values())
    holding = {pair.cluster for pair in clean if any(text in pair.prompt for text in plan.prompts)}
    assert 0 < len(holding) < len(by_cluster) // 10
    assert all(one.key < "f8" for _, one, _ in plan.places) and len(set(plan.prompts)) == len(plan.prompts)


def test_a_cluster_has_one_plain_defect_a_criterion_and_whole_flips() -> None:
    sizes: Counter[int] = Counter()
    for number in range(400):
        found = slots(f"key{number}")
        sizes[len(found)] += 1
        assert [slot.number for slot in found] == list(range(len(found)))
        plain = [slot.criterion for slot in found if slot.kind == "defect"]
        assert len(plain) == len(set(plain))
        flips = [slot for slot in found if slot.kind == "flip"]
        assert len(flips) % 2 == 0
        assert all(
            a.criterion == b.other and a.other == b.criterion for a, b in zip(flips[::2], flips[1::2], strict=True)
        )
    assert set(sizes) == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("kind", PAIR_KINDS)
def test_steps_tell_what_made_the_sides(kind: str) -> None:
    slot = Slot(kind, "runtime_efficiency", "security_hardness" if kind == "flip" else "", 0)
    (chosen, rejected), steps = sides(SIDES, (0, len(SIDES)), slot, Random(3))
    texts = {"chosen": SIDES, "rejected": SIDES}
    for step in steps:
        if step.name.startswith(("mutation/", "repair/", "placebo/")):
            told = json.loads(dict(step.parameters)["edits"])
            assert step.spans == tuple((start, end) for start, end, _ in told)
            data = texts[step.side].encode()
            for start, end, text in reversed(told):
                data = data[:start] + text.encode() + data[end:]
            texts[step.side] = data.decode()
            assert BY_NAME[step.name.partition("/")[2]].version == step.version
    if kind not in ("change", "reversed"):
        assert (chosen, rejected) == (texts["chosen"], texts["rejected"])
    assert chosen != rejected
    assert {step.side for step in steps} == {"chosen", "rejected"}


def test_the_two_pairs_of_a_flip_have_the_same_texts_the_other_way_round() -> None:
    one = sides(SIDES, (0, 9), Slot("flip", "runtime_efficiency", "security_hardness", 0), Random(1))[0]
    two = sides(SIDES, (0, 9), Slot("flip", "security_hardness", "runtime_efficiency", 1), Random(2))[0]
    assert one == two[::-1]


def test_excerpts_tile_a_file_at_blank_lines_and_leave_its_licence_out() -> None:
    text = C_LICENSE + "".join(f"int f{n}(int a)\n{{\n\n    return a + {n};\n}}\n\n" for n in range(1500))
    data = text.encode()
    found = excerpts(data, "seed")
    assert len(found) > 5 and found == excerpts(data, "seed")
    assert data[: found[0][0]].decode() == C_LICENSE
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert found[-1][1] == len(data)
    assert all(data[start:end].startswith(b"int f") for start, end in found)  # never at the blank line inside
    assert all(end - start <= 1.5 * MAX_BYTES + 50 for start, end in found)


def test_text_without_blank_lines_is_cut_at_lines_and_one_huge_line_is_left_out() -> None:
    lines = b"".join(b"value = %d\n" % n for n in range(20_000))
    found = excerpts(lines, "seed")
    assert len(found) > 5 and all(lines[start - 1 : start] in (b"\n", b"") for start, _ in found)
    assert excerpts(b"x = 1;" * 10_000_000, "seed") == []
    assert excerpts(b"", "seed") == excerpts(b"short\n", "seed") == []


def test_prompts_come_from_the_documentation_else_from_the_names() -> None:
    doc = "/**\n * Puts every odd number of the list into the second list.\n * @param a the list\n */\nint f;\n"
    assert documentation(doc).startswith("Puts every odd number of the list")
    assert documentation(C_LICENSE + "int x;\n") == ""
    assert "odd number" in prompt(doc, "C", Random(0))
    assert identifiers("take_one(); take_one(); other_name()")[:2] == ["take_one", "other_name"]
    asked = prompt("take_one(); take_one(); otherName()", "C#", Random(0))
    assert "`take_one`" in asked and "C#" in asked and "other" in asked
    assert "Go" in prompt("1 + 2", "Go", Random(0))


def test_edits_change_a_little() -> None:
    seen = set()
    for seed in range(80):
        made = edits(SIDES, Random(seed))
        after = applied(SIDES, made)
        seen.add(after)
        assert after != SIDES
        for (start, end), edit in zip(in_bytes(SIDES, made), sorted(made), strict=True):
            assert SIDES.encode()[start:end].decode() == SIDES[edit.start : edit.end]
    assert len(seen) > 8
    assert edits("a\n", Random(0)) == [Edit(2, 2, "a\n")]


def test_borrowed_prompts_share_a_long_run_of_words() -> None:
    other = " ".join(f"word{n}" for n in range(60))
    for seed in range(20):
        words = borrowed("Own request.", other, Random(seed)).split()
        shared = [word for word in words if word.startswith("word")]
        assert len(shared) >= 15 and " ".join(shared) in other


@pytest.mark.parametrize("junk", JUNK_SHARES)
@pytest.mark.parametrize("language", ["Python", "C"])
def test_junk_spoils_one_thing(junk: str, language: str) -> None:
    texts = Texts("Write it.", SIDES, SIDES.replace("10", "11"))
    made = spoiled(texts, junk, language, Random(5))
    assert made != texts
    assert (made.prompt == texts.prompt) == (not junk.endswith("_prompt"))
    assert (made.chosen == made.rejected) == (junk == "identical")
    assert spoiled(texts, junk, language, Random(5)) == made


def test_junk_is_as_common_as_stated() -> None:
    random = Random(0)
    found = Counter(junk_of(random) for _ in range(50_000))
    assert set(found) == {*JUNK_SHARES, None}
    for name, share in JUNK_SHARES.items():
        assert found[name] == pytest.approx(50_000 * share, rel=0.4)


def test_an_excerpt_is_taken_by_its_hash_not_its_place() -> None:
    files = [File(f"{n:064x}", "Python", "npm:a@1", f"m{n}.py", python_file(n).encode(), "0") for n in range(30)]
    found = all_excerpts(files, 0)
    assert found == sorted(found) and isinstance(found[0], Excerpt)
    assert [one.file for one in found] != sorted(one.file for one in found)
    pair, _ = many_pairs.made_pair(planned(files, 3), "id", found[0], Slot("defect", "memory_efficiency", "", 0))
    assert isinstance(pair, Pair) and pair.parent_id == pair.cluster == found[0].key
