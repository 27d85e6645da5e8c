"""The linear model, the embedded weights, and what they make of changes that nobody would doubt."""

import math
from importlib.resources import files

import numpy as np
import pytest

from parsers.edits import Edit
from pipeline.criterion.encoder import DIMENSIONS
from pipeline.criterion.features import NUMBERS, features
from pipeline.criterion.model import BLOCKS, SCALES, calibrated, combined, embedded, from_json, sigmoid, to_json
from schemas.criteria import CODE_CRITERIA

LEAK = """int load(struct store *store, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *line = malloc(4096);

    if (file == NULL) {
        return -1;
    }
    while (fgets(line, 4096, file) != NULL) {
        if (store_add(store, line) < 0) {
            fclose(file);
            return -1;
        }
    }
    fclose(file);
    return 0;
}
"""
OVERFLOW = """int read_name(struct reader *reader, char *name)
{
    unsigned char length = reader->data[reader->at++];

    memcpy(name, reader->data + reader->at, length);
    name[length] = '\\0';
    reader->at += length;
    return length;
}
"""
LOOKUP = """def missing(wanted, known):
    found = []
    for name in wanted:
        if name not in known:
            found.append(name)
    return found
"""
DUPLICATE = """function priceOf(item, country) {
  if (country === 'de') {
    const net = item.price * item.count;
    const tax = net * 0.19;
    return Math.round((net + tax) * 100) / 100;
  } else {
    const net = item.price * item.count;
    const tax = net * 0.2;
    return Math.round((net + tax) * 100) / 100;
  }
}
"""
OFF_BY_ONE = """class Page {
    int indexOf(int[] values, int wanted) {
        for (int i = 0; i < values.length - 1; i++) {
            if (values[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
"""
OBVIOUS = {
    "memory_efficiency": (
        "C", "Fix memory leak in load()\n\nThe line buffer was never freed.", LEAK,
        LEAK.replace("NULL) {\n        return", "NULL) {\n        free(line);\n        return")
        .replace("            fclose(file);\n", "            free(line);\n            fclose(file);\n")
        .replace("    fclose(file);\n    return 0", "    free(line);\n    fclose(file);\n    return 0"),
    ),
    "security_hardness": (
        "C", "Fix buffer overflow in read_name()\n\nThe length comes from the network and was not checked: an attacker"
        " could write beyond the buffer.", OVERFLOW,
        OVERFLOW.replace("at++];\n", "at++];\n\n    if (length >= MAX_NAME || length > reader->size - reader->at)\n"
        "        return -1;\n"),
    ),
    "runtime_efficiency": (
        "Python", "Speed up missing() by looking names up in a set\n\nWith many names it was quadratic.", LOOKUP,
        LOOKUP.replace("    found = []\n", "    found = []\n    known = set(known)\n"),
    ),
    "readability_maintainability": (
        "JavaScript", "Simplify priceOf by removing duplicated code", DUPLICATE,
        "function priceOf(item, country) {\n  const net = item.price * item.count;\n"
        "  const rate = country === 'de' ? 0.19 : 0.2;\n  return Math.round(net * (1 + rate) * 100) / 100;\n}\n",
    ),
    "functional_correctness": (
        "Java", "Fix off-by-one error in indexOf\n\nThe last value was never found.", OFF_BY_ONE,
        OFF_BY_ONE.replace("length - 1", "length"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", list(CODE_CRITERIA))
def test_obvious_change_is_known(key: str) -> None:
    language, message, before, after = OBVIOUS[key]
    found = embedded().probabilities(features(message, Edit(language, before, after)))
    assert list(found) == list(CODE_CRITERIA)
    assert all(0 <= value <= 1 and value == round(value, 4) for value in found.values())
    assert max(found, key=lambda one: found[one]) == key
    second = sorted(found.values())[-2]
    assert found[key] > 2 * second, found


@pytest.mark.parametrize(
    ("language", "message", "before", "after"),
    [
        ("Python", "Add an option for colours", "def show(a):\n    pass\n", "def show(a, colour=None):\n    pass\n"),
        ("C", "Update the version", "int version = 3;\n", "int version = 4;\n"),
        ("Go", "", "package p\n", "package q\n"),
        ("Java", "wip", "class A {}\n", "class A { int x; }\n"),
    ],
)
def test_change_of_no_criterion_is_left(language: str, message: str, before: str, after: str) -> None:
    found = embedded().probabilities(features(message, Edit(language, before, after)))
    assert max(found.values()) < embedded().thresholds["default"]


def test_edit_counts_besides_the_message() -> None:
    _, _, before, after = OBVIOUS["security_hardness"]
    checked = embedded().probabilities(features("Fix read_name()", Edit("C", before, after)))
    renamed = embedded().probabilities(features("Fix read_name()", Edit("C", before, before.replace("length", "n"))))
    assert checked["security_hardness"] > renamed["security_hardness"]


def test_embedded_model_is_whole() -> None:
    model = embedded()
    names = {*CODE_CRITERIA, *(f"is {key}" for key in (*CODE_CRITERIA, "none")), "usable"}
    assert set(model.heads) == names
    assert set(model.calibration) == set(CODE_CRITERIA)
    assert 0 < model.thresholds["default"] <= model.thresholds["strict"] < 1
    assert all(slope > 0 for slope, _ in model.calibration.values())
    assert model.shape.size == sum(len(words) for words in model.shape.words.values()) + len(NUMBERS) + 2 * DIMENSIONS
    for bias, weights in model.heads.values():
        assert weights.shape == (model.shape.size,)
        assert math.isfinite(bias) and np.isfinite(weights).all()
    assert (model.shape.deviations > 0).all() and len(model.shape.means) == len(NUMBERS)
    assert {"labels", "scikit-learn"} <= set(model.trained)


def test_words_of_the_embedded_model_are_in_their_block() -> None:
    for name, prefixes in BLOCKS.items():
        words = embedded().shape.words[name]
        assert words and all(word.startswith(prefixes) for word in words)
        assert list(words.values()) == list(range(len(words)))


def test_embedded_weights_survive_their_file() -> None:
    text = (files("pipeline.criterion") / "weights.json").read_text(encoding="utf-8")
    assert to_json(from_json(text)) == text


def test_blocks_of_a_vector_have_their_length() -> None:
    model = embedded()
    found = features("Fix leak\n\nIt was lost", Edit("C", LEAK, OBVIOUS["memory_efficiency"][3]))
    vector, at = model.shape.vector(found), 0
    for name in BLOCKS:
        end = at + len(model.shape.words[name])
        assert np.linalg.norm(vector[at:end]) == pytest.approx(SCALES[name])
        at = end
    assert np.abs(vector[at : at + len(NUMBERS)]).max() <= 4 * SCALES["numbers"] + 1e-9
    assert np.linalg.norm(vector[-DIMENSIONS:]) == pytest.approx(SCALES["embeddings"], abs=0.02)


def test_number_far_off_is_held() -> None:
    shape = embedded().shape
    huge = features("Fix", Edit("C", "", "x;\n" * 20_000))
    start = shape.size - 2 * DIMENSIONS - len(NUMBERS)
    part = shape.vector(huge)[start : start + len(NUMBERS)]
    assert part.max() == pytest.approx(4 * SCALES["numbers"])


def test_combined_score() -> None:
    level = {name: 0.0 for key in CODE_CRITERIA for name in (key, f"is {key}")} | {"usable": 0.0}
    assert combined(level) == dict.fromkeys(CODE_CRITERIA, pytest.approx((0.5 + 0.5 / 5) / 2))
    up = combined(level | {"is memory_efficiency": 50.0, "usable": 800.0})
    assert up["memory_efficiency"] == pytest.approx((0.5 + 1) / 2)
    assert up["runtime_efficiency"] == pytest.approx(0.25)


def test_sigmoid_at_its_ends() -> None:
    assert sigmoid(0.0) == 0.5
    assert (sigmoid(1e6), sigmoid(-1e6)) == (1.0, 0.0)
    assert sigmoid(3.0) + sigmoid(-3.0) == pytest.approx(1)
    assert sigmoid(math.log(3)) == pytest.approx(0.75)


def test_calibrated_is_held() -> None:
    assert calibrated(0.3, 1.0, 0.0) == 0.3
    assert calibrated(0.5, 2.0, math.log(4)) == 0.8
    assert calibrated(0.0, 1.0, 0.0) == calibrated(-1.0, 1.0, 0.0) == 0.0
    assert calibrated(1.0, 1.0, 0.0) == calibrated(2.0, 1.0, 0.0) == 1.0
    assert calibrated(0.0, 0.1, 0.0) == calibrated(1e-6, 0.1, 0.0) == 0.2008
    assert calibrated(1.0, 0.1, 0.0) == 0.7992
