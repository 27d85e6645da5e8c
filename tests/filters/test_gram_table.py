"""The table of grams against plain sets of tuples of words, and its folder."""

import json
import pickle
import random
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters import gram_build, gram_kernels, gram_words
from filters.decontaminate import GramTable, grams, words
from filters.gram_kernels import encoded, lower_table
from schemas.errors import ConfigError

LETTERS = "aBz09_ -\n\t.ßẞéÉe\u0301\u0300ΣσςΑİIıi\u0307ſKÅǅȺⱥ文字٣²Ⅷ😀𝔸𐐀𐐨\ud800\udfff\ufeff\x00\u00a0\u200d"
TEXTS = st.text(st.one_of(st.sampled_from(LETTERS), st.sampled_from(" ."), st.characters()), max_size=80)


def tuples(text, n):
    w = words(text)
    return {tuple(w[i : i + n]) for i in range(max(1, len(w) - n + 1))} if w else set()


def brute(prompts, text, n):
    """(the first row that has the first shared gram, the gram), or None."""
    w = words(text)
    for i in range(max(1, len(w) - n + 1)) if w else ():
        own = tuple(w[i : i + n])
        for row, prompt in prompts:
            if own in tuples(prompt, n):
                return row, " ".join(own)
    return None


@cache
def documents(count=2000):
    """Docstrings, and files that are not all ASCII, of installed packages, in a fixed order."""
    folders = [Path(json.__file__).parent.parent, Path(np.__file__).parent.parent]
    names = [
        "rich",
        "pygments",
        "huggingface_hub",
        "pandas/io",
        "email",
        "asyncio",
        "unittest",
        "idlelib",
        "encodings",
        "numpy/lib",
        "datasets",
    ]
    odd, plain = [], []
    for file in (f for name in names for folder in folders for f in sorted(folder.glob(f"{name}/**/*.py"))):
        text = file.read_bytes().decode("utf-8", "surrogateescape")
        for i, between in enumerate(text.split('"""')):
            if i % 2 and between.strip():
                (plain if between.isascii() else odd).append(between)
        if not text.isascii():
            odd += [text[i : i + 5000] for i in range(0, 100_000, 5000) if not text[i : i + 5000].isascii()]
    odd = odd[: count // 4]
    return [*odd, *random.Random(1).sample(plain, count - len(odd))]


def test_every_code_point_is_lowered_and_sorted_into_words_as_python_does():
    table = lower_table()
    lowered = [chr(c).lower() for c in range(sys.maxunicode + 1)]
    within = {c for c, low in enumerate(lowered) if words(low) == [low] and c != ord("İ")}
    assert set(np.flatnonzero(table).tolist()) == within
    assert all(table[c] == ord(lowered[c]) for c in within)
    assert [c for c, low in enumerate(lowered) if len(low) > 1] == [ord("İ")]
    assert all(low.lower() == low for low in lowered)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_normal_text_is_the_words_with_spaces(text):
    data = encoded(text)
    own = gram_words.normal(data, lower_table()).tobytes()
    assert own == " ".join(words(text)).encode()
    hashes = gram_kernels.word_hashes(data, lower_table()).tolist()
    assert hashes == [int(gram_kernels.word_hashes(encoded(w), lower_table())[0]) for w in words(text)]
    assert gram_kernels.word_hashes(encoded(own.decode()), lower_table()).tolist() == hashes


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(1, 5), st.integers(0, 30))
def test_span_finds_the_words_again(text, size, first):
    data, own = encoded(text), words(text)
    begin, second, end = gram_words.span(data, 0, first, size, lower_table())
    if first < len(own):
        assert words(data[begin:end].tobytes().decode("utf-8", "surrogatepass")) == own[first : first + size]
        assert words(data[second:].tobytes().decode("utf-8", "surrogatepass")) == own[first + 1 :]
    else:
        assert begin == -1


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, max_size=6), TEXTS, st.integers(1, 4), st.data())
def test_decisions_are_those_of_plain_sets(prompts, text, n, data):
    rows = [(f"r{i}", prompt) for i, prompt in enumerate(prompts)]
    if prompts and data.draw(st.booleans()):
        text += " " + data.draw(st.sampled_from(prompts)).upper()
    found = GramTable.build(rows, n).overlap(text)
    assert (found and tuple(found)) == brute(rows, text, n)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("ΟΔΟΣ ena", "οδος ΕΝΑ"),
        ("οδοσ ena", "οδος ΕΝΑ"),
        ("İstanbul x", "i\u0307stanbul X"),
        ("Istanbul x", "ıstanbul x"),
        ("straße a", "STRASSE a"),
        ("STRAẞE a", "straße a"),
        ("cafe\u0301 a", "café a"),
        ("𐐀𐐁 a", "𐐨𐐩 A"),
        ("a\ud800b", "a b"),
        ("Kelvin K", "kelvin k"),
        ("x² y", "x2 y"),
        ("٣ a", "3 a"),
    ],
)
def test_letters_that_are_easily_taken_for_others(prompt, text):
    for n in (1, 2, 3):
        found = GramTable.build([("r", prompt)], n).overlap(text)
        assert (found and tuple(found)) == brute([("r", prompt)], text, n)


