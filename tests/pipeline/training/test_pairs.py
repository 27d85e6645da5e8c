import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.training import extra
from pipeline.training.folder import whole_folder, write_whole
from pipeline.training.pairs import operator_of, read_pairs, swapped
from schemas import contract
from schemas.errors import ConfigError
from tests.pipeline.training.conftest import rows, write_dataset


def test_pairs_are_ordered_by_idx_and_carry_their_provenance(dataset):
    pairs = read_pairs(dataset())
    assert [p.idx for p in pairs] == sorted(p.idx for p in pairs)
    assert len(pairs) == 72
    first, second = pairs[:2]
    assert (first.repo, first.operator, first.criterion) == ("pypi:package-0", "boundary", "functional_correctness")
    assert (second.system, second.criterion) == (None, "runtime_efficiency")
    assert "<= limit" in first.rejected and "<= limit" not in first.chosen
    assert (swapped(first).chosen, swapped(first).rejected) == (first.rejected, first.chosen)


def test_the_number_of_shards_changes_nothing(dataset):
    assert read_pairs(dataset(shards=1, name="a")) == read_pairs(dataset(shards=3, name="b"))


def test_the_balanced_configuration_is_its_own_folder(dataset):
    folder = dataset()
    assert len(read_pairs(folder, "balanced")) == 36


def test_a_dataset_without_provenance_is_read_too(dataset):
    folder = dataset()
    for path in (folder / "provenance").iterdir():
        path.unlink()
    (folder / "provenance").rmdir()
    assert {(p.repo, p.operator) for p in read_pairs(folder)} == {("", "")}


def step(side, name):
    return {"side": side, "name": name}


def test_what_made_a_pair_is_named_once():
    chain = [step("chosen", "source"), *(step("rejected", f"mutation/{n}") for n in ("rename", "boundary", "rename"))]
    assert operator_of(chain) == "boundary+rename"
    assert operator_of([step("chosen", "mutation/rename"), step("rejected", "mutation/boundary")]) == "boundary+rename"
    assert operator_of([step("chosen", "commit/after"), step("rejected", "commit/before")]) == "commit/before"
    assert operator_of([step("chosen", "source")]) == ""


def test_a_folder_without_shards_names_itself(tmp_path):
    with pytest.raises(ConfigError, match="holds no"):
        read_pairs(tmp_path)


def test_a_missing_column_is_named(dataset):
    folder = dataset(shards=1)
    path = next((folder / "data").iterdir())
    pq.write_table(pq.read_table(path).drop_columns(["aspect"]), path)
    with pytest.raises(ConfigError, match="lacks the columns aspect"):
        read_pairs(folder)


def test_labels_and_weights_come_from_the_provenance(tmp_path):
    made = rows(1, 4)
    made[1] |= {"label": 0.5, "weight": 2.0}
    made[2] |= {"label": None, "weight": None}
    pairs = read_pairs(write_dataset(tmp_path / "dataset", made))
    assert [(p.label, p.weight) for p in pairs] == [(1.0, 1.0), (0.5, 2.0), (1.0, 1.0), (1.0, 1.0)]


def test_provenance_without_labels_is_read_too(dataset):
    folder = dataset(shards=1)
    path = next((folder / "provenance").iterdir())
    pq.write_table(pq.read_table(path).drop_columns(["label", "weight"]), path)
    assert {(p.label, p.weight) for p in read_pairs(folder)} == {(1.0, 1.0)}


@pytest.mark.parametrize(
    ("soft", "why"),
    [
        ({"label": 1.5}, r"label is 1\.5, must be between 0 and 1"),
        ({"label": -0.1}, "label is -0.1, must be between 0 and 1"),
        ({"weight": -1.0}, r"weight is -1\.0, must be 0 or more"),
        ({"weight": float("nan")}, "weight is nan, must be 0 or more"),
    ],
)
def test_a_label_or_weight_that_can_not_be_is_named(tmp_path, soft, why):
    made = rows(1, 2)
    made[0] |= soft
    with pytest.raises(ConfigError, match=why):
        read_pairs(write_dataset(tmp_path / "dataset", made))


def test_shards_without_a_pair_are_named(dataset):
    folder = dataset(shards=1)
    path = next((folder / "data").iterdir())
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    with pytest.raises(ConfigError, match="its shards hold no pair"):
        read_pairs(folder)


def test_an_unknown_label_is_named(dataset):
    folder = dataset(shards=1)
    path = next((folder / "data").iterdir())
    table = pq.read_table(path)
    wrong = table.set_column(table.schema.get_field_index("aspect"), "aspect", pa.array([99] * table.num_rows))
    pq.write_table(wrong.select(contract.training_schema().names), path)
    with pytest.raises(ConfigError, match="aspect 99"):
        read_pairs(folder)


def test_a_missing_extra_is_named_with_the_way_out(monkeypatch):
    extra.require_train_extra()
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ConfigError, match=r"missing: torch\. Run `pip install themis-preference\[train\]`"):
        extra.require_train_extra()


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / "models" / "nano"
    with pytest.raises(RuntimeError), whole_folder(out) as work:
        (work / "half").write_text("half")
        raise RuntimeError
    assert list(out.parent.iterdir()) == []
    for text in ("one", "two"):
        with whole_folder(out) as work:
            (work / text).write_text(text)
            assert not (out / text).exists()
        assert [p.name for p in out.iterdir()] == [text]
    assert list(out.parent.iterdir()) == [out]


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "file.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_torch_and_beam_are_not_imported_before_they_are_needed():
    code = (
        "import sys, pipeline.training.trainer, pipeline.evaluation.benchmark, pipeline.evaluation.baselines, "
        "pipeline.evaluation.scorers; "
        "print(sorted({'torch', 'transformers', 'sklearn', 'scipy', 'apache_beam'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