def test_two_thousand_documents_as_brute_force():
    docs = documents()
    assert sum(not doc.isascii() for doc in docs) > 100
    rng = random.Random(5)
    rows = [(f"r{i}", doc[:2000]) for i, doc in enumerate(rng.sample(docs, 400))]
    rows += [("short", "Return a copy."), ("none", "...")]
    table = GramTable.build(rows)
    held: dict[tuple[str, ...], str] = {}
    for row, prompt in rows:
        for one in tuples(prompt, 13):
            held.setdefault(one, row)
    hits = 0
    for number, doc in enumerate(docs):
        if number % 3 == 0:
            doc = doc.swapcase().replace(" ", " - ")
        w = words(doc)
        own = [tuple(w[i : i + 13]) for i in range(max(1, len(w) - 12))] if w else []
        expected = next(((held[one], " ".join(one)) for one in own if one in held), None)
        found = table.overlap(doc)
        assert (found and tuple(found)) == expected, doc[:200]
        hits += expected is not None
    assert 300 < hits < 1800


def test_text_longer_than_the_kernel_takes_at_once():
    rng = random.Random(2)
    vocabulary = [f"wörd{i}" for i in range(500)] + [f"w{i}" for i in range(500)]
    for length in (1300, 2048, 5000):
        text = rng.choices(vocabulary, k=length)
        for at in (0, 1, 600, length - 14, length - 13):
            table = GramTable.build([("other", "a b c"), ("r", " ".join(text[at : at + 13]))])
            assert table.overlap(" ".join(text)) == ("r", " ".join(text[at : at + 13]))
            assert table.hit(" ".join(text[: at + 12])) is None


def test_a_gram_is_held_once_under_its_first_row():
    shared = "one two three four"
    table = GramTable.build([("a", f"{shared} {shared}"), ("b", f"x {shared}"), ("c", shared), ("d", "one")], 4)
    assert len(table.hashes) == 4 + 1 + 1  # a: four rotations; b: one of x; d: the short one
    assert table.hit(shared) == "a"
    assert table.hit("X one two THREE") == "b"
    assert table.hit("one!") == "d"


def forge(table, text, n, row):
    """The table with a gram that has the hash of `text` and another row's words, before and after the right one."""
    forged = np.concatenate([np.full(1, grams(text, n)[0]), table.hashes])
    order = np.argsort(forged, kind="stable")
    rows = np.concatenate([np.full(1, row, dtype=np.uint32), table.rows])[order]
    bits = np.full(gram_build.blocks(len(forged)), np.iinfo(np.uint64).max, dtype=np.uint64)
    rest = {name: getattr(table, name) for name in ("texts", "text_ends", "ids", "id_ends")}
    return GramTable(n=n, hashes=forged[order], rows=rows, bits=bits, **rest)


def test_a_collision_of_hashes_neither_drops_a_text_nor_hides_a_row():
    table = GramTable.build([("a", "one two three"), ("b", "four five six")], 3)
    forged = forge(table, "nice and clean", 3, 0)
    assert forged.hit("nice and clean") is None
    assert forged.hit("this nice and clean text: four five, six") == "b"
    assert forge(table, "four five six", 3, 0).hit("say four five six") == "b"
    within = GramTable.build([("a", "anice and cleanly"), ("tail", "and clean")], 3)
    assert forge(within, "nice and clean", 3, 0).hit("nice and clean") is None
    assert within.hit("and clean") == "tail"
    short = forge(GramTable.build([("a", "one two three")], 3), "one two", 3, 0)
    assert short.hit("one two") is None
    assert short.hit("One two three") == "a"


def test_equal_hashes_of_other_words_are_both_held():
    texts = np.frombuffer(b"a b c" + b"a b c" + b"a b" + b"a b d" + b"a b", dtype=np.uint8)
    ends = np.array([5, 10, 13, 18, 21], dtype=np.uint64)
    rows = np.arange(5, dtype=np.uint32)
    places = np.array([0, 5, 10, 13, 18], dtype=np.uint64)
    equal = np.full(5, 7, dtype=np.uint64)
    assert gram_words.distinct(equal, rows, places, texts, ends, 3).tolist() == [True, False, True, True, False]
    assert gram_words.distinct(equal, rows, places, texts, ends, 2).tolist() == [True, False, False, False, False]
    hashes, kept = gram_build._settled(equal, rows, places, texts, ends, 3)
    assert (hashes.tolist(), kept.tolist()) == ([7, 7, 7], [0, 2, 3])
    other = np.array([7, 8, 8, 8, 9], dtype=np.uint64)
    assert gram_words.distinct(other, rows, places, texts, ends, 2).tolist() == [True, True, False, False, True]


ROWS = [(f"bench/{i}é", f"Größe {i} und noch {i % 7} Wörter, die es {i} oft gibt: a b c d e f g h") for i in range(300)]


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in gram_build.ARRAYS)


def test_a_folder_holds_the_table_that_memory_does(tmp_path, monkeypatch):
    monkeypatch.setattr(gram_build, "_BATCH_BYTES", 500)
    built = GramTable.build(ROWS)
    saved, written = built.save(tmp_path / "saved"), GramTable.write(tmp_path / "deep" / "written", iter(ROWS))
    assert same(built, saved)
    assert same(built, written)
    assert {f.name: f.read_bytes() for f in (tmp_path / "saved").iterdir()} == {
        f.name: f.read_bytes() for f in (tmp_path / "deep" / "written").iterdir()
    }
    assert [f.name for f in tmp_path.iterdir()] in (["saved", "deep"], ["deep", "saved"])
    for table in (saved, pickle.loads(pickle.dumps(written)), pickle.loads(pickle.dumps(built))):
        assert all(table.hit(f"so: {prompt.upper()}!") is not None for _, prompt in ROWS)
        assert table.hit(ROWS[5][1]) == "bench/5é"
    assert len(pickle.dumps(written)) < 500
    assert written.folder == str(tmp_path / "deep" / "written")
    assert isinstance(pickle.loads(pickle.dumps(built)).folder, type(None))


def test_write_opens_what_is_there_and_save_replaces_it(tmp_path):
    GramTable.write(tmp_path / "t", ROWS[:3])
    assert GramTable.write(tmp_path / "t", iter(())).hit(ROWS[2][1]) == "bench/2é"
    assert GramTable.build(ROWS[4:5]).save(tmp_path / "t").hit(ROWS[2][1]) is None
    assert [f.name for f in tmp_path.iterdir()] == ["t"]


def test_two_that_write_at_once_end_with_one_table(tmp_path):
    def while_the_other_writes():
        yield ROWS[0]
        GramTable.write(tmp_path / "t", ROWS[:2])
        yield ROWS[1]

    assert same(GramTable.write(tmp_path / "t", while_the_other_writes()), GramTable.build(ROWS[:2]))
    assert [f.name for f in tmp_path.iterdir()] == ["t"]


def test_a_build_that_fails_leaves_nothing(tmp_path):
    def broken():
        yield ROWS[0]
        raise ConfigError("row 1: no prompt")

    with pytest.raises(ConfigError, match="row 1"):
        GramTable.write(tmp_path / "t", broken())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "taken").write_text("a file of this name")
    with pytest.raises(OSError, match="taken"):
        GramTable.write(tmp_path / "taken", ROWS[:1])


def test_an_empty_table(tmp_path):
    for table in (GramTable.build([]), GramTable.write(tmp_path / "t", []), GramTable.build([("a", ""), ("b", "!?")])):
        assert table.hit(ROWS[0][1]) is None
        assert table.hit("") is None
    assert len(grams("")) == 0


def change_meta(folder, **changes):
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | changes))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "rows.npy").unlink(), "holds no table of grams"),
        (lambda f: (f / "meta.json").write_text("{}"), "holds no table of grams"),
        (lambda f: (f / "meta.json").write_text("[1"), "holds no table of grams"),
        (lambda f: (f / "rows.npy").write_bytes(b"no array"), "holds no table of grams"),
        (lambda f: np.save(f / "rows.npy", np.zeros(3)), "rows.npy holds float64"),
        (lambda f: np.save(f / "rows.npy", np.zeros(3, np.uint32)), "not of one table"),
        (lambda f: np.save(f / "bits.npy", np.zeros(1, np.uint64)), "not of one table"),
        (lambda f: np.save(f / "texts.npy", np.zeros(1, np.uint8)), "not of one table"),
        (lambda f: change_meta(f, format=0), "format 0 .*Delete the folder"),
        (lambda f: change_meta(f, unicode="1.0"), r"Unicode 1\.0"),
    ],
)
def test_folders_that_are_no_table(tmp_path, damage, message):
    folder = tmp_path / "t"
    GramTable.write(folder, ROWS)
    damage(folder)
    with pytest.raises(ConfigError, match=message):
        GramTable.open(folder)


def test_nearly_all_clean_grams_end_at_the_filter():
    rng = np.random.default_rng(1)
    hashes = np.sort(rng.integers(0, 2**64, 20_000, dtype=np.uint64))
    bits = np.zeros(gram_build.blocks(len(hashes)), dtype=np.uint64)
    gram_kernels.set_bits(bits, hashes)
    assert bits.nbytes == 2 * len(hashes)
    others = rng.integers(0, 2**64, 200_000, dtype=np.uint64)
    upper = ((others >> np.uint64(32)) * np.uint64(len(bits))) >> np.uint64(32)
    six, one = np.uint64(6), np.uint64(1)
    mask = np.zeros_like(others)
    for i in range(3):
        mask |= one << ((others >> (six * np.uint64(i))) & np.uint64(63))
    assert np.mean(bits[upper] & mask == mask) < 0.01


def test_fifty_megabytes_and_odd_text_are_looked_up():
    table = GramTable.build(ROWS)
    huge = "lorem ipsum dolor " * 2_900_000
    assert len(huge) > 50_000_000
    assert table.hit(huge) is None
    assert table.hit(huge + ROWS[7][1]) == "bench/7é"
    assert table.hit("a " * 2_000_000) is None
    assert table.hit("x" * 5_000_000) is None
    assert table.hit("\ud800" * 1000 + ROWS[1][1] + "\udfff") == "bench/1é"
    assert table.hit(ROWS[1][1].encode("utf-8").decode("latin-1")[:40]) is None


def test_a_huge_prompt_makes_a_table():
    prompt = " ".join(f"word{i}" for i in range(1_000_000))
    table = GramTable.build([("a", prompt), ("b", ROWS[0][1])])
    assert table.hit(" ".join(f"Word{i}" for i in range(999_000, 999_013))) == "a"
    assert table.hit(" ".join(f"Word{i}" for i in range(999_000, 999_012))) is None
